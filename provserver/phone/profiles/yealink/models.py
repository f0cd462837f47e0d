"""
Yealink phones by the name in their User-Agent (T58A, where lists say T58), each with the newest firmware there is.

Sizes, firmware and platform numbers are those of Wazo's Yealink plugins V73 to V87 and Yealink's public guides. Where
both are silent the nearest relative stands in: T33 as T33G, T53C as T53, T57 as T57W, CP965 as CP925. Unverified:
which of 123, 124, 127 and 171 each of the T3 family asks for (124, as in its firmware); the numbers of T53C and T57;
those from 175 on, which are the firmware's.
"""

from attrs import frozen


@frozen
class Module:
    """An expansion module: keys on each, and how many may be chained."""

    name: str
    keys: int
    most: int


@frozen
class Model:
    version: str
    platform: str  # its number in the name of the common file
    accounts: int
    keys: int = 0
    module: Module | None = None
    prefix: str = "SIP-"  # of the model in its User-Agent
    memory_keys: int = 0


_EXP40 = Module("EXP40", 40, 6)
_EXP43 = Module("EXP43", 60, 3)
_EXP50 = Module("EXP50", 60, 3)
_EXP55 = Module("EXP55", 78, 3)

MODELS = {
    "AX83H": Model("180.87.0.15", "180", 4, prefix=""),
    "AX86R": Model("180.87.0.15", "180", 4, prefix=""),
    "CP860": Model("37.81.0.10", "037", 1, prefix=""),
    "CP920": Model("78.86.0.15", "078", 1),
    "CP925": Model("148.86.0.5", "148", 1),
    "CP960": Model("73.85.0.5", "073", 1, prefix=""),
    "CP965": Model("143.86.0.10", "143", 1),
    "T19P_E2": Model("53.84.0.125", "053", 1),
    "T20P": Model("9.73.0.50", "007", 2, 2),
    "T21P_E2": Model("52.84.0.125", "052", 2, 2),
    "T22P": Model("7.73.0.50", "005", 3, 3),
    "T23G": Model("44.84.0.140", "044", 3, 3),
    "T23P": Model("44.84.0.140", "044", 3, 3),
    "T26P": Model("6.73.0.50", "004", 3, 3, memory_keys=10),
    "T27G": Model("69.86.0.15", "069", 6, 21, _EXP40),
    "T27P": Model("45.83.0.35", "045", 6, 21, _EXP40),
    "T28P": Model("2.73.0.50", "000", 6, 6, memory_keys=10),
    "T29G": Model("46.83.0.120", "046", 16, 27, _EXP40),
    "T30": Model("124.86.0.75", "124", 1),
    "T30P": Model("124.86.0.75", "124", 1),
    "T31": Model("124.86.0.75", "124", 2, 2),
    "T31G": Model("124.86.0.75", "124", 2, 2),
    "T31P": Model("124.86.0.75", "124", 2, 2),
    "T31W": Model("124.86.0.75", "124", 2, 2),
    "T33": Model("124.86.0.75", "124", 4, 12),
    "T33G": Model("124.86.0.75", "124", 4, 12),
    "T33P": Model("124.86.0.75", "124", 4, 12),
    "T34W": Model("124.86.0.75", "124", 4, 12),
    "T40G": Model("76.84.0.125", "076", 3, 3),
    "T40P": Model("54.84.0.125", "054", 3, 3),
    "T41P": Model("36.83.0.120", "036", 6, 15),
    "T41S": Model("66.86.0.15", "068", 6, 15),
    "T41U": Model("108.86.0.90", "108", 6, 15),
    "T42G": Model("29.83.0.120", "029", 12, 15),
    "T42S": Model("66.86.0.15", "067", 12, 15),
    "T42U": Model("108.86.0.90", "108", 12, 15),
    "T43U": Model("108.86.0.90", "108", 12, 15, _EXP43),
    "T44U": Model("108.86.0.90", "108", 12, 24),
    "T44W": Model("108.86.0.90", "108", 12, 24),
    "T46G": Model("28.83.0.120", "028", 16, 27, _EXP40),
    "T46S": Model("66.86.0.15", "066", 16, 27, _EXP40),
    "T46U": Model("108.86.0.90", "108", 16, 27, _EXP43),
    "T48G": Model("35.83.0.120", "035", 16, 29, _EXP40),
    "T48S": Model("66.86.0.15", "065", 16, 29, _EXP40),
    "T48U": Model("108.86.0.90", "108", 16, 29, _EXP43),
    "T49G": Model("51.80.0.100", "051", 16, 29, prefix="SIP VP-"),
    "T52S": Model("70.84.0.70", "070", 12, 21, _EXP50),
    "T53": Model("96.86.0.45", "095", 12, 21, _EXP50),
    "T53C": Model("96.86.0.45", "095", 12, 21, _EXP50),
    "T53W": Model("96.87.0.15", "095", 12, 21, _EXP50),
    "T54S": Model("70.84.0.70", "070", 16, 27, _EXP50),
    "T54W": Model("96.87.0.15", "096", 16, 27, _EXP50),
    "T56A": Model("58.86.0.20", "058", 16, 27, _EXP50),
    "T57": Model("96.86.0.45", "097", 16, 29, _EXP50),
    "T57W": Model("96.87.0.15", "097", 16, 29, _EXP50),
    "T58A": Model("58.86.0.20", "058", 16, 27, _EXP50),
    "T58V": Model("58.86.0.20", "058", 16, 27, _EXP50),
    "T58W": Model("150.87.0.15", "150", 16, 27, _EXP50),
    "T73U": Model("185.87.0.34", "185", 12, 48, _EXP55),
    "T73W": Model("185.87.0.34", "185", 12, 48, _EXP55),
    "T74U": Model("185.87.0.34", "185", 16, 60, _EXP55),
    "T74W": Model("185.87.0.34", "185", 16, 60, _EXP55),
    "T77U": Model("185.87.0.34", "185", 16, 95, _EXP55),
    "T85W": Model("185.87.0.34", "185", 16, 72, _EXP55),
    "T87W": Model("185.87.0.34", "185", 16, 95, _EXP55),
    "T88V": Model("192.87.0.10", "192", 16, 95, _EXP55),
    "T88W": Model("192.87.0.10", "192", 16, 95, _EXP55),
    "W52P": Model("25.81.0.60", "025", 5, prefix=""),
    "W60B": Model("77.85.0.25", "077", 8, prefix=""),
    "W70B": Model("146.87.0.21", "146", 10, prefix=""),
    "W75B": Model("175.87.0.18", "175", 20, prefix=""),
    "W75DM": Model("175.87.0.18", "175", 20, prefix=""),
    "W80B": Model("103.87.0.18", "103", 30, prefix=""),
    "W80DM": Model("103.87.0.18", "103", 30, prefix=""),
    "W90B": Model("130.87.0.18", "130", 250, prefix=""),
    "W90DM": Model("130.87.0.18", "130", 250, prefix=""),
}


def generation(version: str) -> int:
    """Return the version line: 86 of `66.86.0.15`; of a text that has none, the newest."""
    numbers = version.split(".")
    return int(numbers[1]) if len(numbers) > 1 and numbers[1].isdecimal() else 87
