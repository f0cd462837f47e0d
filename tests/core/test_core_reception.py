"""reception: which answers are held against a source, and what is told."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core import reception
from provserver.core.access import Access
from provserver.core.chain import Before, Decision
from provserver.core.learn import Learnt, discover
from provserver.core.pending import PendingDevices
from provserver.core.reception import Line, Reception, in_vain, is_proven
from provserver.core.sources import Bounds, Sources
from provserver.model import Answer, Facts, File, Outcome, Proof, Sighting, Step

MAC = "00:ac:ed:00:00:01"
IP = "203.0.113.9"
PHONE = Facts(mac=MAC)
SIGHTING = Sighting("http", 1000.0, IP, "http://provd", "00aced000001.cfg")
FILE = File("00aced000001.cfg", "text/plain", "etag", 1, 0.0, b"x")
NEW = discover(Facts(mac=MAC), "d1", "master", None, None)
ALL = Access("all", Proof.NONE, Step("access", "access.all"))
KEYED = evolve(ALL, proof=Proof.KEY)
OPEN = evolve(ALL, level="open")


def decision(
    outcome: Outcome,
    granted: Access | None = None,
    before: Before = "unknown",
    reason_id: str = "access.refused",
    learnt: Learnt | None = None,
    pending: Learnt | None = None,
    facts: Facts = PHONE,
    sighting: Sighting = SIGHTING,
) -> Decision:
    values = (FILE.name, "device") if reason_id == "find.found" else (IP,)
    answer = Answer(outcome, (Step("x", reason_id, values),), file=FILE if outcome == "file" else None)
    return Decision(answer, sighting, False, learnt, (), pending, facts, granted, before)


class InVainTests(SynchronousTestCase):
    def test_what_counts(self) -> None:
        """Phones that nobody knows or that prove too little, and what stands where a key would."""
        folder = evolve(SIGHTING, path="guess/00aced000001.cfg")
        for named, counted in (
            (decision("nothing"), (MAC,)),
            (decision("nothing", sighting=folder), (MAC, "key guess")),
            (decision("nothing", sighting=evolve(folder, key="right")), (MAC,)),
            (decision("nothing", facts=Facts(serial="S1")), ("S1",)),
            (decision("nothing", facts=Facts()), ()),
            (decision("nothing", OPEN, "settled"), (MAC,)),
            (decision("nothing", ALL), (MAC,)),
            (decision("nothing", ALL, "waiting"), ()),
            (decision("nothing", KEYED), ()),
            (decision("file", ALL), ()),
            (decision("busy", ALL, reason_id="learn.too-many-new"), (MAC,)),
            (decision("busy", KEYED, reason_id="learn.too-many-new"), ()),
            (decision("busy", ALL, reason_id="learn.too-many-waiting"), ()),
            (decision("challenge"), ()),
            (decision("challenge", sighting=evolve(SIGHTING, authorization="Digest x")), (MAC,)),
            (decision("nothing", sighting=evolve(SIGHTING, protocol="dhcp")), ()),
        ):
            self.assertEqual(in_vain(named), counted, named)

    def test_who_speaks_for_its_source(self) -> None:
        """A phone that was known, with the proof that is asked; where none is, one that has a user."""
        for served, speaks in (
            (decision("file", ALL, "settled"), True),
            (decision("noted", ALL, "settled"), True),
            (decision("file", KEYED, "waiting"), True),
            (decision("file", ALL, "waiting"), False),
            (decision("file", KEYED, "unknown"), False),
            (decision("file", OPEN, "settled"), False),
            (decision("nothing", ALL, "settled"), False),
            (decision("file", None, "settled"), False),
            (decision("file", ALL, "settled", sighting=evolve(SIGHTING, protocol="dhcp")), False),
        ):
            self.assertEqual(is_proven(served), speaks, served)


class DecidedTests(SynchronousTestCase):
    def setUp(self) -> None:
        sources = Sources(elsewhere=Bounds(slowed=3, refused=5))
        self.reception = Reception(sources, PendingDevices())

    def guess(self, number: int, **fields: object) -> tuple[Line, ...]:
        mac = f"00:ac:{number:02x}:00:00:01"
        sighting = evolve(SIGHTING, **fields)  # type: ignore[arg-type]  # names of its fields
        return self.reception.decided(decision("nothing", facts=Facts(mac=mac), sighting=sighting))

    def texts(self, lines: tuple[Line, ...]) -> list[str]:
        return [line.text.format(ip=line.ip, value=line.value) for line in lines]

    def test_a_guess_is_told_once_and_a_turn_once(self) -> None:
        """In the form that fail2ban's filters know, with the address that they read."""
        self.assertEqual(
            self.texts(self.guess(1)), [f"Sensitive file requested from {IP}: 00:ac:01:00:00:01"]
        )
        self.assertEqual(self.guess(1), ())
        self.guess(2)
        self.assertEqual(
            self.texts(self.guess(3)),
            [
                f"slowed down: {IP} asked for too many unknown phones (http)",
                f"Sensitive file requested from {IP}: 00:ac:03:00:00:01",
            ],
        )
        self.assertTrue(self.reception.slows(decision("nothing")))
        self.assertFalse(self.reception.slows(decision("file", ALL, "settled")))
        self.guess(4)
        self.assertIn(
            f"refused for a while: {IP} asked for too many unknown phones (http)", self.texts(self.guess(5))
        )
        self.assertEqual(self.guess(6), ())
        self.assertEqual(
            self.reception.limits.values,
            {("unknown_phones_slowed_elsewhere",): 1, ("unknown_phones_refused_elsewhere",): 1},
        )
        self.assertEqual(self.reception.requests.values, {("http", "nothing"): 7})

    def test_a_known_phone_keeps_its_source_open(self) -> None:
        """Whoever guesses behind the same NAT."""
        self.assertEqual(self.reception.decided(decision("file", KEYED, "settled")), ())
        for number in range(20):
            self.guess(number)
        self.assertEqual(self.reception.sources.tally(1000.0), {"watched": 1, "slowed": 0, "refused": 0})

    def test_a_guessed_key_is_never_written_down(self) -> None:
        """It may be the right one but for a letter."""
        sighting = evolve(SIGHTING, path="almost-the-key/x.cfg")
        lines = self.reception.decided(decision("nothing", facts=Facts(), sighting=sighting))
        self.assertEqual(self.texts(lines), [f"Sensitive file requested from {IP}: -"])

    def test_lines_that_fail2ban_reads_are_bounded(self) -> None:
        """A million addresses must not fill the disk."""
        self.patch(reception, "_MOST_SUSPICIONS", 3)
        self.reception = Reception(Sources(), PendingDevices())
        told = [self.guess(number, ip=f"203.0.113.{number}") for number in range(9)]
        self.assertEqual([len(lines) for lines in told], [1, 1, 1, 0, 0, 0, 0, 0, 0])
        self.assertEqual(len(self.guess(9, at=1080.0)), 1)

    def test_what_may_be_forged_has_nobody_banned(self) -> None:
        """A TFTP packet with the office's address would ban the office."""
        self.assertEqual(self.guess(1, protocol="tftp"), ())

    def test_a_new_phone_that_gets_a_file_of_its_own_is_told(self) -> None:
        """As the reference does: somebody may have invented it."""
        made = decision("file", ALL, reason_id="find.found", learnt=NEW)
        self.assertEqual(
            self.texts(self.reception.decided(made)), [f"Sensitive file requested from {IP}: {FILE.name}"]
        )
        odd = evolve(made, answer=evolve(made.answer, file=evolve(FILE, name="a\nb")))
        self.assertEqual(self.texts(self.reception.decided(odd)), [f"Sensitive file requested from {IP}: -"])
        self.assertEqual(self.reception.decided(decision("file", ALL, learnt=NEW)), ())
        self.assertEqual(self.reception.made, 3)

    def test_a_phone_beyond_the_limits_is_kept_until_it_is_a_device(self) -> None:
        """Told once a minute and source, counted each time."""
        beyond = decision("busy", KEYED, reason_id="learn.too-many-new", pending=NEW)
        (line,) = self.reception.decided(beyond)
        self.assertEqual(
            line.text.format(ip=line.ip, value=line.value),
            f"no new device from {IP}: too many new devices came from {IP}; it must wait",
        )
        self.assertEqual(self.reception.decided(beyond), ())
        waiting = decision("busy", KEYED, reason_id="learn.too-many-waiting", pending=NEW)
        self.assertEqual(self.reception.decided(waiting), ())
        self.assertEqual(
            self.reception.limits.values, {("new_devices_elsewhere",): 2, ("waiting_devices",): 1}
        )
        self.assertEqual(len(self.reception.pending), 1)
        self.reception.decided(decision("file", KEYED, learnt=NEW))
        self.assertEqual(len(self.reception.pending), 0)
