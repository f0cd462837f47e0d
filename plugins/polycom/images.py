"""
Firmware images: the names that the phone asks for, which are those in Polycom's archives.

Of each image there is one for all models, and one for a model alone, with that model's part number in front.
"""

from collections.abc import Iterable, Mapping

APPLICATION, BOOTBLOCK = "application", "bootblock"
_BOOTBLOCK_FILE = "bootblock.ld"  # of a VVX1500

_PARTS = {
    "SPIP301": "2345-11300-010",
    "SPIP320": "2345-12200-002",
    "SPIP321": "2345-13600-001",
    "SPIP330": "2345-12200-001",
    "SPIP331": "2345-12365-001",
    "SPIP335": "2345-12375-001",
    "SPIP430": "2345-11402-001",
    "SPIP450": "2345-12450-001",
    "SPIP501": "2345-11500-040",
    "SPIP550": "2345-12500-001",
    "SPIP560": "2345-12560-001",
    "SPIP600": "2345-11600-001",
    "SPIP601": "2345-11605-001",
    "SPIP650": "2345-12600-001",
    "SPIP670": "2345-12670-001",
    "SSIP4000": "2201-06642-001",
    "SSIP5000": "3111-30900-001",
    "SSIP6000": "3111-15600-001",
    "SSIP7000": "3111-40000-001",
    "VVX101": "3111-40250-001",
    "VVX150": "3111-48810-001",
    "VVX201": "3111-40450-001",
    "VVX250": "3111-48820-001",
    "VVX300": "3111-46135-002",
    "VVX301": "3111-48300-001",
    "VVX310": "3111-46161-001",
    "VVX311": "3111-48350-001",
    "VVX350": "3111-48830-001",
    "VVX400": "3111-46157-002",
    "VVX401": "3111-48400-001",
    "VVX410": "3111-46162-001",
    "VVX411": "3111-48450-001",
    "VVX450": "3111-48840-001",
    "VVX500": "3111-44500-001",
    "VVX501": "3111-48500-001",
    "VVX600": "3111-44600-001",
    "VVX601": "3111-48600-001",
    "VVX1500": "2345-17960-001",
}


def images(application: str, models: Iterable[str], bootblock: bool) -> Mapping[str, str]:
    """`application`: `sip.ld`."""
    own = {model: f"{_PARTS[model]}.{application}" for model in models}
    return {APPLICATION: application, **own, **({BOOTBLOCK: _BOOTBLOCK_FILE} if bootblock else {})}
