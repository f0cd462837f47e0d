"""
Models: identities (accounts), function keys, expansion modules.

A model's name is what stands behind `snom` in its User-Agent: a D715 calls itself 715, a D785 D785.
"""

from collections.abc import Mapping

from provserver.vendors.table import MULTICELL, Model, Module, each

DECT_FAMILY = "M[0-9]{3}"
DESK_FAMILY = f"(?!{DECT_FAMILY}$).*"

ORBIT = "orbit"  # has a key type of its own for parked calls
SOFT_KEYS, EVENT_KEYS = "soft-keys", "event-keys"  # `gui_fkey`, in which an empty one is `none`, or an event
CONTEXT_KEYS = "context-keys"  # four keys below a colour screen
QT = "qt"  # the third of them opens the settings
QT_LOCALE = "qt-locale"  # such a one that is told the locale, too
NAMED_LINES = "named-lines"  # a base whose lines have names, and which has users of three ranks
SIX_KEYS, FIFTH_KEY = "six-keys", "fifth-key"  # all keys have a word printed on them; the fifth has a book


def _desk(lines: int, keys: int = 0, modules: int = 0, traits: str = "", switchboard: bool = False) -> Model:
    return Model(
        lines,
        keys,
        module=Module(most=modules),
        switchboard=switchboard,
        traits=frozenset(traits.split()),
    )


def _base(lines: int, traits: str = "") -> Model:
    return Model(lines, kind="dect", traits=frozenset(traits.split()))


# The firmware from which on a model is so -> its row. The reference counts pages of keys from 10.1.175 on.
_SINCE: Mapping[str, Mapping[str, Model]] = {
    "5.20": {
        "M300": _base(20),
        "M700": _base(1000, MULTICELL),
        "M900": _base(1000, f"{MULTICELL} {NAMED_LINES}"),
    },
    "7.40": {"M400": _base(20, f"{MULTICELL} {NAMED_LINES}")},
    "8.7.5.35": each(
        {
            "PA1": Model(lines=1, kind="pager"),
            "MP": Model(lines=12, kind="conference"),
            "300": _desk(12, 6, 3, SIX_KEYS),
            "320 370": _desk(12, 12, 3),
            "710": _desk(12, 5, 3, f"{ORBIT} {FIFTH_KEY}"),
            "715": _desk(12, 5, 3, ORBIT),
            "720": _desk(12, 18, 3, f"{ORBIT} {SOFT_KEYS}", switchboard=True),
            "725": _desk(12, 18, 3, f"{ORBIT} {EVENT_KEYS}", switchboard=True),
            "760 D765": _desk(12, 16, 3, f"{ORBIT} {SOFT_KEYS}"),
            "820": _desk(12, 16),
            "821": _desk(12, 12),
            "870": _desk(12, 15),
        }
    ),
    "8.9.3.40": {"D745": _desk(12, 32, 3, SOFT_KEYS)},
    "8.9.3.60": {
        "D305": _desk(4, 5),
        "D315": _desk(4, 5, 3),
        "D345": _desk(12, 5, 0, EVENT_KEYS),
        "D375": _desk(12, 12, 3),
    },
    "8.9.3.80": {
        "710": _desk(4, 5, 0, f"{ORBIT} {FIFTH_KEY}"),
        "D712": _desk(4, 5),
        "715": _desk(4, 5, 0, ORBIT),
        "720": _desk(12, 18, 0, f"{ORBIT} {SOFT_KEYS}", switchboard=True),
        "760": _desk(12, 16, 0, f"{ORBIT} {SOFT_KEYS}"),
    },
    "10.1.20.0": {"D785": _desk(12, 24, 3, CONTEXT_KEYS)},
    "10.1.26.1": {"D735": _desk(12, 32, 3, CONTEXT_KEYS)},
    "10.1.39.11": {
        "715": _desk(4, 5, 3, ORBIT),
        "D717": _desk(6, 3, 3, CONTEXT_KEYS),
        "725": _desk(12, 18, 3, f"{ORBIT} {EVENT_KEYS}"),
    },
    "10.1.46.16": {
        "D120": _desk(2),
        "D335": _desk(12, 32, 3, CONTEXT_KEYS),
        "D345": _desk(12, 48, 3, EVENT_KEYS),
        "D385": _desk(12, 48, 3, CONTEXT_KEYS),
        "D765": _desk(12, 16, 0, f"{ORBIT} {SOFT_KEYS}"),
        "D785": _desk(12, 24, 0, CONTEXT_KEYS),
    },
    "10.1.141.13": {
        "D713": _desk(6, 4, 0, CONTEXT_KEYS),
        "D862": _desk(8, 8, 0, f"{CONTEXT_KEYS} {QT} {QT_LOCALE}"),
        "D865": _desk(12, 10, 0, f"{CONTEXT_KEYS} {QT} {QT_LOCALE}"),
    },
    "10.1.175.16": {
        "D862": _desk(8, 28, 3, f"{CONTEXT_KEYS} {QT} {QT_LOCALE}"),
        "D865": _desk(12, 43, 3, f"{CONTEXT_KEYS} {QT} {QT_LOCALE}"),
    },
    "10.1.184.15": {
        "D140": _desk(2, 2, 0, CONTEXT_KEYS),
        "D150": _desk(2, 2, 0, CONTEXT_KEYS),
        "D785": _desk(12, 24, 3, CONTEXT_KEYS),
        "D812": _desk(12, 28, 1, f"{CONTEXT_KEYS} {QT}"),
        "D815": _desk(12, 36, 1, f"{CONTEXT_KEYS} {QT}"),
    },
    "10.1.215.13": {
        "715": _desk(4, 3, 3, ORBIT),
        "D810": _desk(12, 16, 3, f"{CONTEXT_KEYS} {QT}"),
        "D812": _desk(12, 32, 3, f"{CONTEXT_KEYS} {QT}"),
        "D815": _desk(12, 40, 3, f"{CONTEXT_KEYS} {QT}"),
        "D862": _desk(8, 32, 3, f"{CONTEXT_KEYS} {QT} {QT_LOCALE}"),
        "D865": _desk(12, 40, 3, f"{CONTEXT_KEYS} {QT} {QT_LOCALE}"),
        "D892": _desk(12, 40, 3, f"{CONTEXT_KEYS} {QT} {QT_LOCALE}"),
    },
}


def rows(version: str) -> dict[str, Model]:
    """Return the rows of all models as they are with this firmware."""
    found: dict[str, Model] = {}
    for since, changed in _SINCE.items():  # oldest first
        if _numbers(since) <= _numbers(version):
            found.update(changed)
    return found


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


MODELS = rows("99")
