"""Phone HTTP: what phones connect to. Who they are and what they get is the Provisioner's to say."""

from functools import partial

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.web.http import Request

from provserver.address import Networks
from provserver.errors import Invalid
from provserver.http.channel import PhoneChannel, Shared
from provserver.http.connections import Connections
from provserver.http.exchange import Exchange, Server
from provserver.http.messages import PhoneRequest, Reply, bad_method, refusal, reply_to, sighting_of
from provserver.http.refusals import Refusals
from provserver.http.sender import InThread
from provserver.interfaces import IProvisioner
from provserver.settings import Limits


async def answer(provisioner: IProvisioner, trusted: Networks, request: PhoneRequest) -> Reply:
    """The whole of phone HTTP but its bytes: whatever speaks the protocol faster can call it as well."""
    refused = bad_method(request.method)
    if refused:
        return refused
    try:
        sighting = sighting_of(request, trusted)
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

    def finish(self, within_s: float) -> Deferred[None]:
        """Let what is being sent end, within some seconds; fires when no phone is connected any more. The port
        must have stopped listening."""
        return self._shared.connections.finish(within_s)


def phone_site(
    provisioner: IProvisioner, trusted: Networks, limits: Limits, clock: IReactorTime, in_thread: InThread
) -> PhoneSite:
    """`trusted`: proxies whose word on a phone's address counts; `in_thread`: `deferToThread`."""
    server = Server(partial(answer, provisioner, trusted), in_thread)
    connections = Connections(limits.http_connections, limits.http_idle_s, clock)
    refusals = Refusals(clock)
    return PhoneSite(Shared(limits, clock, connections, refusals, partial(Exchange, server=server)))
