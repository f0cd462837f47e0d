"""access: how a phone gets a token of its own, uses it, and gets another one."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access.pairing import new_token
from provserver.core.access.policy import Policy
from provserver.errors import NotFound
from provserver.model import Answer, Commit, Delete, Device, Pairing, Presence, Proof, Put
from tests.fakes.office import MAC, Office
from tests.security.outside import ANNAS_KEY, DESK, FILE, HOME, OTHER, TOKEN, Outside

TOKENS = Policy(local=Proof.TOKEN, elsewhere=Proof.TOKEN)
AT_HOME = Policy(local=Proof.NONE, elsewhere=Proof.TOKEN)


def reasons(answer: Answer) -> list[str]:
    return [step.reason_id for step in answer.steps]


def body(answer: Answer) -> bytes:
    assert answer.file and answer.file.body, reasons(answer)
    return answer.file.body


class MadeTests(SynchronousTestCase):
    def test_a_device_that_a_lease_makes_gets_a_token_and_an_open_window(self) -> None:
        """In the same commit: there is no moment without it."""
        office = Office(policy=TOKENS)
        lease = office.answer(protocol="dhcp", mac=MAC, user_agent="")
        pairing = office.store.get(Pairing, lease.device or "")
        self.assertEqual(pairing.open_until, office.clock.seconds() + 3_600)
        self.assertGreaterEqual(len(pairing.token) * 4, 128)
        self.assertIn("learn.pairing", reasons(lease))
        self.assertEqual(pairing.rev, office.store.get(Device, pairing.id).rev)

    def test_where_no_policy_asks_for_it_there_is_none(self) -> None:
        """Nobody keeps secrets that nobody needs."""
        for policy in (Policy(), Policy(Proof.CERTIFICATE, None)):
            office = Office(policy=policy)
            lease = office.answer(protocol="dhcp", mac=MAC, user_agent="")
            self.assertRaises(NotFound, office.store.get, Pairing, lease.device)

    def test_a_request_opens_no_window(self) -> None:
        """A stranger on the network could be the first to name a phone that is still in its box."""
        office = Office(policy=AT_HOME)
        answer = office.answer(path=FILE)
        self.assertEqual(answer.outcome, "file")
        self.assertRaises(NotFound, office.store.get, Pairing, answer.device)

    def test_tokens_differ(self) -> None:
        """They are made of ids, which are random."""
        ids = iter(f"{number:032x}" for number in range(1, 9))
        tokens = {new_token(lambda: next(ids)) for _ in range(4)}
        self.assertEqual({len(token) for token in tokens}, {40})
        self.assertEqual(len(tokens), 4)

    def test_it_goes_with_its_device(self) -> None:
        """A device that is made anew starts anew."""
        office = Outside(TOKENS, TOKEN)
        done = office.provisioner.change(Commit((Delete(Device, "d1"),), "test", "test"))
        self.successResultOf(done)
        self.assertRaises(NotFound, office.store.get, Pairing, "d1")


class WindowTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Outside(TOKENS, TOKEN)
        self.until = self.office.clock.seconds() + 600
        self.office.put(Pairing("d1", token=TOKEN, open_until=self.until))

    def test_a_phone_whose_address_a_lease_proves_is_told_it(self) -> None:
        """In the URL of its own file, in place of the key."""
        self.office.lease()
        answer = self.office.answer(path=FILE)
        self.assertIn("access.pairing", reasons(answer))
        self.assertIn(f"url = http://10.0.0.1:8667/{TOKEN}\n".encode(), body(answer))
        self.assertNotIn(ANNAS_KEY.encode(), body(answer))

    def test_one_far_away_is_told_it_with_its_tenants_key(self) -> None:
        """The provider's case: the key is in the redirection service of the phone's maker."""
        answer = self.office.answer(path=f"{ANNAS_KEY}/{FILE}", ip=HOME)
        self.assertIn(TOKEN.encode(), body(answer))

    def test_a_common_file_never_tells_it(self) -> None:
        """Its bytes are for all phones, and it is remembered for all."""
        self.office.lease()
        self.assertNotIn(TOKEN.encode(), body(self.office.answer(path="common.cfg")))

    def test_nor_does_sip_pnp(self) -> None:
        """Its answer goes to whoever wrote an address into a packet."""
        self.office.lease()
        answer = self.office.answer(protocol="sip", mac=MAC)
        self.assertNotIn(TOKEN.encode(), body(answer))

    def test_tftp_is_told_it_and_cannot_use_it(self) -> None:
        """A TFTP phone is sent on to HTTP; over TFTP itself nothing proves more than a key."""
        self.office.lease()
        answer = self.office.answer(protocol="tftp", path=FILE, base="tftp://10.0.0.1", user_agent="")
        self.assertIn(f"url = http://10.0.0.1:8667/{TOKEN}".encode(), body(answer))
        late = self.office.answer(
            protocol="tftp", path=f"{TOKEN}/{FILE}", base="tftp://10.0.0.1", ip="10.0.0.9"
        )
        self.assertEqual(late.outcome, "nothing")

    def test_the_first_use_closes_it(self) -> None:
        """From then on the phone has it, and nobody else is told."""
        self.office.lease()
        first = self.office.answer(path=f"{TOKEN}/{FILE}", ip=HOME)
        self.assertIn("learn.paired", reasons(first))
        self.assertIn(TOKEN.encode(), body(first))
        self.assertEqual(self.office.store.get(Pairing, "d1").open_until, 0.0)
        seq = self.office.store.seq
        self.assertIn("match.by-token", reasons(self.office.answer(path=f"{TOKEN}/{FILE}", ip=HOME)))
        self.assertEqual(self.office.store.seq, seq)
        self.assertEqual(self.office.answer(path=FILE).outcome, "challenge")

    def test_time_closes_it(self) -> None:
        """An address that was proven does not open it again."""
        self.office.clock.advance(601)
        self.office.lease()
        self.assertEqual(self.office.answer(path=FILE).outcome, "challenge")
        late = self.office.answer(path=f"{TOKEN}/{FILE}")
        self.assertEqual((late.outcome, "learn.paired" in reasons(late)), ("file", False))

    def test_the_ip_is_proven_by_a_token(self) -> None:
        """Resync finds the phone where its token last came from."""
        self.office.answer(path=f"{TOKEN}/{FILE}", ip=HOME)
        self.assertEqual(self.office.store.get(Presence, "d1").proven_ip, HOME)

    def test_a_new_token_ends_the_old_one(self) -> None:
        """Of a phone that was stolen, or reset to factory."""
        self.office.put(Pairing("d1", token="f" * 40, open_until=self.until))
        self.assertEqual(self.office.answer(path=f"{TOKEN}/{FILE}", ip=HOME).outcome, "challenge")
        self.assertEqual(self.office.answer(path=f"{'f' * 40}/{FILE}", ip=HOME).outcome, "file")

    def test_a_device_without_a_token_is_told_none(self) -> None:
        """It was there before the policy; the administrator opens its window."""
        self.office.memory.commit(Commit((Delete(Pairing, "d1"),), "test", "test"))
        self.office.lease()
        self.assertEqual(self.office.answer(path=FILE).outcome, "challenge")

    def test_an_office_whose_policy_is_none_prepares_phones_for_home(self) -> None:
        """Only those that a lease proved take the token along."""
        office = Outside(AT_HOME, TOKEN, self.until)
        self.assertNotIn(TOKEN.encode(), body(office.answer(path=FILE)))
        office.lease()
        self.assertIn(TOKEN.encode(), body(office.answer(path=FILE)))


class UsedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Outside(TOKENS, TOKEN)

    def test_it_says_which_phone_it_is(self) -> None:
        """A request for a common file names no MAC; the phone must get it all the same, and its URL with it."""
        answer = self.office.answer(path=f"{TOKEN}/common.cfg", ip=HOME, user_agent="")
        self.assertEqual((answer.outcome, answer.device), ("file", "d1"))
        self.assertIn(TOKEN.encode(), body(answer))

    def test_it_may_stand_behind_the_key(self) -> None:
        """A phone that was given both URLs after each other joins them."""
        answer = self.office.answer(path=f"{ANNAS_KEY}/{TOKEN}/{FILE}", ip=HOME)
        self.assertIn(f"8667/{TOKEN}\n".encode(), body(answer))

    def test_another_phones_token_opens_nothing(self) -> None:
        """Neither that phone's files nor its own: one of the two is not who it says."""
        for path, user_agent in (
            (f"{TOKEN}/{OTHER}", "acme A60 2.1"),
            (f"{TOKEN}/00aced000003.cfg", "acme A60 2.1"),
            (f"{TOKEN}/{FILE}", "acme A60 2.1 00:ac:ed:00:00:03"),
        ):
            answer = self.office.answer(path=path, ip=HOME, user_agent=user_agent)
            self.assertEqual(answer.outcome, "challenge")
            self.assertEqual(answer.steps[-1].reason_id, "access.other-devices-token")

    def test_what_people_wrote_of_the_model_does_not_matter(self) -> None:
        """They write it wrong, and the token says who it is."""
        device = self.office.store.get(Device, "d1")
        self.office.put(evolve(device, model="A61", vendor="ACME"))
        self.assertEqual(self.office.answer(path=f"{TOKEN}/{FILE}", ip=HOME).outcome, "file")

    def test_of_two_devices_with_one_mac_it_is_the_one_with_the_token(self) -> None:
        """A tenant that makes a twin of another's phone must not get that one's file by the twin's token."""
        twin = evolve(self.office.store.get(Device, "d1"), id="a0", tenant="bert", config="c3", rev=0)
        self.office.put(twin, Pairing("a0", token="b" * 40))
        answer = self.office.answer(path=f"{'b' * 40}/{FILE}", ip=HOME)
        self.assertEqual(answer.device, "a0")

    def test_a_full_disk_keeps_no_phone_out(self) -> None:
        """The window is closed later."""
        self.office.put(Pairing("d1", token=TOKEN, open_until=self.office.clock.seconds() + 5))
        explained = self.office.provisioner.explain(self.office.sighting(path=f"{TOKEN}/{FILE}", ip=HOME))
        self.assertEqual(explained.outcome, "file")
        self.assertGreater(self.office.store.get(Pairing, "d1").open_until, 0)

    def test_the_history_shows_no_token(self) -> None:
        """It is kept for ever, and read by others."""
        office = self.office
        office.memory.commit(Commit((Put(Pairing("d1", token=TOKEN), None),), "test", "test"))
        history = self.successResultOf(office.memory.history(Pairing, "d1", 10))
        self.assertTrue(history)
        self.assertNotIn(TOKEN, "".join(repr(change) for one in history for change in one.commit.changes))
        self.assertFalse(
            any(
                isinstance(change, Put)
                and isinstance(change.document, Pairing)
                and change.document.token == TOKEN
                for one in history
                for change in one.commit.changes
            )
        )

    def test_the_timeline_shows_no_token(self) -> None:
        """Nor where it was of no use: it may be used elsewhere yet."""
        self.office.answer(path=f"{TOKEN}/{FILE}", ip=HOME)
        self.office.answer(protocol="tftp", path=f"{TOKEN}/{FILE}", base="tftp://10.0.0.1")
        self.office.answer(path=f"{TOKEN}/x/y", ip=HOME)
        self.assertEqual(len(self.office.provisioner.timeline("d1")), 3)
        self.assertNotIn(TOKEN, repr(self.office.provisioner.timeline("d1")))

    def test_proof_by_the_desk_stays_what_it_was(self) -> None:
        """On allowed networks too the policy asks for the token."""
        self.office.lease()
        self.assertEqual(self.office.answer(path=FILE, ip=DESK).outcome, "challenge")
