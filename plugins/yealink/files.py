"""What a path is. `<mac>.boot` is none of them: the 404 makes the phone ask for the files below."""

from provserver.model import FileRule
from provserver.vendors.table import Served

_MAC = "(?P<mac>[0-9a-f]{12})"
_PEM = "application/x-pem-file"

FILES = (
    Served(
        rf"{_MAC}\.cfg",
        FileRule("device", "{mac}.cfg", "device.tpl", format="key-value", proves_config=True),
    ),
    Served(rf"{_MAC}-ca\.pem", FileRule("device", "{mac}-ca.pem", "trusted.tpl", media_type=_PEM)),
    Served(rf"{_MAC}-own\.pem", FileRule("device", "{mac}-own.pem", "own.tpl", media_type=_PEM)),
    # Every phone asks for its platform's common file first, before it is known: it only says where to go on.
    Served(
        r"y(?P<platform>[0-9]{12})\.cfg",
        FileRule("common", "y{platform}.cfg", "common.tpl", format="key-value", secret=False),
    ),
    Served(
        r"directory_setting\.xml",
        FileRule(
            "common",
            "directory_setting.xml",
            "directory_setting.tpl",
            format="xml",
            media_type="text/xml",
            secret=False,
        ),
    ),
    Served(
        r"(?P<path>firmware/.+)",
        FileRule("firmware", "{path}", "{path}", media_type="application/octet-stream", secret=False),
    ),
    Served(r"(?P<path>lang/.+)", FileRule("static", "{path}", "{path}", secret=False)),
)
