"""Enumeration: who goes through MACs or keys is slowed down, then gets nothing, right guesses least of all."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.pending import PendingDevices
from provserver.core.reception import Reception, Slowing
from provserver.core.sources import Bounds, Sources
from provserver.model import Answer, Device, Presence, Tenant
from tests.fakes.office import KEY, MAC, Office, own_config

ATTACKER = "203.0.113.9"
FILE = "00aced000001.cfg"


def path_of(number: int) -> str:
    return f"00aced{number:06x}.cfg"


class EnumerationCase(SynchronousTestCase):
    def setUp(self) -> None:
        bounds = Bounds(slowed=5, refused=10)
        self.reception = Reception(
            Sources(local=bounds, elsewhere=bounds, refused_s=600), PendingDevices(), Slowing(by_s=2, most=3)
        )
        self.office = Office(reception=self.reception)
        self.office.put(
            Tenant("master", name="master", key=KEY),
            Device("d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master"),
            own_config("c1"),
        )

    def guess(self, path: str, ip: str = ATTACKER, **fields: str) -> Deferred[Answer]:
        return self.office.asked(**{"path": path, "ip": ip, "user_agent": "", **fields})

    def guess_many(self, count: int, ip: str = ATTACKER, prefix: str = "") -> None:
        for number in range(0x100, 0x100 + count):
            self.guess(prefix.format(number) + path_of(number), ip)
            self.office.clock.advance(3)

    def outcome(self, asked: Deferred[Answer]) -> tuple[str, str]:
        self.office.clock.advance(2)
        answer = self.successResultOf(asked)
        return answer.outcome, answer.steps[-1].reason_id


class MacGuessingTests(EnumerationCase):
    def test_it_is_slowed_down_before_it_is_refused(self) -> None:
        """Each guess that failed takes two seconds then."""
        self.guess_many(5)
        asked = self.guess(path_of(1))
        self.assertNoResult(asked)
        self.office.clock.advance(2)
        self.assertEqual(self.successResultOf(asked).outcome, "nothing")

    def test_only_so_many_answers_are_held_back(self) -> None:
        """The others are told to come again: guessing must not fill the memory."""
        self.guess_many(5)
        asked = [self.guess(path_of(0x200)) for _ in range(5)]
        for held in asked[:3]:
            self.assertNoResult(held)
        for busy in asked[3:]:
            self.assertEqual(self.successResultOf(busy).outcome, "busy")
        self.assertEqual(self.reception.limits.values["slowed_answers",], 2)
        self.office.clock.advance(2)
        self.assertEqual(self.reception.held, 0)
        self.assertEqual([self.successResultOf(held).outcome for held in asked[:3]], ["nothing"] * 3)
        self.assertEqual(self.office.clock.getDelayedCalls(), [])

    def test_a_guess_that_is_right_gets_nothing_in_the_end(self) -> None:
        """Even where the policy asks for no proof: otherwise it would only take longer."""
        self.office = Office(burst=3, reception=self.reception)
        self.office.put(Device("d1", mac=MAC, vendor="Acme", model="A60", config="c1"), own_config("c1"))
        for number in range(0x100, 0x120):
            self.guess(path_of(number), "10.0.0.99")
        self.office.clock.advance(2)
        self.assertEqual(self.outcome(self.guess(FILE, "10.0.0.99")), ("nothing", "access.source-refused"))
        self.assertEqual(self.outcome(self.guess(FILE, "10.0.0.7"))[0], "file")

    def test_refused_unknown_and_known_have_one_face(self) -> None:
        """It does not even learn that it is refused."""
        first = self.successResultOf(self.guess(path_of(0x900)))
        self.guess_many(12)
        for path in (FILE, path_of(0x901), "common.cfg"):
            answer = self.guess(path)
            self.office.clock.advance(2)
            refused = self.successResultOf(answer)
            self.assertEqual(
                (refused.outcome, refused.file, refused.retry_s), (first.outcome, first.file, first.retry_s)
            )

    def test_explain_says_so(self) -> None:
        """The administrator must find out why a phone gets nothing, and explaining counts nothing."""
        self.guess_many(12)
        before = self.reception.sources.listed(self.office.clock.seconds())
        sighting = self.office.sighting(path=f"{KEY}/{FILE}", ip=ATTACKER)
        steps = self.office.provisioner.explain(sighting).steps
        self.assertEqual(steps[-1].reason_id, "access.source-refused")
        self.assertEqual(self.reception.sources.listed(self.office.clock.seconds()), before)

    def test_it_ends(self) -> None:
        """Addresses are given to others."""
        self.guess_many(12)
        self.office.clock.advance(600)
        self.assertEqual(self.outcome(self.guess(f"{KEY}/{FILE}"))[0], "file")

    def test_a_phone_that_is_proven_to_be_there_is_served_all_the_same(self) -> None:
        """Its DHCP server said so, which nobody can guess; and it ends the refusal."""
        self.office.put(Presence("d1", ip=ATTACKER, proven_ip=ATTACKER))
        self.guess_many(12)
        self.assertEqual(self.outcome(self.guess(f"{KEY}/{FILE}"))[0], "file")
        states = {source.state for source in self.reception.sources.listed(self.office.clock.seconds())}
        self.assertNotIn("refused", states)

    def test_leases_are_never_refused(self) -> None:
        """They come from the DHCP server, whatever the phone at the address did."""
        self.guess_many(12, "10.0.0.99")
        self.guess_many(12)
        answer = self.office.answer(protocol="dhcp", ip=ATTACKER, mac=MAC, user_agent="")
        self.assertEqual((answer.outcome, answer.device), ("noted", "d1"))


class KeyGuessingTests(EnumerationCase):
    def test_a_right_key_after_many_wrong_ones_opens_nothing(self) -> None:
        """The MAC stands on the phone's box, so keys are what is guessed."""
        for number in range(12):
            self.guess(f"guess-{number}/{FILE}")
            self.office.clock.advance(3)
        self.assertEqual(self.outcome(self.guess(f"{KEY}/{FILE}")), ("nothing", "access.source-refused"))

    def test_one_wrong_key_is_one(self) -> None:
        """A phone with the key of last year asks for ever, and is no attack."""
        for _ in range(100):
            self.assertEqual(self.outcome(self.guess(f"old-key/{FILE}"))[0], "nothing")
        (source,) = self.reception.sources.listed(self.office.clock.seconds())
        self.assertEqual((source.state, source.phones, source.requests), ("watched", 1, 100))


class ForgedAddressTests(EnumerationCase):
    def test_tftp_in_somebodys_name_does_not_lock_it_out_of_http(self) -> None:
        """UDP proves no address. Nor has fail2ban anything to ban."""
        for number in range(20):
            self.guess(path_of(number), protocol="tftp")
            self.office.clock.advance(3)
        self.assertEqual(self.outcome(self.guess(f"{KEY}/{FILE}"))[0], "file")
