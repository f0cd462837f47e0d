"""Telling one phone, and moving many to another plugin (contract section 6.6; moving is ours)."""

from typing import Any, cast

from attrs import evolve, frozen
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Conflict, NotResynced
from provserver.model import Call, Device, Notify, Presence, Settings, Tenant
from tests.fakes.office import MAC, own_config
from tests.fakes.rest import TOKEN, Answered, RestOffice
from tests.fakes.vendors import Acme, AcmePlugin

SYNCHRONIZE, MOVE = "/dev_mgr/synchronize", "/dev_mgr/move"
CHECK = Notify("check-sync")


@frozen
class Teller(AcmePlugin):
    def resync(self, device: Device, settings: Settings) -> Notify | Call | None:
        return CHECK


class SynchronizeCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks
        self.office.plugins.take((Acme(plugins=(AcmePlugin("acme-1", ("A20",), "1.0"), Teller("acme-2"))),))
        self.device = Device(
            "d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master"
        )
        self.office.put(
            self.device, own_config("c1"), Tenant("anna", parent="master"), Tenant("ben", parent="master")
        )

    def operation(self, path: str) -> Any:
        return self.asks("GET", path.removeprefix("/0.2")).json


class SynchronizeTests(SynchronizeCase):
    def post(
        self, device_id: object = "d1", token: str | None = TOKEN, tenant: str | None = None
    ) -> Answered:
        return self.asks("POST", SYNCHRONIZE, {"id": device_id}, token, tenant)

    def status(self, answer: Answered) -> str:
        return str(self.operation(answer.headers["location"])["status"])

    def test_a_phone_is_told(self) -> None:
        """The operation tells each stage, and ends with the fetch: nothing else proves anything."""
        answer = self.post()
        self.assertEqual((answer.status, answer.body), (201, b""))
        self.assertEqual(answer.headers["location"], "/0.2/dev_mgr/synchronize/1")
        (begun,) = self.office.resyncs.begun
        self.assertEqual((begun.device, begun.contact, begun.call), ("d1", "", ""))
        self.assertEqual(self.status(answer), "progress(sent|waiting)(answered|waiting)(fetched|waiting)")
        begun.tell("sent")
        self.assertEqual(self.status(answer), "progress(sent|success)(answered|waiting)(fetched|waiting)")
        begun.tell("answered")
        self.assertEqual(self.status(answer), "progress(sent|success)(answered|success)(fetched|waiting)")
        begun.done.callback(None)
        self.assertEqual(self.status(answer), "success(sent|success)(answered|success)(fetched|success)")

    def test_a_phone_behind_a_pbx_that_tells_nothing(self) -> None:
        """Asterisk never says whether a phone answered: the operation does not say so either."""
        answer = self.post()
        self.office.resyncs.begun[0].tell("sent")
        self.office.resyncs.begun[0].done.callback(None)
        self.assertEqual(self.status(answer), "success(sent|success)(answered|waiting)(fetched|success)")

    def test_an_answer_at_once(self) -> None:
        """Over SIP the first that is heard is the answer; then it was sent, too."""
        answer = self.post()
        self.office.resyncs.begun[0].tell("answered")
        self.assertEqual(self.status(answer), "progress(sent|success)(answered|success)(fetched|waiting)")

    def test_where_it_stopped(self) -> None:
        """What was reached stays told, with the reason why it went no further."""
        answer = self.post()
        (begun,) = self.office.resyncs.begun
        begun.tell("sent")
        begun.done.errback(NotResynced("resync.not-fetched", "it was told, and fetches nothing"))
        self.assertEqual(
            self.operation(answer.headers["location"]),
            {
                "status": "fail(sent|success)(answered|fail)(fetched|fail)",
                "reason_id": "resync.not-fetched",
                "message": "it was told, and fetches nothing",
            },
        )

    def test_the_log_says_so(self) -> None:
        """Clients' tests read this line (contract section 12.3)."""
        events: list[LogEvent] = []
        observer = cast(ILogObserver, events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.post()
        self.assertIn("Synchronizing device d1", map(formatEvent, events))

    def test_a_phone_that_cannot_be_told(self) -> None:
        """201 all the same (contract section 6.6); the operation fails, and says why."""
        for changed, reason_id in (
            (evolve(self.device, plugin="gone"), "resync.not-loaded"),
            (evolve(self.device, plugin=None), "resync.not-loaded"),
            (evolve(self.device, config="none"), "resync.not-configured"),
            (evolve(self.device, config=None), "resync.not-configured"),
            (evolve(self.device, plugin="acme-1"), "resync.by-hand"),
        ):
            self.office.put(changed)
            document = self.operation(self.post().headers["location"])
            self.assertEqual((document["status"], document["reason_id"]), ("fail", reason_id))
            self.assertTrue(document["message"])
        self.assertEqual(self.office.resyncs.begun, [])

    def test_whose_device_it_may_be(self) -> None:
        """The caller's tenant's, or one beneath: 404 for any other, as for one that is not there."""
        self.office.put(evolve(self.device, id="annas", tenant="anna"))
        for device_id, tenant, status in (
            ("annas", "master", 201),
            ("annas", "anna", 201),
            ("annas", "ben", 404),
            ("d1", "anna", 404),
            ("nobody", "master", 404),
            ("", "master", 404),
        ):
            self.assertEqual(self.post(device_id, tenant=tenant).status, status, (device_id, tenant))
        self.assertEqual(self.post(token="wrong").status, 401)

    def test_bodies_that_name_nothing(self) -> None:
        """400, before anything else."""
        bodies: tuple[object, ...] = ({}, [], b"null", {"id": None})
        for body in bodies:
            answer = self.asks("POST", SYNCHRONIZE, body)
            self.assertEqual((answer.status, answer.text), (400, 'Missing "id" key'))
        self.assertEqual(self.post(5).status, 400)


class MoveTests(SynchronizeCase):
    def move(self, tenant: str | None = None, **order: object) -> Answered:
        return self.asks("POST", MOVE, {"move": {"plugin": "acme-2", "selector": {}, **order}}, tenant=tenant)

    def moved(self, **order: Any) -> dict[str, Any]:
        answer = self.move(**order)
        self.assertEqual(answer.status, 200, answer.text)
        document: dict[str, Any] = answer.json["move"]
        return document

    def plugin(self, device_id: str) -> str | None:
        return self.office.memory.get(Device, device_id).plugin

    def test_all_that_a_selector_finds(self) -> None:
        """In several commits, and each device once."""
        old = [evolve(self.device, id=f"old-{n:03}", plugin="acme-0", chosen="auto") for n in range(250)]
        self.office.put(*old, evolve(self.device, id="other", plugin="acme-9"))
        seq = self.office.memory.seq
        document = self.moved(selector={"plugin": "acme-0"})
        self.assertEqual(document["moved"], [device.id for device in old])
        self.assertEqual(
            (document["plugin"], document["dry_run"], document["not_moved"]), ("acme-2", False, [])
        )
        self.assertEqual(self.office.memory.seq, seq + 3)
        now = self.office.memory.get(Device, "old-249")
        self.assertEqual((now.plugin, now.chosen), ("acme-2", ""))
        self.assertEqual(self.plugin("other"), "acme-9")

    def test_a_dry_run_changes_nothing(self) -> None:
        """It says what would happen, to the same devices."""
        self.office.put(evolve(self.device, plugin="acme-0"))
        seq = self.office.memory.seq
        document = self.moved(dry_run=True, resync=True)
        self.assertEqual((document["moved"], document["dry_run"]), (["d1"], True))
        self.assertNotIn("operation", document)
        self.assertEqual(self.office.memory.seq, seq)

    def test_what_cannot_be_moved_is_told(self) -> None:
        """Each with its reason, and the others are moved."""
        self.office.put(
            evolve(self.device, id="alias", plugin="wazo-acme-2"),
            evolve(self.device, id="foreign", vendor="Other", plugin="acme-1"),
            evolve(self.device, id="blank", vendor=None, model=None, plugin=None),
            Presence("alias", version="2.1"),
        )
        document = self.moved()
        self.assertEqual(document["moved"], ["alias"])
        self.assertEqual(
            {refused["id"]: refused["reason_id"] for refused in document["not_moved"]},
            {"d1": "move.there", "foreign": "move.unsupported", "blank": "move.unsupported"},
        )
        self.assertIn("vendor Other, model A60", document["not_moved"][2]["message"])
        self.assertEqual(self.plugin("foreign"), "acme-1")

    def test_selectors_speak_as_lists_do(self) -> None:
        """Also of what is seen, and of what is computed."""
        self.office.put(
            evolve(self.device, id="new", plugin="acme-0", config=None), Presence("new", ip="10.0.0.9")
        )
        for selector in (
            {"ip": "10.0.0.9"},
            {"configured": False},
            {"is_new": True, "plugin": {"$ne": "acme-2"}},
        ):
            document = self.moved(selector=selector, dry_run=True)
            self.assertEqual(document["moved"], ["new"], selector)

    def test_only_the_caller_s_devices(self) -> None:
        """Whatever the selector says of tenants; the name of the plugin may be another server's."""
        self.office.put(evolve(self.device, id="annas", plugin="acme-0", tenant="anna"))
        self.office.put(evolve(self.device, id="bens", plugin="acme-0", tenant="ben"))
        document = self.moved(tenant="anna", selector={"tenant_uuid": "ben"}, plugin="xivo-acme-2")
        self.assertEqual((document["moved"], self.plugin("bens")), (["annas"], "acme-0"))
        self.assertEqual(self.moved()["moved"], ["bens"])

    def test_phones_are_told(self) -> None:
        """All resyncs are begun: the loop of resyncs has the rate. Each that ends is counted."""
        self.office.put(*(evolve(self.device, id=f"old-{n:03}", plugin="acme-0") for n in range(250)))
        path = self.moved(selector={"plugin": "acme-0"}, resync=True)["operation"]
        begun = self.office.resyncs.begun
        self.office.clock.pump([0, 0, 0])  # some in each turn
        self.assertEqual([one.device for one in begun], [f"old-{n:03}" for n in range(250)])
        self.assertEqual(self.operation(path), {"status": "resync|waiting"})
        begun[7].done.callback(None)
        self.assertEqual(self.operation(path), {"status": "resync|progress;1/250"})
        for one in (*begun[:7], *begun[8:]):
            one.done.callback(None)
        self.assertEqual(self.operation(path), {"status": "resync|success;250/250"})

    def test_one_that_cannot_be_told_does_not_stop_the_others(self) -> None:
        """The operation fails, and says how many and the first reason."""
        self.office.put(*(evolve(self.device, id=f"old-{n}", plugin="acme-0") for n in range(2)))
        self.office.put(evolve(self.device, id="old-0", plugin="acme-0", config=None))
        path = self.moved(selector={"plugin": "acme-0"}, resync=True)["operation"]
        self.office.clock.advance(0)
        (begun,) = self.office.resyncs.begun
        begun.done.callback(None)
        self.assertEqual(
            self.operation(path),
            {
                "status": "resync|fail;2/2",
                "reason_id": "resync.not-configured",
                "message": "1 of 2 did not fetch anew; the first: the device has no config",
            },
        )

    def test_one_that_somebody_changes_does_not_stop_the_others(self) -> None:
        """It stays as that other wrote it, and the answer says so."""
        self.office.put(*(evolve(self.device, id=f"old-{n}", plugin="acme-0") for n in range(3)))
        change = self.office.provisioner.change

        def contested(commit: Any) -> Any:
            if any(put.document.id == "old-1" for put in commit.changes):
                raise Conflict("somebody else changes it")
            return change(commit)

        self.patch(self.office.provisioner, "change", contested)
        document = self.moved(selector={"plugin": "acme-0"})
        self.assertEqual(document["moved"], ["old-0", "old-2"])
        self.assertEqual(
            document["not_moved"],
            [{"id": "old-1", "reason_id": "conflict", "message": "somebody else changes it"}],
        )

    def test_orders_that_are_none(self) -> None:
        """400, the field named, and nothing moved."""
        self.office.put(evolve(self.device, plugin="acme-0"))
        for order, text in (
            ({"plugin": "nope"}, "move.plugin: plugin 'nope' is not installed"),
            ({"plugin": None}, "move.plugin: plugin '' is not installed"),
            ({"plugin": []}, "plugin: expected text, got a list"),
            ({"selector": None}, "move.selector: expected a selector like {…}, got null"),
            ({"selector": "x"}, "move.selector: expected a selector like {…}, got text"),
            ({"dry_run": "yes"}, "dry_run: expected true or false, got text"),
        ):
            answer = self.move(**order)
            self.assertEqual((answer.status, answer.text), (400, text))
        self.assertEqual(self.move(selector={"ip": {"$regex": "."}}).status, 400)
        bodies: tuple[object, ...] = ({}, [], {"move": None}, b"null")
        for body in bodies:
            self.assertEqual(self.asks("POST", MOVE, body).status, 400)
        self.assertEqual(self.plugin("d1"), "acme-0")
