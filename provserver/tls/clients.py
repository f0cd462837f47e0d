"""
Which phone a client certificate names, if an authority that we trust has signed it.

A handshake never fails for a certificate: phones with expired ones, or with one of a maker that nobody told us of,
are phones without a certificate.
"""

from typing import Any

from attrs import define, field
from cryptography import x509
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from OpenSSL.crypto import X509
from twisted.logger import Logger

_NAMES = (NameOID.COMMON_NAME, NameOID.SERIAL_NUMBER)
_WRONG_PURPOSE = 26  # X509_V_ERR_INVALID_PURPOSE
_CAUSES = {  # X509_V_ERR_*, <openssl/x509_vfy.h>
    9: "it is not valid yet",
    10: "it has expired",
    18: "it has signed itself",
    19: "its authority is none in tls.client_ca",
    20: "its authority is none in tls.client_ca",
    21: "its authority is none in tls.client_ca",
    22: "its chain is too long",
    66: "its key is too weak",
    67: "the key of its authority is too weak",
    68: "its signature is too weak",
    79: "what signed it is no authority",
}
# The library reads strictly, and makers write as they like.
_UNREADABLE = (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
_log = Logger()


@define
class Verdict:
    """What OpenSSL says of the certificates of one connection while they are checked."""

    problems: list[int] = field(factory=list)
    complete: bool = False  # it came down to the phone's own certificate

    @property
    def good(self) -> bool:
        return self.complete and not self.problems


class CheckedConnection(SSL.Connection):
    """A connection that keeps the verdict; Twisted has the place of its `app_data`."""

    def __init__(self, context: SSL.Context) -> None:
        super().__init__(context, None)
        self.verdict = Verdict()


def note(connection: SSL.Connection, certificate: X509, problem: int, depth: int, ok: int) -> bool:  # noqa: ARG001
    """
    Note what OpenSSL finds at one certificate of a chain, and let it go on (a callback of `set_verify`).

    What its authority meant the certificate for (extended key usage) does not count: makers' certificates say
    serverAuth, or things of their own, and it is the name alone that matters. Whether an authority is one does.
    """
    assert isinstance(connection, CheckedConnection)
    verdict = connection.verdict
    if not ok and problem != _WRONG_PURPOSE:
        verdict.problems.append(problem)
    if ok and depth == 0:
        verdict.complete = True
    return True


def certificate_names(transport: Any) -> tuple[str, ...]:
    """
    Return the names in the client certificate of a TLS connection whose handshake is over: common names and serial
    numbers of the subject, then all alternative names. () is none, or one that is not believed.
    """
    connection: CheckedConnection = transport.getHandle()
    certificate = connection.get_peer_certificate()
    if certificate is None:
        return ()
    verdict = connection.verdict
    if not verdict.good:
        causes = [_CAUSES.get(problem, f"OpenSSL's error {problem}") for problem in verdict.problems]
        _say(transport, ", ".join(dict.fromkeys(causes)) or "it was not checked")
        return ()
    try:
        return names(certificate.to_cryptography())
    except _UNREADABLE as problem:
        _say(transport, f"it cannot be read: {problem}")
        return ()


def names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Alternative names that cannot be read are none. Raises: what is in `_UNREADABLE`."""
    return tuple(dict.fromkeys((*_of_subject(certificate.subject), *_alternatives(certificate))))


def _alternatives(certificate: x509.Certificate) -> list[str]:
    found: list[str] = []
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, *_UNREADABLE):
        return found
    for name in extension.value:
        if isinstance(name, x509.DirectoryName):
            found += _of_subject(name.value)
        elif isinstance(name, x509.DNSName | x509.RFC822Name | x509.UniformResourceIdentifier):
            found.append(name.value)
    return found


def _of_subject(subject: x509.Name) -> list[str]:
    return [str(part.value) for kind in _NAMES for part in subject.get_attributes_for_oid(kind)]


def _say(transport: Any, why: str) -> None:
    _log.debug("the certificate of {ip} is not believed: {why}", ip=transport.getPeer().host, why=why)
