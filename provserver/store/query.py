"""
Queries: the selector language of wazo-provd's clients, compiled once, and the order of a sorted list.

    {"vendor": "Snom", "options.switchboard": true, "version": {"$in": ["8.9", "8.7"], "$ne": ""}}

All keys must match. A key descends objects (`a.b.c`) and at its last step looks through lists of objects. A plain
value asks for equality as Python has it (`true` is 1); an object with `$` keys asks its operators, all of them.
A missing key matches `$ne`, `$nin` and `$exists: false`, and nothing else.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any

import msgspec
from attrs import frozen

from provserver.errors import Invalid
from provserver.model import Json

View = Mapping[str, object]  # a document as the selector sees it
Matches = Callable[[View], bool]


@frozen
class Query:
    """
    `exact` has the keys that ask for one of a few texts: where an index has such a key, nothing that it does not
    name for one of these texts can match. `only` has those of them that ask for nothing else.
    """

    conditions: Mapping[str, Matches]
    exact: Mapping[str, frozenset[str]]
    only: frozenset[str]

    def matches(self, view: View) -> bool:
        return all(matches(view) for matches in self.conditions.values())

    def but(self, keys: Collection[str]) -> "Query":
        """Return what is left to ask where it is known that some keys match."""
        rest = {key: matches for key, matches in self.conditions.items() if key not in keys}
        return Query(rest, self.exact, self.only)


def compile_selector(selector: Json, in_lists: Collection[str] = ()) -> Query:
    """
    Compile a selector. For keys `in_lists` a plain value also matches inside a list: clients know it of the keys
    that wazo-provd has indexes for.

    Raises:
        Invalid: no JSON object, an operator that does not exist, or an operand that it cannot take; a comparison
            of a text with a number is only found, and raised, by `matches`.
    """
    try:
        asked = msgspec.json.decode(selector, type=dict[str, Any])
    except (ValueError, RecursionError) as problem:
        raise Invalid(f"a selector must be a JSON object: {problem}", "q") from None
    conditions = {key: _condition(key, value, key in in_lists) for key, value in asked.items()}
    exact = {key: texts for key, value in asked.items() if (texts := _exact(value)) is not None}
    only = frozenset(key for key in exact if not isinstance(asked[key], dict) or len(asked[key]) == 1)
    return Query(conditions, exact, only)


# --- order -------------------------------------------------------------------------------------------------


def sort_key(key: str) -> Callable[[View], str]:
    """
    Return what sorts documents by a key: missing, null and "" first, then by the text, in which whole numbers count
    as numbers (9 before 10, `10.0.0.9` before `10.0.0.10`) unless it is hexadecimal (a MAC, an id).
    """

    def of(view: View) -> str:
        return natural(next(_values(key.split("."), view), None))

    return of


def natural(value: object) -> str:
    """Return a text that sorts, character by character, as the value should: such keys are small and compare fast."""
    if isinstance(value, str):
        return _text_key(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number_key(value)
    return _text_key(str(value))


def _text_key(text: str) -> str:
    if _HEXADECIMAL.fullmatch(text):
        return text
    if text.startswith("-") and _NEGATIVE.fullmatch(text):
        return _number_key(int(text))
    return _DIGITS.sub(_found_key, text)


_NEGATIVE = re.compile(r"-[0-9]{1,300}")
_HEXADECIMAL = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
_DIGITS = re.compile(r"[0-9]{1,300}")
_NUMBER = "\x01"  # a number sorts before any text
_WHOLE = ","  # after the digits of a whole number: before the point of a fraction
_HUGE = 10**300


def _found_key(match: "re.Match[str]") -> str:
    return _digits_key(match[0])


@lru_cache(1024)  # addresses and versions are made of the same few
def _digits_key(found: str) -> str:
    """Of `7` and `007` the longer one is first."""
    digits = found.lstrip("0") or "0"
    zeros = min(len(found) - len(digits), 40)
    return f"{_NUMBER}{_magnitude(len(digits))}{digits}{chr(ord(_WHOLE) - zeros)}"


def _magnitude(count: int) -> str:
    """Say how many digits follow; more sort later."""
    return chr(0x80 + count) if count < 100 else f"\xf0{count:03}"


def _number_key(value: int | float) -> str:
    if not -_HUGE < value < _HUGE:  # also what is no number
        value = _HUGE if value > 0 else -_HUGE
    written = f"{abs(value):f}" if isinstance(value, float) else str(abs(value))
    digits, _, fraction = written.partition(".")
    fraction = fraction.rstrip("0")
    key = f"{_magnitude(len(digits))}{digits}{f'.{fraction}' if fraction else _WHOLE}"
    if value >= 0:
        return _NUMBER + key
    return _NUMBER + "".join(chr(0xFF - ord(char)) for char in key) + "\xff"  # the other way round


# --- conditions --------------------------------------------------------------------------------------------


def _condition(key: str, value: object, in_lists: bool) -> Matches:
    path = key.split(".")
    if isinstance(value, dict) and any(name.startswith("$") for name in value):
        tests = [_operator(path, name, operand) for name, operand in value.items()]
        return lambda view: all(test(view) for test in tests)
    if in_lists and isinstance(value, dict | list):
        raise Invalid(f"{key} is a text, not {_kind(value)}", "q")
    if in_lists:
        return _any(path, lambda found: found == value or (isinstance(found, list) and value in found))
    return _any(path, lambda found: found == value)


def _operator(path: list[str], name: str, operand: object) -> Matches:
    if name == "$exists":
        return lambda view: any(True for _ in _values(path, view)) == bool(operand)
    if name == "$ne":
        return _none(path, lambda found: found == operand)
    if name == "$contains":
        return _any(path, _contains(operand))
    if name in ("$in", "$nin"):
        if not isinstance(operand, list):
            raise Invalid(f"{name} takes a list, not {_kind(operand)}", "q")
        return (_any if name == "$in" else _none)(path, _one_of(operand))
    if name in _ORDER:
        if not isinstance(operand, str | int | float):
            raise Invalid(f"{name} takes a text or a number, not {_kind(operand)}", "q")
        return _any(path, _compares(name, operand))
    raise Invalid(f"there is no operator {name}; there are {', '.join(_OPERATORS)}", "q")


_ORDER: Mapping[str, Callable[..., bool]] = {"$gt": gt, "$ge": ge, "$lt": lt, "$le": le}
_OPERATORS = ("$in", "$nin", "$contains", *_ORDER, "$ne", "$exists")


def _any(path: list[str], test: Callable[[object], bool]) -> Matches:
    return lambda view: any(test(found) for found in _values(path, view))


def _none(path: list[str], test: Callable[[object], bool]) -> Matches:
    return lambda view: not any(test(found) for found in _values(path, view))


def _values(path: list[str], view: object) -> Iterator[object]:
    """Find all that a key names: one value, or one of each object of the list at its last step."""
    for step in path[:-1]:
        if not isinstance(view, Mapping) or step not in view:
            return
        view = view[step]
    todo = [view]
    while todo:
        holder = todo.pop()
        if isinstance(holder, list | tuple):
            todo.extend(reversed(holder))
        elif isinstance(holder, Mapping) and path[-1] in holder:
            found = holder[path[-1]]
            yield list(found) if isinstance(found, tuple) else found


def _one_of(operand: list[object]) -> Callable[[object], bool]:
    """A client may ask for thousands of ids: what can be looked up is not searched."""
    plain = {item for item in operand if not isinstance(item, dict | list)}
    others = [item for item in operand if isinstance(item, dict | list)]
    return lambda found: found in others if isinstance(found, Mapping | list) else found in plain


def _contains(operand: object) -> Callable[[object], bool]:
    def test(found: object) -> bool:
        if isinstance(found, str) and not isinstance(operand, str):
            raise Invalid(f"$contains cannot look for {_kind(operand)} in a text", "q")
        if isinstance(found, Mapping):
            return isinstance(operand, str) and operand in found
        return isinstance(found, str | list) and operand in found

    return test


def _compares(name: str, operand: str | int | float) -> Callable[[object], bool]:
    compare = _ORDER[name]

    def test(found: object) -> bool:
        if found is None:
            return False
        if isinstance(found, str) != isinstance(operand, str) or not isinstance(found, str | int | float):
            raise Invalid(f"{name} cannot compare {_kind(found)} with {_kind(operand)}", "q")
        return compare(found, operand)

    return test


def _exact(value: object) -> frozenset[str] | None:
    wanted = value.get("$in") if isinstance(value, dict) else [value]
    if isinstance(wanted, list) and wanted and all(isinstance(item, str) for item in wanted):
        return frozenset(wanted)
    return None


def _kind(value: object) -> str:
    for kinds, name in _KINDS:
        if isinstance(value, kinds):
            return name
    return "null"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (str, "a text"),
    ((int, float), "a number"),
    ((list, tuple), "a list"),
    (Mapping, "an object"),
)
