"""The test PBX with simulated phones on one side and provd's own AGI server on the other."""

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.errors import NotClaimed
from provserver.pbx.agi import AgiServer
from provserver.pbx.interfaces import Calling, Claimed
from provserver.phone.pbx.switch import Accounts, Switch
from provserver.phone.sip.agent import Manners
from provserver.phone.sip.messages import request
from provserver.phone.sip.socket import SipSocket
from tests.pbx.agi_asterisk import Claims
from tests.phone.sip_net import Client, Net
from tests.phone.sip_pbx import PHONE, Phone, identity, tokens

SIP, AGI = ("127.0.0.20", 5060), ("127.0.0.1", 4573)
PLACE = "127.0.0.20:5060"
ACCOUNTS = Accounts({"ap0017": "s3cret", "ap0018": "s3cret"}, {"anna": "s3cret", "*4": "x"})
NOWHERE = Networks(())
EVENT = {"Event": "check-sync"}


class Case(SynchronousTestCase):
    accounts = ACCOUNTS

    def setUp(self) -> None:
        self.net, self.said = Net(), list[str]()
        self.switch = Switch(self.net, self.accounts, AGI, "*48378", tokens("pbx"), self.said.append)
        self.switch.listen(*SIP)

    def claims(self, outcome: Claimed | Exception) -> Claims:
        made = Claims(outcome)
        self.net.tcp[AGI[1]] = AgiServer(made, Networks(("127.0.0.1/32",)), NOWHERE, self.net)
        return made

    def phone(self, *users: str, port: int = PHONE[1], manners: Manners | None = None) -> Phone:
        """Switch a phone on, with these accounts."""
        made = Phone(self.net, manners or Manners())
        accounts = [identity(user, at, server=PLACE) for at, user in enumerate(users, 1)]
        done = Deferred.fromCoroutine(made.agent.start(accounts, PHONE[0], port))
        self.net.run()
        self.successResultOf(done)
        return made

    def dial(self, phone: Phone, number: str, seconds: float = 2.0) -> None:
        done = Deferred.fromCoroutine(phone.agent.lines[0].dial(number))
        self.net.run(seconds)
        self.successResultOf(done)

    def tearDown(self) -> None:
        done = Deferred.fromCoroutine(self.switch.close())
        self.net.run(40)
        self.successResultOf(done)


class CallTests(Case):
    def test_a_code_is_taken_to_provd(self) -> None:
        """With all that provd finds a phone by; the call is over before the phone is told (pbx-facts section 3)."""
        claims = self.claims(Claimed("d1", "started", "anna"))
        phone = self.phone("ap0017")
        self.dial(phone, "482913")
        ((what, code, calling),) = claims.asked
        self.assertEqual((what, code), ("claim", "482913"))
        self.assertEqual(
            calling,
            Calling(
                call=claims.ended[0],
                account="ap0017",
                slot="ap0017",
                mark="4F7K2Q",
                ip="192.168.7.31",
                contact="sip:ap0017@192.168.7.31:5062;line=1",
                pbx="127.0.0.1",
            ),
        )
        self.assertEqual(self.said[1], "ap0017 dialled 482913: ok; it hears auth-thankyou")
        self.assertIn("the other side has hung up", phone.told[-1])

    def test_a_refusal_is_spoken(self) -> None:
        """And one of provd that is not there: then the dialplan goes on without it."""
        phone = self.phone("ap0017")
        self.dial(phone, "482913")
        self.assertIn("provd was not reached; it hears pbx-invalid", self.said[-1])
        self.claims(NotClaimed("code.unknown", "no such code"))
        self.dial(phone, "482913")
        self.assertIn("refused code.unknown; it hears pbx-invalid", self.said[-1])

    def test_a_phone_is_given_back(self) -> None:
        """A user dials the reset code with the PIN, which is nobody else's to read."""
        claims = self.claims(Claimed("d1", "started"))
        self.dial(self.phone("anna"), "*483782580")
        self.assertEqual([(what, pin) for what, pin, _ in claims.asked], [("reset", "2580")])
        self.assertIn("anna dialled *48378 and a PIN: ok", self.said[-1])

    def test_numbers_that_there_are_not(self) -> None:
        """A waiting phone has its code and nothing else, a user the reset code alone."""
        waiting, user = self.phone("ap0017"), self.phone("anna", port=5063)
        for phone, numbers in (
            (waiting, ("1", "4829131", "*483782580", "112")),
            (user, ("482913", "*483", "*48378#")),
        ):
            for number in numbers:
                self.dial(phone, number)
                self.assertIn(f"{number}: 404 Not Found", phone.told[-1])

    def test_a_phone_that_does_not_hang_up(self) -> None:
        """The call ends for provd all the same."""
        claims = self.claims(Claimed("d1", "started"))
        phone = self.phone("ap0017")
        self.net.lost = lambda data: data.startswith(b"BYE")
        done = Deferred.fromCoroutine(phone.agent.lines[0].dial("482913"))
        self.net.run(60)
        self.assertEqual(len(claims.ended), 1)
        self.assertIn("ap0017 does not hang up: no answer", self.said)
        self.net.lost = lambda data: False
        self.net.run(5)
        self.successResultOf(done)

    def test_a_phone_that_hangs_up_first(self) -> None:
        """It is told so."""
        Deferred.fromCoroutine(self.phone("ap0017").agent.lines[0].dial("482913"))
        asking = SipSocket(self.net, tokens("x"), lambda asked, source: None)
        asking.listen(self.net, "192.168.7.40", 5060)
        bye = asking.ask(request("BYE", "sip:x", "<sip:a@x>;tag=1", "<sip:a@x>;tag=2", "c", 1), SIP)
        self.net.run()
        self.assertEqual(self.successResultOf(bye).status, 200)

    def test_a_call_of_a_phone_that_is_not_registered(self) -> None:
        """Its own words are all that is known of it."""
        claims = self.claims(Claimed("d1", "started"))
        phone = self.phone("ap0017")
        gone = Deferred.fromCoroutine(phone.agent.lines[0].unregister(everybody=False))
        self.net.run()
        self.successResultOf(gone)
        self.dial(phone, "482913")
        self.assertEqual(claims.asked[0][2].contact, "sip:ap0017@192.168.7.31:5062;line=1")


class RegisterTests(Case):
    def test_who_registers_and_goes(self) -> None:
        """It is told once, not at each refresh; a wrong password or another one's account is refused."""
        phone = self.phone("ap0017")
        self.net.run(300)
        self.assertEqual(self.said, ["ap0017 is registered from 192.168.7.31:5062"])
        done = Deferred.fromCoroutine(phone.agent.stop())
        self.net.run()
        self.successResultOf(done)
        self.assertEqual(self.said[-1], "ap0017 is no longer registered from 192.168.7.31:5062")
        self.assertIn("401 Unauthorized", self.phone("nobody").told[0])
        me = identity("ap0017", server=PLACE)
        thief = me.__class__(1, identity("anna", server=PLACE).party, me.login, PLACE, 300)
        other = Phone(self.net)
        Deferred.fromCoroutine(other.agent.start([thief], PHONE[0], 5070))
        self.net.run()
        self.assertIn("403 Forbidden", other.told[0])

    def test_a_contact_that_is_none(self) -> None:
        """Asked in person: it is a bad request, and nothing else is asked of this PBX."""
        asking = SipSocket(self.net, tokens("x"), lambda asked, source: None)
        asking.listen(self.net, "192.168.7.40", 5060)
        login = identity("ap0017").login
        for method, status in (("REGISTER", 400), ("OPTIONS", 405)):
            asked = request(
                method, "sip:x", "<sip:ap0017@x>;tag=1", "<sip:ap0017@x>", "c", 1, ("Contact", "tel:1")
            )
            done = Deferred.fromCoroutine(asking.ask_with(login, asked, SIP))
            self.net.run()
            self.assertEqual(self.successResultOf(done).status, status)


class NotifyTests(Case):
    def test_one_contact_is_told(self) -> None:
        """By its URI, with the phone's own parameter: another account of it, and other phones, are not."""
        phones = self.phone("anna"), self.phone("anna", port=5063)
        self.switch.notify_uri("sip:anna@192.168.7.31:5063;line=1", EVENT, "")
        self.net.run()
        self.assertEqual([len(phone.told) for phone in phones], [1, 2])
        self.assertIn("check-sync from 127.0.0.20:5060: 200, restarts", phones[1].told[1])
        self.assertEqual(self.said[-1], "NOTIFY check-sync to sip:anna@192.168.7.31:5063;line=1: 200 OK")

    def test_an_endpoint_is_all_its_contacts(self) -> None:
        """Right for a slot, wrong for an account that several phones have (pbx-facts section 4.3)."""
        phones = self.phone("anna"), self.phone("anna", port=5063)
        self.switch.notify_endpoint("anna", EVENT, "")
        self.net.run()
        self.assertEqual([len(phone.told) for phone in phones], [2, 2])
        self.assertTrue(self.switch.knows("anna"))
        self.assertFalse(self.switch.knows("nobody"))

    def test_a_strict_phone_is_told_by_its_endpoint_alone(self) -> None:
        """Asterisk has the account's password for the endpoint, and none for a URI."""
        self.phone("ap0017", manners=Manners(strict=True))
        self.switch.notify_uri("sip:ap0017@192.168.7.31:5062;line=1", EVENT, "")
        self.net.run()
        self.assertTrue(self.said[-1].endswith(": 401 Unauthorized"))
        self.switch.notify_endpoint("ap0017", EVENT, "")
        self.net.run()
        self.assertTrue(self.said[-1].endswith(": 200 OK"))

    def test_nobody_hears_it(self) -> None:
        """No URI, a dead contact, words that cannot be written: the Manager has said `sent` to each."""
        self.switch.notify_uri("nonsense", EVENT, "")
        self.switch.notify_uri("sip:ap0017@192.168.7.99", EVENT, "")
        self.switch.notify_uri("sip:ap0017@192.168.7.99", {"Event": "a\nb"}, "")
        self.net.run(33)
        self.assertEqual(self.said[0], "NOTIFY to nonsense: no URI, so that nothing is sent")
        self.assertIn("to sip:ap0017@192.168.7.99: no answer", self.said[2])
        self.assertIn("not a header", self.said[1])

    def test_a_bug_is_told(self) -> None:
        """And not dropped."""

        async def bug() -> None:
            raise ZeroDivisionError

        self.switch._begin(bug)
        self.net.run()
        self.assertIn("a bug of this PBX: Traceback", self.said[0])


class SharedTests(Case):
    accounts = Accounts({"autoprov": "s3cret"}, {}, shared=True)

    def test_one_account_for_all(self) -> None:
        """Each REGISTER is answered with everybody; one phone of bad manners takes all off."""
        first = self.phone("autoprov")
        second = self.phone("autoprov", port=5063, manners=Manners(everybody=True))
        self.assertIn("one of 2 phones there", second.told[0])
        done = Deferred.fromCoroutine(second.agent.stop())
        self.net.run()
        self.successResultOf(done)
        self.assertIn("no longer registered from 192.168.7.31:5062", self.said[-2])
        self.assertEqual(len(first.told), 1)


class ScriptTests(Case):
    def test_a_script_that_asks_odd_things(self) -> None:
        """A variable that there is not is empty, a command that there is not is refused."""
        server = Client()
        self.net.tcp[AGI[1]] = Factory.forProtocol(lambda: server)
        phone = self.phone("ap0017")
        Deferred.fromCoroutine(phone.agent.lines[0].dial("482913"))
        self.net.run()
        self.assertIn(b"agi_network_script: provision\n", server.heard)
        self.assertIn(b"agi_arg_1: 482913\n\n", server.heard)
        server.heard = b""
        server.transport.write(b'GET FULL VARIABLE "${X}"\nANSWER\nSET VARIABLE PROVD_REASON "a \\"b\\""\n')
        self.net.run()
        self.assertEqual(server.heard, b"200 result=1 ()\n510 Invalid or unknown command\n200 result=1\n")
        self.net.tcp.clear()
        server.transport.loseConnection()
        self.net.run()
        self.assertIn('provd was not reached a "b"', self.said[-1])
