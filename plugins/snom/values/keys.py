"""Function keys, and the keys round the screen."""

from collections.abc import Iterator
from typing import NamedTuple

from provserver.errors import Unfit
from provserver.vendors.locales import pick
from provserver.vendors.table import Draft, Model

from ..models import CONTEXT_KEYS, EVENT_KEYS, FIFTH_KEY, ORBIT, QT, SIX_KEYS, SOFT_KEYS
from .words import DIRECTORY, Said, Setting, phonebook, text

LAST_KEY = 220  # so many are reset for all models; those of modules go on from the phone's own
_BOOK = "keyevent F_ADR_BOOK"
_NO_BOOK = "keyevent F_NONE"


class FunctionKey(NamedTuple):
    """`context` is the identity that it uses, or `active`: the one that is chosen on the screen."""

    idx: int  # from 0
    does: str
    label: str = ""
    context: str = "active"
    perm: str = "R"


class ContextKey(NamedTuple):
    idx: int
    does: str = ""
    url: str = ""
    label: str = ""


def function_keys(draft: Draft) -> tuple[FunctionKey, ...]:
    """Return the keys that have a function, in order; on others is the line that `snom-general.xml` put there."""
    model, said = draft.model, draft.settings.values
    found = {key.idx: key for key in _fixed(model, phonebook(said))}
    pickup = text(said, "exten_pickup_call")
    last = model.keys if model and not model.module.most else LAST_KEY
    for number, key in draft.settings.keys.items():
        value = text(key, "value")
        if 1 <= number <= last and value:
            does = _function(number, key, value, pickup, model)
            found[number - 1] = FunctionKey(
                number - 1, does, text(key, "label") or value, _context(key, model)
            )
    return tuple(found[idx] for idx in sorted(found))


def _function(number: int, key: Said, value: str, pickup: str, model: Model | None) -> str:
    """Raises: Unfit: a `|`, behind which the phone would read the prefix that picks up calls."""
    if "|" in value:
        raise Unfit(f"funckeys.{number}.value", "the value of a key cannot hold a `|`")
    match key["type"]:
        case "blf" if "|" in pickup:
            raise Unfit("exten_pickup_call", "what picks up a call cannot hold a `|`")
        case "blf":
            return f"blf {value}|{pickup}" if pickup else f"blf {value}"
        case "park" if model and ORBIT in model.traits:
            return f"orbit {value}"
    return f"speed {value}"  # to park a call there the others dial it


def _context(key: Said, model: Model | None) -> str:
    line = text(key, "line")
    fits = line and (model is None or int(line) <= model.lines)
    return line if fits else "active"


def _fixed(model: Model | None, book: str) -> Iterator[FunctionKey]:
    """Yield what is printed on a key, so that it does that where nobody says otherwise."""
    traits = model.traits if model else frozenset()
    if SIX_KEYS in traits:
        yield FunctionKey(0, "line", context="1")
        yield FunctionKey(1, "line", context="2")
        yield FunctionKey(2, "keyevent F_REDIAL")
        yield FunctionKey(3, "none" if book else _BOOK)
        yield FunctionKey(4, "transfer")
        yield FunctionKey(5, "keyevent F_MUTE")
    if FIFTH_KEY in traits and book:
        yield FunctionKey(4, f"url {book}")


def screen_keys(model: Model | None, said: Said) -> Iterator[Setting]:
    """Yield the directory key, and the soft keys of phones without a colour screen."""
    traits = model.traits if model else frozenset()
    book = phonebook(said)
    yield Setting("dkey_directory", f"url {book}" if book else _BOOK)
    if SOFT_KEYS in traits:
        yield Setting("gui_fkey1", "none" if book else "F_ADR_BOOK")
        yield Setting("gui_fkey4", "none")
    if EVENT_KEYS in traits:
        yield Setting("gui_fkey1", _NO_BOOK if book else _BOOK)
        yield Setting("gui_fkey4", "keyevent F_STATUS")


def context_keys(model: Model | None, said: Said) -> tuple[ContextKey, ...]:
    traits = model.traits if model else frozenset()
    if CONTEXT_KEYS not in traits:
        return ()
    book = phonebook(said)
    word = pick(DIRECTORY, text(said, "locale")) or "Directory"
    first = ContextKey(0, url=book, label=word) if book else ContextKey(0, _BOOK)
    third = "keyevent F_SETTINGS" if QT in traits else "keyevent F_CALL_LIST"
    return (
        first,
        ContextKey(1, "keyevent F_REDIRECT"),
        ContextKey(2, third),
        ContextKey(3, "keyevent F_STATUS"),
    )
