"""The Manager of the test PBX, asked by bytes and by provd itself."""

from collections.abc import Mapping
from functools import partial

from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Notify
from provserver.pbx.ami import AmiDialect, notify_fields
from provserver.pbx.interfaces import Target
from provserver.pbx.manager import ManagerNotifier
from provserver.phone.pbx.manager import ManagerFactory
from tests.phone.sip_net import Client, Net, connected

LOGIN = b"Action: Login\r\nActionID: 1\r\nUsername: provd\r\nSecret: s3cret\r\n\r\n"


class Told:
    """Whom the Manager told what."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Mapping[str, str], str]] = []

    def knows(self, endpoint: str) -> bool:
        return endpoint == "ap0017"

    def notify_endpoint(self, endpoint: str, headers: Mapping[str, str], body: str) -> None:
        self.told.append((endpoint, headers, body))

    notify_uri = notify_endpoint


class Case(SynchronousTestCase):
    def setUp(self) -> None:
        self.net, self.exchange = Net(), Told()
        self.net.tcp[5038] = ManagerFactory(self.exchange, "provd", "s3cret")


class ManagerTests(Case):
    def say(self, *blocks: bytes) -> Client:
        client = connected(self.net, 5038)
        for block in blocks:
            client.transport.write(block)
        self.net.run(0.5)
        return client

    def answer(self, block: bytes) -> str:
        """Return what a block is answered, after the login."""
        client = self.say(LOGIN)
        client.heard = b""
        client.transport.write(block)
        self.net.run(0.5)
        return client.heard.decode()

    def test_a_login(self) -> None:
        """The banner comes first, an event after it; a wrong secret ends the connection."""
        client = self.say(LOGIN)
        self.assertTrue(
            client.heard.startswith(b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: 1\r\n")
        )
        self.assertIn(b"\r\n\r\nEvent: FullyBooted\r\n", client.heard)
        self.assertTrue(client.open)
        for block in (LOGIN.replace(b"s3cret", b"x"), b"Action: Ping\r\n\r\n"):
            client = self.say(block)
            self.assertIn(b"Response: Error", client.heard)
            self.assertFalse(client.open)

    def test_notify_sent_is_said_to_anything(self) -> None:
        """Whether there is such a contact or not (pbx-facts section 4.3)."""
        for target in (b"URI: sip:ap0017@198.51.100.7:41234;line=1", b"URI: nonsense", b"Endpoint: ap0017"):
            said = self.answer(
                b"Action: PJSIPNotify\nActionID: 7\n"
                + target
                + b"\nVariable: Event=check-sync;reboot=true\n\n"
            )
            self.assertEqual(said, "Response: Success\r\nActionID: 7\r\nMessage: NOTIFY sent\r\n\r\n")
        places = [place for place, _, _ in self.exchange.told]
        self.assertEqual(places, ["sip:ap0017@198.51.100.7:41234;line=1", "nonsense", "ap0017"])
        self.assertEqual(self.exchange.told[0][1:], ({"Event": "check-sync;reboot=true"}, ""))

    def test_a_body_comes_line_by_line(self) -> None:
        """As `Content`, which may come several times."""
        self.answer(
            b"Action: PJSIPNotify\r\nEndpoint: ap0017\r\nVariable: Event=service-control\r\n"
            b"Variable: Content=action=restart\r\nVariable: Content=RegisterCallId={}\r\n\r\n"
        )
        self.assertEqual(
            self.exchange.told,
            [("ap0017", {"Event": "service-control"}, "action=restart\r\nRegisterCallId={}")],
        )

    def test_what_it_refuses(self) -> None:
        """An endpoint that there is not, two targets, none, no variable, and an action that there is not."""
        event = b"\r\nVariable: Event=x"
        for block in (
            b"Action: PJSIPNotify\r\nEndpoint: nobody" + event,
            b"Action: PJSIPNotify\r\nEndpoint: ap0017\r\nURI: sip:x" + event,
            b"Action: PJSIPNotify" + event,
            b"Action: PJSIPNotify\r\nChannel: x" + event,
            b"Action: PJSIPNotify\r\nEndpoint: ap0017",
            b"Action: Originate",
        ):
            self.assertTrue(
                self.answer(block + b"\r\n\r\n").startswith("Response: Error\r\nMessage: "), block
            )
        self.assertEqual(self.exchange.told, [])

    def test_it_is_there(self) -> None:
        """provd asks now and then."""
        self.assertEqual(self.answer(b"Action: Ping\r\n\r\n"), "Response: Success\r\nPing: Pong\r\n\r\n")

    def test_the_end(self) -> None:
        """A logoff, and more lines or bytes than it takes; an empty block is nothing."""
        for block, said in (
            (b"Action: Logoff\r\n\r\n", b"Response: Goodbye"),
            (b"a: b\r\n" * 129, b""),
            (b"a" * 2_000 + b"\r\n", b""),
        ):
            client = self.say(LOGIN, block)
            self.assertIn(said, client.heard)
            self.assertFalse(client.open)
        self.assertTrue(self.say(LOGIN, b"\r\n\r\n").open)


class UnderstoodTests(Case):
    def test_provd_and_it_understand_each_other(self) -> None:
        """The test PBX's words are its own, and provd's are provd's."""
        place = TCP4ClientEndpoint(self.net, "127.0.0.1", 5038)
        dialect = partial(AmiDialect, "provd", "s3cret")
        fields = partial(notify_fields, shared=frozenset())
        made = ManagerNotifier("demo", place, dialect, fields, self.net, lambda: 0.5)
        made.start()
        self.net.run()
        told = made.notify(Target("ap0017", "sip:ap0017@198.51.100.7:41234"), Notify("check-sync"))
        self.net.run()
        self.assertEqual(self.successResultOf(told), "sent")
        self.assertEqual(self.exchange.told, [("sip:ap0017@198.51.100.7:41234", {"Event": "check-sync"}, "")])
        stopped = made.stop()
        self.net.run()
        self.successResultOf(stopped)
        self.assertEqual(self.net.getDelayedCalls(), [])
