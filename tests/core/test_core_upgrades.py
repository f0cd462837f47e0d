"""Firmware of phones is left alone, unless the administrator switched upgrades on for their plugin."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Answer, Device
from tests.fakes.office import MAC, Office, own_config

PATH, IMAGE = "00aced000001.cfg", "firmware.rom"


class UpgradesTests(SynchronousTestCase):
    def office(self, *upgrades: str, here: bool = True) -> Office:
        office = Office(upgrades=frozenset(upgrades))
        device = Device(
            "d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master"
        )
        office.put(device, own_config("c1"))
        if here:
            office.files.store("acme-2", IMAGE, b"rom")
        return office

    def body(self, office: Office) -> bytes:
        answer = office.answer(path=PATH)
        assert answer.file and answer.file.body
        return answer.file.body

    def last_reason(self, answer: Answer) -> str:
        return answer.steps[-1].reason_id

    def test_a_phone_is_told_only_of_what_is_here_and_allowed(self) -> None:
        """An upgrade that nobody asked for may end with a dead phone, and one that is not here with a phone that asks
        for it at each start."""
        for office, told in (
            (self.office(), False),
            (self.office("acme-1"), False),
            (self.office("acme-2", here=False), False),
            (self.office("acme-2"), True),
        ):
            self.assertEqual(b"firmware = firmware.rom" in self.body(office), told)

    def test_an_image_is_given_to_nobody_else(self) -> None:
        """Some phones ask for it without being told; they keep what they have."""
        answer = self.office().answer(path=IMAGE)
        self.assertEqual((answer.outcome, self.last_reason(answer)), ("nothing", "find.no-upgrades"))
        self.assertEqual(answer.steps[-1].values, ("acme-2", IMAGE))
        self.assertEqual(self.office("acme-2").answer(path=IMAGE).outcome, "file")

    def test_an_image_that_comes_later_is_told_of_then(self) -> None:
        """Whoever copies it there need not restart anything."""
        office = self.office("acme-2", here=False)
        self.assertNotIn(b"firmware =", self.body(office))
        office.files.store("acme-2", IMAGE, b"rom")
        self.assertIn(b"firmware =", self.body(office))
