"""Claims and resets over REST: who may, what comes back, and what is wrong."""

from attrs import evolve
from twisted.internet.defer import succeed
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config, Device, Line, Seat, Tenant
from tests.fakes.office import MAC, json_of
from tests.fakes.rest import TOKEN, Answered, RestOffice

FILE = "00aced000001.cfg"


class ClaimCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.office.put(
            Tenant("anna", parent="master"),
            Tenant("ben", parent="master"),
            Line("l1", tenant="anna", code="482913", account=json_of({"username": "anna"})),
        )
        self.office.answer(path=FILE)

    def device(self) -> Device:
        return self.office.store.find(Device, "mac", MAC)[0]

    def claim(self, claim: object, token: str = TOKEN, tenant: str | None = None) -> Answered:
        return self.office.asks(
            "POST", "/claims", {"claim": claim}, token, tenant, {"Accept": "application/json"}
        )


class ClaimTests(ClaimCase):
    def test_a_claim(self) -> None:
        """The phone, the line, and whether the phone is told."""
        answer = self.claim({"code": "482913", "ip": "10.0.0.7", "contact": "sip:x@10.0.0.7:5060"})
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(
            answer.json["claim"],
            {"outcome": "ok", "device": self.device().id, "line": "l1", "resync": "resync.by-hand"},
        )
        self.assertEqual(self.device().tenant, "anna")

    def test_the_phone_is_told_at_its_contact(self) -> None:
        """Each call has a name of its own, which nobody ends: the loop's five seconds go by."""
        self.office.put(Line("l2", tenant="anna", code="111222", account=json_of({"username": "ben"})))
        self.patch(self.office.provisioner, "resync", lambda device: "however")
        mark = self.office.waiting.marks.of(self.device().id)
        contact = "sip:x@10.0.0.7:5060"
        self.assertEqual(
            self.claim({"code": "482913", "mark": mark.lower(), "contact": contact}).json["claim"]["resync"],
            "started",
        )
        self.office.answer(
            path="00aced000002.cfg", user_agent="acme A60 2.1 00:ac:ed:00:00:02", ip="10.0.0.8"
        )
        self.claim({"code": "111222", "ip": "10.0.0.8", "slot": None})
        calls = [(begun.contact, begun.call) for begun in self.office.resyncs.begun]
        self.assertEqual(calls, [(contact, "rest:1"), ("", "rest:2")])

    def test_refusals_have_their_reason(self) -> None:
        """409, and the reason is what a dialplan would test."""
        for claim, reason_id in (
            ({"code": "482913", "ip": "10.0.0.99"}, "phone.none"),
            ({"code": "482913"}, "phone.none"),
            ({"code": "999999", "ip": "10.0.0.7"}, "code.unknown"),
        ):
            answer = self.claim(claim)
            self.assertEqual((answer.status, answer.json["reason_id"]), (409, reason_id))

    def test_too_many_guesses(self) -> None:
        """429, and when to come again."""
        self.patch(self.office.claims, "_pause", lambda _: succeed(None))
        for _ in range(5):
            self.claim({"code": "999999", "ip": "10.0.0.7"})
        answer = self.claim({"code": "482913", "ip": "10.0.0.7"})
        self.assertEqual((answer.status, answer.json["reason_id"]), (429, "claim.locked"))
        self.assertLessEqual(int(answer.headers["retry-after"]), 600)

    def test_a_token_claims_codes_of_its_tenants_alone(self) -> None:
        """The PBX of one tenant cannot take another one's lines."""
        self.office.use(self.office.tenants)
        self.patch(self.office.claims, "_pause", lambda _: succeed(None))
        for token, tenant, status in (("ben", None, 409), ("master", "ben", 409), ("master", None, 200)):
            answer = self.claim({"code": "482913", "ip": "10.0.0.7"}, token, tenant)
            self.assertEqual(answer.status, status, (token, tenant))

    def test_an_association_that_is_refused(self) -> None:
        """The same as over AGI."""
        self.office.put(evolve(self.device(), tenant="ben"))
        answer = self.claim({"code": "482913", "ip": "10.0.0.7"})
        self.assertEqual((answer.status, answer.json["reason_id"]), (409, "phone.other-tenant"))

    def test_bodies_that_are_none(self) -> None:
        """400, the field named; nothing counts as a guess."""
        for claim, field in (
            ({}, "code"),
            ({"code": ""}, "code"),
            ({"code": None}, "code"),
            ({"code": []}, "code"),
            ({"code": "482913", "ip": "somewhere"}, "ip"),
            ({"code": "482913", "mark": "4F7K2"}, "mark"),
            ({"code": "482913", "mark": "4F7K20"}, "mark"),
            ({"code": "482913", "slot": "x" * 600}, "slot"),
            ({"code": "482913", "contact": "sip:a@b\r\nX: y"}, "contact"),
            ({"code": "482913", "pin": "1"}, "pin"),
            (None, "claim"),
            ([], "claim"),
        ):
            answer = self.claim(claim)
            self.assertEqual((answer.status, answer.json["field"]), (400, field), claim)
        self.assertEqual(self.office.asks("POST", "/claims", {}).status, 400)
        self.assertEqual(self.claim({"code": 482913, "ip": "::ffff:10.0.0.7"}).status, 200)


class DisabledTests(ClaimCase):
    def test_a_tenant_is_disabled_from_above(self) -> None:
        """Its own token cannot enable it again."""
        self.office.use(self.office.tenants)

        def put(token: str, disabled: object) -> int:
            body = {"tenant": {"disabled": disabled}}
            return self.office.asks("PUT", "/tenants/anna", body, token).status

        self.assertEqual([put("anna", True), put("ben", True), put("master", True)], [403, 404, 204])
        self.assertEqual(self.claim({"code": "482913", "ip": "10.0.0.7"}).json["reason_id"], "unauthorized")
        answer = self.claim({"code": "482913", "ip": "10.0.0.7"}, "master")
        self.assertEqual(answer.json["reason_id"], "code.disabled-tenant")
        document = self.office.asks("GET", "/tenants/anna", token="anna").json["tenant"]
        self.assertEqual(document["disabled"], True)
        self.assertEqual([put("anna", False), put("master", "no"), put("master", False)], [403, 400, 204])
        self.assertNotIn("disabled", self.office.asks("GET", "/tenants/anna", token="anna").json["tenant"])


class ResetTests(ClaimCase):
    def reset(self, device_id: str, token: str = TOKEN) -> Answered:
        return self.office.asks("POST", f"/dev_mgr/devices/{device_id}/autoprov", {}, token)

    def test_a_device_is_given_back(self) -> None:
        """Without a PIN: the token says who may. The device keeps its tenant."""
        self.claim({"code": "482913", "ip": "10.0.0.7"})
        answer = self.reset(self.device().id)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(
            answer.json["reset"],
            {"outcome": "ok", "device": self.device().id, "resync": "resync.by-hand"},
        )
        self.assertEqual((self.office.store.get(Line, "l1").seats, self.device().tenant), ((), "anna"))
        config = self.office.store.get(Config, self.device().config or "")
        self.assertTrue(config.transient)
        self.assertEqual(self.reset(self.device().id).status, 200)

    def test_whose_device_it_may_be(self) -> None:
        """404 for any other, as for one that is not there; a guest may not either."""
        self.office.use(self.office.tenants)
        self.office.put(
            Device("bens", tenant="ben", guests=("anna",)),
            Line("l9", tenant="anna", account=json_of({"username": "a"}), seats=(Seat("bens", 1),)),
        )
        for token, device_id, status in (
            ("anna", "bens", 404),
            ("anna", "nobody", 404),
            ("ben", "bens", 200),
            ("master", "bens", 200),
        ):
            self.assertEqual(self.reset(device_id, token).status, status, (token, device_id))
