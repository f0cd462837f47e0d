"""A phone registers, stays registered, and goes."""

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.sip.agent import Manners
from provserver.phone.sip.line import Identity, identity
from provserver.phone.values import Account, Credentials, Unreachable
from tests.phone import sip_pbx
from tests.phone.sip_pbx import PHONE, Phone, PhoneCase

ACCOUNT = Account(1, True, "Anna", "Anna", "anna", "192.0.2.20:5060", "udp", True)


class RegisterTests(PhoneCase):
    def test_a_phone_registers_with_its_password(self) -> None:
        """With the contact at which it can be told, its display name, and the time that its file says."""
        self.assertTrue(self.start(sip_pbx.identity()))
        first, second = self.registrar.asked
        self.assertEqual((first.uri, first.first("Expires")), ("sip:192.0.2.20", "300"))
        self.assertEqual(first.first("Contact"), "<sip:ap0017@192.168.7.31:5062;line=1>")
        self.assertTrue(first.first("From").startswith('"Waiting 4F7K2Q" <sip:ap0017@192.0.2.20>;tag='))
        self.assertIn('username="ap0017"', second.first("Authorization"))
        self.assertEqual(second.first("Call-ID"), first.first("Call-ID"))
        self.assertEqual(self.phone.told, ["account 1 (ap0017): registered at 192.0.2.20:5060 for 120 s"])
        self.stop()

    def test_it_registers_again_before_it_ends(self) -> None:
        """At half of the time that was granted, in the same call and with a higher number; nothing new is told."""
        self.start(sip_pbx.identity())
        self.net.run(60)
        self.assertEqual(self.registrar.methods(), ["REGISTER"] * 4)
        numbers = [asked.cseq[0] for asked in self.registrar.asked]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(len(self.phone.told), 1)
        self.stop()

    def test_when_it_goes_it_unregisters(self) -> None:
        """Its own contact; a phone that is told to, everybody's; then nothing more is sent."""
        for everybody, contact in ((False, "<sip:ap0017@192.168.7.31:5062;line=1>"), (True, "*")):
            self.setUp()
            self.phone = Phone(self.net, Manners(everybody=everybody))
            self.start(sip_pbx.identity())
            self.stop()
            last = self.registrar.asked[-1]
            self.assertEqual((last.first("Contact"), last.first("Expires")), (contact, "0"))
            self.assertIn("unregistered all" if everybody else "unregistered: 200", self.phone.told[-1])

    def test_several_accounts_at_one_port(self) -> None:
        """A base: each account has its own contact; one that is refused does not hold the others up."""
        wrong = sip_pbx.identity("ap0019", 3, server="nobody.example:5061")
        went = self.start(sip_pbx.identity(), sip_pbx.identity("ap0018", 2), wrong, after_s=33)
        self.assertFalse(went)
        contacts = {asked.first("Contact") for asked in self.registrar.asked}
        self.assertEqual(
            contacts,
            {f"<sip:ap00{17 + at}@192.168.7.31:5062;line={1 + at}>" for at in range(2)},
        )
        self.assertEqual([line.registered for line in self.phone.agent.lines], [True, True, False])
        self.stop()

    def test_others_on_the_same_account_are_told(self) -> None:
        """The shared account: the answer lists them all (pbx-facts section 2.1)."""
        all_of_them = (
            ("Contact", "<sip:a@192.0.2.1:1>;expires=9, <sip:a@192.0.2.2:2>;expires=9"),
            ("Expires", "50"),
        )
        self.registrar.says["REGISTER"] = (202, all_of_them)
        self.start(sip_pbx.identity())
        self.assertTrue(self.phone.told[0].endswith("for 50 s, one of 2 phones there"))
        self.stop()

    def test_a_refusal_is_told_and_tried_again(self) -> None:
        """After half a minute; it may be another one's turn by then."""
        self.registrar.says["REGISTER"] = (403, ())
        self.assertFalse(self.start(sip_pbx.identity()))
        self.assertIn("not registered at 192.0.2.20:5060: 403 So; again in 30 s", self.phone.told[0])
        del self.registrar.says["REGISTER"]
        self.net.run(31)
        self.assertIn("registered at", self.phone.told[1])
        self.registrar.says["REGISTER"] = None
        self.stop()
        self.assertIn("not unregistered: no answer", self.phone.told[2])

    def test_nobody_answers(self) -> None:
        """All packets are lost: it is told after 32 s, and the phone that goes says nothing to nobody."""
        self.net.lost = lambda data: True
        self.assertFalse(self.start(sip_pbx.identity(), after_s=33))
        self.assertIn("no answer", self.phone.told[0])
        self.net.lost = lambda data: False
        self.stop()
        self.assertEqual(self.registrar.asked, [])

    def test_a_lost_packet_is_made_up_for(self) -> None:
        """In either direction: the registrar answers a repeated request as before."""
        losses = iter([True, False, True])
        self.net.lost = lambda data: next(losses, False)
        self.assertTrue(self.start(sip_pbx.identity(), after_s=3))
        self.assertEqual(len(self.registrar.asked), 2)
        self.stop()

    def test_it_goes_while_it_registers(self) -> None:
        """Whoever waits hears that it is off, and no timer is left."""
        self.registrar.says["REGISTER"] = None
        starting = Deferred.fromCoroutine(self.phone.agent.start([sip_pbx.identity()], *PHONE))
        self.net.run(1)
        self.stop()
        self.assertFalse(self.successResultOf(starting))

    def test_a_phone_that_is_off_asks_nothing(self) -> None:
        """Whoever has it dial hears why."""
        self.start(sip_pbx.identity())
        self.stop()
        self.successResultOf(Deferred.fromCoroutine(self.phone.agent.lines[0].dial("1")))
        self.assertEqual(self.phone.told[-1], "account 1 (ap0017): 1: the phone is off")

    def test_a_name_that_cannot_be_written(self) -> None:
        """It is told like any refusal."""
        me = sip_pbx.identity()
        bad = Identity(1, me.party.__class__("a", "192.0.2.20", "x\r\ny"), me.login, me.next_hop, 300)
        self.assertFalse(self.start(bad))
        self.assertIn("not registered at 192.0.2.20: not a header", self.phone.told[0])
        self.stop()


class PlaceTests(PhoneCase):
    def test_names_are_looked_up(self) -> None:
        """The registrar may be a name; without a port it is the usual one."""
        self.net.udp.clear()
        self.start(sip_pbx.identity(server="pbx.example"), after_s=33)
        self.assertEqual({to for _, to, _ in self.net.heard}, {("127.0.0.20", 5060)})

    def test_a_name_that_there_is_not(self) -> None:
        """One line says which."""
        done = Deferred.fromCoroutine(
            self.phone.agent.start([sip_pbx.identity(server="nowhere:5061")], *PHONE)
        )
        problem = self.failureResultOf(done, Unreachable).value
        self.assertIn("no such registrar or proxy: nowhere:5061", str(problem))

    def test_a_port_that_another_has(self) -> None:
        """Two phones at one address need two ports."""
        self.start()
        done = Deferred.fromCoroutine(Phone(self.net).agent.start([], *PHONE))
        problem = self.failureResultOf(done, Unreachable).value
        self.assertIn("cannot speak SIP from 192.168.7.31 port 5062: in use", str(problem))

    def test_a_contact_over_ipv6(self) -> None:
        """Brackets stand in a URI."""
        Deferred.fromCoroutine(self.phone.agent.start([sip_pbx.identity()], "2001:db8::7", 0))
        (line,) = self.phone.agent.lines
        self.assertEqual(str(line.contact), "sip:ap0017@[2001:db8::7]:40001;line=1")


class IdentityTests(SynchronousTestCase):
    def test_where_a_file_says_little(self) -> None:
        """The account's own user and server, and an hour."""
        made = identity(ACCOUNT, Credentials("", "pw"))
        self.assertEqual((made.login.user, made.next_hop, made.expires_s), ("anna", "192.0.2.20:5060", 3600))
        self.assertEqual(made.party.registrar, "192.0.2.20:5060")

    def test_where_it_says_all(self) -> None:
        """Domain, outbound proxy, digest user and time are all four different things."""
        made = identity(ACCOUNT, Credentials("a1", "pw", "example.com", "192.0.2.9:5090", "60"))
        self.assertEqual(
            (made.login.user, made.party.registrar, made.next_hop, made.expires_s),
            ("a1", "example.com", "192.0.2.9:5090", 60),
        )

    def test_accounts_that_cannot_register(self) -> None:
        """TLS is not played, and a file may hold no server, or none that is one."""
        for account in (
            evolve(ACCOUNT, transport="tls"),
            evolve(ACCOUNT, server=""),
            evolve(ACCOUNT, user_name=""),
            evolve(ACCOUNT, server="a b"),
        ):
            self.assertRaises(Invalid, identity, account, Credentials("a", "pw"))
        self.assertRaises(Invalid, identity, ACCOUNT, Credentials("a", "pw", outbound="x:99999"))
