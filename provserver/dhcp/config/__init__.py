"""Configurations for DHCP servers, from the vendors' tables: `plan` says what, the other modules in which words."""
