"""An office, asked by the bytes of HTTP from anywhere: what a stranger can send, and all that he sees."""

from collections.abc import Mapping

from attrs import evolve
from twisted.internet.defer import Deferred

from provserver.address import Networks
from provserver.core.access.policy import DEFAULT, Policy
from provserver.http.messages import PhoneRequest, Reply
from provserver.http.phones import answer
from provserver.http.proxies import Proxies
from provserver.model import Device, Document, Pairing, Tenant
from provserver.sip.digest import answer as signed
from provserver.sip.digest import strongest
from tests.fakes.office import MAC, Office, own_config

PROXY = "192.0.2.1"
HOME = "203.0.113.9"  # a phone's, far from the office
DESK = "10.0.0.7"  # a phone's in the office
MASTER_KEY, ANNAS_KEY, BERTS_KEY = "Key-of-master", "Key-of-anna", "Key-of-bert"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
FILE = "00aced000001.cfg"  # Anna's phone's, with her password in it
OTHER = "00aced000002.cfg"  # of a phone that nobody knows
BERTS = "00aced000003.cfg"
SECRET = b"s3cret"
UA = "acme A60 2.1"


class Outside(Office):
    """Anna has a phone, MAC, with or without a token; Bert has another one."""

    def __init__(self, policy: Policy = DEFAULT, token: str = "", until: float = 0.0) -> None:
        super().__init__(policy=policy)
        phone = Device("d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="anna")
        documents: tuple[Document, ...] = (
            Tenant("master", name="master", key=MASTER_KEY),
            Tenant("anna", name="Anna", parent="master", key=ANNAS_KEY),
            Tenant("bert", name="Bert", parent="master", key=BERTS_KEY),
            phone,
            evolve(phone, id="d3", mac="00:ac:ed:00:00:03", config="c3", tenant="bert"),
            own_config("c1"),
            own_config("c3"),
        )
        self.put(*documents, *((Pairing("d1", token=token, open_until=until),) if token else ()))

    def lease(self, mac: str = MAC, ip: str = DESK) -> None:
        self.answer(protocol="dhcp", mac=mac, ip=ip, user_agent="")

    def http(
        self,
        target: str,
        ip: str = HOME,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        certificate: tuple[str, ...] = (),
    ) -> Reply:
        """Return the reply to a request whose line has `target` as it stands here."""
        request = PhoneRequest(
            method,
            target.encode("latin-1"),
            ip,
            "http://10.0.0.1:8667",
            self.clock.seconds(),
            {"user-agent": UA, **(headers or {})},
            certificate,
        )
        proxies = Proxies(Networks([PROXY]), certificates=True)
        replies: list[Reply] = []
        Deferred.fromCoroutine(answer(self.provisioner, proxies, request)).addCallback(replies.append)
        for _ in range(10):  # an answer may be held back
            if not replies:
                self.clock.advance(1)
        (reply,) = replies
        return reply

    def login(
        self,
        target: str,
        username: str,
        password: str,
        ip: str = HOME,
        asked: Reply | None = None,
        count: int = 1,
    ) -> Reply:
        """Return the reply to a request with digest: it answers a challenge that came `asked`, or a new one."""
        headers = digest(asked or self.http(target, ip), target, username, password, count)
        return self.http(target, ip, headers=headers)


def challenges(reply: Reply) -> list[str]:
    return [value for name, value in reply.headers if name == "WWW-Authenticate"]


def digest(reply: Reply, target: str, username: str, password: str, count: int = 1) -> dict[str, str]:
    """Return the header that answers a challenge."""
    challenge = strongest(challenges(reply))
    return {"authorization": str(signed(challenge, username, password, "GET", target, "c", count))}


def face(reply: Reply) -> tuple[object, ...]:
    """Return all that is seen of a reply, but for the nonces, of which each is another."""
    shown = tuple(
        (name, len(value) if name == "WWW-Authenticate" else value) for name, value in reply.headers
    )
    return reply.status, shown, reply.body, reply.piece
