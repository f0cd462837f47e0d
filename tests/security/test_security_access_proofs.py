"""Security: proofs that are forged, taken from others, or come too late."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access.policy import Policy
from provserver.model import Device, Pairing, Presence, Proof, Tenant
from tests.security.outside import (
    ANNAS_KEY,
    BERTS_KEY,
    DESK,
    FILE,
    HOME,
    MASTER_KEY,
    OTHER,
    PROXY,
    SECRET,
    TOKEN,
    UA,
    Outside,
    challenges,
    digest,
)

STRICT = Policy(Proof.ADDRESS, Proof.KEY)
TOKENS = Policy(Proof.TOKEN, Proof.TOKEN)
USER = "00aced000001"
TARGET = f"/{FILE}"


class DigestReplayTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Outside(TOKENS, TOKEN)

    def test_what_was_overheard_opens_nothing(self) -> None:
        """The same header again, from the same address or another, for this file or another."""
        headers = digest(self.office.http(TARGET), TARGET, USER, TOKEN)
        self.assertIn(SECRET, self.office.http(TARGET, headers=headers).body)
        for target, ip in (
            (TARGET, HOME),
            (TARGET, "198.51.100.1"),
            ("/common.cfg", HOME),
            (f"/{OTHER}", HOME),
        ):
            self.assertEqual(self.office.http(target, ip, headers=headers).status, 401, (target, ip))
        self.assertEqual(self.office.http(TARGET, method="HEAD", headers=headers).status, 401)

    def test_the_phone_itself_goes_on(self) -> None:
        """It counts; after five minutes it is told that the nonce alone was too old, and asks no user."""
        asked = self.office.http(TARGET)
        for count in (1, 2, 9):
            self.assertEqual(self.office.login(TARGET, USER, TOKEN, asked=asked, count=count).status, 200)
        self.office.clock.advance(301)
        late = self.office.login(TARGET, USER, TOKEN, asked=asked, count=10)
        self.assertTrue(all("stale=true" in challenge for challenge in challenges(late)))
        self.assertEqual(self.office.login(TARGET, USER, TOKEN, asked=late).status, 200)

    def test_a_new_phone_waiting_for_the_disk_is_no_replay_of_itself(self) -> None:
        """Its first login closes its window, which is written before it is answered."""
        self.office.put(Pairing("d1", token=TOKEN, open_until=self.office.clock.seconds() + 60))
        self.assertEqual(self.office.login(TARGET, USER, TOKEN).status, 200)
        self.assertEqual(self.office.store.get(Pairing, "d1").open_until, 0.0)

    def test_explain_spends_nothing(self) -> None:
        """An administrator who looks must not lock the phone out."""
        headers = digest(self.office.http(TARGET), TARGET, USER, TOKEN)
        sighting = self.office.sighting(
            path=FILE, ip=HOME, user_agent=UA, authorization=headers["authorization"], target=TARGET
        )
        for _ in range(2):
            self.assertEqual(self.office.provisioner.explain(sighting).outcome, "file")
        self.assertEqual(self.office.http(TARGET, headers=headers).status, 200)

    def test_no_url_of_the_file_holds_the_password(self) -> None:
        """A phone that logs in needs no token in its path, where proxies would log it."""
        reply = self.office.login(TARGET, USER, TOKEN)
        self.assertNotIn(TOKEN.encode(), reply.body)

    def test_a_password_is_good_for_its_own_phone(self) -> None:
        """Whoever unscrews one phone has one phone's secrets."""
        for target in (f"/{OTHER}", "/00aced000003.cfg", f"/{BERTS_KEY}/{FILE}"):
            self.assertEqual(self.office.login(target, USER, TOKEN).status, 401)
        self.assertEqual(self.office.login("/common.cfg", "d1", TOKEN).status, 200)


class ProxyTests(SynchronousTestCase):
    def test_x_forwarded_for_poisoning(self) -> None:
        """What a phone writes there itself makes nobody local, through a trusted proxy or past it."""
        office = Outside(STRICT)
        office.lease()
        for ip, headers in (
            (HOME, {"x-forwarded-for": DESK}),
            (HOME, {"forwarded": f"for={DESK}"}),
            (HOME, {"x-forwarded-for": f"{DESK}, {PROXY}"}),
            (PROXY, {"x-forwarded-for": f"{DESK}, {HOME}"}),
            (PROXY, {"x-forwarded-for": f"{DESK}, {HOME}, {PROXY}"}),
            (PROXY, {"x-forwarded-for": HOME, "forwarded": f"for={DESK}"}),
            (PROXY, {"x-forwarded-for": f"{DESK}, unknown"}),
            (DESK, {"x-forwarded-for": "127.0.0.1"}),
            (DESK, {"x-forwarded-for": DESK}),
        ):
            for path in (TARGET, "/common.cfg"):
                self.assertEqual(office.http(path, ip, headers=headers).status, 404, (ip, headers))
        self.assertEqual(office.http(TARGET, PROXY, headers={"x-forwarded-for": DESK}).status, 200)

    def test_a_forgotten_proxy_setting(self) -> None:
        """A proxy in the office that nobody named: the internet behind it is not the office."""
        office = Outside()
        for header in ("x-forwarded-for", "forwarded"):
            self.assertEqual(office.http(TARGET, "10.0.0.2", headers={header: "203.0.113.7"}).status, 404)
        self.assertEqual(office.http(TARGET, "10.0.0.2").status, 200)

    def test_a_certificate_that_a_phone_only_claims_to_have(self) -> None:
        """The header is the trusted proxy's; from anybody else it says nothing."""
        office = Outside(Policy(Proof.CERTIFICATE, Proof.CERTIFICATE))
        claimed = {"x-ssl-client-verify": "SUCCESS", "x-ssl-client-s-dn": "CN=00ACED000001"}
        for ip in (HOME, DESK):
            self.assertEqual(office.http(TARGET, ip, headers=claimed).status, 404)
        proxied = {**claimed, "x-forwarded-for": HOME}
        self.assertEqual(office.http(TARGET, PROXY, headers=proxied).status, 200)
        self.assertEqual(office.http(TARGET, HOME, headers=proxied).status, 404)


class AddressProofTests(SynchronousTestCase):
    def test_no_request_proves_an_address(self) -> None:
        """Not even where the policy was none when it came: only leases, and proofs of key or more, are remembered."""
        office = Outside()
        office.http(TARGET, "10.0.0.66", headers={"user-agent": f"{UA} 00:ac:ed:00:00:01"})
        self.assertEqual(office.store.get(Presence, "d1").ip, "10.0.0.66")
        self.assertIsNone(office.store.get(Presence, "d1").proven_ip)
        office.put(evolve(office.store.get(Tenant, "anna"), policy_local="address"))
        self.assertEqual(office.http(TARGET, "10.0.0.66").status, 404)

    def test_nor_does_an_address_that_somebody_wrote_into_the_device(self) -> None:
        """`ip` over REST is for people's eyes."""
        office = Outside(STRICT)
        office.put(Presence("d1", ip="10.0.0.66"))
        self.assertEqual(office.http(TARGET, "10.0.0.66").status, 404)

    def test_a_lease_moves_the_proof_and_takes_it_from_who_had_it(self) -> None:
        """Yesterday's address of a phone is a visitor's laptop today."""
        office = Outside(STRICT)
        office.lease()
        self.assertEqual(office.http(TARGET, DESK).status, 200)
        office.lease(ip="10.0.0.8")
        self.assertEqual(office.http(TARGET, DESK).status, 404)
        self.assertEqual(office.http(TARGET, "10.0.0.8").status, 200)
        office.lease(mac="00:ac:ed:00:00:03", ip="10.0.0.8")
        self.assertEqual(office.http(TARGET, "10.0.0.8").status, 404)

    def test_an_address_of_a_nat_proves_nothing(self) -> None:
        """All its phones have it."""
        office = Outside(STRICT)
        office.lease()
        office.nat.saw(DESK, "00:ac:ed:00:00:01", office.clock.seconds())
        office.nat.saw(DESK, "00:ac:ed:00:00:02", office.clock.seconds())
        self.assertEqual(office.http(TARGET, DESK).status, 404)


class KeyTests(SynchronousTestCase):
    def test_a_key_of_another_tenant(self) -> None:
        """A key opens its own tenant's devices, over HTTP and TFTP, from everywhere."""
        office = Outside()
        for key in (BERTS_KEY, MASTER_KEY):
            for ip in (HOME, DESK):
                self.assertEqual(office.http(f"/{key}/{FILE}", ip).status, 404)
                told = office.answer(protocol="tftp", path=f"{key}/{FILE}", ip=ip, user_agent="")
                self.assertEqual(told.outcome, "nothing")
        self.assertIn(SECRET, office.http(f"/{ANNAS_KEY}/{FILE}").body)
        told = office.answer(protocol="tftp", path=f"{ANNAS_KEY}/{FILE}", ip=HOME, user_agent="")
        self.assertEqual(told.outcome, "file")

    def test_a_masters_device_by_the_masters_key_or_without_one_at_home(self) -> None:
        """The small office has one tenant and perhaps no key at all."""
        office = Outside()
        office.put(evolve(office.store.get(Device, "d1"), tenant="master"))
        self.assertEqual(office.http(f"/{MASTER_KEY}/{FILE}").status, 200)
        self.assertEqual(office.http(TARGET, DESK).status, 200)
        for target in (TARGET, f"/{ANNAS_KEY}/{FILE}"):
            self.assertEqual(office.http(target).status, 404)

    def test_first_stage_token_leak(self) -> None:
        """No answer to who proved too little carries the key or the token that the next stage asks for."""
        for policy in (
            Policy(),
            STRICT,
            TOKENS,
            Policy(Proof.NONE, Proof.TOKEN),
            Policy(Proof.KEY, Proof.TOKEN),
        ):
            office = Outside(policy, TOKEN)
            office.put(Pairing("d1", token=TOKEN, open_until=office.clock.seconds() + 600))
            for ip in (HOME, "10.0.0.66"):
                for path in (TARGET, "/common.cfg", f"/{OTHER}", "/x"):
                    reply = office.http(path, ip)
                    seen = reply.body + repr(reply.headers).encode()
                    self.assertNotIn(TOKEN.encode(), seen, (policy, ip, path))
                    plug_and_play = (
                        ip != HOME and policy.local == Proof.NONE and path not in ("/x", "/common.cfg")
                    )
                    for key in (MASTER_KEY, ANNAS_KEY, BERTS_KEY):
                        self.assertFalse(key.encode() in seen and not plug_and_play, (policy, ip, path))

    def test_head_follows_the_rules_of_get(self) -> None:
        """Status and headers of HEAD would tell of the file, its size and ETag."""
        for policy in (Policy(), STRICT, TOKENS):
            office = Outside(policy, TOKEN)
            for target in (
                TARGET,
                f"/{BERTS_KEY}/{FILE}",
                f"/{OTHER}",
                f"/{TOKEN}/{FILE}",
                f"/{ANNAS_KEY}/{FILE}",
            ):
                got, head = office.http(target), office.http(target, method="HEAD")
                self.assertEqual((head.status, head.body), (got.status, b""))
                length = dict(got.headers)["Content-Length"]
                self.assertEqual(dict(head.headers)["Content-Length"], length)


class CertificateTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Outside(Policy(Proof.NONE, Proof.CERTIFICATE))

    def test_it_must_name_the_phone(self) -> None:
        """A certificate of the same maker's other phone is worth nothing here, and suspicious at home too."""
        for names, ip, status in (
            (("CN=00ACED000001",), HOME, 200),
            (("Acme", "CP-A60-SEP00ACED000001"), HOME, 200),
            (("CN=00ACED000003",), HOME, 404),
            (("CN=00ACED000003",), DESK, 404),
            (("Acme",), HOME, 404),
            (("Acme",), DESK, 200),
            ((), HOME, 404),
        ):
            self.assertEqual(self.office.http(TARGET, ip, certificate=names).status, status, (names, ip))

    def test_it_says_which_phone_it_is(self) -> None:
        """A common file's name says nothing; of two names in a certificate none is taken."""
        self.assertEqual(self.office.http("/common.cfg", certificate=("CN=00ACED000001",)).status, 200)
        both = ("CN=00ACED000001", "CN=00ACED000003")
        self.assertEqual(self.office.http("/common.cfg", certificate=both).status, 404)

    def test_a_phone_that_nobody_knew_may_come_with_it(self) -> None:
        """The maker vouches for it: zero touch, without any key."""
        reply = self.office.http("/00aced000009.cfg", certificate=("CN=00ACED000009",))
        self.assertEqual(reply.status, 200)
        device = self.office.store.find(Device, "mac", "00:ac:ed:00:00:09")[0]
        self.assertEqual(device.tenant, "master")
