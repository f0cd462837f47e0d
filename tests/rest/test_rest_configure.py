"""The provisioning key over REST: the contract's section 5."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Tenant
from tests.fakes.rest import RestOffice

KEY = "/configure/provisioning_key"


def value(key: object) -> object:
    return {"param": {"value": key}}


class ProvisioningKeyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks
        self.office.put(Tenant("anna", name="Anna's", parent="master"))

    def test_set_and_read(self) -> None:
        """Each tenant has its own, and setting one leaves all else of the tenant."""
        self.assertEqual(self.asks("GET", KEY).json, value(None))
        self.assertEqual(self.asks("PUT", KEY, value("Master-$~.1")).status, 204)
        self.assertEqual(self.asks("PUT", KEY, value("Anna-key"), tenant="anna").status, 204)
        self.assertEqual(self.asks("GET", KEY).json, value("Master-$~.1"))
        self.assertEqual(self.asks("GET", KEY, tenant="anna").json, value("Anna-key"))
        tenant = self.office.memory.get(Tenant, "anna")
        self.assertEqual((tenant.name, tenant.parent), ("Anna's", "master"))

    def test_unset(self) -> None:
        """Clients write null or an empty text; several tenants may have none."""
        for none in (None, ""):
            self.asks("PUT", KEY, value("Master-key"))
            self.assertEqual(self.asks("PUT", KEY, value(none)).status, 204)
            self.assertEqual(self.asks("PUT", KEY, value(none), tenant="anna").status, 204)
            self.assertEqual(self.asks("GET", KEY).json, value(None))

    def test_bad_keys(self) -> None:
        """400, nothing changed, and the refused key is not in the answer: it may be one letter off a real one."""
        self.asks("PUT", KEY, value("Master-key"))
        for bad in (
            "Sevenx7",
            "x" * 257,
            "with blank",
            "with/slash",
            "with_underline",
            "schlüssel",
            "newline\n",
        ):
            answer = self.asks("PUT", KEY, value(bad))
            self.assertEqual(answer.status, 400, bad)
            self.assertNotIn(bad.strip(), answer.text)
        for good in ("x" * 256, "8letters"):
            self.assertEqual(self.asks("PUT", KEY, value(good)).status, 204)
        for body in (value(12345678), value(True), value([]), {"param": {}}, {"param": None}, {}, [], None):
            answer = self.asks("PUT", KEY, body if body is not None else b"null")
            self.assertEqual(answer.status, 400, body)
        self.assertEqual(self.asks("GET", KEY).json, value("8letters"))

    def test_a_key_belongs_to_one_tenant(self) -> None:
        """Two tenants with one key would share their phones' secrets."""
        self.asks("PUT", KEY, value("Master-key"))
        answer = self.asks("PUT", KEY, value("Master-key"), tenant="anna")
        self.assertEqual(
            (answer.status, answer.text), (400, "another tenant already uses this provisioning key.")
        )
        self.assertEqual(self.asks("PUT", KEY, value("Master-key")).status, 204)

    def test_parameters_that_are_none(self) -> None:
        """404, with a body or without."""
        for name in ("locale", "tenants", "PROVISIONING_KEY", "x%2Fy", "."):
            self.assertEqual(self.asks("GET", f"/configure/{name}").status, 404)
            self.assertEqual(self.asks("PUT", f"/configure/{name}", value("x")).status, 404)
        self.assertEqual(self.asks("DELETE", KEY).status, 405)

    def test_the_list_links_to_what_there_is(self) -> None:
        """Clients show it as a form."""
        self.asks("PUT", KEY, value("Master-key"))
        (param,) = self.asks("GET", "/configure").json["params"]
        self.assertEqual((param["id"], param["value"]), ("provisioning_key", "Master-key"))
        self.assertEqual(self.asks("GET", param["links"][0]["href"].removeprefix("/0.2")).status, 200)

    def test_a_tenant_that_does_not_exist_is_401(self) -> None:
        """As the reference's suite asks."""
        self.assertEqual(self.asks("PUT", KEY, value("Some-key"), tenant="nobody").status, 401)

    def test_the_acl_leaves_the_tenant_to_the_authenticator(self) -> None:
        """Without the header only it knows whose token it is."""
        self.office.use(self.office.tenants)
        self.asks("GET", KEY, token="anna")
        acl = "provd.configure.{tenant_uuid}.provisioning_key.read"
        self.assertEqual(self.office.tenants.asked[-1], ("anna", acl, None))
        self.asks("PUT", KEY, value("Some-key"), token="anna")
        self.assertEqual(self.office.tenants.asked[-1][1], acl.replace("read", "update"))
        self.assertEqual(self.asks("GET", KEY, token="anna").json, value("Some-key"))
