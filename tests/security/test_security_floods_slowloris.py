"""Slowloris: connections that send a byte now and then keep no phone out, and do not stay."""

from twisted.trial.unittest import SynchronousTestCase

from tests.http.wire import Site

MOST = 50


class SlowlorisTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.site = Site(http_connections=MOST)
        self.slow = [self.site.phone(f"203.0.113.{number}") for number in range(MOST)]

    def trickle(self, seconds: int) -> None:
        """Let each send a letter of a header a second."""
        for phone in self.slow:
            phone.send(b"GET /x HTTP/1.1\r\nX: ")
        for _ in range(seconds):
            self.site.clock.advance(1)
            for phone in self.slow:
                phone.send(b"a")

    def test_slow_connections_keep_no_phone_out(self) -> None:
        """All places are taken by them; a phone that comes is served, and takes the place of one."""
        self.trickle(5)
        for number in range(20):
            self.assertEqual(self.site.ask(ip=f"10.0.0.{number + 1}").status, 200)
            self.site.clock.advance(0.1)
        self.assertLessEqual(len(self.site.factory.connections), MOST)

    def test_a_byte_buys_no_time(self) -> None:
        """Half a minute after it began each is told 408, and half a minute later cut off."""
        self.trickle(34)
        self.assertEqual({phone.response().status for phone in self.slow}, {408})
        self.trickle(34)
        self.assertEqual(len(self.site.factory.connections), 0)
