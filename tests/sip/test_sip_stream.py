"""SIP over TCP: where one message ends and the next begins."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.sip.message import read_message
from provserver.sip.stream import Stream
from tests.sip.sip_messages import SUBSCRIBE, packet

HEADERS = {name: value for name, value in SUBSCRIBE.items() if name != "Content-Length"}
LINE = "SIP/2.0 200 OK"


def message(body: bytes = b"", length: str | None = None, name: str = "Content-Length") -> bytes:
    said = str(len(body)) if length is None else length
    return packet(LINE, {**HEADERS, name: said}, body)


class StreamTests(SynchronousTestCase):
    def test_messages_and_what_keeps_a_connection_open(self) -> None:
        """In any pieces, with bodies that look like a message, and with pings between them."""
        messages = [message(), message(b"SIP/2.0 200 OK\r\n\r\n"), message(b"x", name="l")]
        data = b"\r\n\r\n" + b"\r\n\r\n\r\n".join(messages)
        for size in (1, 5, 100, len(data)):
            stream = Stream()
            found: list[bytes] = []
            for at in range(0, len(data), size):
                found += stream.fed(data[at : at + size])
            self.assertEqual(found, messages)
        for each in messages:
            read_message(each)

    def test_bad_input(self) -> None:
        """Where the next message begins could not be known."""
        for what, data in (
            ("no length", packet(LINE, HEADERS)),
            ("an odd length", message(length="x")),
            ("a negative length", message(length="-1")),
            ("two lengths", packet(LINE, {**HEADERS, "Content-Length": "0", "l": "5"})),
            ("a length too large", message(length="70000")),
            ("headers without end", b"X: " + b"x" * 70_000),
        ):
            with self.subTest(what):
                self.assertRaises(Invalid, Stream().fed, data)
