"""Phone HTTP: what phones connect to. Who they are and what they get is the Provisioner's to say."""

from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.web.http import Request

from provserver.core.metrics import Counts
from provserver.errors import Invalid
from provserver.http.channel import PhoneChannel, Shared
from provserver.http.connections import Connections
from provserver.http.exchange import Exchange, Server
from provserver.http.messages import PhoneRequest, Reply, bad_method, refusal, reply_to, sighting_of
from provserver.http.proxies import Proxies
from provserver.http.refusals import Refusals
from provserver.http.sender import InThread
from provserver.interfaces import IAnswers, IUploads
from provserver.settings import Limits


async def answer(provisioner: IAnswers, proxies: Proxies, request: PhoneRequest) -> Reply:
    """The whole of phone HTTP but its bytes: whatever speaks the protocol faster can call it as well."""
    refused = bad_method(request.method)
    if refused:
        return refused
    try:
        sighting = sighting_of(request, proxies)
    except Invalid as problem:
        return refusal(400, problem.text, method=request.method)
    return reply_to(request, await provisioner.answer(sighting))


class PhoneSite(ServerFactory):
    """A factory for `reactor.adoptStreamPort`, listenTCP or an endpoint; it keeps no access log."""

    noisy = False

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def buildProtocol(self, addr: IAddress | None) -> PhoneChannel:  # noqa: ARG002 - Twisted's signature
        channel = PhoneChannel(self._shared)
        channel.factory = self
        return channel

    def log(self, request: Request) -> None:
        """Twisted tells of every answer here."""

    @property
    def connections(self) -> Connections:
        return self._shared.connections

    @property
    def refused(self) -> Counts:
        """Requests that were wrong in themselves, by status."""
        return self._shared.refusals.counts

    def finish(self, within_s: float) -> Deferred[None]:
        """Let what is being sent end, within some seconds; fires when no phone is connected any more. The port
        must have stopped listening."""
        return self._shared.connections.finish(within_s)


def no_certificate(transport: Any) -> tuple[str, ...]:  # noqa: ARG001 - whose it would be
    return ()


def phone_site(
    provisioner: IAnswers,
    proxies: Proxies,
    limits: Limits,
    clock: IReactorTime,
    in_thread: InThread,
    certificate_of: Callable[[Any], tuple[str, ...]] = no_certificate,
    uploads: IUploads | None = None,
) -> PhoneSite:
    """`certificate_of` names who is at the other end of a connection over TLS; `in_thread`: `deferToThread`;
    `uploads` is where phones write, if they may."""
    server = Server(partial(answer, provisioner, proxies), in_thread, uploads)
    connections = Connections(limits.http_connections, limits.http_idle_s, clock)
    refusals = Refusals(clock)
    new_request = partial(Exchange, server=server)
    takes_uploads = uploads is not None
    return PhoneSite(Shared(limits, clock, connections, refusals, certificate_of, new_request, takes_uploads))
