"""Function keys: line keys, memory keys, then those of each expansion module."""

from collections.abc import Iterator

from provserver.model import Settings
from provserver.vendors.keys import Bank, positions
from provserver.vendors.table import Model

from ..models import FROM_ZERO
from ..parameters import Kind, Pair, names_of
from .accounts import label
from .words import DTMF_KEY, KEY_TYPES, LINE_KEY, RECORD, Said, said_or_unset


def function_keys(settings: Settings, model: Model, kind: Kind) -> Iterator[Pair]:
    """Yield the keys that have a function; one without is the line of its number, where there is such a line."""
    pickup = said_or_unset(settings.values, "exten_pickup_call")
    of_pickup = [own for key in ("pickup_value", "extension") if (own := names_of(kind)[key])]
    first = 0 if FROM_ZERO in model.traits else 1
    for number, name in enumerate(_names(model), 1):
        key, line = settings.keys.get(number), settings.lines.get(number)
        if key is not None:
            yield from _function(name, key, first)
            if key["type"] == "blf":
                yield from ((f"{name}.{own}", pickup) for own in of_pickup)
        elif line is not None and _is_of_line(number, model):
            yield from _key(name, LINE_KEY, number, said_or_unset(line, "number"), label(line))


def unused_keys(settings: Settings, model: Model) -> tuple[str, ...]:
    """Return the names of all other keys: they must be reset, and are most of a large file."""
    keys, lines = settings.keys, settings.lines
    return tuple(
        name
        for number, name in enumerate(_names(model), 1)
        if number not in keys and not (number in lines and _is_of_line(number, model))
    )


def _names(model: Model) -> tuple[str, ...]:
    return positions(
        Bank("linekey.{key}", model.keys),
        Bank("memorykey.{key}", model.memory_keys),
        Bank("expansion_module.{module}.key.{key}", model.module.keys, model.module.most),
    )


def _is_of_line(number: int, model: Model) -> bool:
    return number <= min(model.keys, model.lines)


def _function(name: str, key: Said, first: int) -> Iterator[Pair]:
    value, kind = said_or_unset(key, "value"), KEY_TYPES[str(key["type"])]
    if key["type"] == "speeddial" and value == RECORD:
        kind = DTMF_KEY
    account = int(str(key.get("line") or 1))
    if key["type"] == "blf":
        account += first - 1
    yield from _key(name, kind, account, value, said_or_unset(key, "label"))


def _key(name: str, kind: int, line: object, value: object, text: object) -> Iterator[Pair]:
    yield f"{name}.type", kind
    yield f"{name}.line", line
    yield f"{name}.value", value
    yield f"{name}.label", text
