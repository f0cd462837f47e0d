"""
HTTP digest of devices, the server's side (RFC 7616): challenges, and what comes back.

The username is the device's id or its MAC in any spelling, the password its token. A nonce says when it was made and
that we made it; how often it was used is remembered of those alone that came back with the right password.
"""

import hmac
from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256

from attrs import field, frozen

from provserver.errors import Invalid
from provserver.model import Pairing, Sighting
from provserver.sip.digest import Challenge, Credentials, fits, read_credentials, secret

REALM = "provd"
OFFERED = ("SHA-256", "MD5")  # the strongest first (RFC 7616 section 3.7)
_LIVES_S = 300
_MOST_USED = 20_000  # nonces remembered; when there are more, the oldest of them are stale at once
_SALT = 16
_NOBODY = (Pairing("", token=""),)  # whose password is tried where there is no such user: it takes as long


@frozen
class Use:
    """One use of a nonce. `count` is 1 for clients that do not count."""

    nonce: str = field(repr=False)
    count: int


@frozen
class Checked:
    """`stale`: the password is right, but the nonce too old, or used before."""

    pairing: Pairing | None = None
    use: Use | None = None
    stale: bool = False


REFUSED = Checked()


class Digests:
    def __init__(self, key: bytes, most_used: int = _MOST_USED) -> None:
        """`key`: 32 random bytes; nonces that were made with another one are stale."""
        self._key = key
        self._most_used = most_used
        self._used: OrderedDict[str, int] = OrderedDict()  # nonce -> its highest count
        self._forgotten = -1  # when the youngest nonce that is no longer remembered was made

    def challenges(self, at: float, salt: str, stale: bool) -> tuple[str, ...]:
        """Return the challenges of one answer. `salt`: text without dots, its last 16 characters random."""
        nonce = self._signed(f"{max(0, int(at)):x}.{salt[-_SALT:]}")
        return tuple(str(Challenge(REALM, nonce, name, stale=stale)) for name in OFFERED)

    def read(self, sighting: Sighting) -> Credentials | None:
        """Return the credentials of a request, if it has any that we could have asked for."""
        try:
            credentials = read_credentials(sighting.authorization) if sighting.authorization else None
        except Invalid:
            return None
        return credentials if credentials and credentials.algorithm in OFFERED else None

    def check(
        self, credentials: Credentials, sighting: Sighting, known: Iterable[Pairing], own: Use | None
    ) -> Checked:
        """
        Say whose password it is, of the pairings that the username may mean. `own`: the use of a nonce that was spent
        for this very request already.
        """
        fitting = [one for one in tuple(known) or _NOBODY if _fits(credentials, sighting, one)]
        if not fitting or not fitting[0].token:
            return REFUSED
        use = Use(credentials.nonce, credentials.count or 1)
        if self._is_stale(use, counts=bool(credentials.qop), at=sighting.at) and use != own:
            return Checked(stale=True)
        return Checked(fitting[0], use)

    def spend(self, use: Use) -> None:
        """Remember that a nonce was used, so that nobody else can do the same again."""
        self._used[use.nonce] = max(use.count, self._used.get(use.nonce, 0))
        while len(self._used) > self._most_used:
            nonce, _ = self._used.popitem(last=False)
            self._forgotten = max(self._forgotten, _made(nonce))

    def _is_stale(self, use: Use, counts: bool, at: float) -> bool:
        stamp, _, _ = use.nonce.rpartition(".")
        if not hmac.compare_digest(self._signed(stamp).encode(), use.nonce.encode("utf-8", "replace")):
            return True
        made = _made(use.nonce)
        if not made <= at <= made + _LIVES_S:
            return True
        if use.nonce in self._used:
            return not counts or use.count <= self._used[use.nonce]
        return made <= self._forgotten

    def _signed(self, stamp: str) -> str:
        digest = hmac.new(self._key, stamp.encode("utf-8", "replace"), sha256).hexdigest()[:32]
        return f"{stamp}.{digest}"


def _made(nonce: str) -> int:
    return int(nonce.partition(".")[0], 16)


def _fits(credentials: Credentials, sighting: Sighting, pairing: Pairing) -> bool:
    challenge = Challenge(
        REALM, credentials.nonce, credentials.algorithm, ("auth",) if credentials.qop else ()
    )
    stored = secret(credentials.algorithm, credentials.username, REALM, pairing.token)
    return fits(credentials, challenge, stored, sighting.method, sighting.target)
