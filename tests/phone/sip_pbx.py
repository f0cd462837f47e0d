"""The other end of a simulated phone: a registrar that answers as it is told."""

from collections.abc import Callable
from itertools import count
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.sip.agent import Agent, Manners
from provserver.phone.sip.line import Identity
from provserver.phone.sip.messages import Login, Party, request
from provserver.phone.sip.socket import SipSocket
from provserver.sip.message import Request, Response, response
from tests.phone.sip_net import Address, Net

PBX = ("192.0.2.20", 5060)
PHONE = ("192.168.7.31", 5062)
_POLITE = Manners()
CHALLENGE = ("WWW-Authenticate", 'Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"')


def identity(
    user: str = "ap0017", number: int = 1, expires_s: int = 300, server: str = "192.0.2.20:5060"
) -> Identity:
    return Identity(number, Party(user, server, "Waiting 4F7K2Q"), Login(user, "s3cret"), server, expires_s)


def tokens(prefix: str) -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers)}"


class Registrar:
    """Asks for a password and says 200, until `says` has another answer for a method. `asked` is in order."""

    def __init__(self, net: Net) -> None:
        self.asked: list[Request] = []
        self.says: dict[str, tuple[int, tuple[tuple[str, str], ...]] | None] = {}
        self.socket = SipSocket(net, tokens("pbx"), self._serve)
        self.socket.listen(net, *PBX)

    def _serve(self, asked: Request, source: Address) -> Response | None:
        self.asked.append(asked)
        status = 200
        headers: tuple[tuple[str, str], ...] = ()
        if asked.method in self.says:
            told = self.says[asked.method]
            if told is None:
                return None
            status, headers = told
        elif asked.method in ("REGISTER", "INVITE") and not asked.first("Authorization"):
            status, headers = 401, (CHALLENGE,)
        if status == 200 and asked.method == "REGISTER":
            headers = (("Contact", f"{asked.first('Contact')};expires=120"),)
        if status == 200 and asked.method == "INVITE":
            headers = (("Contact", "<sip:192.0.2.20>"),)
        if asked.method == "ACK":
            return None
        return response(asked, status, "So", "pbx", headers, source)

    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]

    def request(self, method: str, uri: str, *headers: tuple[str, str], call_id: str = "c1") -> Request:
        return request(method, uri, "<sip:provd@192.0.2.20>;tag=1", f"<{uri}>", call_id, 1, *headers)


class Phone:
    """An agent with what it told."""

    def __init__(self, net: Net, manners: Manners = _POLITE) -> None:
        self.told: list[str] = []
        self.agent = Agent(net, manners, tokens("phone"), self.told.append)


class PhoneCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.net = Net()
        self.registrar = Registrar(self.net)
        self.phone = Phone(self.net)

    def start(self, *identities: Identity, after_s: float = 1.0) -> Any:
        done = Deferred.fromCoroutine(self.phone.agent.start(identities, *PHONE))
        self.net.run(after_s)
        return self.successResultOf(done)

    def stop(self) -> None:
        done = Deferred.fromCoroutine(self.phone.agent.stop())
        self.net.run(33)
        self.successResultOf(done)
        Deferred.fromCoroutine(self.registrar.socket.close())
        self.net.run(0.1)
        self.assertEqual((self.net.getDelayedCalls(), self.net.udp), ([], {}))
