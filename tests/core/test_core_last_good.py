"""core.last_good: a phone goes on with its last good file while its settings cannot be written."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.last_good import LastGood
from provserver.model import Answer, Commit, Committed, Config, Delete, Device, File, Presence, Put, Tenant
from tests.fakes.office import KEY, MAC, Office, json_of, own_config

PATH = "00aced000001.cfg"
URL = "http://10.0.0.1:8667"
DEVICE = Device("d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master")
BAD = {
    "two lines": {"sip_lines": {"1": {"username": "anna\nbob"}}},
    "not valid": {"sip_lines": {"1": {"proxy_port": "x"}}},
}


def reasons(answer: Answer) -> list[str]:
    return [step.reason_id for step in answer.steps]


class ServedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = self.made(LastGood(100_000))

    def made(self, last_good: LastGood) -> Office:
        office = Office(last_good=last_good)
        office.store.watch(office.store.seq, last_good.committed)
        office.put(DEVICE, own_config("c1"))
        return office

    def spoil(self, how: str = "two lines") -> None:
        self.office.put(Config("c1", raw=json_of(BAD[how])))

    def test_it_is_served_and_the_reason_told(self) -> None:
        """The user of the phone can go on calling, and the administrator reads what is wrong."""
        good = self.office.answer(path=PATH)
        for how, reason in (("two lines", "render.unfit"), ("not valid", "render.config-invalid")):
            self.spoil(how)
            answer = self.office.answer(path=PATH)
            self.assertEqual((answer.outcome, answer.file), ("file", good.file), how)
            self.assertEqual(reasons(answer)[-2:], [reason, "render.last-good"])
            status = self.office.provisioner.status(DEVICE)
            self.assertEqual(
                (status.configured, [step.reason_id for step in status.steps]), (False, [reason])
            )

    def test_without_the_wish_there_is_nothing(self) -> None:
        """A phone that shows yesterday's settings hides a mistake: it is for the administrator to choose."""
        self.office = self.made(LastGood(0))
        self.office.answer(path=PATH)
        self.spoil()
        answer = self.office.answer(path=PATH)
        self.assertEqual((answer.outcome, reasons(answer)[-1]), ("nothing", "render.unfit"))

    def test_a_broken_template_is_no_reason_to_be_silent(self) -> None:
        """An administrator's template with a typing error would empty every phone of its model."""
        good = self.office.answer(path=PATH)
        self.office.files.override("acme-2", "A60.tpl", "{{ nonsense")
        answer = self.office.answer(path=PATH)
        self.assertEqual((answer.file, reasons(answer)[-2]), (good.file, "render.bad-template"))

    def test_right_settings_count_at_once(self) -> None:
        """And become the last good ones."""
        self.office.answer(path=PATH)
        self.spoil()
        self.office.answer(path=PATH)
        self.office.put(Config("c1", raw=json_of({"sip_lines": {"1": {"username": "carl"}}})))
        right = self.office.answer(path=PATH)
        assert right.file and right.file.body
        self.assertIn(b"user = carl", right.file.body)
        self.spoil()
        self.assertEqual(self.office.answer(path=PATH).file, right.file)

    def test_it_is_not_noted_as_fetched(self) -> None:
        """A resync waits for the phone to fetch what its settings say now: this is not that."""
        self.office.answer(path=PATH)
        self.spoil()
        self.office.store.note(evolve(self.office.store.get(Presence, "d1"), fetched={}))
        self.office.answer(path=PATH)
        self.assertEqual(self.office.store.get(Presence, "d1").fetched, {})

    def test_explain_keeps_nothing(self) -> None:
        """It changes nothing: what was only explained was given to nobody."""
        self.office.provisioner.explain(self.office.sighting(path=PATH))
        self.spoil()
        self.assertEqual(self.office.answer(path=PATH).outcome, "nothing")

    def test_it_is_explained_as_it_is_served(self) -> None:
        """By the same chain."""
        self.office.answer(path=PATH)
        self.spoil()
        explained = self.office.provisioner.explain(self.office.sighting(path=PATH))
        self.assertEqual(reasons(explained), reasons(self.office.answer(path=PATH)))

    def test_a_phone_of_another_config_gets_nothing_old(self) -> None:
        """Its last user's password among it; nor does one whose config was taken away."""
        self.office.answer(path=PATH)
        self.office.put(Config("c2", raw=json_of(BAD["two lines"])))
        for device in (
            evolve(DEVICE, config="c2"),
            evolve(DEVICE, config="none"),
            evolve(DEVICE, config="c1"),
        ):
            self.spoil()
            self.office.put(device)
            self.assertEqual(self.office.answer(path=PATH).outcome, "nothing", device)

    def test_a_config_that_is_gone_is_no_mistake(self) -> None:
        """Who deletes it means it."""
        self.office.answer(path=PATH)
        self.office.memory.commit(Commit((Delete(Config, "c1"),), "test", "gone"))
        answer = self.office.answer(path=PATH)
        self.assertEqual((answer.outcome, reasons(answer)[-1]), ("nothing", "render.config-missing"))

    def test_a_deleted_device_leaves_nothing(self) -> None:
        """One that is made again under the same id begins anew."""
        self.office.answer(path=PATH)
        self.office.memory.commit(Commit((Delete(Device, "d1"),), "test", "gone"))
        self.office.put(DEVICE)
        self.spoil()
        self.assertEqual(self.office.answer(path=PATH).outcome, "nothing")

    def test_a_key_that_was_earned_once_is_not_told_later(self) -> None:
        """A file belongs to the address that the phone was sent to, which may hold the tenant's key."""
        self.office.put(Tenant("master", name="master", key=KEY))
        for_all = self.office.answer(path=PATH, base="http://10.0.0.2:80").file
        assert for_all and for_all.body
        self.assertIn(KEY.encode(), for_all.body)
        self.spoil()
        self.assertEqual(self.office.answer(path=PATH).outcome, "nothing")
        self.assertEqual(self.office.answer(path=PATH, base="http://10.0.0.2:80").file, for_all)


class BoundedTests(SynchronousTestCase):
    def file(self, name: str, size: int = 100) -> File:
        return File(name, "text/plain", "e", size, 0.0, b"x" * size)

    def kept(self, last_good: LastGood, *names: str) -> list[str]:
        return [name for name in names if last_good.get(DEVICE, URL, name)]

    def test_the_oldest_make_room(self) -> None:
        """100,000 phones must not fill the memory; one that asks again is no longer the oldest."""
        last_good = LastGood(1300)
        for name in ("a", "b", "a", "c"):
            last_good.put(DEVICE, URL, self.file(name))
        self.assertEqual(self.kept(last_good, "a", "b", "c"), ["a", "c"])

    def test_one_that_is_too_large_is_not_kept_nor_its_forerunner(self) -> None:
        """An older one would come back when nobody expects it."""
        last_good = LastGood(1000)
        last_good.put(DEVICE, URL, self.file("a"))
        last_good.put(DEVICE, URL, self.file("a", 1000))
        self.assertEqual(self.kept(last_good, "a"), [])

    def test_only_what_was_changed_is_forgotten(self) -> None:
        """A device that got another name keeps its files; other devices do anyway."""
        last_good = LastGood(10_000)
        last_good.put(DEVICE, URL, self.file("a"))
        other = evolve(DEVICE, id="d2")
        last_good.put(other, URL, self.file("a"))
        for change in (Put(evolve(DEVICE, model="A20"), None), Delete(Config, "d1"), Put(Config("d1"), None)):
            last_good.committed(Committed(1, 0.0, Commit((change,), "t", "t")))
        self.assertEqual(self.kept(last_good, "a"), ["a"])
        gone = Put(evolve(DEVICE, plugin="acme-1"), None)
        last_good.committed(Committed(2, 0.0, Commit((gone, Delete(Device, "d3")), "t", "t")))
        self.assertEqual(self.kept(last_good, "a"), [])
        self.assertTrue(last_good.get(other, URL, "a"))
