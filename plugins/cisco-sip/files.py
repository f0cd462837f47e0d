"""What a path is. `CTLSEP….tlv`, `ITLSEP….tlv` and `ITLFile.tlv` are none of them: security is off."""

from provserver.model import FileRule
from provserver.vendors.table import Served

FILES = (
    Served(
        r"SEP(?P<mac>[0-9a-f]{12})\.cnf\.xml",
        FileRule(
            "device",
            "SEP{MAC}.cnf.xml",
            "device.tpl",
            format="xml",
            media_type="text/xml",
            proves_config=True,
        ),
    ),
    # Asked for by a phone that gets no file of its own: the servers of the default config, and no account.
    Served(
        r"XMLDefault\.cnf\.xml",
        FileRule(
            "common", "XMLDefault.cnf.xml", "default.tpl", format="xml", media_type="text/xml", secret=False
        ),
    ),
    Served(
        r"dialplan\.xml",
        FileRule("static", "dialplan.xml", "dialplan.xml", media_type="text/xml", secret=False),
    ),
    Served(
        r"SoftKeys\.xml",
        FileRule("static", "SoftKeys.xml", "SoftKeys.xml", media_type="text/xml", secret=False),
    ),
    Served(
        r"(?P<path>i18n/.+)",
        FileRule("static", "{path}", "{path}", media_type="application/octet-stream", secret=False),
    ),
    Served(
        r"(?P<path>[^/]+\.(?:loads|sbn))",
        FileRule("firmware", "{path}", "{path}", media_type="application/octet-stream", secret=False),
    ),
)
