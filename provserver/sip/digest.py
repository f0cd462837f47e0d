"""
Digest authentication, both sides of it (RFC 7616, RFC 2617; for SIP RFC 3261 section 22 and RFC 8760).

Nonces, cnonces and counts are the caller's: whether a nonce is ours and fresh, and whether its count has been
used before, is for who gave it out. `qop` is `auth` or, with old clients, none.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import evolve, field, frozen

from provserver.errors import Invalid
from provserver.sip.uri import quoted

Qop = Literal["auth", ""]

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
ALGORITHMS = ("SHA-256", "SHA-256-sess", "MD5", "MD5-sess")  # the strongest first
_BY_LOW_NAME = {name.lower(): name for name in ALGORITHMS}
_MOST_CHARACTERS = 4_096
_PAIR = re.compile(r'\s*+([0-9A-Za-z_*-]+)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s",]*))\s*+(?:,|$)')
_COUNT = re.compile("[0-9a-fA-F]{8}")


@frozen
class Challenge:
    """What a server asks for. `algorithm` is as it was written; one that is not in ALGORITHMS is not ours."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: tuple[str, ...] = ("auth",)  # () where an old client is to be served, or an old server asks
    opaque: str = ""
    stale: bool = False

    def __str__(self) -> str:
        pairs = [f"realm={quoted(self.realm)}", f"nonce={quoted(self.nonce)}", f"algorithm={self.algorithm}"]
        if self.qop:
            pairs.append(f"qop={quoted(','.join(self.qop))}")
        if self.opaque:
            pairs.append(f"opaque={quoted(self.opaque)}")
        if self.stale:
            pairs.append("stale=true")
        return f"Digest {', '.join(pairs)}"


@frozen
class Credentials:
    """What a client answers: the value of Authorization or Proxy-Authorization."""

    username: str
    realm: str
    nonce: str = field(repr=False)
    uri: str
    response: str = field(repr=False)
    algorithm: str = "MD5"
    qop: Qop = ""
    cnonce: str = field(default="", repr=False)
    count: int = 0  # how often the nonce was used, this time included; 0 without qop
    opaque: str = ""

    def __str__(self) -> str:
        pairs = [
            *(f"{name}={quoted(getattr(self, name))}" for name in ("username", "realm", "nonce", "uri")),
            f"response={quoted(self.response)}",
            f"algorithm={self.algorithm}",
        ]
        if self.cnonce:
            pairs.append(f"cnonce={quoted(self.cnonce)}")
        if self.qop:
            pairs += [f"qop={self.qop}", f"nc={self.count:08x}"]
        if self.opaque:
            pairs.append(f"opaque={quoted(self.opaque)}")
        return f"Digest {', '.join(pairs)}"


# --- the client's side -----------------------------------------------------------------------------------------


def read_challenge(text: str) -> Challenge:
    """Read one WWW-Authenticate or Proxy-Authenticate. Raises: Invalid."""
    pairs = _read(text, "realm", "nonce")
    offered = (word.strip().lower() for word in pairs.get("qop", "").split(","))
    return Challenge(
        pairs["realm"],
        pairs["nonce"],
        _algorithm(pairs),
        tuple(word for word in offered if word),
        pairs.get("opaque", ""),
        pairs.get("stale", "").lower() == "true",
    )


def strongest(texts: Iterable[str]) -> Challenge:
    """
    Return the challenge to answer of those that came in one response: the first of the strongest algorithm
    (RFC 8760 section 2.3). What cannot be read or computed is passed over.

    Raises:
        Invalid: none is left.
    """
    usable = []
    for text in texts:
        try:
            challenge = read_challenge(text)
        except Invalid:
            continue
        if challenge.algorithm in ALGORITHMS and (not challenge.qop or "auth" in challenge.qop):
            usable.append(challenge)
    if not usable:
        raise Invalid(f"no challenge of Digest with {', '.join(ALGORITHMS)} and qop auth or none")
    return min(usable, key=lambda challenge: ALGORITHMS.index(challenge.algorithm))


def answer(
    challenge: Challenge, username: str, password: str, method: str, uri: str, cnonce: str, count: int = 1
) -> Credentials:
    """Return the credentials for one request. `challenge` is one of `strongest`; `uri` is as the request has it;
    `count` grows with each use of one nonce."""
    qop: Qop = "auth" if challenge.qop else ""
    sent_cnonce = cnonce if qop or challenge.algorithm.endswith("-sess") else ""
    unsigned = Credentials(
        username,
        challenge.realm,
        challenge.nonce,
        uri,
        "",
        challenge.algorithm,
        qop,
        sent_cnonce,
        count if qop else 0,
        challenge.opaque,
    )
    return _signed(unsigned, secret(challenge.algorithm, username, challenge.realm, password), method)


# --- the server's side -----------------------------------------------------------------------------------------


def read_credentials(text: str) -> Credentials:
    """Read an Authorization or Proxy-Authorization. Raises: Invalid."""
    pairs = _read(text, "username", "realm", "nonce", "uri", "response")
    qop = pairs.get("qop", "").lower()
    algorithm = _algorithm(pairs)
    if algorithm not in ALGORITHMS or qop not in ("auth", ""):
        raise Invalid(f"digest {algorithm[:20]!r} with qop {qop[:20]!r} is not taken")
    if qop and not (_COUNT.fullmatch(pairs.get("nc", "")) and pairs.get("cnonce")):
        raise Invalid("qop without nc of eight hex digits and cnonce")
    return Credentials(
        pairs["username"],
        pairs["realm"],
        pairs["nonce"],
        pairs["uri"],
        pairs["response"],
        algorithm,
        "auth" if qop else "",
        pairs.get("cnonce", ""),
        int(pairs["nc"], 16) if qop else 0,
        pairs.get("opaque", ""),
    )


def fits(credentials: Credentials, challenge: Challenge, stored: str, method: str, uri: str) -> bool:
    """
    Say whether credentials answer this very challenge with the right password, for this request. `stored` is the
    user's `secret`. In constant time where only the password is wrong.
    """
    asked = (
        challenge.realm,
        challenge.nonce,
        challenge.algorithm,
        challenge.opaque,
        bool(challenge.qop),
        uri,
    )
    said = (
        *(credentials.realm, credentials.nonce, credentials.algorithm, credentials.opaque),
        *(bool(credentials.qop), credentials.uri),
    )
    right = _signed(credentials, stored, method).response
    given = credentials.response.lower()
    return hmac.compare_digest(_encoded(right), _encoded(given)) and said == asked


def secret(algorithm: str, username: str, realm: str, password: str) -> str:
    """Return what a server may store in place of a password: H(A1) without session, as hex digits."""
    return _hash(algorithm, f"{username}:{realm}:{password}")


# --- both ------------------------------------------------------------------------------------------------------


def _signed(credentials: Credentials, stored: str, method: str) -> Credentials:
    """Return credentials with their `response` (RFC 7616 section 3.4.1)."""
    c = credentials
    a1 = _hash(c.algorithm, f"{stored}:{c.nonce}:{c.cnonce}") if c.algorithm.endswith("-sess") else stored
    a2 = _hash(c.algorithm, f"{method}:{c.uri}")
    middle = f"{c.nonce}:{c.count:08x}:{c.cnonce}:{c.qop}" if c.qop else c.nonce
    return evolve(c, response=_hash(c.algorithm, f"{a1}:{middle}:{a2}"))


def _hash(algorithm: str, text: str) -> str:
    return _HASHES[algorithm.removesuffix("-sess")](_encoded(text)).hexdigest()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")  # what came as odd bytes is hashed as these bytes


def _algorithm(pairs: Mapping[str, str]) -> str:
    """Return the algorithm as we write it: phones say `md5` too."""
    said = pairs.get("algorithm") or "MD5"
    return _BY_LOW_NAME.get(said.lower(), said)


def _read(text: str, *needed: str) -> dict[str, str]:
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest" or len(text) > _MOST_CHARACTERS:
        raise Invalid(f"not Digest: {scheme[:20]!r}")
    pairs: dict[str, str] = {}
    rest = rest.strip()
    at = 0
    while at < len(rest):
        pair = _PAIR.match(rest, at)
        if pair is None or pair[1].lower() in pairs:
            raise Invalid(f"digest: no name and value, or a name twice, at character {at}")
        pairs[pair[1].lower()] = re.sub(r"\\(.)", r"\1", pair[2]) if pair[3] is None else pair[3]
        at = pair.end()
    if missing := [name for name in needed if name not in pairs]:
        raise Invalid(f"digest without {', '.join(missing)}")
    return pairs
