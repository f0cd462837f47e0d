"""Lines: SIP accounts that users bring to phones. These are ours."""

from collections.abc import Callable, Mapping
from functools import partial

from attrs import evolve
from twisted.internet.interfaces import IReactorTime

from provserver.core.codes import fresh_code
from provserver.core.lines import check_template
from provserver.core.reading import found
from provserver.errors import Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Delete, Line, Put
from provserver.rest.changing import IF_MATCH, check_match, etag, last_one_wins
from provserver.rest.codec import lines as shapes
from provserver.rest.codec.lines import line_document, read_line
from provserver.rest.codec.listing import Listing, read_listing
from provserver.rest.codec.shapes import Created
from provserver.rest.codec.times import read_time, time_text
from provserver.rest.codec.values import enclosed, id_of
from provserver.rest.lists import LISTING, page
from provserver.rest.messages import DONE, Query, Question, Reply, Route, created

RESERVED = ("bulk", "csv")  # they are paths
RECURSE = Query("recurse", "`true`: also those of the tenants beneath")


class Lines:
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
        acl = "provd.lines"
        one = "/lines/<line_id>"
        return (
            Route(
                "GET",
                "/lines",
                f"{acl}.read",
                self.list,
                summary="List lines",
                gives=shapes.Lines,
                query=(*LISTING, RECURSE),
                secrets=True,
            ),
            Route(
                "POST",
                "/lines",
                f"{acl}.create",
                self.create,
                summary="Make a line, and its code",
                takes=shapes.OneLine,
                gives=Created,
            ),
            Route(
                "GET",
                one,
                acl + ".{line_id}.read",
                self.read,
                summary="Read a line",
                gives=shapes.OneLine,
                secrets=True,
            ),
            Route(
                "PUT",
                one,
                acl + ".{line_id}.update",
                self.update,
                summary="Change a line; its phones get the new account when they ask for their files",
                takes=shapes.OneLine,
                query=(IF_MATCH,),
            ),
            Route(
                "DELETE",
                one,
                acl + ".{line_id}.delete",
                self.delete,
                summary="Delete a line; its phones wait for a user again",
                query=(IF_MATCH,),
            ),
            Route(
                "POST",
                f"{one}/code",
                acl + ".{line_id}.code.create",
                self.renew,
                summary="Make a new code for a line; the old one ends",
                takes=shapes.CodeOrder,
                gives=shapes.CodeAnswer,
                success=200,
            ),
        )

    async def list(self, question: Question) -> Reply:
        view = partial(line_document, with_secrets=question.sees_secrets)
        listing = narrowed(read_listing(question.query), question)
        return Reply(200, {"lines": await page(self._store, Line, listing, view, view, self._clock)})

    async def create(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._create(question))  # a code that was free may be no more

    async def read(self, question: Question) -> Reply:
        line = visible(self._store, question)
        shown = line_document(line, question.sees_secrets)
        return Reply(200, {"line": shown}, headers=(etag(line.rev),))

    async def update(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._update(question))

    async def delete(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._delete(question))

    async def renew(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._renew(question))

    async def _create(self, question: Question) -> Reply:
        document = enclosed(question.body, "line")
        code = fresh_code(self._draw, partial(is_taken, self._store))
        line = new_line(document, id_of(document) or self._new_id(), question.caller.tenant, code)
        check_template(line, None, self._store)
        committed = await self._provisioner.change(question.commit(Put(line, 0)))
        return created(question, line.id, etag(committed.seq))

    async def _update(self, question: Question) -> Reply:
        before = visible(self._store, question)
        check_match(question, before)
        line = read_line(enclosed(question.body, "line"), before)
        rev = before.rev
        if line != before:
            check_template(line, before, self._store)
            rev = (await self._provisioner.change(question.commit(Put(line, rev)))).seq
        return Reply(204, headers=(etag(rev),))

    async def _delete(self, question: Question) -> Reply:
        line = visible(self._store, question)
        check_match(question, line)
        await self._provisioner.change(question.commit(Delete(Line, line.id, line.rev)))
        return DONE

    async def _renew(self, question: Question) -> Reply:
        before = visible(self._store, question)
        code = fresh_code(self._draw, partial(is_taken, self._store))
        expires = read_time(enclosed(question.body, "code"), "expires_at", None)
        line = evolve(before, code=code, code_expires=expires)
        committed = await self._provisioner.change(question.commit(Put(line, before.rev)))
        answer = {"code": code, "expires_at": time_text(expires)}
        return Reply(200, {"code": answer}, headers=(etag(committed.seq),))


def new_line(document: Mapping[str, object], line_id: str, tenant: str, code: str) -> Line:
    """Return the line that a client describes, with the code unless it wants none. Raises: Invalid."""
    if line_id in RESERVED:
        raise Invalid(f"{line_id} is a path beside the lines", "id")
    return read_line(document, Line(line_id, tenant=tenant, code=code))


def narrowed(listing: Listing, question: Question) -> Listing:
    """Restrict a list to the tenants asked for."""
    caller = question.caller
    tenants = sorted(caller.tenants) if question.recurses else [caller.tenant]
    return evolve(listing, selector={**listing.selector, "tenant_uuid": {"$in": tenants}})


def is_taken(store: IStore, code: str) -> bool:
    return store.count(Line, "code", code) > 0


def visible(store: IStore, question: Question) -> Line:
    """
    Return the line that the path names.

    Raises:
        NotFound: there is none, or it is of a tenant that the caller does not see: the same for both.
    """
    line_id = question.segments["line_id"]
    line = found(store, Line, line_id)
    if line is None or line.tenant not in question.caller.tenants:
        raise NotFound(f"No such resource: line {line_id[:60]!r}")
    return line
