"""access: the table of network, proof and key (design section 7)."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access import Policy, access, split_key
from provserver.model import Presence, Proof, Sighting, Tenant

MASTER = Tenant("master", name="master", key="Key-of-master")
ANNA = Tenant("anna", name="Anna", parent="master", key="Key-of-anna")
SEEN = Sighting("http", 0.0, "10.0.0.7", "http://10.0.0.1:8667")
STRICT = Policy(local=Proof.ADDRESS, elsewhere=Proof.KEY)
PROVEN = Presence("d", proven_ip="10.0.0.7")


class AccessTests(SynchronousTestCase):
    def test_the_table(self) -> None:
        """Each row is one promise to the administrator: who gets what."""
        for local, key, presence, policy, level, proof in (
            (True, None, None, Policy(), "all", Proof.NONE),
            (True, ANNA, None, Policy(), "all", Proof.KEY),
            (True, MASTER, None, Policy(), "none", Proof.NONE),
            (True, None, None, STRICT, "open", Proof.NONE),
            (True, None, PROVEN, STRICT, "all", Proof.ADDRESS),
            (True, None, evolve(PROVEN, proven_ip="10.0.0.8"), STRICT, "open", Proof.NONE),
            (False, None, None, Policy(), "none", Proof.NONE),
            (False, None, PROVEN, Policy(), "none", Proof.ADDRESS),
            (False, ANNA, None, Policy(), "all", Proof.KEY),
            (False, MASTER, None, Policy(), "none", Proof.NONE),
        ):
            got = access(SEEN, local, ANNA, key, presence, policy)
            self.assertEqual((got.level, got.proof), (level, proof), (local, key, presence, policy))

    def test_a_lease_is_the_dhcp_servers_word(self) -> None:
        """It proves the address whatever the network; a tenant's policy is about files."""
        got = access(evolve(SEEN, protocol="dhcp"), False, ANNA, None, None)
        self.assertEqual((got.level, got.proof), ("all", Proof.ADDRESS))

    def test_no_step_names_a_key(self) -> None:
        """Steps are shown to whoever may read a timeline."""
        for key in (ANNA, MASTER):
            self.assertNotIn("Key-of", repr(access(SEEN, False, ANNA, key, None)))


class SplitKeyTests(SynchronousTestCase):
    def test_a_tenants_key_is_taken_off_and_nothing_else(self) -> None:
        """A first element that is no key is part of the path: `firmware/…` must survive."""
        tenants = {"Key-of-anna": ANNA}
        for path, expected in (
            ("Key-of-anna/0015.cfg", (ANNA, "0015.cfg")),
            ("Key-of-anna", (ANNA, "")),
            ("Key-of-ann/0015.cfg", (None, "Key-of-ann/0015.cfg")),
            ("firmware/T46S.rom", (None, "firmware/T46S.rom")),
            ("", (None, "")),
        ):
            self.assertEqual(split_key(path, tenants.get), expected)
