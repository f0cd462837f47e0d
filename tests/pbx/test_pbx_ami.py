"""The words of Asterisk's Manager."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid, NotResynced
from provserver.model import Notify
from provserver.pbx.ami import AmiDialect, notify_fields
from provserver.pbx.interfaces import Target
from provserver.pbx.session import Fields, Reply

NOTIFY = Notify("check-sync;reboot=true")
NONE: frozenset[str] = frozenset()
GREETING = b"Asterisk Call Manager/11.0.0\r\n"


def fields(target: Target, notify: Notify = NOTIFY, shared: frozenset[str] = NONE) -> Fields:
    return notify_fields(target, notify, shared)


class DialectTests(SynchronousTestCase):
    def test_a_login(self) -> None:
        """Events are not wanted, and the ActionID is ours."""
        dialect = AmiDialect("provd", "s3cret")
        (greeting,) = dialect.read(GREETING)
        self.assertEqual(
            dialect.login(greeting),
            b"Action: Login\r\nUsername: provd\r\nSecret: s3cret\r\nEvents: off\r\nActionID: provd-0\r\n\r\n",
        )

    def test_responses_and_events(self) -> None:
        """Events come between a request and its response; an answer to something else is none."""
        dialect = AmiDialect("provd", "s3cret")
        dialect.read(GREETING)
        blocks = dialect.read(
            b"Event: FullyBooted\r\nActionID: provd-7\r\n\r\n"
            b"Response: Success\r\nActionID: provd-6\r\nMessage: old\r\n\r\n"
            b"Response: Success\r\nActionID: provd-7\r\nMessage: NOTIFY sent\r\n\r\n"
            b"Response: Error\r\nActionID: provd-7\r\nMessage: no: really\r\n\r\n"
            b"Response: Goodbye\r\nActionID: provd-7\r\n\r\n"
        )
        self.assertEqual(
            [dialect.reply(7, block) for block in blocks],
            [None, None, Reply(True, "NOTIFY sent"), Reply(False, "no: really"), Reply(True, "")],
        )

    def test_bytes_come_in_pieces(self) -> None:
        """TCP cuts where it likes, also inside the greeting."""
        data = GREETING + b"Response: Success\r\nActionID: provd-1\r\n\r\n"
        for size in (1, 3, 29, 31):
            dialect = AmiDialect("provd", "s3cret")
            blocks: list[Fields] = []
            for at in range(0, len(data), size):
                blocks += dialect.read(data[at : at + size])
            self.assertEqual([block[0][0] for block in blocks], ["Greeting", "Response"])

    def test_bad_input(self) -> None:
        """Another server on the port, or one that never ends."""
        for data in (
            b"HTTP/1.1 400 Bad Request\r\n",
            b"SSH-2.0",
            b"Asterisk\r\n",
            b"Asterisk Call Manager/" + bytes(2_000),
            GREETING + b"Event: X\r\n" * 10_000,
        ):
            self.assertRaises(Invalid, AmiDialect("provd", "s3cret").read, data)

    def test_nothing_becomes_a_second_line(self) -> None:
        """A bare LF ends a line too: it would be a second header, or a second action."""
        dialect = AmiDialect("provd", "s3cret")
        for value in ("a\nAction: Originate", "a\rb", "a\0b", "x" * 1_020):
            self.assertRaises(Invalid, dialect.command, 1, (("Action", value),))
        self.assertRaises(Invalid, dialect.command, 1, (("Variable", "x"),) * 128)
        self.assertEqual(len(dialect.command(1, (("Variable", "x" * 1_012),)).split(b"\r\n")[0]) + 2, 1_024)


class NotifyFieldsTests(SynchronousTestCase):
    def test_one_contact(self) -> None:
        """The whole of it: the address of the NAPT and the phone's own parameters."""
        contact = "sip:ap0017@198.51.100.7:41234;line=1da6;transport=TCP"
        self.assertEqual(
            fields(Target("ap0017", contact)),
            (("Action", "PJSIPNotify"), ("URI", contact), ("Variable", "Event=check-sync;reboot=true")),
        )

    def test_a_contact_behind_nat_is_rewritten(self) -> None:
        """Asterisk sends to what stands in the URI."""
        target = Target("ap0017", "sip:ap0017@192.168.7.31:5060;alias=198.51.100.7~41234~1")
        self.assertEqual(fields(target)[1], ("URI", "sip:ap0017@198.51.100.7:41234"))

    def test_an_account_of_one_phone(self) -> None:
        """A slot, or a user's."""
        self.assertEqual(fields(Target("ap0017", ip="10.0.0.7"))[1], ("Endpoint", "ap0017"))

    def test_a_slot_is_told_as_an_endpoint(self) -> None:
        """Asterisk answers a phone that asks for a password only with an endpoint's `outbound_auth`."""
        target = Target("ap0017", "sip:ap0017@198.51.100.7:41234", single=True)
        self.assertEqual(fields(target)[1], ("Endpoint", "ap0017"))
        self.assertEqual(fields(target, shared=frozenset({"ap0017"}))[1][0], "URI")

    def test_an_account_of_several_phones_is_never_told_as_a_whole(self) -> None:
        """All that wait would restart because one was claimed."""
        shared = frozenset({"autoprov"})
        self.assertEqual(
            fields(Target("autoprov", ip="fd00::7"), shared=shared)[1], ("URI", "sip:anonymous@[fd00::7]")
        )
        problem = self.assertRaises(NotResynced, fields, Target("autoprov"), NOTIFY, shared)
        self.assertEqual(problem.reason_id, "resync.shared-account")

    def test_nothing_known(self) -> None:
        """A phone that was never seen."""
        self.assertEqual(self.assertRaises(NotResynced, fields, Target()).reason_id, "resync.no-target")

    def test_a_body(self) -> None:
        """One line each; commas, quotes and backslashes are eaten unless they are escaped."""
        body = b'action=restart\r\nRegisterCallId={}\r\na,"b"\\\r\n'
        said = fields(Target("ap0017"), Notify("service-control", body, "text/plain"))
        self.assertEqual(
            [value for name, value in said if name == "Variable"],
            [
                "Event=service-control",
                "Content-Type=text/plain",
                "Content=action=restart",
                "Content=RegisterCallId={}",
                'Content=a\\,\\"b\\"\\\\',
            ],
        )

    def test_a_contact_that_is_none(self) -> None:
        """It came from outside."""
        self.assertRaises(Invalid, fields, Target("ap0017", "sip:a@b\r\nAction: Originate"))
