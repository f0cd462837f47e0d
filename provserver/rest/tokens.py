"""Tokens: who may ask for what, until when. These are ours."""

from collections.abc import Callable

from attrs import evolve
from twisted.internet.interfaces import IReactorTime

from provserver.core.acl import handed_down
from provserver.core.reading import found
from provserver.core.tokens import digest_of
from provserver.errors import Forbidden, Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Delete, Put, Token
from provserver.rest.changing import etag
from provserver.rest.codec import shapes
from provserver.rest.codec.listing import read_listing
from provserver.rest.codec.tokens import read_token, token_document
from provserver.rest.codec.values import enclosed
from provserver.rest.lists import page
from provserver.rest.messages import DONE, Question, Reply, Route, created


class Tokens:
    def __init__(
        self,
        provisioner: IProvisioner,
        store: IStore,
        new_id: Callable[[], str],
        new_token: Callable[[], str],
        clock: IReactorTime,
        elsewhere: bool,
    ) -> None:
        """`new_token` gives text of 256 random bits; `elsewhere`: another server makes what is good here."""
        self._provisioner = provisioner
        self._store = store
        self._new_id = new_id
        self._new_token = new_token
        self._clock = clock
        self._elsewhere = elsewhere

    def routes(self) -> tuple[Route, ...]:
        one = "/tokens/<token_id>"
        acl = "provd.tokens"
        return (
            Route("GET", "/tokens", f"{acl}.read", self.list, summary="List tokens", gives=shapes.Tokens),
            Route(
                "POST",
                "/tokens",
                f"{acl}.create",
                self.create,
                summary="Make a token; only this answer shows it",
                takes=shapes.NewToken,
                gives=shapes.MadeToken,
            ),
            Route(
                "GET", one, acl + ".{token_id}.read", self.read, summary="Read a token", gives=shapes.OneToken
            ),
            Route("DELETE", one, acl + ".{token_id}.delete", self.delete, summary="Revoke a token"),
        )

    async def list(self, question: Question) -> Reply:
        listing = read_listing(question.query)
        tenants = question.caller.tenants if question.recurses else {question.caller.tenant}

        def is_shown(token: Token) -> bool:
            return token.tenant in tenants

        documents = await page(
            self._store, Token, listing, self._document, self._document, self._clock, is_shown
        )
        return Reply(200, {"tokens": documents})

    async def create(self, question: Question) -> Reply:
        if self._elsewhere:
            raise Forbidden("tokens are made by the server that the setting auth.url names, not here")
        caller = question.caller
        blank = Token(self._new_id(), tenant=caller.tenant, created=self._clock.seconds())
        token = read_token(enclosed(question.body, "token"), blank)
        try:
            acl = handed_down(caller.acl, token.acl, caller.token)
        except Invalid as problem:
            raise Invalid(problem.text, "acl") from None
        secret = self._new_token()
        made = evolve(token, acl=acl, digest=digest_of(secret))
        committed = await self._provisioner.change(question.commit(Put(made, 0)))
        reply = created(question, made.id, etag(committed.seq))
        return evolve(reply, document={"id": made.id, "token": secret})

    async def read(self, question: Question) -> Reply:
        token = self._named(question)
        return Reply(200, {"token": self._document(token)}, headers=(etag(token.rev),))

    async def delete(self, question: Question) -> Reply:
        token = self._named(question)
        await self._provisioner.change(question.commit(Delete(Token, token.id)))
        return DONE

    def _document(self, token: Token) -> dict[str, object]:
        return token_document(token, self._clock.seconds())

    def _named(self, question: Question) -> Token:
        """Raises: NotFound."""
        token_id = question.segments["token_id"]
        token = found(self._store, Token, token_id)
        if token is None or token.tenant not in question.caller.tenants:
            raise NotFound(f"No such resource: token {token_id[:60]!r}")
        return token
