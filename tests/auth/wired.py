"""An office whose tokens are those of a FakeWazoAuth, without a socket in between."""

from collections.abc import Callable

from treq.testing import RequestTraversalAgent
from twisted.internet import error
from twisted.internet.defer import Deferred, fail, succeed
from twisted.web.iweb import IAgent, IResponse
from zope.interface import implementer

from provserver.auth.answers import ServiceKey
from provserver.auth.client import AuthServer
from provserver.auth.external import ExternalTokens
from provserver.auth.mirror import Mirror
from tests.auth.fake_wazo_auth import SERVICE, FakeWazoAuth
from tests.fakes.office import Office
from tests.fakes.rest import RestOffice

TIMEOUT_S = 5.0
BELIEVED_S = 5.0


@implementer(IAgent)
class Line:
    """To a resource, which can be cut."""

    def __init__(self, resource: FakeWazoAuth) -> None:
        self._agent = RequestTraversalAgent(resource)
        self.cut = False

    def request(
        self, method: bytes, uri: bytes, headers: object = None, bodyProducer: object = None
    ) -> Deferred[IResponse]:
        if self.cut:
            return fail(error.ConnectionRefusedError())
        answer: Deferred[IResponse] = self._agent.request(method, uri, headers, bodyProducer)
        self._agent.flush()
        return answer


class Wired:
    def __init__(self, office: Office | None = None, believed_s: float = BELIEVED_S) -> None:
        self.office = office or RestOffice()
        self.auth = FakeWazoAuth()
        self.line = Line(self.auth)
        self.key: Callable[[], Deferred[ServiceKey]] = lambda: succeed(ServiceKey(*SERVICE))
        clock = self.office.clock
        self.server = AuthServer(self.line, "http://auth.example.org/api/auth", TIMEOUT_S, clock)
        self.mirror = Mirror(
            self.server, lambda: self.key(), self.office.provisioner, self.office.store, clock
        )
        self.tokens = ExternalTokens(self.server, self.mirror, believed_s, clock)
