"""
Settings: what the file `provd.toml` and the command line say, checked; `docs/configuration.md` explains each.

The tables are the classes of `sections.py`; `kinds.py` has what values there are, `reading.py` how they are read.
"""

from provserver.settings.reading import InvalidSettings, read_settings
from provserver.settings.sections import SECTIONS, Auth, Limits, ServerSettings

__all__ = ("SECTIONS", "Auth", "InvalidSettings", "Limits", "ServerSettings", "read_settings")
