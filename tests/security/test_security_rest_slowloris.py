"""Security: slow and idle connections to REST. They end, and are so few that phones never lack a place."""

from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http import HTTPChannel

from provserver.rest.site import rest_site
from tests.fakes.rest import RestOffice

MOST = 3


class RestSlowlorisTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.site = rest_site(self.office.behind, self.office.tokens, 1_000, MOST)

    def connect(self) -> tuple[HTTPChannel, StringTransport]:
        channel, transport = self.site.buildProtocol(None), StringTransport()
        assert channel
        channel.makeConnection(transport)
        return channel, transport

    def hits(self) -> float:
        return dict(self.office.reception.limits.values).get(("rest_connections",), 0)

    def test_who_holds_all_of_rests_connections_takes_none_of_the_phones(self) -> None:
        """Each open connection costs one of the system's open files, of which phones need thousands."""
        held = [self.connect() for _ in range(MOST)]
        self.assertFalse(any(transport.disconnecting for _, transport in held))
        for number in (1, 2):
            channel, transport = self.connect()
            self.assertTrue(transport.disconnecting)
            channel.connectionLost(Failure(ConnectionDone()))
            self.assertEqual(self.hits(), number)
        held[0][0].connectionLost(Failure(ConnectionDone()))
        self.assertFalse(self.connect()[1].disconnecting)

    def test_a_byte_buys_no_time_there_either(self) -> None:
        """In the headers, in the body, or none at all: two minutes, and the place is free again."""
        for begun in (
            b"",
            b"GET /0.2/status HTTP/1.1\r\n",
            b"POST /0.2/lines HTTP/1.1\r\nContent-Length: 999\r\n\r\n",
        ):
            channel, transport = self.connect()
            channel.dataReceived(begun)
            for _ in range(119):
                self.office.clock.advance(1)
                if begun:
                    channel.dataReceived(b"a")
            self.assertFalse(transport.disconnecting)
            self.office.clock.advance(2)
            self.assertTrue(transport.disconnecting)
            channel.connectionLost(Failure(ConnectionDone()))

    def test_a_connection_that_is_used_stays(self) -> None:
        """Each answer begins the time anew."""
        channel, transport = self.connect()
        for _ in range(3):
            channel.dataReceived(b"GET /0.2/openapi.json HTTP/1.1\r\nHost: provd\r\n\r\n")
            self.office.clock.advance(1)
            self.office.clock.advance(100)
            self.assertIn(b"200 OK", transport.value())
            transport.clear()
        self.assertFalse(transport.disconnecting)
