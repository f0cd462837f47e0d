"""What the answers of a channel say of the phone that calls."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.pbx.agi_calls import calling, mark_in, questions
from provserver.pbx.agi_protocol import Environment
from provserver.pbx.interfaces import Calling

NOWHERE = Networks(())


def asked(answers: tuple[str, ...], proxies: Networks = NOWHERE, kind: str = "PJSIP") -> Calling:
    environment = Environment({"agi_type": kind, "agi_callerid": "ap0017", "agi_calleridname": "unknown"})
    assert len(questions(environment)) == len(answers)
    return calling(environment, answers, "192.0.2.20", proxies)


class CallingTests(SynchronousTestCase):
    def test_pjsip(self) -> None:
        """The address has its port with it; the contact is already rewritten."""
        said = asked(("ap0017", "198.51.100.7:41234", "sip:ap0017@198.51.100.7:41234;line=1da6"))
        self.assertEqual(
            (said.account, said.slot, said.mark, said.ip, said.contact),
            ("ap0017", "ap0017", "", "198.51.100.7", "sip:ap0017@198.51.100.7:41234;line=1da6"),
        )

    def test_a_contact_that_was_not_rewritten_gets_the_address_of_its_packets(self) -> None:
        """Without rewrite_contact it is the private one, where nobody can be told anything."""
        said = asked(("ap0017", "198.51.100.7:41234", "sip:ap0017@192.168.7.31:5060;transport=TCP"))
        self.assertEqual(
            said.contact, "sip:ap0017@192.168.7.31:5060;transport=TCP;alias=198.51.100.7~41234~2"
        )

    def test_a_phone_cannot_name_another_address(self) -> None:
        """What a phone writes into its contact must not send a NOTIFY to somebody else."""
        said = asked(
            ("ap0017", "198.51.100.7:41234", "sip:ap0017@198.51.100.7:41234;alias=203.0.113.1~5060~1")
        )
        self.assertEqual(said.contact, "sip:ap0017@198.51.100.7:41234")
        said = asked(("ap0017", "", "sip:ap0017@198.51.100.7:41234;alias=203.0.113.1~5060~1"))
        self.assertEqual((said.ip, said.contact), ("", "sip:ap0017@198.51.100.7:41234"))

    def test_ipv6(self) -> None:
        """In brackets."""
        said = asked(("ap0017", "[2001:db8::7]:5060", "sip:ap0017@[2001:db8::7]:5060"))
        self.assertEqual((said.ip, said.contact), ("2001:db8::7", "sip:ap0017@[2001:db8::7]:5060"))

    def test_chan_sip(self) -> None:
        """Asterisk up to 20: the port comes apart, and the contact is a header."""
        said = asked(
            ("ap0017", "198.51.100.7", "41234", '"x" <sip:ap0017@192.168.7.31>;expires=60'), kind="SIP"
        )
        self.assertEqual(said.ip, "198.51.100.7")
        self.assertEqual(said.contact, "sip:ap0017@192.168.7.31;alias=198.51.100.7~41234~1")

    def test_behind_a_proxy_the_address_says_nothing(self) -> None:
        """It is the proxy's: a phone must not be found by it."""
        said = asked(("ap0017", "192.0.2.30:5060", "sip:ap0017@192.0.2.30:5060"), Networks(["192.0.2.30/32"]))
        self.assertEqual((said.account, said.ip, said.contact), ("ap0017", "", ""))

    def test_a_channel_that_is_no_sip_phone(self) -> None:
        """A Local or IAX2 channel has a number, and nothing else is asked."""
        self.assertEqual(asked((), kind="IAX2"), Calling(slot="ap0017", pbx="192.0.2.20"))

    def test_answers_that_are_odd_are_no_answers(self) -> None:
        """A claim still goes by its slot."""
        for answers in (
            ("ap0017", "", ""),
            ("ap0017", "nonsense", "nonsense"),
            ("ap0017", "198.51.100.7:x", "tel:+123"),
            ("ap0017", ":", "sip:"),
        ):
            self.assertEqual((asked(answers).ip, asked(answers).contact), ("", ""))


class MarkTests(SynchronousTestCase):
    def test_it_is_the_last_word_of_a_display_name(self) -> None:
        """Words before it may look like one."""
        for name, mark in (
            ("Waiting 4F7K2Q", "4F7K2Q"),
            ("BUREAU 4f7k2q ", "4F7K2Q"),
            ("4F7K2Q", "4F7K2Q"),
            ("Waiting", ""),
            ("4F7K2", ""),
            ("Wait 4F7K2Q!", ""),
            ("O1I0AB", ""),
            ("", ""),
        ):
            self.assertEqual(mark_in(name), mark, name)
