"""A factory whose connections come over TLS."""

from collections.abc import Callable
from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IProtocolFactory
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from zope.interface import implementer

from provserver.tls.clients import CheckedConnection


def over_tls(factory: IProtocolFactory, context: Callable[[], SSL.Context], clock: Any) -> IProtocolFactory:
    """
    Put TLS in front of a factory; each new connection asks for the context that holds now.

    The factory's protocols are made when the connection comes, before any handshake: it is theirs to end one that is
    never finished.
    """
    return TLSMemoryBIOFactory(_Creator(context), False, factory, clock)


@implementer(IOpenSSLServerConnectionCreator)
class _Creator:
    def __init__(self, context: Callable[[], SSL.Context]) -> None:
        self._context = context

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: ARG002
        return CheckedConnection(self._context())
