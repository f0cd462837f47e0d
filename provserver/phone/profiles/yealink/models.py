"""
Yealink phones with firmware of version line 86, by the name in their User-Agent (T58A, where lists say T58).

Sizes, firmware and platform numbers are those of Wazo's Yealink plugin V86 and Yealink's public guides. Where both
are silent the nearest relative stands in: T33 as T33G, T53C as T53, T57 as T57W, CP965 as CP925. Unverified: which
of 123, 124, 127 and 171 each of the T3 family asks for (124, as in its firmware); the numbers of T53C and T57.
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


_EXP40 = Module("EXP40", 40, 6)
_EXP43 = Module("EXP43", 60, 3)
_EXP50 = Module("EXP50", 60, 3)

MODELS = {
    "AX83H": Model("180.86.0.5", "180", 4, prefix=""),
    "CP920": Model("78.86.0.15", "078", 1),
    "CP925": Model("148.86.0.5", "148", 1),
    "CP965": Model("143.86.0.10", "143", 1),
    "T27G": Model("69.86.0.15", "069", 6, 21, _EXP40),
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
    "T41S": Model("66.86.0.15", "068", 6, 15),
    "T41U": Model("108.86.0.90", "108", 6, 15),
    "T42S": Model("66.86.0.15", "067", 12, 15),
    "T42U": Model("108.86.0.90", "108", 12, 15),
    "T43U": Model("108.86.0.90", "108", 12, 15, _EXP43),
    "T44U": Model("108.86.0.90", "108", 12, 24),
    "T44W": Model("108.86.0.90", "108", 12, 24),
    "T46S": Model("66.86.0.15", "066", 16, 27, _EXP40),
    "T46U": Model("108.86.0.90", "108", 16, 27, _EXP43),
    "T48S": Model("66.86.0.15", "065", 16, 29, _EXP40),
    "T48U": Model("108.86.0.90", "108", 16, 29, _EXP43),
    "T53": Model("96.86.0.45", "095", 12, 21, _EXP50),
    "T53C": Model("96.86.0.45", "095", 12, 21, _EXP50),
    "T53W": Model("96.86.0.45", "095", 12, 21, _EXP50),
    "T54W": Model("96.86.0.45", "096", 16, 27, _EXP50),
    "T56A": Model("58.86.0.20", "058", 16, 27, _EXP50),
    "T57": Model("96.86.0.45", "097", 16, 29, _EXP50),
    "T57W": Model("96.86.0.45", "097", 16, 29, _EXP50),
    "T58A": Model("58.86.0.20", "058", 16, 27, _EXP50),
    "T58V": Model("58.86.0.20", "058", 16, 27, _EXP50),
    "T58W": Model("150.86.0.11", "150", 16, 27, _EXP50),
}
