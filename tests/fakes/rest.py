"""The REST API over an office in memory: requests go in as bytes, answers come out as bytes, no socket between."""

import io
import itertools
import json
from collections.abc import Mapping
from datetime import date
from functools import partial
from http.client import HTTPResponse, IncompleteRead
from typing import Any, cast

from attrs import frozen
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.task import deferLater
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from provserver.associating import Associations
from provserver.auth.kept import KeptTokens
from provserver.claiming import Claiming
from provserver.core.access.pairing import Windows
from provserver.core.access.policy import DEFAULT
from provserver.core.guessing import Guesses, GuessLimits
from provserver.core.metrics import Metric
from provserver.core.previews import Previews
from provserver.core.reading import found
from provserver.core.reception import Reception
from provserver.core.secrets import SEE_SECRETS
from provserver.core.tenants import beneath
from provserver.errors import ProvdError, Unauthorized
from provserver.interfaces import IAuthenticator, IStore
from provserver.model import Caller, Tenant
from provserver.rest.site import Behind, rest_site
from provserver.rest.templates import TemplateParts
from tests.fakes.office import Office
from tests.fakes.overrides import MemoryOverrides
from tests.fakes.plugins import FakeCatalogue, FakeResyncs, MemoryPlugins
from tests.fakes.vendors import Acme

HOUSE = "application/vnd.proformatique.provd+json"
TOKEN = "token-of-admin"
MOST_BODY = 300_000


@frozen
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Connection:
    """One connection of a client to the site."""

    def __init__(self, office: "RestOffice") -> None:
        self._clock = office.clock
        self.transport = StringTransport()
        self.channel = office.site.buildProtocol(None)
        assert self.channel
        self.channel.makeConnection(self.transport)

    def send(self, data: bytes) -> None:
        assert self.channel
        self.channel.dataReceived(data)

    def answer(self, method: str = "GET") -> Answered:
        """Return the next answer; time passes until it is there."""
        for _ in range(50):
            received = self.transport.value()
            if b"\r\n\r\n" in received:
                break
            self._clock.advance(0.01)
        response = HTTPResponse(cast(Any, _Received(self.transport.value())), method=method)
        response.begin()
        try:
            body = response.read()
        except IncompleteRead as goes_on:  # a stream
            body = goes_on.partial
        self.transport.clear()
        return Answered(response.status, {name.lower(): value for name, value in response.getheaders()}, body)

    def close(self) -> None:
        """The client goes away."""
        assert self.channel
        self.channel.connectionLost(Failure(ConnectionDone()))


class _Received:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._data)


@implementer(IAuthenticator)
class TenantTokens:
    """A token is a tenant's id. Keeps what routes asked for; `problem` makes it fail."""

    def __init__(self, store: IStore) -> None:
        self._store = store
        self.asked: list[tuple[str, str, str | None]] = []
        self.problem: ProvdError | None = None

    def authorize(self, token: str, acl: str, tenant: str | None) -> Deferred[Caller]:
        if acl != SEE_SECRETS:
            self.asked.append((token, acl, tenant))
        if self.problem:
            return fail(self.problem)
        reach = beneath(self._store, token)
        wanted = tenant or token
        if wanted not in reach or found(self._store, Tenant, wanted) is None:
            return fail(Unauthorized("Unauthorized"))
        return succeed(Caller(token, wanted, beneath(self._store, wanted), token, ("#",), token))


class RestOffice(Office):
    def __init__(
        self, burst: int = 100, store: IStore | None = None, reception: Reception | None = None
    ) -> None:
        super().__init__(burst, store, reception=reception)
        self.tenants = TenantTokens(self.memory)
        self.plugins = MemoryPlugins((Acme(),), self.store, self.provisioner.use)
        self.catalogue, self.resyncs = FakeCatalogue(), FakeResyncs()
        ids = itertools.count(0xA000)
        windows = Windows(DEFAULT, 3_600, lambda: f"{next(ids):032x}")
        self.associations = Associations(
            self.provisioner, self.store, self.plugins, windows, windows.new_id, self.clock.seconds
        )
        self.claims = Claiming(
            self.store,
            self.provisioner,
            self.plugins,
            self.associations,
            self.resyncs,
            self.waiting,
            Guesses(GuessLimits()),
            lambda ip: self.nat.is_nat(ip, self.clock.seconds()),
            "9486",
            self.clock.seconds,
            lambda seconds: deferLater(self.clock, seconds),
        )
        around = self.around
        self.previews = Previews(
            around.store,
            around.files,
            around.renderer,
            around.resolver,
            around.firmware,
            "http://10.0.0.1:8667",
            lambda: date(2027, 1, 15),
        )
        self.elsewhere = False
        self.tokens = KeptTokens(TOKEN, self.memory, self.clock.seconds)
        self.use(self.tokens)

    def use(self, authenticator: IAuthenticator) -> None:
        ids = itertools.count(1)
        self.behind = Behind(
            self.provisioner,
            self.store,
            self.plugins,
            self.catalogue,
            self.resyncs,
            self.claims,
            base="http://10.0.0.1:8667",
            new_id=lambda: f"{next(ids):032x}",
            new_token=lambda: f"token-{next(ids)}",
            clock=self.clock,
            associations=self.associations,
            draw_code=partial(next, itertools.count(482_913)),
            reception=self.reception,
            metrics=lambda: (Metric("provd_devices_made_total", "counter", "Devices made.", (), {(): 1}),),
            templates=TemplateParts(MemoryOverrides(self.files), self.previews, maybeDeferred),
            auth_elsewhere=self.elsewhere,
        )
        self.site = rest_site(self.behind, authenticator, MOST_BODY)

    def asks(
        self,
        method: str,
        path: str,
        body: object = None,
        token: str | None = TOKEN,
        tenant: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """Ask `path` under /0.2. A body that is not bytes goes as JSON; headers given replace those of a client."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        known: dict[str, str | None] = {
            "Host": "provd",
            "X-Auth-Token": token,
            "Wazo-Tenant": tenant,
            "Content-Type": HOUSE if method in ("POST", "PUT") else None,
            "Content-Length": str(len(data)) if data else None,
        }
        lines = [f"{method} /0.2{path} HTTP/1.1"]
        lines += [
            f"{name}: {value}" for name, value in {**known, **(headers or {})}.items() if value is not None
        ]
        connection = Connection(self)
        connection.send("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + data)
        answer = connection.answer(method)
        connection.close()
        return answer
