"""access: what a sighting proves, and what it gets for it (design section 7)."""

from attrs import evolve
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access import Claim, access, proof_of
from provserver.core.access.policy import DEFAULT, ELSEWHERE, LOCAL, Policy, need, policy_of, shown
from provserver.core.access.proofs import Shown
from provserver.model import Pairing, Presence, Proof, Sighting, Tenant
from provserver.store.memory import MemoryStore

MASTER = Tenant("master", name="master", key="Key-of-master")
ANNA = Tenant("anna", name="Anna", parent="master", key="Key-of-anna")
SEEN = Sighting("http", 0.0, "10.0.0.7", "http://10.0.0.1:8667")
LEASE = evolve(SEEN, protocol="dhcp")
STRICT = Policy(local=Proof.ADDRESS, elsewhere=Proof.KEY)
TOKENS = Policy(local=Proof.TOKEN, elsewhere=Proof.TOKEN)
MAC, OTHER_MAC = "00:ac:ed:00:00:01", "00:ac:ed:00:00:02"
STRANGER = Claim(ANNA, mac=MAC)
AT_HOME = evolve(STRANGER, presence=Presence("d", proven_ip="10.0.0.7"))
MOVED = evolve(STRANGER, presence=Presence("d", proven_ip="10.0.0.8"))
NOTHING = Shown()
KEY = Shown(ANNA)
TOKEN = Shown(pairing=Pairing("d", token="t" * 40), in_path=True)
CERTIFICATE = Shown(macs=frozenset({MAC}))


class ProofTests(SynchronousTestCase):
    def test_the_strongest_that_was_shown_counts(self) -> None:
        """A phone on its way from one proof to the next shows several."""
        for seen, claim, said, proof in (
            (SEEN, STRANGER, NOTHING, Proof.NONE),
            (SEEN, MOVED, NOTHING, Proof.NONE),
            (SEEN, AT_HOME, NOTHING, Proof.ADDRESS),
            (LEASE, STRANGER, NOTHING, Proof.ADDRESS),
            (SEEN, AT_HOME, KEY, Proof.KEY),
            (SEEN, AT_HOME, Shown(MASTER), Proof.ADDRESS),
            (SEEN, STRANGER, TOKEN, Proof.TOKEN),
            (SEEN, AT_HOME, evolve(TOKEN, key_of=ANNA), Proof.TOKEN),
            (SEEN, evolve(AT_HOME, other=True), TOKEN, Proof.ADDRESS),
            (SEEN, STRANGER, CERTIFICATE, Proof.CERTIFICATE),
            (SEEN, STRANGER, evolve(TOKEN, macs=frozenset({MAC, OTHER_MAC})), Proof.CERTIFICATE),
            (SEEN, STRANGER, Shown(macs=frozenset({OTHER_MAC})), Proof.NONE),
            (SEEN, evolve(STRANGER, mac=None), CERTIFICATE, Proof.NONE),
        ):
            self.assertEqual(proof_of(seen, claim, said, shared=False), proof, (claim, said))

    def test_an_address_that_many_share_proves_nothing(self) -> None:
        """Behind a NAT the neighbour has it too; a lease is the DHCP server's word all the same."""
        self.assertEqual(proof_of(SEEN, AT_HOME, NOTHING, shared=True), Proof.NONE)
        self.assertEqual(proof_of(LEASE, STRANGER, NOTHING, shared=True), Proof.ADDRESS)


class AccessTests(SynchronousTestCase):
    def test_the_table(self) -> None:
        """Each row is one promise to the administrator: who gets what."""
        for local, claim, said, policy, level, reason_id in (
            (True, STRANGER, NOTHING, DEFAULT, "all", "access.all"),
            (True, STRANGER, NOTHING, STRICT, "open", "access.open-only"),
            (True, AT_HOME, NOTHING, STRICT, "all", "access.all"),
            (True, MOVED, NOTHING, STRICT, "open", "access.open-only"),
            (True, AT_HOME, KEY, TOKENS, "open", "access.open-only"),
            (True, STRANGER, TOKEN, TOKENS, "all", "access.all"),
            (False, STRANGER, NOTHING, DEFAULT, "none", "access.refused"),
            (False, AT_HOME, NOTHING, DEFAULT, "none", "access.refused"),
            (False, STRANGER, KEY, DEFAULT, "all", "access.all"),
            (False, STRANGER, KEY, TOKENS, "none", "access.refused"),
            (False, STRANGER, CERTIFICATE, TOKENS, "all", "access.all"),
            (False, STRANGER, CERTIFICATE, Policy(elsewhere=None), "none", "access.refused"),
        ):
            got = access(SEEN, claim, said, policy, local)
            self.assertEqual(
                (got.level, got.step.reason_id), (level, reason_id), (local, claim, said, policy)
            )

    def test_what_speaks_for_another_is_refused_everywhere(self) -> None:
        """Also where nothing would have been asked for: it is somebody else, or a mistake that must be seen."""
        for claim, said, reason_id in (
            (STRANGER, Shown(MASTER), "access.other-tenants-key"),
            (evolve(STRANGER, other=True), TOKEN, "access.other-devices-token"),
            (STRANGER, Shown(macs=frozenset({OTHER_MAC})), "access.other-devices-certificate"),
            (STRANGER, Shown(MASTER, macs=frozenset({MAC})), "access.other-tenants-key"),
        ):
            for local in (True, False):
                got = access(SEEN, claim, said, DEFAULT, local)
                self.assertEqual((got.level, got.step.reason_id), ("none", reason_id))

    def test_a_certificate_that_names_no_mac_is_no_proof_and_no_offence(self) -> None:
        """Many makers sign with the model's name alone."""
        self.assertEqual(access(SEEN, STRANGER, NOTHING, DEFAULT, True).level, "all")
        self.assertEqual(access(SEEN, evolve(STRANGER, mac=None), CERTIFICATE, DEFAULT, True).level, "all")

    def test_within_its_window_a_phone_is_told_its_token(self) -> None:
        """With *address* on an allowed network, with *key* elsewhere: never with less, or by another policy."""
        opened = evolve(AT_HOME, pairing_open=True)
        certificates = Policy(Proof.CERTIFICATE, Proof.CERTIFICATE)
        for local, claim, said, policy, level in (
            (True, opened, NOTHING, TOKENS, "all"),
            (True, evolve(opened, presence=None), NOTHING, TOKENS, "open"),
            (True, AT_HOME, NOTHING, TOKENS, "open"),
            (False, opened, NOTHING, TOKENS, "none"),
            (False, opened, KEY, TOKENS, "all"),
            (False, opened, Shown(MASTER), TOKENS, "none"),
            (True, opened, KEY, certificates, "open"),
            (False, opened, KEY, certificates, "none"),
        ):
            got = access(SEEN, claim, said, policy, local)
            self.assertEqual(got.level, level, (local, claim, said, policy))
            if level == "all":
                self.assertEqual(got.step.reason_id, "access.pairing")

    def test_a_lease_is_the_dhcp_servers_word(self) -> None:
        """It proves the address whatever the network; a tenant's policy is about files."""
        got = access(LEASE, STRANGER, NOTHING, TOKENS, False)
        self.assertEqual((got.level, got.proof), ("all", Proof.ADDRESS))

    def test_no_step_names_a_secret(self) -> None:
        """Steps are shown to whoever may read a timeline."""
        for said in (KEY, Shown(MASTER), TOKEN, CERTIFICATE, Shown(macs=frozenset({OTHER_MAC}))):
            for claim in (STRANGER, evolve(STRANGER, other=True)):
                text = repr(access(SEEN, claim, said, DEFAULT, False))
                self.assertNotIn("Key-of", text)
                self.assertNotIn("ttt", text)


def told(tenant: Tenant, policy: tuple[str | None, str | None]) -> Tenant:
    local, elsewhere = policy
    return evolve(tenant, policy_local=local, policy_elsewhere=elsewhere)


class PolicyTests(SynchronousTestCase):
    def store(self, *tenants: Tenant) -> MemoryStore:
        return MemoryStore(tenants, clock=Clock())

    def test_what_a_tenant_does_not_say_is_said_above_it(self) -> None:
        """Half of it may be its own; where nobody says anything the settings hold."""
        default = Policy(Proof.KEY, Proof.CERTIFICATE)
        for master, anna, carl, expected in (
            ((None, None), (None, None), (None, None), default),
            (("address", None), (None, None), (None, None), Policy(Proof.ADDRESS, Proof.CERTIFICATE)),
            (("address", "key"), (None, "never"), (None, None), Policy(Proof.ADDRESS, None)),
            (("address", None), ("token", None), ("none", "token"), Policy(Proof.NONE, Proof.TOKEN)),
        ):
            tenant = told(Tenant("carl", parent="anna"), carl)
            store = self.store(told(MASTER, master), told(ANNA, anna), tenant)
            self.assertEqual(policy_of(store, tenant, default), expected)

    def test_tenants_that_are_no_tree_end_at_the_settings(self) -> None:
        """Another server's tenants are mirrored as it tells them; a request may not hang on its mistake."""
        one, two = Tenant("one", parent="two"), Tenant("two", parent="one")
        self.assertEqual(policy_of(self.store(MASTER, one, two), one, DEFAULT), DEFAULT)

    def test_a_word_that_is_none_means_never(self) -> None:
        """Should the store ever hold one, phones stand outside rather than everybody inside."""
        self.assertIsNone(need("often"))

    def test_every_word_reads_as_it_is_written(self) -> None:
        """REST, settings and explain use the same words."""
        for word in {*LOCAL, *ELSEWHERE}:
            self.assertEqual(shown(need(word)), word)
        self.assertEqual(list(map(need, LOCAL)), list(Proof))

    def test_which_policies_ask_for_tokens(self) -> None:
        """For these alone tokens are made."""
        for policy, asks in (
            (DEFAULT, False),
            (Policy(elsewhere=Proof.TOKEN), True),
            (Policy(local=Proof.TOKEN, elsewhere=None), True),
            (Policy(Proof.CERTIFICATE, Proof.CERTIFICATE), False),
        ):
            self.assertEqual(policy.asks_token, asks)
