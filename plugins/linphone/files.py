"""What a path is: one file, under the name that was typed into the softphone."""

from provserver.model import FileRule
from provserver.vendors.table import Served


def _settings(name: str) -> FileRule:
    return FileRule(
        "device", name, "device.tpl", format="xml", media_type="application/xml", proves_config=True
    )


FILES = (
    Served(
        r"linphone/(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.xml",
        _settings("linphone/{uuid}.xml"),
    ),
    Served(r"linphone/(?P<mac>[0-9a-f]{12})\.xml", _settings("linphone/{mac}.xml")),
)
