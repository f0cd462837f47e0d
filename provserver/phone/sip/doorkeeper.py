"""Who asks for a password before he believes a request: the server's side of digest, in SIP."""

from collections import OrderedDict
from collections.abc import Callable

from provserver.errors import Invalid
from provserver.sip.digest import Challenge, fits, read_credentials, secret
from provserver.sip.message import Request

_MOST = 1_000  # challenges that may still be answered


class Doorkeeper:
    """`new_nonce` gives text that nobody can guess."""

    def __init__(self, realm: str, new_nonce: Callable[[], str]) -> None:
        self._realm = realm
        self._new_nonce = new_nonce
        self._asked: OrderedDict[str, Challenge] = OrderedDict()

    def challenge(self) -> tuple[str, str]:
        """Return the header of a 401."""
        challenge = Challenge(self._realm, self._new_nonce())
        self._asked[challenge.nonce] = challenge
        if len(self._asked) > _MOST:
            self._asked.popitem(last=False)
        return "WWW-Authenticate", str(challenge)

    def user_of(self, request: Request, password_of: Callable[[str], str | None]) -> str | None:
        """Return the user who proved who he is, None where nobody did."""
        try:
            said = read_credentials(request.first("Authorization"))
        except Invalid:
            return None
        challenge, password = self._asked.get(said.nonce), password_of(said.username)
        if challenge is None or password is None:
            return None
        stored = secret(challenge.algorithm, said.username, self._realm, password)
        return said.username if fits(said, challenge, stored, request.method, request.uri) else None
