"""Reading a raw config by the tables of `fields.py`: typed values, and every problem with its path."""

import re
from collections.abc import Mapping
from typing import Any

from provserver.errors import Invalid
from provserver.raw_config.fields import FIELDS, LINE, TABLES, Field, Table

_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")  # one way to write each, so that no two keys are one
_MOST_DEPTH = 32  # of a client's own value: well below what any JSON decoder takes
_MOST_TEXT = 60  # characters of a value or a name in an error


def read(raw: Mapping[str, object]) -> tuple[dict[str, Any], list[Invalid]]:
    """Return the typed values, those of TABLES by name and number, and all problems."""
    problems: list[Invalid] = []
    values, rest = _read_object(raw, FIELDS, "", problems)
    for name, table in TABLES.items():
        values[name] = _read_table(rest.pop(name, {}), table, name, problems)
    rest.pop("_comment", None)
    for name in [name for name in rest if not name.startswith("X_")]:
        del rest[name]
        problems.append(Invalid("no such setting; a client's own begin with X_", name[:_MOST_TEXT]))
    values |= _kept(rest, "", problems)
    return values, problems


def problems_of_account(account: Mapping[str, object]) -> list[Invalid]:
    """Return the problems of one of the `sip_lines`, whose fields are named as in `account.proxy_port`."""
    problems: list[Invalid] = []
    _, rest = _read_object(account, LINE, "account.", problems)
    _kept(rest, "account.", problems)
    return problems


def _read_table(
    given: object, table: Table, path: str, problems: list[Invalid]
) -> dict[int, dict[str, object]]:
    if not isinstance(given, dict):
        problems.append(_wrong(given, "an object", path))
        return {}
    found = {}
    for number, item in given.items():
        where = f"{path}.{number[:_MOST_TEXT]}"
        if not _NUMBER.fullmatch(number) or int(number) < table.first:
            problems.append(_wrong(number, f"a number from {table.first} as its name", where))
        elif not isinstance(item, dict):
            problems.append(_wrong(item, "an object", where))
        else:
            values, rest = _read_object(item, table.fields, f"{where}.", problems)
            found[int(number)] = values | _kept(rest, f"{where}.", problems) if table.open else values
    return dict(sorted(found.items()))


def _read_object(
    given: Mapping[str, object], fields: Mapping[str, Field], path: str, problems: list[Invalid]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the typed values, and apart from them what is no field."""
    values: dict[str, object] = {}
    rest: dict[str, object] = {}
    for name, value in given.items():
        field = fields.get(name)
        if field is None:
            rest[name] = value
        elif value is None and field.null:
            pass
        else:
            try:
                typed = field.kind.read(value)
            except (ValueError, TypeError, OverflowError):
                problems.append(_wrong(value, field.kind.expected, path + name, field.secret))
            else:
                if typed is not None:
                    values[name] = typed
    for name, field in fields.items():
        if name in values or not field.is_due(values):
            continue
        if field.default is not None:
            values[name] = field.default
        elif field.required and given.get(name) in (None, ""):  # any other is a problem already
            problems.append(_missing(field, values, path + name))
    return values, rest


def _kept(rest: Mapping[str, object], path: str, problems: list[Invalid]) -> dict[str, object]:
    """Return a client's own values as they came, but for nulls."""
    problems += [
        Invalid(f"more than {_MOST_DEPTH} objects or lists in each other", path + name[:_MOST_TEXT])
        for name, value in rest.items()
        if isinstance(value, dict | list) and _is_deep(value)
    ]
    return {name: value for name, value in rest.items() if value is not None}


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_MOST_DEPTH):
        inner = [item for item in level if isinstance(item, dict | list)]
        level = [below for item in inner for below in (item.values() if isinstance(item, dict) else item)]
    return any(isinstance(item, dict | list) for item in level)


def _wrong(value: object, expected: str, path: str, secret: bool = False) -> Invalid:
    return Invalid(f"expected {expected}, got {_shown(value, secret)}", path)


def _missing(field: Field, values: Mapping[str, object], path: str) -> Invalid:
    because = f", as {field.only.name} is {_shown(values[field.only.name])}" if field.only else ""
    return Invalid(f"missing: expected {field.kind.expected}{because}", path)


def _shown(value: object, secret: bool = False) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if secret:
        return "something else"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return repr(value)[:_MOST_TEXT]
