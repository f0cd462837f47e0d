"""The words of FreeSWITCH's Event Socket."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid, NotResynced
from provserver.model import Notify
from provserver.pbx.esl import EslDialect, notify_fields
from provserver.pbx.interfaces import Target
from provserver.pbx.session import Fields, Reply

NOTIFY = Notify("check-sync")
NONE: frozenset[str] = frozenset()


def written(target: Target, notify: Notify = NOTIFY) -> str:
    fields = notify_fields(target, notify, NONE, "internal", "pbx.example.org")
    return EslDialect("s3cret").command(1, fields).decode()


class DialectTests(SynchronousTestCase):
    def test_a_login(self) -> None:
        """FreeSWITCH asks for it first."""
        dialect = EslDialect("s3cret")
        (greeting,) = dialect.read(b"Content-Type: auth/request\n\n")
        self.assertEqual(dialect.login(greeting), b"auth s3cret\n\n")
        for block in dialect.read(b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"):
            self.assertEqual(dialect.reply(0, block), Reply(True, "accepted"))
        for block in dialect.read(b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"):
            self.assertEqual(dialect.reply(0, block), Reply(False, "invalid"))

    def test_what_is_no_reply_is_passed_over_with_its_body(self) -> None:
        """A body may look like a reply."""
        dialect = EslDialect("s3cret")
        body = b"Content-Type: command/reply\nReply-Text: +OK\n\n"
        data = b"Content-Length: %d\nContent-Type: text/event-plain\n\n%s\n\n" % (len(body), body)
        blocks: list[Fields] = []
        for at in range(len(data)):
            blocks += dialect.read(data[at : at + 1])
        self.assertEqual([dialect.reply(1, block) for block in blocks], [None, None])

    def test_bad_input(self) -> None:
        """Another server on the port, one that refuses our address, lengths that are none, blocks without end."""
        for data in (b"Content-Type: text/rude-rejection\n\n", b"SSH-2.0-OpenSSH\n\n"):
            dialect = EslDialect("s3cret")
            (block,) = dialect.read(data)
            self.assertRaises(Invalid, dialect.login, block)
        for length in (b"-1", b"x", b"99999999", b"70000"):
            data = b"Content-Type: api/response\nContent-Length: " + length + b"\n\n"
            self.assertRaises(Invalid, EslDialect("s3cret").read, data)
        self.assertRaises(Invalid, EslDialect("s3cret").read, b"x" * 70_000)

    def test_nothing_becomes_a_second_line(self) -> None:
        """A line break would be a second header, an empty line a second command."""
        for value in ("a\nb", "a\rb", "a\0b"):
            self.assertRaises(
                Invalid, EslDialect("s3cret").command, 1, (("sendevent NOTIFY", ""), ("user", value))
            )


class NotifyFieldsTests(SynchronousTestCase):
    def test_an_account(self) -> None:
        """FreeSWITCH knows where it is registered. Without a content type it sends nothing."""
        self.assertEqual(
            written(Target("ap0017")),
            "sendevent NOTIFY\nprofile: internal\nevent-string: check-sync\ncontent-type: text/plain\n"
            "user: ap0017\nhost: pbx.example.org\n\n",
        )

    def test_one_contact_and_where_its_packets_come_from(self) -> None:
        """One of several phones behind one address."""
        said = written(Target("ap0017", "sip:ap0017@192.168.7.31:5060;alias=198.51.100.7~41234~2"))
        self.assertIn("to-uri: sip:ap0017@192.168.7.31:5060\n", said)
        self.assertIn("from-uri: sip:provd@pbx.example.org\n", said)
        self.assertIn(
            "contact-uri: sip:ap0017@192.168.7.31:5060;"
            "fs_path=sip%3A198.51.100.7%3A41234%3Btransport%3Dtcp\n",
            said,
        )
        self.assertNotIn("user:", said)

    def test_only_an_address(self) -> None:
        """A flat LAN."""
        self.assertIn("contact-uri: sip:anonymous@10.0.0.7;fs_path", written(Target(ip="10.0.0.7")))
        self.assertRaises(NotResynced, written, Target())

    def test_a_body(self) -> None:
        """Its length is counted in bytes."""
        said = written(Target("ap0017"), Notify("service-control", "äction\r\n".encode(), "text/x"))
        self.assertTrue(said.endswith("content-length: 9\n\näction\r\n"))
        self.assertIn("content-type: text/x\n", said)
