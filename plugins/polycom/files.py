"""
What a path is.

The master file names the others, the first of which counts most. What else the phone looks for (`<mac>-phone.cfg`,
licences, directories) is not there, which it expects.
"""

from provserver.model import FileRule
from provserver.vendors.table import Served

_MAC = "(?P<mac>[0-9a-f]{12})"
_XML = "text/xml"
_LARGEST_LOG = 512 << 10  # bytes; 16 to 180 KB by default (`log.render.file.size`)


def _common(pattern: str, name: str, template: str) -> Served:
    return Served(pattern, FileRule("common", name, template, format="xml", media_type=_XML, secret=False))


FILES = (
    _common(r"0{12}\.cfg", "000000000000.cfg", "master.tpl"),
    _common(rf"{_MAC}\.cfg", "{mac}.cfg", "master.tpl"),  # what it asks for first where it was told a folder
    Served(
        rf"{_MAC}-user\.cfg",
        FileRule("device", "{mac}-user.cfg", "device.tpl", format="xml", media_type=_XML, proves_config=True),
    ),
    _common(r"common\.cfg", "common.cfg", "common.tpl"),
    # Of firmware 3: the vendor's own defaults, out of the archive with the firmware.
    Served(
        r"(?P<path>(?:phone1|sip)\.cfg)",
        FileRule("static", "{path}", "{path}", media_type=_XML, secret=False),
    ),
    Served(
        r"(?P<path>[^/]+\.ld)",
        FileRule("firmware", "{path}", "{path}", media_type="application/octet-stream", secret=False),
    ),
    Served(
        r"(?P<path>(?:SoundPointIPLocalization|VVXLocalization)/.+)",
        FileRule("static", "{path}", "{path}", media_type=_XML, secret=False),
    ),
    # Logs; what its user and the web page changed; contacts. Not the list of calls, which nobody here asks for.
    Served(
        rf"{_MAC}-(?P<what>(?:now-)?(?:boot|app)\.log|phone\.cfg|web\.cfg|directory\.xml)",
        FileRule("upload", "{mac}-{what}", most_bytes=_LARGEST_LOG),
        method="PUT",
    ),
)
