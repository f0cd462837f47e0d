"""Connections to a server, with TLS where it is wanted: then the certificate is checked, its chain and its name."""

from typing import Any

from attrs import frozen
from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet import error
from twisted.internet.defer import CancelledError
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.ssl import Certificate, optionsForClientTLS, trustRootFromCertificates

CONNECT_S = 10
TROUBLES = (
    CancelledError,
    error.ConnectingCancelledError,
    error.ConnectError,
    error.DNSLookupError,
    ValueError,  # a name that cannot be one, such as xn--a
)  # of an `endpoint` that does not connect


@frozen
class Tls:
    name: str  # that the certificate must have: a host name, or an address
    authorities: str = ""  # PEM: the certificates that may have signed it; "" is those of the system


def endpoint(reactor: Any, host: str, port: int, tls: Tls | None) -> IStreamClientEndpoint:
    """Return how to connect. Names are looked up in the reactor's threads."""
    plain = HostnameEndpoint(reactor, host.strip("[]"), port, timeout=CONNECT_S)
    if tls is None:
        return plain
    trusted = trustRootFromCertificates(certificates(tls.authorities)) if tls.authorities else None
    return wrapClientTLS(optionsForClientTLS(tls.name, trusted), plain)


def certificates(pem: str) -> list[Certificate]:
    """Read the certificates of a PEM text, one or several."""
    end = "-----END CERTIFICATE-----"
    return [Certificate.loadPEM((part + end).encode()) for part in pem.split(end)[:-1]]


def said(problem: BaseException | None) -> str:
    """Return why a connection was not made, or was lost, in words for people."""
    match problem:
        case CancelledError() | error.ConnectingCancelledError():
            return "provd stops"
        case error.ConnectionRefusedError():
            return "connection refused"
        case error.TimeoutError():
            return f"no connection within {CONNECT_S} s"
        case error.DNSLookupError():
            return "no such host"
        case error.ConnectionDone():
            return "the connection was closed"
        case VerificationError():
            return "its certificate is for another name"
        case SSL.Error():
            return f"no TLS: {', '.join(str(part[-1]) for part in problem.args[0]) if problem.args else 'cut off'}"
    return str(problem).rstrip(".")
