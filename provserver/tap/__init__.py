"""
The composition: what `twistd provd` starts. `Options` is its command line, `makeService` its service.

Only this package names concrete classes and the global reactor: `service.py` starts and stops the whole,
`parts.py` makes what it consists of.
"""

from pathlib import Path

from twisted.internet import reactor
from twisted.python import usage

from provserver.logs import FORMATS
from provserver.settings import ServerSettings, read_settings
from provserver.tap.service import ProvdService, one_line


class Options(usage.Options):
    """The command line of `twistd provd`."""

    synopsis = "[options]"
    longdesc = "The phone provisioning server. docs/configuration.md explains every setting."
    optParameters = (
        ("config", None, None, "Settings, a TOML file. Without: what an office needs."),
        ("state", None, "var", "Folder for all that provd keeps."),
        ("bind", None, None, "Address for phones. Without: all addresses."),
        ("http-port", None, None, "Port of phone HTTP."),
        ("https-port", None, None, "Port of phone HTTPS. Without: as the settings say."),
        ("rest-port", None, None, "Port of the REST API (on loopback, unless the settings say otherwise)."),
        ("tftp-port", None, None, "Port of TFTP. Without: 69, or 6969 where 69 is not permitted."),
        ("lease-socket", None, None, "Where DHCP servers tell of leases. Without: run/lease in the state folder."),
        ("log-format", None, "text", "text or json"),
    )  # fmt: skip

    def settings(self) -> ServerSettings:
        """Raises: ProvdError, OSError, UnicodeDecodeError, UsageError."""
        if self["log-format"] not in FORMATS:
            raise usage.UsageError(f"--log-format: {self['log-format']!r} is not {' or '.join(FORMATS)}")
        toml = Path(self["config"]).read_text(encoding="utf-8") if self["config"] else ""
        return read_settings(toml, {name.replace("-", "_"): value for name, value in self.items()})


def makeService(options: Options) -> ProvdService:
    """Read the settings, and nothing else yet."""
    with one_line():
        settings = options.settings()
    lease_socket = Path(options["lease-socket"]) if options["lease-socket"] else None
    return ProvdService(settings, Path(options["state"]), lease_socket, options["log-format"], reactor)
