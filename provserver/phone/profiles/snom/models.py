"""
Snom's phones, by the name in their User-Agent (715, where the box says D715), with the newest firmware that Wazo's
Snom plugins know for each. Sizes are those of Wazo's tables; where they count pages of keys, so does this.
"""

from attrs import frozen

_MODULES_END = 220  # keys of expansion modules go on from the phone's own; Wazo resets so many


@frozen
class Model:
    version: str
    identities: int
    keys: int = 0
    modules: int = 0

    @property
    def last_key(self) -> int:
        return _MODULES_END if self.modules else self.keys

    @property
    def is_base(self) -> bool:
        return self.version.startswith("0")


_NEWEST = "10.1.215.13"
MODELS = {
    "300": Model("8.7.5.35", 12, 6, 3),
    "320": Model("8.7.5.35", 12, 12, 3),
    "370": Model("8.7.5.35", 12, 12, 3),
    "710": Model("8.9.3.80", 4, 5),
    "715": Model(_NEWEST, 4, 3, 3),
    "720": Model("8.9.3.80", 12, 18),
    "725": Model("10.1.175.16", 12, 18, 3),
    "760": Model("8.9.3.80", 12, 16),
    "820": Model("8.7.5.35", 12, 16),
    "821": Model("8.7.5.35", 12, 12),
    "870": Model("8.7.5.35", 12, 15),
    "D120": Model("10.1.54.13", 2),
    "D140": Model(_NEWEST, 2, 2),
    "D150": Model(_NEWEST, 2, 2),
    "D305": Model("10.1.54.13", 4, 5),
    "D315": Model("10.1.198.19", 4, 5, 3),
    "D335": Model(_NEWEST, 12, 32, 3),
    "D345": Model("10.1.175.16", 12, 48, 3),
    "D375": Model("10.1.54.13", 12, 12, 3),
    "D385": Model(_NEWEST, 12, 48, 3),
    "D712": Model("10.1.184.15", 4, 5),
    "D713": Model(_NEWEST, 6, 4),
    "D717": Model(_NEWEST, 6, 3, 3),
    "D735": Model(_NEWEST, 12, 32, 3),
    "D745": Model("10.1.54.13", 12, 32, 3),
    "D765": Model("10.1.54.13", 12, 16),
    "D785": Model(_NEWEST, 12, 24, 3),
    "D810": Model(_NEWEST, 12, 16, 3),
    "D812": Model(_NEWEST, 12, 32, 3),
    "D815": Model(_NEWEST, 12, 40, 3),
    "D862": Model(_NEWEST, 8, 32, 3),
    "D865": Model(_NEWEST, 12, 40, 3),
    "D892": Model(_NEWEST, 12, 40, 3),
    "M300": Model("05.20.0001", 20),
    "M400": Model("07.40.0104", 20),
    "M700": Model("05.20.0001", 1000),
    "M900": Model("07.40.0104", 1000),
    "MP": Model("8.7.5.35", 12),
    "PA1": Model("8.7.5.35", 1),
}
