"""The one contract test of INetwork: every provider's own test inherits it."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.tftp.interfaces import Address, IListener, INetwork, ITftpPort


class NetworkContract(SynchronousTestCase):
    """A provider's test makes the network, and plays those who are outside it."""

    network: INetwork

    def socket(self) -> Any:
        """Return a new socket, bound as `address` says."""
        raise NotImplementedError

    def address(self, socket: Any) -> Address:
        raise NotImplementedError

    def outside(self) -> "Outside":
        """Return somebody new who is not of the server."""
        raise NotImplementedError

    def turn(self) -> None:
        """Let the network hear what has been sent."""
        raise NotImplementedError

    # --- what holds for all --------------------------------------------------------------------------------

    def listen(self, most: int = 1500) -> IListener:
        self.heard: list[tuple[bytes, Address, str]] = []
        socket = self.socket()
        self.at = self.address(socket)
        listener = self.network.listen(socket, lambda *what: self.heard.append(what), most)
        self.addCleanup(listener.close)
        return listener

    def port(self, peer: Address, most: int = 600) -> ITftpPort:
        self.told: list[tuple[bytes, Address]] = []
        port = self.network.port(peer, self.at[0], lambda *what: self.told.append(what), most)
        self.addCleanup(port.close)
        return port

    def test_all_provide_their_interfaces(self) -> None:
        """The server knows nothing else."""
        listener = self.listen()
        verifyObject(INetwork, self.network)
        verifyObject(IListener, listener)
        peer = self.outside()
        verifyObject(ITftpPort, self.port(peer.address))
        verifyObject(ITftpPort, listener.port(peer.address, self.at[0]))

    def test_a_listener_hears_what_who_and_where(self) -> None:
        """The address that was asked decides where the answer leaves from. Datagrams are cut off at `most`."""
        self.listen(most=4)
        peer = self.outside()
        for datagram in (b"one", b"", b"longer"):
            peer.send(datagram, self.at)
        self.turn()
        local = self.at[0]
        self.assertEqual(
            self.heard,
            [(b"one", peer.address, local), (b"", peer.address, local), (b"long", peer.address, local)],
        )

    def test_a_listener_answers_from_the_address_that_was_asked(self) -> None:
        """Phones take no answer from another one."""
        listener = self.listen()
        peer = self.outside()
        listener.send_to(peer.address, self.at[0], b"answer")
        self.assertEqual(peer.received(), [(b"answer", self.at)])

    def test_a_port_is_another_one_at_the_same_address(self) -> None:
        """RFC 1350 section 4: a TID of its own."""
        self.listen()
        peer = self.outside()
        port = self.port(peer.address)
        port.send(b"hello")
        port.send_all([b"12", b"34", b"5"])
        got = peer.received(4)
        self.assertEqual([datagram for datagram, _ in got], [b"hello", b"12", b"34", b"5"])
        (own,) = {sender for _, sender in got}
        self.assertEqual(own[0], self.at[0])
        self.assertNotEqual(own[1], self.at[1])

    def test_a_port_hears_everybody(self) -> None:
        """A stranger must be told that it is one."""
        self.listen()
        peer, stranger = self.outside(), self.outside()
        port = self.port(peer.address, most=4)
        port.send(b"hello")
        ((_, own),) = peer.received()
        peer.send(b"mine", own)
        self.turn()
        stranger.send(b"another", own)
        self.turn()
        self.assertEqual(self.told, [(b"mine", peer.address), (b"anot", stranger.address)])
        port.send_to(stranger.address, b"go away")
        self.assertEqual(stranger.received(), [(b"go away", own)])

    def test_what_is_said_while_hearing_arrives_in_order_and_before_the_close(self) -> None:
        """That is how every transfer speaks, and how it ends: an ERROR, and the port is gone."""
        socket = self.socket()
        self.at = self.address(socket)
        said: list[ITftpPort] = []

        def heard(_datagram: bytes, peer: Address, local: str) -> None:
            port = self.network.port(peer, local, lambda *what: self.fail(str(what)), 600)
            said.append(port)
            port.send(b"one")
            port.send_all([b"two", b"6"])
            port.send_to(stranger.address, b"go away")
            port.send(b"last")
            port.close()
            port.close()
            shared = listener.port(peer, local)
            shared.send(b"shared")
            listener.send_to(peer, local, b"listener")

        listener = self.network.listen(socket, heard, 1500)
        self.addCleanup(listener.close)
        peer, stranger = self.outside(), self.outside()
        peer.send(b"hello", self.at)
        self.turn()
        got = peer.received(6)
        self.assertEqual(
            [datagram for datagram, _ in got], [b"one", b"two", b"6", b"last", b"shared", b"listener"]
        )
        self.assertEqual(stranger.received(), [(b"go away", got[0][1])])
        self.assertEqual({sender for _, sender in got[4:]}, {self.at})
        peer.send(b"late", got[0][1])
        self.turn()

    def test_polling_hears_at_once(self) -> None:
        """Before a timeout is believed."""
        self.listen()
        peer = self.outside()
        port = self.port(peer.address)
        port.send(b"hello")
        ((_, own),) = peer.received()
        peer.send(b"1", own)
        peer.send(b"2", own)
        port.poll()
        self.assertEqual([datagram for datagram, _ in self.told], [b"1", b"2"])
        port.poll()
        self.assertEqual(len(self.told), 2)

    def test_a_shared_port_speaks_through_the_listener(self) -> None:
        """Single-port mode: the peer sees one address only."""
        listener = self.listen()
        peer, stranger = self.outside(), self.outside()
        shared = listener.port(peer.address, self.at[0])
        shared.send(b"hello")
        shared.send_all([b"12", b"3"])
        shared.send_to(stranger.address, b"no")
        self.assertEqual(peer.received(3), [(b"hello", self.at), (b"12", self.at), (b"3", self.at)])
        self.assertEqual(stranger.received(), [(b"no", self.at)])
        peer.send(b"ack", self.at)
        shared.poll()
        self.assertEqual([datagram for datagram, *_ in self.heard], [b"ack"])
        shared.close()
        peer.send(b"more", self.at)
        self.turn()
        self.assertEqual(len(self.heard), 2)

    def test_a_closed_port_is_deaf_and_harmless(self) -> None:
        """Closing twice and sending afterwards do nothing."""
        listener = self.listen()
        peer = self.outside()
        port = self.port(peer.address)
        port.send(b"hello")
        ((_, own),) = peer.received()
        for closing in (port, port, listener, listener):
            closing.close()
        peer.send(b"late", own)
        peer.send(b"late", self.at)
        port.send(b"nothing")
        port.send_all([b"no", b"thing"])
        port.poll()
        self.turn()
        self.assertEqual((self.told, self.heard), ([], []))

    def test_a_path_has_room_for_a_block(self) -> None:
        """Every path takes 512 bytes and their header."""
        self.listen()
        self.assertGreaterEqual(self.network.most_payload(self.outside().address), 516)


class Outside:
    """Somebody who sends to the server and hears its answers."""

    address: Address

    def send(self, datagram: bytes, to: Address) -> None:
        raise NotImplementedError

    def received(self, count: int = 1) -> list[tuple[bytes, Address]]:
        """Return all that has come, at least so many."""
        raise NotImplementedError
