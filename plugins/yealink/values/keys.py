"""Function keys: those of the phone, then those of each expansion module."""

from collections.abc import Iterator

from provserver.model import Settings
from provserver.vendors.formats import UNSET
from provserver.vendors.keys import Bank, positions
from provserver.vendors.table import Model

from .accounts import label
from .words import DTMF_KEY, KEY_TYPES, LINE_KEY, NO_KEY, RECORD, Pair, Said, said_or_unset


def function_keys(settings: Settings, model: Model) -> Iterator[Pair]:
    """Every key is written. One without a function is the line of its number, where there is such a line."""
    pickup = said_or_unset(settings.values, "exten_pickup_call")
    names = positions(
        Bank("linekey.{key}", model.keys),
        Bank("expansion_module.{module}.key.{key}", model.module.keys, model.module.most),
    )
    for number, name in enumerate(names, 1):
        key, line = settings.keys.get(number), settings.lines.get(number)
        if key is not None:
            yield from _function(name, key, pickup)
        elif line is not None and number <= min(model.keys, model.lines):
            yield from _key(name, LINE_KEY, number, said_or_unset(line, "number"), label(line))
        else:
            yield from _key(name, NO_KEY, UNSET, UNSET, UNSET)


def _function(name: str, key: Said, pickup: object) -> Iterator[Pair]:
    value, kind = said_or_unset(key, "value"), KEY_TYPES[str(key["type"])]
    if key["type"] == "speeddial" and value == RECORD:
        kind = DTMF_KEY
    yield from _key(name, kind, key.get("line") or 1, value, said_or_unset(key, "label"))
    if key["type"] == "blf":
        yield f"{name}.extension", pickup


def _key(name: str, kind: int, line: object, value: object, text: object) -> Iterator[Pair]:
    yield f"{name}.type", kind
    yield f"{name}.line", line
    yield f"{name}.value", value
    yield f"{name}.label", text
