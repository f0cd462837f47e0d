"""What provd's responder tells a phone that searches, without any network."""

from provserver.phone.pnp_message import Search
from provserver.sip.responder import Ask, Responder
from tests.sip.pnp_fakes import given

PHONE = ("192.168.7.31", 40001)
SERVER = ("192.168.7.2", 5060)
GROUP = ("224.0.1.75", 5060)


def told(search: Search, url: bytes) -> tuple[bytes, bytes]:
    """Let provd's responder answer a search; return its 200 and its NOTIFY."""
    responder = Responder(SERVER)
    (ask,) = responder.heard(search.subscribe, PHONE)
    assert isinstance(ask, Ask)
    ok, notify = responder.answered(ask.subscribe, given(url), 0.0, "t1")
    return ok.data, notify.data
