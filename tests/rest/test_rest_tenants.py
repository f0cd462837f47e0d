"""Tenants over REST: the tree, and what goes with a tenant."""

import json
from urllib.parse import quote

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import NotFound
from provserver.model import Commit, Config, Delete, Device, Presence, Tenant, Token
from tests.fakes.office import KEY, own_config
from tests.fakes.rest import Answered, RestOffice

ANNA = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
BERT = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
CARL = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
TENANTS = "/tenants"


class TenantsCase(SynchronousTestCase):
    """Tokens are tenants' ids here: master above anna and bert, anna above carl."""

    def setUp(self) -> None:
        self.office = RestOffice()
        self.store = self.office.memory
        self.office.put(
            Tenant(ANNA, name="Anna's", parent="master"),
            Tenant(BERT, name="Bert's", parent="master"),
            Tenant(CARL, name="Carl's", parent=ANNA),
        )
        self.office.use(self.office.tenants)

    def asks(self, method: str, path: str, body: object = None, token: str = "master") -> Answered:
        return self.office.asks(method, path, body, token=token, headers={"Accept": "application/json"})

    def status(self, method: str, path: str, body: object = None, token: str = "master") -> int:
        return self.asks(method, path, body, token).status

    def ids(self, query: str = "", token: str = "master") -> list[str]:
        return [tenant["id"] for tenant in self.asks("GET", f"{TENANTS}{query}", None, token).json["tenants"]]


class TreeTests(TenantsCase):
    def test_create_and_read(self) -> None:
        """The id may be the client's: it mirrors another server's. Without a parent it is the request's tenant."""
        chosen = "01234567-89ab-4def-8123-456789abcdef"
        answer = self.asks("POST", TENANTS, {"tenant": {"id": chosen, "name": "New", "parent_id": BERT}})
        self.assertEqual(
            (answer.status, answer.json, answer.headers["location"]),
            (201, {"id": chosen}, f"/0.2/tenants/{chosen}"),
        )
        shown = self.asks("GET", f"{TENANTS}/{chosen}").json
        self.assertEqual(shown, {"tenant": {"id": chosen, "name": "New", "parent_id": BERT}})
        made = self.asks("POST", TENANTS, {"tenant": {}}, ANNA).json["id"]
        self.assertRegex(made, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertEqual(self.store.get(Tenant, made).parent, ANNA)

    def test_bad_creations(self) -> None:
        """400 and the field, 409 for an id that is taken; nothing is made."""
        before = self.store.seq
        wrong: tuple[tuple[object, int, str | None], ...] = (
            ({"id": ANNA}, 409, None),
            ({"id": "anna"}, 400, "id"),
            ({"id": ANNA.upper()}, 400, "id"),
            ({"id": "../x"}, 400, "id"),
            ({"id": 5}, 400, "id"),
            ({"id": ""}, 400, "id"),
            ({"parent_id": "nobody"}, 400, "parent_id"),
            ({"parent_id": None}, 400, "parent_id"),
            ({"parent_id": 5}, 400, "parent_id"),
            ({"name": ["x"]}, 400, "name"),
            ({"name": "x" * 257}, 400, "name"),
            ({"name": "a\0"}, 400, "name"),
            ({"key": "Some-key"}, 400, "key"),
            ([], 400, "tenant"),
            (None, 400, "tenant"),
        )
        for document, status, field in wrong:
            answer = self.asks("POST", TENANTS, {"tenant": document})
            self.assertEqual((answer.status, answer.json.get("field")), (status, field), document)
        self.assertEqual(self.status("POST", TENANTS, {}), 400)
        self.assertEqual(self.status("POST", TENANTS, {"tenant": {"parent_id": BERT}}, ANNA), 400)
        self.assertEqual(self.store.seq, before)

    def test_one_sees_what_is_beneath_and_never_above(self) -> None:
        """404 as if it were not there, for every method."""
        for token, seen in (
            ("master", {"master", ANNA, BERT, CARL}),
            (ANNA, {ANNA, CARL}),
            (CARL, {CARL}),
        ):
            self.assertEqual(set(self.ids(token=token)), seen)
            for tenant in ("master", ANNA, BERT, CARL, "nobody"):
                status = 200 if tenant in seen else 404
                self.assertEqual(self.status("GET", f"{TENANTS}/{tenant}", None, token), status)
                if status == 404:
                    self.assertEqual(self.status("PUT", f"{TENANTS}/{tenant}", {"tenant": {}}, token), 404)
                    self.assertEqual(
                        self.status("DELETE", f"{TENANTS}/{tenant}?force=true", None, token), 404
                    )

    def test_lists(self) -> None:
        """Selector, order and page; nothing of the client's widens what it sees."""
        self.assertEqual(self.ids("?sort=name&limit=2&skip=1"), [BERT, CARL])
        for selector in ({"id": {"$in": [BERT, CARL]}}, {"$shown": {"$exists": True}, "id": {"$ne": ANNA}}):
            self.assertEqual(self.ids(f"?q={quote(json.dumps(selector))}", ANNA), [CARL])

    def test_update(self) -> None:
        """Names and places; what is left out stays, and the key is not touched."""
        self.office.put(Tenant(CARL, name="Carl's", parent=ANNA, key=KEY))
        self.assertEqual(self.status("PUT", f"{TENANTS}/{CARL}", {"tenant": {"name": "C", "id": ANNA}}), 204)
        self.assertEqual(self.status("PUT", f"{TENANTS}/{CARL}", {"tenant": {"parent_id": BERT}}), 204)
        tenant = self.store.get(Tenant, CARL)
        self.assertEqual((tenant.name, tenant.parent, tenant.key), ("C", BERT, KEY))
        before = self.store.seq
        self.assertEqual(self.status("PUT", f"{TENANTS}/{CARL}", {"tenant": {"name": "C"}}), 204)
        self.assertEqual(self.store.seq, before)

    def test_what_was_read_can_be_written_back(self) -> None:
        """Also by a tenant that does not see its own parent, and the master's."""
        for tenant, token in ((ANNA, ANNA), (CARL, ANNA), ("master", "master")):
            shown = self.asks("GET", f"{TENANTS}/{tenant}", None, token).json
            shown["tenant"]["name"] = "other"
            self.assertEqual(self.status("PUT", f"{TENANTS}/{tenant}", shown, token), 204)
            self.assertEqual(self.store.get(Tenant, tenant).name, "other")

    def test_it_stays_a_tree_with_one_master(self) -> None:
        """Nobody comes to stand above himself, or beside the master."""
        before = self.store.seq
        for tenant, parent in (
            (ANNA, CARL),
            (ANNA, ANNA),
            (ANNA, None),
            (ANNA, "nobody"),
            ("master", CARL),
            ("master", "master"),
        ):
            answer = self.asks("PUT", f"{TENANTS}/{tenant}", {"tenant": {"parent_id": parent}})
            self.assertEqual((answer.status, answer.json["field"]), (400, "parent_id"), (tenant, parent))
        answer = self.asks("PUT", f"{TENANTS}/{CARL}", {"tenant": {"parent_id": BERT}}, ANNA)
        self.assertEqual(answer.status, 400)
        self.assertEqual(self.store.seq, before)

    def test_if_match(self) -> None:
        """Two administrators at once: the second is told."""
        tag = self.asks("GET", f"{TENANTS}/{BERT}").headers["etag"]
        for method in ("PUT", "DELETE"):
            answer = self.office.asks(
                method, f"{TENANTS}/{BERT}", {"tenant": {}}, "master", headers={"If-Match": '"999"'}
            )
            self.assertEqual(answer.status, 412)
        answer = self.office.asks("DELETE", f"{TENANTS}/{BERT}", None, "master", headers={"If-Match": tag})
        self.assertEqual(answer.status, 204)


class DeletingTests(TenantsCase):
    def test_an_empty_tenant_goes(self) -> None:
        """And its key with it: another tenant may have it."""
        self.office.put(Tenant(BERT, name="Bert's", parent="master", key=KEY))
        self.assertEqual(self.status("DELETE", f"{TENANTS}/{BERT}"), 204)
        self.assertEqual(self.status("DELETE", f"{TENANTS}/{BERT}"), 404)
        self.assertEqual(
            self.office.asks(
                "PUT", "/configure/provisioning_key", {"param": {"value": KEY}}, token=ANNA
            ).status,
            204,
        )

    def test_the_master_stays(self) -> None:
        """There must be one, whoever asks and however."""
        for query in ("", "?force=true"):
            self.assertEqual(self.status("DELETE", f"{TENANTS}/master{query}"), 403)

    def filled(self) -> None:
        """Put something of each kind into anna's and carl's."""
        self.office.put(
            Device("d-anna", tenant=ANNA, config="transient"),
            Device("d-carl", tenant=CARL, config="c-carl"),
            Device("d-bert", tenant=BERT, guests=(CARL, ANNA)),
            Presence("d-anna", ip="10.0.0.7"),
            Config("transient", transient=True),
            Config("c-anna", tenant=ANNA, deletable=False),
            Config("c-carl", tenant=CARL),
            own_config("c-master"),
            Token("t-carl", tenant=CARL, acl=("#",)),
            *(Device(f"many{number}", tenant=CARL) for number in range(450)),
        )

    def test_what_would_be_orphaned_is_counted(self) -> None:
        """Before anybody loses a customer's phones by a typing error. Nothing has changed then."""
        self.filled()
        before = self.store.seq
        answer = self.asks("DELETE", f"{TENANTS}/{ANNA}")
        left = {"tenants": 1, "devices": 1, "configs": 1, "lines": 0, "tokens": 0}
        self.assertEqual((answer.status, answer.json["left"]), (409, left))
        self.assertEqual(answer.json["reason_id"], "tenant.not-empty")
        self.assertIn("1 tenants, 1 devices", answer.json["message"])
        self.assertEqual(self.asks("DELETE", f"{TENANTS}/{CARL}").json["left"]["devices"], 451)
        self.assertEqual(self.status("DELETE", f"{TENANTS}/{ANNA}?force=1"), 409)
        self.assertEqual(self.store.seq, before)

    def test_whatever_is_in_it_keeps_a_tenant(self) -> None:
        """Each kind alone; a device of another tenant's on which it has a line does not."""
        self.office.put(Device("guest's", tenant=CARL, guests=(BERT,)))
        documents = (
            Device("x", tenant=BERT),
            Config("x", tenant=BERT),
            Token("x", tenant=BERT),
            Tenant("x", parent=BERT),
        )
        for document in documents:
            self.office.put(document)
            self.assertEqual(self.status("DELETE", f"{TENANTS}/{BERT}"), 409)
            self.store.commit(Commit((Delete(type(document), "x"),), "test", "cleared"))
        self.assertEqual(self.status("DELETE", f"{TENANTS}/{BERT}"), 204)

    def test_by_force_all_of_it_goes(self) -> None:
        """Tenants beneath, devices, tokens and what they own, in commits that no phone has to wait for."""
        self.filled()
        self.assertEqual(self.status("DELETE", f"{TENANTS}/{ANNA}?force=true"), 204)
        gone = (
            (Tenant, ANNA),
            (Tenant, CARL),
            (Device, "d-anna"),
            (Device, "d-carl"),
            (Device, "many449"),
            (Presence, "d-anna"),
            (Config, "transient"),
            (Config, "c-anna"),
            (Config, "c-carl"),
            (Token, "t-carl"),
        )
        for kind, doc_id in gone:
            self.assertRaises(NotFound, self.store.get, kind, doc_id)
        self.assertEqual(self.store.get(Device, "d-bert").guests, ())
        self.store.get(Config, "c-master")
        self.assertEqual(self.ids(), ["master", BERT])
