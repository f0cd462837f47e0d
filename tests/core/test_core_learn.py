"""learn: what changes because a phone was seen."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.learn import autoprov_config, discover, fill, identity, moved_away, seen
from provserver.model import Config, Device, Facts, Presence, Put, Sighting

MAC = "00:15:65:4a:a9:37"
TEMPLATE = Config("autoprov", role="autocreate")
OWN = autoprov_config(TEMPLATE, "autoprov1")
SEEN = Sighting("http", 100.0, "10.0.0.7", "http://10.0.0.1")


class DiscoverTests(SynchronousTestCase):
    def test_a_new_phone_becomes_a_device_with_its_own_config(self) -> None:
        """Both in one commit: a device whose config were missing would get no file."""
        learnt = discover(Facts(mac=MAC, vendor="Yealink", model="T46S"), "d1", "t1", "yealink-v86", OWN)
        device, config = (put.document for put in learnt.changes)
        self.assertEqual(
            device,
            Device("d1", mac=MAC, vendor="Yealink", model="T46S", plugin="yealink-v86", chosen="auto",
                   config="autoprov1", tenant="t1", added="auto"),
        )  # fmt: skip
        self.assertEqual(config, Config("autoprov1", parents=("autoprov",), transient=True))
        self.assertEqual([put.expected for put in learnt.changes], [0, 0])

    def test_only_one_of_two_who_discover_a_phone_succeeds(self) -> None:
        """The commit holds the phone's identity, whichever it has."""
        for facts in (Facts(mac=MAC), Facts(serial="S1"), Facts(uuid="7a3f")):
            first = discover(facts, "d1", "t1", None, None).changes[0]
            self.assertEqual(first.holds, {("discovered", identity(facts))})


class FillTests(SynchronousTestCase):
    def test_gaps_are_filled_over_the_revision_that_was_read(self) -> None:
        """A lease made the device; its first HTTP request says the model."""
        device = Device("d1", rev=7, mac=MAC)
        learnt = fill(device, Facts(mac=MAC, vendor="Yealink", model="T46S"), "yealink-v86", OWN)
        self.assertEqual(learnt.made, "filled")
        self.assertEqual(
            learnt.changes,
            (
                Put(
                    evolve(
                        device,
                        vendor="Yealink",
                        model="T46S",
                        plugin="yealink-v86",
                        chosen="auto",
                        config="autoprov1",
                    ),
                    7,
                ),
                Put(OWN, 0),
            ),
        )

    def test_what_is_decided_is_never_overwritten(self) -> None:
        """An administrator's plugin, and a model that a phone suddenly denies."""
        device = Device("d1", mac=MAC, vendor="Yealink", model="T46S", plugin="mine", config="c1")
        learnt = fill(device, Facts(mac=MAC, vendor="Snom", model="T48S"), "yealink-v86", None)
        self.assertEqual((learnt.device, learnt.made, learnt.changes), (device, "same", ()))

    def test_what_a_sighting_chose_makes_way_for_a_better_choice(self) -> None:
        """An 8945 that asked before its lease was told was taken for any Cisco; now its model is known."""
        device = Device("d1", mac=MAC, vendor="Cisco", plugin="cisco-sccp-9.4", chosen="auto", config="c1")
        learnt = fill(device, Facts(mac=MAC, model="8945"), "cisco-sip-9.3", None)
        self.assertEqual(learnt.device, evolve(device, model="8945", plugin="cisco-sip-9.3"))
        self.assertEqual(learnt.steps[0].values, ("d1", "model 8945, plugin cisco-sip-9.3"))


class SeenTests(SynchronousTestCase):
    def test_an_address_is_followed_or_proven_as_the_policy_says(self) -> None:
        """`ip` follows what is seen only where no proof is asked; `proven_ip` follows proof alone."""
        before = Presence("d1", ip="10.0.0.1", proven_ip="10.0.0.1", version="1")
        for follows, proves, ip, proven in (
            (True, False, "10.0.0.7", "10.0.0.1"),
            (False, True, "10.0.0.7", "10.0.0.7"),
            (True, True, "10.0.0.7", "10.0.0.7"),
            (False, False, "10.0.0.1", "10.0.0.1"),
        ):
            after = seen(before, SEEN, None, follows, proves)
            self.assertEqual((after.ip, after.proven_ip, after.seen, after.version), (ip, proven, 100.0, "1"))

    def test_the_version_follows_the_phone(self) -> None:
        """Phones are upgraded; the newest word counts."""
        self.assertEqual(seen(Presence("d1", version="1"), SEEN, "2", True, False).version, "2")

    def test_an_address_moves_from_the_device_that_had_it(self) -> None:
        """Otherwise two devices would be found there, and neither be served by address. What was proven is only
        taken by a proof."""
        newcomer = Presence("new", ip="10.0.0.7")
        old = Presence("old", ip="10.0.0.7", proven_ip="10.0.0.7")
        self.assertEqual(moved_away((newcomer, old), newcomer, proves_ip=False), (evolve(old, ip=None),))
        self.assertEqual(
            moved_away((newcomer, old), newcomer, proves_ip=True), (evolve(old, ip=None, proven_ip=None),)
        )
