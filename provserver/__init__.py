"""provd: the phone provisioning server. Read `interfaces.py` first."""

__version__ = "0.1.0"
