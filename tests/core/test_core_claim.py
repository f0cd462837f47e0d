"""Claims: which phone calls, which line a code brings, and every way in which that is not to be told."""

from collections.abc import Callable

from attrs import evolve
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.claim import line_of, owner_of, phone_of
from provserver.core.mark import Marks
from provserver.errors import NotClaimed
from provserver.model import Config, Device, Document, Line, Presence, Seat, Slot, Tenant
from provserver.pbx.interfaces import Calling
from provserver.store.memory import MemoryStore
from tests.fakes.office import SEEDS, json_of

KEY = b"key of marks"
NOW = 1_800_000_000.0


def waiting(device_id: str, ip: str | None = None) -> tuple[Document, ...]:
    return (
        Device(device_id, config=f"waits-{device_id}", tenant="master"),
        Config(f"waits-{device_id}", parents=("autoprov",), transient=True),
        Presence(device_id, ip=ip, seen=NOW),
    )


class ClaimCase(SynchronousTestCase):
    def make(self, *documents: Document) -> None:
        self.store = MemoryStore((*SEEDS, *documents), Clock())

    def refused(self, function: Callable[..., object], *args: object) -> str:
        problem: NotClaimed = self.assertRaises(NotClaimed, function, *args)
        return problem.reason_id


class PhoneTests(ClaimCase):
    def setUp(self) -> None:
        self.make(
            *waiting("d1", "10.0.0.1"),
            *waiting("d2", "10.0.0.2"),
            *waiting("d3", "10.0.0.3"),
            *waiting("d4", "10.0.0.3"),
            Device("anna-desk", config="anna", tenant="master"),
            Config("anna", raw=json_of({"sip_lines": {"1": {"username": "anna"}}})),
            Presence("anna-desk", ip="10.0.0.9"),
            Device("bens", config="anna", tenant="master"),
            Presence("bens", ip="10.0.0.8"),
            Device("carls", config="anna", tenant="master"),
            Presence("carls", ip="10.0.0.8"),
            Device("gw", config="anna", tenant="master"),
            Slot("ap0001", device="d1"),
            Slot("ap0007", device="gw", position=7),
            Slot("ap0009"),
            Slot("ap0010", device="gone"),
            Slot("autoprov", shared=True),
        )
        self.marks = Marks(KEY, [self.store.get(Device, f"d{n}") for n in range(1, 5)])
        self.m1, self.m2 = self.marks.of("d1"), self.marks.of("d2")

    def phone(self, **calling: str) -> tuple[str, int | None]:
        phone = phone_of(Calling(**calling), self.store, self.marks, lambda ip: ip == "203.0.113.5")  # type: ignore[arg-type]
        return phone.device.id, phone.position

    def test_the_slot_names_the_phone(self) -> None:
        """First of all, wherever the call comes from; the port goes with it."""
        for calling in (
            {"slot": "ap0001"},
            {"account": "ap0001", "slot": "Reception"},
            {"slot": "ap0001", "mark": self.m1, "ip": "10.0.0.2"},
            {"account": "autoprov", "slot": "ap0001"},
            {"account": "ap0001", "slot": "autoprov"},
        ):
            self.assertEqual(self.phone(**calling), ("d1", 1), calling)
        self.assertEqual(self.phone(slot="ap0007", ip="203.0.113.5"), ("gw", 7))

    def test_then_the_mark(self) -> None:
        """Where one account is for all, or no account is known."""
        for calling in (
            {"mark": self.m2},
            {"account": "autoprov", "slot": "autoprov", "mark": self.m2, "ip": "10.0.0.1"},
            {"slot": "unheard-of", "mark": self.m2},
            {"slot": "ap0009", "mark": self.m2},
        ):
            self.assertEqual(self.phone(**calling), ("d2", None), calling)

    def test_then_the_address(self) -> None:
        """The only phone that waits there; others that have their user do not count."""
        self.assertEqual(self.phone(slot="autoprov", ip="10.0.0.2"), ("d2", None))

    def test_nobody_is_guessed(self) -> None:
        """Each refusal has its name, so that it can be spoken."""
        twin = Marks(KEY, [self.store.get(Device, "d2")])
        twin._devices[self.m2] = ("d2", "d3")
        for reason_id, calling in (
            ("phone.contradiction", {"slot": "ap0001", "mark": self.m2}),
            ("phone.contradiction", {"account": "ap0001", "slot": "ap0007"}),
            ("phone.none", {"slot": "ap0009", "ip": "10.0.0.2"}),
            ("phone.none", {"slot": "ap0010"}),
            ("phone.none", {"slot": "autoprov", "mark": "ZZZZZZ", "ip": "10.0.0.2"}),
            ("phone.none", {"ip": "10.0.0.77"}),
            ("phone.none", {"ip": "10.0.0.8"}),
            ("phone.none", {}),
            ("phone.several", {"ip": "10.0.0.3"}),
            ("phone.behind-nat", {"ip": "203.0.113.5"}),
            ("phone.provisioned", {"ip": "10.0.0.9"}),
        ):
            self.assertEqual(self.refused(self.phone_with, calling), reason_id, calling)
        self.marks = twin
        self.assertEqual(self.refused(self.phone_with, {"mark": self.m2}), "phone.several")

    def phone_with(self, calling: dict[str, str]) -> None:
        self.phone(**calling)

    def test_a_mark_of_a_phone_that_has_its_user(self) -> None:
        """It dials once more before it has restarted; nobody else is taken for it."""
        self.marks.add("anna-desk")
        self.assertEqual(
            self.refused(self.phone_with, {"mark": self.marks.of("anna-desk")}), "phone.provisioned"
        )


class LineTests(ClaimCase):
    def setUp(self) -> None:
        self.make(
            Tenant("anna", parent="master"),
            Line("l1", tenant="anna", code="482913"),
            Line("l2", tenant="master", code="111222", code_expires=NOW + 10),
        )

    def line(self, code: str, tenants: frozenset[str] | None = None, now: float = NOW) -> str:
        return line_of(code, self.store, tenants, lambda code: code == "777888", now).id

    def test_the_code_brings_its_line(self) -> None:
        """Of any tenant, unless the PBX may speak for one only."""
        self.assertEqual(self.line("482913"), "l1")
        self.assertEqual(self.line("482913", frozenset({"anna", "ben"})), "l1")
        self.assertEqual(self.line("111222"), "l2")

    def test_codes_that_bring_none(self) -> None:
        """A code of another tenant is as unknown as one that there is not."""
        for reason_id, args in (
            ("code.unknown", ("000000",)),
            ("code.unknown", ("482913", frozenset({"ben"}))),
            ("code.unknown", ("48291",)),
            ("code.unknown", ("4829133",)),
            ("code.unknown", ("",)),
            ("code.unknown", ("٤٨٢٩١٣",)),
            ("code.unknown", ("482913\n",)),
            ("code.used", ("777888",)),
            ("code.expired", ("111222", None, NOW + 10)),
        ):
            self.assertEqual(self.refused(self.line, *args), reason_id, args)

    def test_a_disabled_tenant(self) -> None:
        """Nor is a code taken of a tenant beneath it: who does not pay gets no new phones."""
        for disabled in ("anna", "master"):
            parent = None if disabled == "master" else "master"
            line = self.store.get(Line, "l1")
            self.make(line, Tenant("anna", parent="master"), Tenant(disabled, parent=parent, disabled=True))
            self.assertEqual(self.refused(self.line, "482913"), "code.disabled-tenant")
        self.make(self.store.get(Line, "l1"))
        self.assertEqual(self.line("482913"), "l1")  # a tenant that is gone


class OwnerTests(ClaimCase):
    def setUp(self) -> None:
        account = json_of({"username": "anna", "auth_username": "anna-auth"})
        self.make(
            Device("desk", tenant="master"),
            Device("home", tenant="master"),
            Presence("desk", ip="10.0.0.1"),
            Presence("home", ip="10.0.0.2"),
            Line("l1", tenant="master", account=account, seats=(Seat("desk", 1), Seat("gone", 1))),
            Line("l2", tenant="master", account=json_of({"username": "ben"})),
        )

    def owner(self, account: str, ip: str = "") -> str:
        return owner_of(Calling(account=account, ip=ip), self.store).id

    def test_the_account_names_the_phone(self) -> None:
        """By either name that the PBX may know it by; the caller's number does not."""
        self.assertEqual((self.owner("anna"), self.owner("anna-auth", "10.0.0.99")), ("desk", "desk"))
        self.assertEqual(self.refused(owner_of, Calling(slot="anna"), self.store), "phone.none")
        for account in ("", "ben", "carl"):
            self.assertEqual(self.refused(self.owner, account), "phone.none")

    def test_two_phones_on_one_account(self) -> None:
        """The address of the call decides, and where it does not, nobody is given back."""
        line = self.store.get(Line, "l1")
        self.make(
            *(self.store.get(Device, name) for name in ("desk", "home")),
            *(self.store.get(Presence, name) for name in ("desk", "home")),
            evolve(line, seats=(Seat("desk", 1), Seat("home", 1))),
        )
        self.assertEqual(self.owner("anna", "10.0.0.2"), "home")
        for ip in ("", "10.0.0.99"):
            self.assertEqual(self.refused(self.owner, "anna", ip), "phone.several")
