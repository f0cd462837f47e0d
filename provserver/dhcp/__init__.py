"""What DHCP servers tell of phones."""
