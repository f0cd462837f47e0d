"""
Cisco's SCCP phones of the 7900 series: the firmware that each runs, and how it names itself in option 60 of DHCP.

Firmware and option 60 are those of Wazo's Cisco SCCP plugins and DHCP examples. Unverified: that 7970G and 7971G
with 9.4 name themselves as with 8.5; which firmware of the 7937G is common.
"""

from attrs import frozen

_ETHERNET = "Cisco Systems, Inc. IP Phone "


@frozen
class Model:
    version: str  # the name of its load
    vendor_class: str
    legacy: bool = False  # firmware that knows no ITL and no `.loads`, and asks for lists of ring tones
    font: str = ""  # a file in the folder of its language


def _newer(name: str, version: str) -> Model:
    return Model(version, f"{_ETHERNET}CP-{name}\0")


def _legacy(version: str, name: str, font: str = "") -> Model:
    return Model(version, f"{_ETHERNET}{name}", legacy=True, font=font)


MODELS = {
    "7905G": _legacy("CP7905080003SCCP070409A", "7905", "7905-font.xml"),
    "7906G": _newer("7906G", "SCCP11.9-4-2SR1-1S"),
    "7911G": _newer("7911G", "SCCP11.9-4-2SR1-1S"),
    "7912G": _legacy("CP7912080004SCCP080108A", "7912", "7905-font.xml"),
    "7920": _legacy("cmterm_7920.4.0-03-02", "7920\0"),
    "7921G": Model("CP7921G-1.4.5.3", "Cisco Systems Inc. Wireless Phone 7921", legacy=True),
    "7931G": _newer("7931G", "SCCP31.9-4-2SR1-1S"),
    "7937G": _legacy("P0030801SR02", "CP-7937G"),
    "7940": _legacy("P0030801SR02", "CP-7940\0"),
    "7940G": _legacy("P0030801SR02", "CP-7940G\0"),
    "7941G": _newer("7941G", "SCCP41.9-4-2SR1-1S"),
    "7942G": _newer("7942G", "SCCP42.9-4-2SR1-1S"),
    "7945G": _newer("7945G", "SCCP45.9-4-2SR3-1S"),
    "7960G": _legacy("P0030801SR02", "CP-7960G\0"),
    "7961G": _newer("7961G", "SCCP41.9-4-2SR1-1S"),
    "7962G": _newer("7962G", "SCCP42.9-4-2SR1-1S"),
    "7965G": _newer("7965G", "SCCP45.9-4-2SR3-1S"),
    "7970G": _newer("7970G", "SCCP70.9-4-2SR1-1S"),
    "7971G": _newer("7971G-GE", "SCCP70.9-4-2SR1-1S"),
    "7975G": _newer("7975G", "SCCP75.8-5-2S"),
}
