"""Any bytes at all: what reads the network refuses them by name, or not at all, and never breaks."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.errors import Invalid, NotResynced
from provserver.model import Call, Notify
from provserver.pbx import ami, esl
from provserver.pbx.agi_calls import calling
from provserver.pbx.agi_protocol import AgiReader, Environment
from provserver.pbx.config.plan import read_pool
from provserver.pbx.contacts import aliased, contact_at, read_contact, rewritten
from provserver.pbx.interfaces import Target
from provserver.pbx.session import Session
from provserver.pbx.vendor_calls import Telnet, read_call
from provserver.sip.stream import Stream

# Bytes that look like what is expected, in any order.
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from(
            (
                *(
                    b"agi_callerid: ap0017\n",
                    b"\n",
                    b"\r\n",
                    b"\r\n\r\n",
                    b"HANGUP\n",
                    b"200 result=1 (",
                    b")\n",
                ),
                *(
                    b"520-Usage\n",
                    b"Asterisk Call Manager/",
                    b"Response: Success\r\n",
                    b"ActionID: provd-0\r\n",
                ),
                *(
                    b"Content-Type: auth/request\n",
                    b"Content-Length: 3\n",
                    b"Content-Length: 2\r\n",
                    b"\xff\xfa",
                ),
                *(b"SIP/2.0 200 OK\r\n", b"\xff\xfd", b"\xff\xf0"),
            )
        ),
    ),
    max_size=12,
)
TEXT = st.text(
    st.one_of(st.sampled_from("sip:@;=~[].<>\"'%,{}/0123456789abc \r\n\0"), st.characters()), max_size=60
)


class FuzzTests(SynchronousTestCase):
    @given(PIECES)
    @settings(deadline=None)
    def test_readers(self, pieces: list[bytes]) -> None:
        """AGI, both managers, SIP over TCP, Telnet."""
        for reader in (
            AgiReader().fed,
            lambda data: Session(ami.AmiDialect("u", "s"), 0.0).fed(data, 0.0),
            lambda data: Session(esl.EslDialect("s"), 0.0).fed(data, 0.0),
            Stream().fed,
            lambda data: Telnet((b"a",), 0.0).fed(data, 0.0),
        ):
            try:
                for piece in pieces:
                    reader(piece)
                reader(b"".join(pieces))
            except Invalid:
                pass

    @given(TEXT)
    @settings(deadline=None)
    def test_contacts(self, text: str) -> None:
        """What is read can be written and read again; what goes on to a PBX has no line break."""
        for contact in (text, f"sip:{text}", f"sip:a@10.0.0.7;{text}", f"sip:a@10.0.0.7;alias={text}"):
            try:
                read = read_contact(contact)
            except Invalid:
                continue
            self.assertEqual(read_contact(str(aliased(read))), read)
            self.assertEqual(read_contact(str(rewritten(read))).port, read.port)
            for fields in (
                ami.notify_fields(Target("a", contact), Notify("x"), frozenset()),
                esl.notify_fields(Target("a", contact), Notify("x"), frozenset(), "p", "d"),
            ):
                self.assertNotRegex(str(dict(fields)), r"\\r|\\n|\\x00")

    @given(TEXT, TEXT, TEXT)
    @settings(deadline=None)
    def test_what_a_channel_answers(self, account: str, address: str, contact: str) -> None:
        """A claim always gets its slot; a contact that came out of it can be read."""
        environment = Environment(
            {"agi_type": "PJSIP", "agi_callerid": "ap0017", "agi_calleridname": account}
        )
        said = calling(environment, (account, address, contact), "192.0.2.20", Networks(()))
        self.assertEqual(said.slot, "ap0017")
        if said.contact:
            read_contact(said.contact)

    @given(TEXT)
    @settings(deadline=None)
    def test_texts_of_others(self, text: str) -> None:
        """URLs of plugins, lists of slots, addresses."""
        for read in (
            lambda: read_call(Call(text), "10.0.0.7"),
            lambda: read_call(Call(f"http://{{ip}}{text}"), "10.0.0.7"),
            lambda: read_pool(text),
            lambda: contact_at("sip:a@10.0.0.7", text, 5060),
        ):
            try:
                read()
            except (Invalid, NotResynced):
                pass
