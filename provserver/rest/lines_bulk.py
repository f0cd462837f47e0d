"""Many lines in one request, as JSON or CSV: all of them or none, and what is wrong with each row."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TypeVar

from attrs import define, field
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from provserver.core.codes import fresh_code
from provserver.core.lines import check_line, check_template
from provserver.core.reading import found
from provserver.errors import Conflict, Invalid, ProvdError
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Line, Put
from provserver.rest.changing import last_one_wins
from provserver.rest.codec import lines as shapes
from provserver.rest.codec import lines_csv
from provserver.rest.codec.lines import line_document, read_line
from provserver.rest.codec.lines_csv import Row
from provserver.rest.codec.listing import read_listing
from provserver.rest.codec.values import flag, id_of, kind, write_json
from provserver.rest.lines import RECURSE, is_taken, narrowed, new_line
from provserver.rest.messages import Query, Question, Reply, Route

_CSV = "text/csv"
_MOST = 5_000  # lines of one request: they become visible in one turn of the reactor, which takes up to 50 ms
_SLICE = 100  # rows looked at, or written, in one turn
_TRUE = ("true", "True")
T = TypeVar("T")


@define
class _Outcome:
    puts: list[Put] = field(factory=list)
    lines: list[dict[str, object]] = field(factory=list)
    refused: list[dict[str, object]] = field(factory=list)
    ids: set[str] = field(factory=set)
    codes: set[str] = field(factory=set)

    def take(self, row: int, line: Line, before: Line | None) -> None:
        if line != before:
            self.puts.append(Put(line, before.rev if before else 0))
        self.ids.add(line.id)
        if line.code:
            self.codes.add(line.code)
        self.lines.append({"row": row, "id": line.id, "code": line.code, "is_new": before is None})

    def refuse(self, row: int, problem: ProvdError) -> None:
        named = {"field": problem.field} if isinstance(problem, Invalid) and problem.field else {}
        text = problem.text if isinstance(problem, Invalid) else str(problem)
        self.refused.append({"row": row, "reason_id": problem.reason_id, "message": text, **named})


class ManyLines:
    def __init__(
        self,
        provisioner: IProvisioner,
        store: IStore,
        new_id: Callable[[], str],
        draw: Callable[[], int],
        clock: IReactorTime,
    ) -> None:
        """`draw` gives a random number from 0 to 999999."""
        self._provisioner = provisioner
        self._store = store
        self._new_id = new_id
        self._draw = draw
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "POST",
                "/lines/bulk",
                "provd.lines.bulk.create",
                self.create,
                summary="Make many lines, all or none, and say what is wrong with which",
                takes=shapes.BulkOrder,
                gives=shapes.BulkAnswer,
                success=200,
            ),
            Route(
                "POST",
                "/lines/csv",
                "provd.lines.csv.create",
                self.read_csv,
                summary="Make and change many lines from CSV, all or none, and say what is wrong with which",
                takes_type=_CSV,
                gives=shapes.BulkAnswer,
                query=(Query("dry_run", "`true` only says what would happen"),),
                success=200,
                secrets=True,
            ),
            Route(
                "GET",
                "/lines/csv",
                "provd.lines.csv.read",
                self.write_csv,
                summary="Read lines as CSV; with their passwords for who may see secrets",
                media_type=_CSV,
                query=(Query("q", "a selector, as JSON"), RECURSE),
                secrets=True,
            ),
        )

    async def create(self, question: Question) -> Reply:
        body = question.body
        rows = body.get("lines") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(rows, list):
            raise Invalid(f"expected a list of lines, got {kind(rows)}", "lines")
        dry_run = flag(body, "dry_run", False)
        numbered = [
            (row, one if isinstance(one, dict) else _no_object(one)) for row, one in enumerate(rows, 1)
        ]
        return await last_one_wins(lambda: self._write(question, numbered, dry_run, may_change=False))

    async def read_csv(self, question: Question) -> Reply:
        assert isinstance(question.body, bytes)
        rows = [row async for row in self._in_slices(lines_csv.read(question.body))]
        dry_run = question.query.get("dry_run") in _TRUE
        return await last_one_wins(lambda: self._write(question, rows, dry_run, may_change=True))

    async def write_csv(self, question: Question) -> Reply:
        listing = narrowed(read_listing(question.query), question)
        with_secrets = question.sees_secrets
        view = partial(line_document, with_secrets=with_secrets)
        lines = await self._store.select(Line, write_json(listing.selector), view, "id", 0, 0)
        parts = [lines_csv.written((), with_secrets, first=True)]
        for slice_ in _slices(lines):
            parts.append(lines_csv.written(map(view, slice_), with_secrets, first=False))
            await deferLater(self._clock, 0)
        return Reply(200, media_type=f"{_CSV}; charset=utf-8", body="".join(parts).encode())

    async def _write(
        self, question: Question, rows: Sequence[tuple[int, Row]], dry_run: bool, may_change: bool
    ) -> Reply:
        if len(rows) > _MOST:
            raise Invalid(f"expected at most {_MOST} lines at once, got {len(rows)}", "lines")
        outcome = _Outcome()
        async for row, said in self._in_slices(rows):
            try:
                line, before = self._line(question, said, outcome, may_change)
                check_line(line, before, self._store)
                check_template(line, before, self._store)
                outcome.take(row, line, before)
            except (Invalid, Conflict) as problem:
                outcome.refuse(row, problem)
        if outcome.refused and not dry_run:
            return _refused(outcome, len(rows))
        if not dry_run and outcome.puts:
            await self._provisioner.change(question.commit(*outcome.puts))
        return Reply(200, {"bulk": _shown(outcome, dry_run)})

    def _line(
        self, question: Question, said: Row, outcome: _Outcome, may_change: bool
    ) -> tuple[Line, Line | None]:
        """Return the line that a row describes, and what there was before. Raises: Invalid, Conflict."""
        if isinstance(said, Invalid):
            raise said
        chosen = id_of(said)
        if chosen in outcome.ids:
            raise Invalid(f"an earlier row has the id {chosen} already", "id")
        before = found(self._store, Line, chosen)
        if before is None:
            code = fresh_code(self._draw, partial(self._is_taken, outcome.codes))
            return new_line(said, chosen or self._new_id(), question.caller.tenant, code), None
        if not may_change or before.tenant not in question.caller.tenants:
            raise Conflict(f"there is a line with the id {chosen} already")
        return read_line({**said, **_with_account(said, before, question.sees_secrets)}, before), before

    def _is_taken(self, codes: set[str], code: str) -> bool:
        return code in codes or is_taken(self._store, code)

    async def _in_slices(self, rows: Iterable[tuple[int, Row]]) -> AsyncIterator[tuple[int, Row]]:
        for slice_ in _slices(rows):
            for row in slice_:
                yield row
            await deferLater(self._clock, 0)


def _with_account(said: Mapping[str, object], before: Line, with_secrets: bool) -> dict[str, object]:
    """Return the account with what a row does not say left as it is. Cells are text, of numbers too."""
    account = said.get("account")
    if not isinstance(account, dict):
        return {}
    kept = line_document(before, with_secrets)["account"]
    assert isinstance(kept, dict)
    said_anew = {name: value for name, value in account.items() if value != str(kept.get(name))}
    return {"account": {**kept, **said_anew}}


def _no_object(value: object) -> Invalid:
    return Invalid(f"expected an object, got {kind(value)}")


def _shown(outcome: _Outcome, dry_run: bool) -> dict[str, object]:
    """On a dry run nothing that was drawn is shown: the next time it would be another."""
    lines = outcome.lines
    if dry_run:
        lines = [{**line, "code": None, "id": None if line["is_new"] else line["id"]} for line in lines]
    return {"dry_run": dry_run, "lines": lines, "refused": outcome.refused}


def _refused(outcome: _Outcome, rows: int) -> Reply:
    text = f"{len(outcome.refused)} of {rows} lines are wrong, and none was taken"
    document = {"message": text, "reason_id": "lines.refused", "refused": outcome.refused}
    return Reply(400, document, text)


def _slices(rows: Iterable[T]) -> Iterator[tuple[T, ...]]:
    iterator = iter(rows)
    while slice_ := tuple(islice(iterator, _SLICE)):
        yield slice_
