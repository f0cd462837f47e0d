"""support: which plugin is chosen, and when it is open to be chosen anew."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.support import best, is_open, known
from provserver.model import Device, Facts
from tests.fakes.vendors import Acme, AcmePlugin

MAC = "00:ac:ed:00:00:01"


class BestTests(SynchronousTestCase):
    def test_the_highest_score_wins_and_of_equals_the_newer(self) -> None:
        """A vendor's plugins stand oldest first; an unknown firmware is most likely the newest."""
        vendor = Acme(plugins=(AcmePlugin("old", ("A60",), "1.0"), AcmePlugin("new", ("A60",), "2.0")))
        for version, chosen, word in (
            ("1.0", "old", "exact"),
            ("2.0", "new", "exact"),
            (None, "new", "complete"),
        ):
            support = best((vendor,), Facts(vendor="Acme", model="A60", version=version))
            assert support
            self.assertEqual((support.plugin.id, support.word), (chosen, word))

    def test_what_came_nearest_is_told_though_it_is_not_enough(self) -> None:
        """The refusal names it; where no vendor knows the phone there is none."""
        support = best((Acme(),), Facts(vendor="Acme", model="A99"))
        assert support
        self.assertEqual((support.score, support.word), (200, "unknown"))
        self.assertIsNone(best((Acme(),), Facts(vendor="Snom")))


class IsOpenTests(SynchronousTestCase):
    def test_a_phone_without_plugin_is_open(self) -> None:
        """Also one that nobody knows yet."""
        self.assertTrue(is_open(None, None, Facts(mac=MAC)))
        self.assertTrue(is_open(Device("d1", mac=MAC), None, Facts(mac=MAC)))

    def test_what_a_person_chose_is_closed(self) -> None:
        """Whatever is learnt later."""
        device = Device("d1", mac=MAC, plugin="acme-1")
        self.assertFalse(is_open(device, None, Facts(mac=MAC, model="A60", version="2.1")))

    def test_what_a_sighting_chose_is_open_to_one_that_says_more(self) -> None:
        """The first word on the model, or on the firmware; afterwards it stays."""
        device = Device("d1", mac=MAC, plugin="acme-1", chosen="auto")
        modelled = Device("d1", mac=MAC, model="A60", plugin="acme-1", chosen="auto")
        for known_device, version, facts, is_it in (
            (device, None, Facts(mac=MAC), False),
            (device, None, Facts(mac=MAC, model="A60"), True),
            (device, "1.0", Facts(mac=MAC, version="2.1"), False),
            (modelled, None, Facts(mac=MAC, version="2.1"), True),
            (modelled, "2.1", Facts(mac=MAC, model="A20", version="2.2"), False),
        ):
            self.assertEqual(is_open(known_device, version, facts), is_it, (known_device, version, facts))


class KnownTests(SynchronousTestCase):
    def test_what_was_decided_goes_before_what_is_seen(self) -> None:
        """But for the version, which follows the phone."""
        device = Device("d1", mac=MAC, vendor="Acme", model="A60")
        facts = known(device, Facts(mac=MAC, model="A20", serial="S1"), "1.0")
        self.assertEqual((facts.model, facts.version, facts.serial), ("A60", "1.0", "S1"))
        self.assertEqual(known(device, Facts(version="2.1"), "1.0").version, "2.1")
