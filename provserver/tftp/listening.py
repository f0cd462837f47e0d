"""One socket that requests come to: what is a request, what belongs to a transfer, what is neither."""

from collections.abc import Callable
from socket import socket

from provserver.tftp.errors import Malformed
from provserver.tftp.interfaces import Address, INetwork
from provserver.tftp.packet import ILLEGAL_OPERATION, WRQ, Error, Request, encode, opcode, parse
from provserver.tftp.report import Counters
from provserver.tftp.session import Key, Session

_ILLEGAL = encode(Error(ILLEGAL_OPERATION, "illegal TFTP operation"))
_MOST_REQUEST = 1_500  # bytes heard of a datagram: what is longer is no request
_MOST_DATAGRAM = 65_535
_OTHERS = range(WRQ + 1, 7)  # opcodes that belong to a transfer


class Listening:
    """`shared` is single-port mode: the transfers speak through this socket, `session` finds them."""

    def __init__(
        self,
        network: INetwork,
        sock: socket,
        shared: bool,
        counters: Counters,
        requested: Callable[["Listening", Request, Key], None],
        session: Callable[[Key], Session | None],
    ) -> None:
        self.shared = shared
        self._counters, self._requested, self._session = counters, requested, session
        self.port = network.listen(sock, self._heard, _MOST_DATAGRAM if shared else _MOST_REQUEST)

    def _heard(self, datagram: bytes, peer: Address, local: str) -> None:
        try:
            if opcode(datagram) in _OTHERS:
                self._heard_other(datagram, (peer, local))
                return
            packet = parse(datagram)
        except Malformed:
            self._counters.malformed += 1
            if len(datagram) > 1:
                self.port.send_to(peer, local, _ILLEGAL)
            return
        assert isinstance(packet, Request)  # the others are in _OTHERS
        self._requested(self, packet, (peer, local))

    def _heard_other(self, datagram: bytes, key: Key) -> None:
        """Hand a packet to the transfer that speaks through this socket. Otherwise be silent: an ERROR to a late
        copy could end the next transfer of a phone that always uses one port."""
        session = self._session(key) if self.shared else None
        if session:
            session.heard(datagram, key[0])
        else:
            self._counters.strays += 1
