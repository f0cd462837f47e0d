"""
Polycom phones: firmware, sizes and part numbers.

Sizes and firmware are those of Wazo's Polycom plugins and Polycom's guides; each model runs the newest that it can.
Unverified: part numbers (they name files of firmware), which differ between revisions of one model; the versions of
updaters from 5 on, which here is that of the firmware.
"""

import re

from attrs import frozen

from provserver.phone.values import Phone

_SERIES = {"SPIP": "SoundPointIP", "SSIP": "SoundStationIP", "VVX": "VVX"}
_UPDATERS = {"3.1": "4.1.4.0122", "3.2": "4.2.3.0003", "4.0": "5.0.8"}


@frozen
class Model:
    version: str
    part_number: str
    lines: int
    keys: int = 0  # that show the state of another phone, those of modules with them


MODELS = {
    "SPIP301": Model("3.1.6.0017", "2345-11300-010", 2),
    "SPIP320": Model("3.2.4.0267", "2345-12200-002", 2),
    "SPIP321": Model("4.0.11", "2345-13600-001", 2),
    "SPIP330": Model("3.2.4.0267", "2345-12200-001", 2),
    "SPIP331": Model("4.0.11", "2345-12365-001", 2),
    "SPIP335": Model("4.0.11", "2345-12375-001", 2),
    "SPIP430": Model("3.2.4.0267", "2345-11402-001", 2),
    "SPIP450": Model("4.0.11", "2345-12450-001", 3, 2),
    "SPIP501": Model("3.1.6.0017", "2345-11500-040", 3),
    "SPIP550": Model("4.0.11", "2345-12500-001", 4, 3),
    "SPIP560": Model("4.0.11", "2345-12560-001", 4, 3),
    "SPIP600": Model("3.1.6.0017", "2345-11600-001", 6),
    "SPIP601": Model("3.1.6.0017", "2345-11605-001", 6),
    "SPIP650": Model("4.0.11", "2345-12600-001", 6, 47),
    "SPIP670": Model("4.0.11", "2345-12670-001", 6, 47),
    "SSIP4000": Model("3.1.6.0017", "2201-06642-001", 1),
    "SSIP5000": Model("4.0.11", "3111-30900-001", 1),
    "SSIP6000": Model("4.0.11", "3111-15600-001", 1),
    "SSIP7000": Model("4.0.11", "3111-40000-001", 1),
    "VVX101": Model("6.4.6", "3111-40250-001", 1, 2),
    "VVX150": Model("6.4.6", "3111-48810-001", 2, 2),
    "VVX201": Model("6.4.6", "3111-40450-001", 2, 2),
    "VVX250": Model("6.4.6", "3111-48820-001", 4, 4),
    "VVX300": Model("5.9.2", "3111-46135-002", 6, 126),
    "VVX301": Model("6.4.6", "3111-48300-001", 6, 126),
    "VVX310": Model("5.9.2", "3111-46161-001", 6, 126),
    "VVX311": Model("6.4.6", "3111-48350-001", 6, 126),
    "VVX350": Model("6.4.6", "3111-48830-001", 6, 6),
    "VVX400": Model("5.9.2", "3111-46157-002", 12, 132),
    "VVX401": Model("6.4.6", "3111-48400-001", 12, 132),
    "VVX410": Model("5.9.2", "3111-46162-001", 12, 132),
    "VVX411": Model("6.4.6", "3111-48450-001", 12, 132),
    "VVX450": Model("6.4.6", "3111-48840-001", 12, 132),
    "VVX500": Model("5.9.2", "3111-44500-001", 12, 132),
    "VVX501": Model("6.4.6", "3111-48500-001", 12, 132),
    "VVX600": Model("5.9.2", "3111-44600-001", 16, 136),
    "VVX601": Model("6.4.6", "3111-48600-001", 16, 136),
    "VVX1500": Model("5.9.2", "2345-17960-001", 6, 6),
}


def part_name(model: str) -> str:
    """Return `SoundPointIP-SPIP_335`, `VVX-VVX_410`: how the phone names itself."""
    series, number = re.findall("[A-Z]+|[0-9]+", model)
    return f"{_SERIES[series]}-{series}_{number}"


def updater_version(phone: Phone) -> str:
    numbers = ".".join(phone.version.split(".")[:2])
    return _UPDATERS.get(numbers, phone.version)
