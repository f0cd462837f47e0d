"""Security: a phone is told its token when somebody says which phone it is, and afterwards a key opens nothing."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access.pairing import is_open
from provserver.core.reading import found
from provserver.errors import NotFound
from provserver.model import Answer, Device, Line, Pairing, Tenant
from provserver.pbx.interfaces import Calling
from tests.fakes.office import MAC, json_of
from tests.fakes.rest import RestOffice

KEY, CODE = "Key-of-anna", "482913"
FILE, OTHER = "00aced000001.cfg", "00aced000002.cfg"
HOME, DESK = "203.0.113.9", "10.0.0.7"
ACCOUNT = json_of({"username": "anna", "password": "s3cret"})


class WindowCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.store = self.office.store
        self.anna = Tenant("anna", parent="master", key=KEY)
        self.office.put(self.anna, Line("l1", tenant="anna", code=CODE, account=ACCOUNT))

    def asks_tokens(self) -> None:
        before = self.store.get(Tenant, "anna")
        self.office.put(evolve(before, policy_local="token", policy_elsewhere="token"))

    def fetch(self, path: str, ip: str = DESK) -> str:
        """Return the file, or the outcome if it is none."""
        answer: Answer = self.office.answer(path=path, ip=ip, user_agent=f"acme A60 2.1 {MAC}")
        return answer.file.body.decode() if answer.file and answer.file.body else answer.outcome

    def device(self) -> Device:
        return self.store.find(Device, "mac", MAC)[0]

    def pairing(self) -> Pairing:
        return self.store.get(Pairing, self.device().id)

    def claim(self) -> None:
        self.successResultOf(self.office.claims.claim(CODE, Calling(ip=DESK)))


class ClaimTests(WindowCase):
    def test_a_claim_into_a_tenant_that_asks_for_tokens_opens_the_window(self) -> None:
        """The whole story at home: a lease, a dialled code, the token in the next file, and nothing without it."""
        self.asks_tokens()
        self.office.answer(protocol="dhcp", mac=MAC, ip=DESK, user_agent="")
        self.assertIn("user = waiting", self.fetch(FILE))
        self.assertRaises(NotFound, self.pairing)  # the master tenant asks for none
        self.claim()
        self.assertEqual(self.pairing().open_until, self.office.clock.seconds() + 3_600)
        self.assertEqual(self.device().rev, self.pairing().rev)  # there is no moment without it
        token = self.pairing().token
        told = self.fetch(FILE)
        self.assertIn("password = s3cret", told)
        self.assertIn(f"/{token}\n", told)
        self.assertIn("password = s3cret", self.fetch(f"{token}/{FILE}"))
        self.assertEqual(self.fetch(FILE), "nothing")
        self.assertIn("password = s3cret", self.fetch(f"{token}/{FILE}", HOME))

    def test_afterwards_the_key_alone_no_longer_suffices(self) -> None:
        """Far away: it waited by its tenant's key, and the tenant has become stricter meanwhile."""
        self.office.answer(path=f"{KEY}/{FILE}", ip=HOME, user_agent=f"acme A60 2.1 {MAC}")
        self.asks_tokens()
        self.assertEqual(self.fetch(f"{KEY}/{FILE}", HOME), "challenge")
        self.successResultOf(self.office.associations.associate("l1", self.device().id, None, "test"))
        token = self.pairing().token
        self.assertIn(f"/{token}\n", self.fetch(f"{KEY}/{FILE}", HOME))
        self.assertIn("password = s3cret", self.fetch(f"{token}/{FILE}", HOME))
        self.assertEqual(self.fetch(f"{KEY}/{FILE}", HOME), "challenge")

    def test_the_window_is_the_claimed_phones_alone(self) -> None:
        """The neighbour at another address gets nothing, nor does who asks for another MAC from the claimed one's."""
        self.asks_tokens()
        self.office.answer(protocol="dhcp", mac=MAC, ip=DESK, user_agent="")
        self.fetch(FILE)
        self.claim()
        token = self.pairing().token
        for path, ip in ((FILE, "10.0.0.66"), (OTHER, DESK), (FILE, HOME), ("common.cfg", DESK)):
            self.assertNotIn(token, self.fetch(path, ip), (path, ip))

    def test_the_masters_key_opens_nothing_of_a_phone_that_moved_away(self) -> None:
        """As docs/security.md says: such phones need their tenant's key from the start."""
        self.office.put(evolve(self.store.get(Tenant, "master"), key="Key-of-master"))
        self.assertIn("user = waiting", self.fetch(f"Key-of-master/{FILE}", HOME))
        self.asks_tokens()
        self.successResultOf(self.office.associations.associate("l1", self.device().id, None, "test"))
        for path in (f"Key-of-master/{FILE}", FILE):
            self.assertEqual(self.fetch(path, HOME), "nothing")
        self.assertIn("password = s3cret", self.fetch(f"{KEY}/{FILE}", HOME))

    def test_without_a_policy_for_tokens_there_is_none(self) -> None:
        """Nobody keeps secrets that nobody needs."""
        self.fetch(FILE)
        self.claim()
        self.assertRaises(NotFound, self.pairing)


class LaterTests(WindowCase):
    """What happens to a token that is there already."""

    def setUp(self) -> None:
        super().setUp()
        self.fetch(FILE)
        self.asks_tokens()

    def seat(self, line: str = "l1") -> Pairing:
        self.successResultOf(self.office.associations.associate(line, self.device().id, None, "test"))
        return self.pairing()

    def put(self, token: str, open_until: float) -> None:
        self.office.put(Pairing(self.device().id, token=token, open_until=open_until))

    def test_one_that_was_chosen_or_shown_is_told_to_nobody(self) -> None:
        """The phone has it, so whoever asks without it is another one."""
        self.put("chosen-by-hand-0123456789", 0.0)
        self.assertEqual(self.seat().open_until, 0.0)

    def test_one_whose_window_went_by_unused_is_told_again(self) -> None:
        """The same one: the phone may have it from a file that it fetched just before."""
        self.put("t" * 40, self.office.clock.seconds() - 1)
        pairing = self.seat()
        self.assertEqual((pairing.token, pairing.open_until), ("t" * 40, self.office.clock.seconds() + 3_600))

    def test_where_tokens_are_asked_for_no_more_it_stays_closed(self) -> None:
        """An old token is left as it is."""
        self.put("t" * 40, 1.0)
        self.office.put(evolve(self.store.get(Tenant, "anna"), policy_local="none", policy_elsewhere="key"))
        self.assertEqual(self.seat().open_until, 1.0)

    def test_a_second_line_opens_nothing(self) -> None:
        """The phone is in use: who needs a token anew is told so by an administrator."""
        self.office.put(Line("l2", tenant="anna", code="111222", account=ACCOUNT))
        first = self.seat()
        self.office.clock.advance(7_200)
        self.assertEqual(self.seat("l2"), first)


class ApprovedTests(SynchronousTestCase):
    def test_who_is_approved_gets_a_window_as_who_is_posted(self) -> None:
        """It is an administrator who makes the device."""
        for word, opens in (("key", False), ("token", True)):
            office = RestOffice(burst=0)
            office.put(Tenant("master", policy_elsewhere=word))
            office.answer(path=FILE, user_agent=f"acme A60 2.1 {MAC}")
            (pending,) = office.asks("GET", "/security/pending").json["pending"]
            approved = office.asks("POST", f"/security/pending/{pending['id']}/approve", {})
            self.assertEqual(approved.status, 201, approved.text)
            window = found(office.store, Pairing, pending["id"])
            self.assertEqual(is_open(window, office.clock.seconds()), opens)
