"""match: the device that is already known, and never a guess."""

from collections.abc import Iterable

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.match import Match, match
from provserver.model import Device, Facts

MAC = "00:15:65:4a:a9:37"
DESK = Device("desk", mac=MAC, vendor="Yealink", model="T46S")
SOFT = Device("soft", uuid="7a3f", serial="S1")


def run(facts: Facts, devices: Iterable[Device] = (DESK, SOFT), at_ip: Iterable[Device] = ()) -> Match:
    known = tuple(devices)
    return match(
        facts,
        tuple(at_ip),
        "10.0.0.7",
        lambda index, value: tuple(device for device in known if getattr(device, index) == value),
        lambda device: (device.config == "settled", float(len(device.id))),
    )


class MatchTests(SynchronousTestCase):
    def test_mac_then_serial_then_uuid(self) -> None:
        """The strongest name decides; the weaker ones are not even asked."""
        for facts, device, reason in (
            (Facts(mac=MAC, uuid="7a3f"), DESK, "match.by-mac"),
            (Facts(serial="S1"), SOFT, "match.by-serial"),
            (Facts(uuid="7a3f"), SOFT, "match.by-uuid"),
        ):
            found = run(facts)
            self.assertIs(found.device, device)
            self.assertEqual(found.steps[0].reason_id, reason)

    def test_of_two_with_one_mac_the_configured_one_is_taken_and_told(self) -> None:
        """Clients create duplicates; the phone must get the config that somebody made for it."""
        settled = evolve(DESK, id="b", config="settled")
        newest = evolve(DESK, id="seen-later")
        found = run(Facts(mac=MAC), (newest, settled))
        self.assertIs(found.device, settled)
        self.assertEqual(found.steps[1].reason_id, "match.twins")
        self.assertEqual(found.steps[1].values, (MAC, "b", "seen-later"))
        self.assertIs(run(Facts(mac=MAC), (DESK, newest)).device, newest)

    def test_an_address_names_the_only_device_there(self) -> None:
        """A first request without any identity is known by its address alone."""
        found = run(Facts(vendor="Yealink"), at_ip=(DESK,))
        self.assertIs(found.device, DESK)
        self.assertEqual(found.steps[0].reason_id, "match.by-ip")

    def test_an_address_names_nobody_who_is_known_to_be_something_else(self) -> None:
        """The phone that had the address before must not get the newcomer's requests."""
        for facts in (
            Facts(mac="00:15:65:00:00:01"),
            Facts(vendor="Snom"),
            Facts(model="T48S"),
            Facts(serial="S2", vendor="yealink"),
        ):
            device = evolve(DESK, serial="S1")
            self.assertIsNone(run(facts, (), at_ip=(device,)).device, facts)

    def test_several_candidates_are_ambiguous_never_a_guess(self) -> None:
        """Whoever guesses gives one user's account to another."""
        twin = evolve(SOFT, id="soft-2")
        for found in (
            run(Facts(serial="S1"), (SOFT, twin)),
            run(Facts(), (), at_ip=(DESK, SOFT)),
        ):
            self.assertIsNone(found.device)
            self.assertTrue(found.ambiguous)
            self.assertEqual(found.steps[0].reason_id, "match.ambiguous")

    def test_nobody_fits(self) -> None:
        """A new phone is not ambiguous."""
        found = run(Facts(mac="00:15:65:00:00:01"))
        self.assertEqual((found.device, found.ambiguous), (None, False))
