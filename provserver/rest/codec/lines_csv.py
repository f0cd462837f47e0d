"""
Lines as CSV (RFC 4180), for spreadsheets: one row a line, the names of its fields in the first row.

Of an account each field has a column of its own. What is read may be parted by commas, semicolons or tabs, as
spreadsheets of different countries write it.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from provserver.errors import Invalid
from provserver.raw_config.fields import LINE

_ACCOUNT = tuple(LINE)
_OWN = ("id", "when_taken", "keeps_code", "code_expires_at", "template", "options")
_SHOWN = ("code", "devices", "tenant_uuid")  # written for people; not read
_COLUMNS = ("id", *_ACCOUNT, *_OWN[1:], *_SHOWN)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run as a formula
_DELIMITERS = ",;\t"
_WORDS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def written(documents: Iterable[Mapping[str, Any]], with_secrets: bool, first: bool) -> str:
    """Return rows of CSV, with the row of names if they are the `first`."""
    columns = [name for name in _COLUMNS if with_secrets or not (name in LINE and LINE[name].secret)]
    rows: list[str] = []
    writer = csv.writer(_Rows(rows), lineterminator="\r\n")
    if first:
        writer.writerow(columns)
    writer.writerows([_harmless(_cell(document, name)) for name in columns] for document in documents)
    return "".join(rows)


Row = Mapping[str, object] | Invalid


def read(body: bytes) -> Iterator[tuple[int, Row]]:
    """
    Give the number of each row, as a spreadsheet counts them, and what it says of a line, or what is wrong with it.
    An empty cell says nothing.

    Raises:
        Invalid: it is no such table.
    """
    try:
        content = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("expected CSV in UTF-8: let the spreadsheet save it so") from None
    lines = [f"{line}\n" for line in content.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    reader = csv.reader(lines, delimiter=max(_DELIMITERS, key=lines[0].count), strict=True)
    try:
        columns = [name.strip() for name in next(reader)]
        _check(columns)
        for number, row in enumerate(reader, 2):
            if any(row):
                yield number, _document(columns, row)
    except csv.Error as problem:
        raise Invalid(f"line {reader.line_num} is no CSV: {problem}") from None


def _check(columns: Sequence[str]) -> None:
    if not any(columns):
        raise Invalid("expected a first row with the names of the columns")
    for at, name in enumerate(columns):
        if name not in _COLUMNS:
            raise Invalid(f"no such column: {name[:60]!r}; there are {', '.join(_COLUMNS)}")
        if name in columns[:at]:
            raise Invalid(f"two columns are called {name}")


def _document(columns: Sequence[str], row: Sequence[str]) -> Row:
    if len(row) != len(columns):
        return Invalid(f"expected {len(columns)} cells, got {len(row)}")
    said = {name: _meant(cell) for name, cell in zip(columns, row, strict=True) if cell}
    account = {name: said[name] for name in _ACCOUNT if name in said}
    own: dict[str, object] = {name: said[name] for name in _OWN if name in said}
    if "keeps_code" in own:
        own["keeps_code"] = _WORDS.get(said["keeps_code"].strip().lower(), said["keeps_code"])
    if "options" in own:
        try:
            own["options"] = msgspec.json.decode(said["options"])
        except msgspec.DecodeError:
            return Invalid("expected an object as JSON", "options")
    return {**own, "account": account} if account else own


def _cell(document: Mapping[str, Any], name: str) -> str:
    value = document["account"].get(name) if name in LINE else document[name]
    if name == "devices":
        return " ".join(f"{seat['device']}:{seat['position']}" for seat in value)
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode() if value else ""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def _meant(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


class _Rows:
    """What `csv` writes to."""

    def __init__(self, rows: list[str]) -> None:
        self.write = rows.append
