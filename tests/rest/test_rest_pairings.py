"""Tokens of devices, and the policies that ask for them, over REST."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.secrets import SEE_SECRETS
from provserver.errors import NotFound
from provserver.model import Device, Pairing, Tenant
from tests.fakes.office import KEY, MAC
from tests.fakes.rest import Answered, RestOffice

ANNA = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
BERT = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
PATH = "/dev_mgr/devices/d1/pairing"
CHOSEN = "seventeen-blue-horses-in-the-rain"


class PairingsCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.store = self.office.store
        self.office.put(
            Tenant(ANNA, name="Anna's", parent="master"),
            Tenant(BERT, name="Bert's", parent="master"),
            Device("d1", mac=MAC, tenant=ANNA),
        )

    def asks(self, method: str, path: str, body: object = None, token: str | None = None) -> Answered:
        if token is None:
            return self.office.asks(method, path, body, headers={"Accept": "application/json"})
        return self.office.asks(method, path, body, token=token, headers={"Accept": "application/json"})

    def open(self, seconds: object = 600) -> Answered:
        return self.asks("POST", PATH, {"pairing": {"seconds": seconds}})


class WindowTests(PairingsCase):
    def test_open_and_read(self) -> None:
        """The user name is what stands on the phone's back."""
        opened = self.open()
        self.assertEqual(opened.status, 200)
        pairing = self.store.get(Pairing, "d1")
        self.assertEqual(pairing.open_until, self.office.clock.seconds() + 600)
        shown = opened.json["pairing"]
        self.assertEqual((shown["username"], shown["token"]), ("00aced000001", pairing.token))
        self.assertEqual(self.asks("GET", PATH).json, opened.json)
        self.office.clock.advance(601)
        self.assertIsNone(self.asks("GET", PATH).json["pairing"]["open_until"])

    def test_without_seconds_it_is_open_as_long_as_for_a_new_phone(self) -> None:
        """The setting `network.pairing_s`."""
        self.assertEqual(self.asks("POST", PATH, {"pairing": {}}).status, 200)
        self.assertEqual(self.store.get(Pairing, "d1").open_until, self.office.clock.seconds() + 3_600)

    def test_each_opening_makes_a_new_token(self) -> None:
        """The old one ends at once."""
        tokens = {self.open().json["pairing"]["token"] for _ in range(3)}
        self.assertEqual(len(tokens), 3)
        self.assertEqual(len(self.store.find(Pairing, "token", max(tokens))), 1)

    def test_end(self) -> None:
        """A phone that was stolen is out; who ends it twice is told."""
        self.open()
        self.assertEqual(self.asks("DELETE", PATH).status, 204)
        self.assertRaises(NotFound, self.store.get, Pairing, "d1")
        for method in ("DELETE", "GET"):
            self.assertEqual(self.asks(method, PATH).status, 404)

    def test_a_chosen_token_closes_the_window(self) -> None:
        """Whoever types it into the phone needs none."""
        self.open()
        self.assertEqual(self.asks("PUT", PATH, {"pairing": {"token": CHOSEN}}).status, 204)
        pairing = self.store.get(Pairing, "d1")
        self.assertEqual((pairing.token, pairing.open_until), (CHOSEN, 0.0))
        self.assertEqual(self.asks("PUT", PATH, {"pairing": {"token": CHOSEN}}).status, 204)

    def test_bad_bodies(self) -> None:
        """400 and the field; never the token."""
        self.office.put(
            Pairing("d2", token="x" * 30), Tenant("master", name="master", key=f"{KEY}-{'long' * 5}")
        )
        for method, body, field in (
            ("POST", {"pairing": {"seconds": 0}}, "pairing.seconds"),
            ("POST", {"pairing": {"seconds": 30 * 86_400 + 1}}, "pairing.seconds"),
            ("POST", {"pairing": {"seconds": True}}, "pairing.seconds"),
            ("POST", {"pairing": {"seconds": "600"}}, "pairing.seconds"),
            ("POST", {"pairing": []}, "pairing"),
            ("PUT", {"pairing": {}}, "pairing.token"),
            ("PUT", {"pairing": {"token": 5}}, "pairing.token"),
            ("PUT", {"pairing": {"token": "x" * 21}}, "pairing.token"),
            ("PUT", {"pairing": {"token": "x" * 129}}, "pairing.token"),
            ("PUT", {"pairing": {"token": "x" * 29 + "/"}}, "pairing.token"),
            ("PUT", {"pairing": {"token": "x" * 30}}, "pairing.token"),
            ("PUT", {"pairing": {"token": f"{KEY}-{'long' * 5}"}}, "pairing.token"),
        ):
            answer = self.asks(method, PATH, body)
            self.assertEqual((answer.status, answer.json.get("field")), (400, field), body)
            self.assertNotIn("xxx", answer.text)
        self.assertRaises(NotFound, self.store.get, Pairing, "d1")

    def test_the_token_is_shown_to_who_may_see_secrets(self) -> None:
        """Whoever helps with phones may open windows without ever seeing a token."""
        acl = ["provd.dev_mgr.devices.#"]
        for more, seen in (([], False), ([SEE_SECRETS], True)):
            made = self.asks("POST", "/tokens", {"token": {"name": "help", "acl": [*acl, *more]}}).json
            opened = self.asks("POST", PATH, {"pairing": {}}, made["token"]).json["pairing"]
            self.assertEqual(opened["token"] == self.store.get(Pairing, "d1").token, seen)
            self.assertEqual(opened["token"] == "***", not seen)

    def test_another_tenants_device_is_none(self) -> None:
        """404 for every method, as if it were not there."""
        self.open()
        self.office.use(self.office.tenants)
        for method, body in (
            ("GET", None),
            ("POST", {"pairing": {}}),
            ("PUT", {"pairing": {"token": CHOSEN}}),
            ("DELETE", None),
        ):
            self.assertEqual(self.asks(method, PATH, body, BERT).status, 404)
            self.assertEqual(self.asks(method, PATH.replace("d1", "d9"), body, ANNA).status, 404)
        self.assertEqual(self.asks("GET", PATH, None, ANNA).status, 200)


class MadeTests(PairingsCase):
    def make(self) -> str:
        return str(self.asks("POST", "/dev_mgr/devices", {"device": {"mac": "00:ac:ed:00:00:09"}}).json["id"])

    def test_a_device_made_over_rest_gets_a_token_where_its_tenant_asks_for_one(self) -> None:
        """Prepared before the phone arrives."""
        self.assertRaises(NotFound, self.store.get, Pairing, self.make())
        policy = {"tenant": {"policy": {"elsewhere": "token"}}}
        self.assertEqual(self.asks("PUT", "/tenants/master", policy).status, 204)
        pairing = self.store.get(Pairing, self.make())
        self.assertEqual(pairing.open_until, self.office.clock.seconds() + 3_600)


class PolicyTests(PairingsCase):
    def policy(self, tenant: str = ANNA) -> object:
        return self.asks("GET", f"/tenants/{tenant}").json["tenant"].get("policy")

    def put(self, policy: object) -> Answered:
        return self.asks("PUT", f"/tenants/{ANNA}", {"tenant": {"policy": policy}})

    def test_it_is_set_and_read_and_taken_back(self) -> None:
        """What is left out, or null, is the parent's; one that nobody set is not shown."""
        self.assertIsNone(self.policy())
        for policy, shown in (
            ({"local": "address", "elsewhere": "never"}, {"local": "address", "elsewhere": "never"}),
            ({"elsewhere": "token"}, {"elsewhere": "token"}),
            ({"local": "none", "elsewhere": None}, {"local": "none"}),
            ({}, None),
            ({"local": "key"}, {"local": "key"}),
            (None, None),
        ):
            self.assertEqual(self.put(policy).status, 204)
            self.assertEqual(self.policy(), shown)

    def test_other_changes_leave_it(self) -> None:
        """And what was read can be written back."""
        self.put({"local": "token"})
        self.assertEqual(self.asks("PUT", f"/tenants/{ANNA}", {"tenant": {"name": "A"}}).status, 204)
        shown = self.asks("GET", f"/tenants/{ANNA}").json
        self.assertEqual(self.asks("PUT", f"/tenants/{ANNA}", shown).status, 204)
        self.assertEqual(self.policy(), {"local": "token"})

    def test_wrong_values_name_the_field_and_the_choices(self) -> None:
        """An administrator who mistypes must not believe himself safe."""
        before = self.store.seq
        for policy, field, word in (
            ({"local": "never"}, "policy.local", "certificate"),
            ({"elsewhere": "none"}, "policy.elsewhere", "never"),
            ({"elsewhere": "address"}, "policy.elsewhere", "key, token, certificate, never"),
            ({"elsewhere": "KEY"}, "policy.elsewhere", "'KEY'"),
            ({"local": 2}, "policy.local", "a number"),
            ({"everywhere": "key"}, "policy.everywhere", "local and elsewhere"),
            (["key"], "policy", "an object"),
            ("key", "policy", "an object"),
        ):
            answer = self.put(policy)
            self.assertEqual((answer.status, answer.json["field"]), (400, field), policy)
            self.assertIn(word, answer.json["message"])
        self.assertEqual(self.store.seq, before)

    def test_it_is_ours_also_where_tenants_are_another_servers(self) -> None:
        """That one knows nothing of phones."""
        self.office.elsewhere = True
        self.office.use(self.office.tokens)
        self.assertEqual(self.put({"elsewhere": "token"}).status, 204)
        both = {"tenant": {"name": "x", "policy": {"elsewhere": "key"}}}
        self.assertEqual(self.asks("PUT", f"/tenants/{ANNA}", both).status, 403)
        self.assertEqual(self.policy(), {"elsewhere": "token"})

    def test_it_holds_for_phones_at_once(self) -> None:
        """Inherited too: what is said of a tenant is said of those beneath it."""
        sighting = self.office.sighting(
            path="common.cfg", ip="203.0.113.9", key=KEY, user_agent="acme A60 2.1"
        )
        self.office.put(Tenant("master", name="master", key=KEY))
        self.assertEqual(self.office.provisioner.explain(sighting).outcome, "file")
        self.asks("PUT", "/tenants/master", {"tenant": {"policy": {"elsewhere": "never"}}})
        step = self.office.provisioner.explain(sighting).steps[-1]
        self.assertEqual((step.reason_id, step.values), ("access.refused", ("elsewhere", "never", "key")))
