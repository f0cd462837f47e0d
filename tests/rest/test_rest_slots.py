"""The pool of slots over REST, and as `provd-pbx` writes it."""

import json
from typing import Any

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.pool import Pool, pool_changes, read_pool
from provserver.errors import Invalid
from provserver.model import Device, Put, Slot, Tenant
from provserver.pbx.command import main
from tests.fakes.office import MAC
from tests.fakes.rest import Answered, RestOffice

FILE = "00aced000001.cfg"


def slots(*users: str) -> list[dict[str, str]]:
    return [{"username": user, "password": f"secretOf{user}"} for user in users]


class SlotsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks

    def put(self, *users: str, **fields: Any) -> Answered:
        pool = {"registrar": "192.0.2.20", "port": 5060, "slots": slots(*users), **fields}
        return self.asks("PUT", "/slots", {"slots": pool})

    def test_a_pool_is_set_and_read(self) -> None:
        """Without the passwords: nobody needs to read them."""
        self.assertEqual(self.put("ap0000", "ap0001").status, 204)
        self.office.answer(path=FILE)
        device_id = self.office.store.find(Device, "mac", MAC)[0].id
        answer = self.asks("GET", "/slots")
        self.assertEqual(
            answer.json["slots"],
            {
                "registrar": "192.0.2.20",
                "port": 5060,
                "shared": False,
                "slots": [
                    {"username": "ap0000", "device": device_id, "position": 1},
                    {"username": "ap0001", "device": None, "position": None},
                ],
            },
        )
        self.assertNotIn("secretOf", answer.text)

    def test_an_empty_pool(self) -> None:
        """As it is at first, and to take all out again."""
        empty = {"registrar": "", "port": 0, "shared": False, "slots": []}
        self.assertEqual(self.asks("GET", "/slots").json["slots"], empty)
        self.put("ap0000")
        self.assertEqual(self.put().status, 204)
        self.assertEqual(self.asks("GET", "/slots").json["slots"], empty)

    def test_a_phone_keeps_a_slot_that_stays(self) -> None:
        """Also where its password is new; those that are gone are nobody's."""
        self.put("ap0000", "ap0001")
        self.office.answer(path=FILE)
        given = self.office.store.get(Slot, "ap0000")
        pool = {"slots": [{"username": "ap0000", "password": "another1"}, *slots("ap0002")]}
        self.assertEqual(self.asks("PUT", "/slots", {"slots": pool}).status, 204)
        kept = self.office.store.get(Slot, "ap0000")
        self.assertEqual((kept.device, kept.given, kept.password), (given.device, given.given, "another1"))
        self.assertEqual((kept.registrar, kept.port), ("", 0))
        self.assertEqual([slot.id for slot in self.office.store.find(Slot, "all", "")], ["ap0000", "ap0002"])

    def test_one_account_for_all(self) -> None:
        """It is given to nobody, and not two of them."""
        self.put("autoprov")
        self.office.answer(path=FILE)
        self.assertEqual(self.put("autoprov", shared=True).status, 204)
        slot = self.office.store.get(Slot, "autoprov")
        self.assertEqual((slot.shared, slot.device), (True, None))
        self.assertEqual(self.put("a", "b", shared=True).status, 400)

    def test_thousands(self) -> None:
        """In several commits; what is there already is not written again."""
        users = [f"ap{n:04}" for n in range(1_000)]
        self.put("ap0000")
        seq = self.office.store.seq
        self.assertEqual(self.put(*users).status, 204)
        self.assertEqual(self.office.store.seq, seq + 5)
        self.put(*users[:-1])
        self.assertEqual(self.office.store.seq, seq + 6)

    def test_only_the_master_tenant(self) -> None:
        """Slots are for all tenants' phones; their secrets are nobody's alone."""
        self.office.put(Tenant("anna", parent="master"))
        self.office.use(self.office.tenants)
        self.assertEqual(self.asks("GET", "/slots", token="anna").status, 403)
        self.assertEqual(self.asks("PUT", "/slots", {"slots": {"slots": []}}, token="anna").status, 403)
        self.assertEqual(self.asks("GET", "/slots", token="master").status, 200)

    def test_pools_that_are_none(self) -> None:
        """400, the field named, and the pool is as it was. No password is repeated."""
        self.put("ap0000")
        for changed, field in (
            ({"registrar": 5}, "registrar"),
            ({"registrar": "a b"}, "registrar"),
            ({"port": "5060"}, "port"),
            ({"port": 70_000}, "port"),
            ({"port": True}, "port"),
            ({"shared": 1}, "shared"),
            ({"slots": None}, "slots"),
            ({"slots": slots("ap1", "ap1")}, "slots"),
            ({"slots": ["ap1"]}, "slots.0"),
            ({"slots": [*slots("ap1"), {"password": "secretOf"}]}, "slots.1.username"),
            ({"slots": [{"username": "a b", "password": "secretOf"}]}, "slots.0.username"),
            ({"slots": [{"username": "ap1", "password": 'sec"ret\n'}]}, "slots.0.password"),
            ({"slots": [{"username": "ap1", "password": "short"}]}, "slots.0.password"),
            ({"slots": [{"username": "ap1"}]}, "slots.0.password"),
        ):
            answer = self.asks(
                "PUT", "/slots", {"slots": {"slots": [], **changed}}, headers={"Accept": "application/json"}
            )
            self.assertEqual((answer.status, answer.json.get("field")), (400, field), changed)
            self.assertNotIn("ret\n", answer.text)
        self.assertEqual(self.asks("PUT", "/slots", {}).status, 400)
        self.assertEqual(len(self.office.store.find(Slot, "all", "")), 1)


class FileTests(SynchronousTestCase):
    def test_what_provd_pbx_writes_is_read(self) -> None:
        """The file goes from one to the other as it is, with what in it is the PBX's."""
        place = self.mktemp()
        common = ["--provd", "192.0.2.10", "--pbx", "192.0.2.20", "--keep", place]
        for options, shared, users in (
            (["--slots", "2"], False, ["ap0000", "ap0001"]),
            (["--shared"], True, ["autoprov"]),
        ):
            out = self.mktemp()
            self.assertEqual(main(["asterisk", *common, *options, "--out", out]), 0)
            with open(place, encoding="utf-8") as file:
                pool = read_pool(json.load(file))
            self.assertEqual((pool.registrar, pool.port, pool.shared), ("192.0.2.20", 5060, shared))
            self.assertEqual(list(pool.accounts), users)

    def test_ipv6_registrars(self) -> None:
        """With brackets or without; settings have none."""
        for text in ("[2001:db8::7]", "2001:db8::7"):
            self.assertEqual(read_pool({"registrar": text, "slots": []}).registrar, "2001:db8::7")
        self.assertRaises(Invalid, read_pool, [])

    def test_what_has_not_changed_is_not_written(self) -> None:
        """A start with the file of yesterday costs nothing."""
        office = RestOffice()
        pool = Pool("192.0.2.20", 5060, False, {"ap0000": "secretOf0", "ap0001": "secretOf1"})
        changes = list(pool_changes(pool, office.store))
        self.assertEqual([change.expected for change in changes], [0, 0])
        office.put(*(change.document for change in changes if isinstance(change, Put)))
        self.assertEqual(list(pool_changes(pool, office.store)), [])
        changes = list(pool_changes(evolve(pool, accounts={"ap0001": "secretOf1"}), office.store))
        self.assertEqual(len(changes), 1)
