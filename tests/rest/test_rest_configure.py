"""Parameters of the server over REST: the contract's section 5."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Parameter, Tenant
from tests.fakes.office import MAC
from tests.fakes.rest import RestOffice

KEY = "/configure/provisioning_key"
NAMES = ["plugin_server", "http_proxy", "ftp_proxy", "https_proxy", "locale", "NAT", "provisioning_key"]


def value(key: object) -> object:
    return {"param": {"value": key}}


class ParameterTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks

    def set(self, name: str, new: object) -> tuple[int, str]:
        answer = self.asks("PUT", f"/configure/{name}", value(new))
        return answer.status, answer.text

    def get(self, name: str) -> object:
        return self.asks("GET", f"/configure/{name}").json["param"]["value"]

    def test_all_of_them_in_order(self) -> None:
        """Clients show the list as a form, and write all of them in one go."""
        params = self.asks("GET", "/configure").json["params"]
        self.assertEqual([param["id"] for param in params], NAMES)
        self.assertEqual([param["value"] for param in params], [None, None, None, None, None, 0, None])
        for param in params:
            self.assertEqual(param["links"][0]["rel"], "srv.configure.param")
            path = param["links"][0]["href"].removeprefix("/0.2")
            self.assertEqual(self.asks("GET", path).json, value(param["value"]))

    def test_what_each_accepts(self) -> None:
        """As the reference does; null unsets."""
        for name, good in (
            ("plugin_server", "http://provd.example.org/plugins/2/stable/"),
            ("plugin_server", "https://[2001:db8::1]:8080"),
            ("http_proxy", "http://user:pw@proxy.example.org:3128"),
            ("ftp_proxy", "http://10.0.0.9"),
            ("https_proxy", "proxy.example.org:3128"),
            ("https_proxy", "[::1]:3128"),
            ("locale", "fr"),
            ("locale", "fr_FR"),
            ("locale", "fil_PH"),
        ):
            self.assertEqual(self.set(name, good), (204, ""), (name, good))
            self.assertEqual(self.get(name), good)
        for name in NAMES[:5]:
            self.assertEqual(self.set(name, None)[0], 204)
            self.assertEqual(self.get(name), None)

    def test_what_each_refuses(self) -> None:
        """With the reference's words, 400, and nothing changed; no answer shows a password."""
        self.set("http_proxy", "http://10.0.0.9")
        for name, bad, text in (
            ("plugin_server", "", "no scheme: "),
            ("plugin_server", "example.org/plugins", "no scheme: example.org/plugins"),
            ("plugin_server", "http:///plugins", "no hostname: http:///plugins"),
            ("plugin_server", "ann:secret@host/x", "no hostname: …@host/x"),
            ("plugin_server", "http://[", "not a URL"),
            ("plugin_server", "http://host:99999/", "not a URL"),
            ("plugin_server", "http://h\u00f6st/", "expected printable ASCII characters only"),
            ("plugin_server", 5, "expected text, got a number"),
            ("http_proxy", "proxy.example.org", "No scheme"),
            ("http_proxy", "", "No scheme"),
            ("http_proxy", "http://", "No hostname"),
            ("http_proxy", "http://proxy.example.org/", "Path"),
            ("http_proxy", "http://proxy.example.org?x", "Path"),
            ("ftp_proxy", "http://proxy.example.org/x", "Path"),
            ("ftp_proxy", [], "expected text, got a list"),
            ("https_proxy", "", "zero-length value"),
            ("https_proxy", "http://ann:secret@proxy:3128", "scheme and hostname: http://…@proxy:3128"),
            ("https_proxy", "proxy", "expected host:port, got 'proxy'"),
            ("https_proxy", "proxy:port", "expected host:port, got 'proxy:port'"),
            ("https_proxy", "proxy:3128/x", "expected host:port, got 'proxy:3128/x'"),
            ("locale", "french", "Invalid locale french"),
            ("locale", "fr_fr", "Invalid locale fr_fr"),
            ("locale", "fr_FR\n", "Invalid locale fr_FR\n"),
            ("locale", 5, "expected text, got a number"),
            ("NAT", "2", "2"),
            ("NAT", 1, "1"),
            ("NAT", True, "True"),
        ):
            status, said = self.set(name, bad)
            self.assertEqual((status, said), (400, f"param.value: {text}"), (name, bad))
        bodies: tuple[object, ...] = ({"param": {}}, {"param": None}, {"param": []}, {}, [], None)
        for body in bodies:
            answer = self.asks("PUT", "/configure/locale", body if body is not None else b"null")
            self.assertEqual((answer.status, answer.text), (400, "param.value: Wrong information in entity"))
        self.assertEqual(self.get("http_proxy"), "http://10.0.0.9")

    def test_nat_takes_text_and_gives_a_number(self) -> None:
        """Clients write "0" and "1", and read 0 and 1; null is 0."""
        for new, read in (("1", 1), ("0", 0), ("1", 1), (None, 0)):
            self.assertEqual(self.set("NAT", new)[0], 204)
            self.assertEqual(self.get("NAT"), read)

    def test_with_nat_no_phone_is_known_by_its_address(self) -> None:
        """All phones behind one NAT share it: whoever asks next is not the phone that asked last."""
        known = self.office.answer(path="common.cfg")
        self.assertEqual(
            self.office.answer(path="common.cfg", user_agent="acme A60 2.1").device, known.device
        )
        self.set("NAT", "1")
        self.assertIsNone(self.office.answer(path="common.cfg", user_agent="acme A60 2.1").device)
        other = self.office.answer(path="common.cfg", user_agent=f"acme A60 2.1 {MAC[:-1]}2").device
        self.assertEqual(len({known.device, other}), 2)
        addresses = {device["ip"] for device in self.asks("GET", "/dev_mgr/devices").json["devices"]}
        self.assertEqual(addresses, {"10.0.0.7"})  # neither has lost it to the other

    def test_an_empty_locale_is_none(self) -> None:
        """Forms write an empty text."""
        self.set("locale", "fr_FR")
        self.assertEqual(self.set("locale", "")[0], 204)
        self.assertEqual(self.get("locale"), None)

    def test_the_locale_chooses_the_language_of_descriptions(self) -> None:
        """Of the list of parameters; English where there is no other."""
        for locale, word in (("fr_FR", "Exemple"), ("fr", "Exemple"), ("de", "Example"), (None, "Example")):
            self.set("locale", locale)
            described = {
                param["id"]: param["description"] for param in self.asks("GET", "/configure").json["params"]
            }
            self.assertIn(word, described["locale"])

    def test_to_set_what_is_set_writes_nothing(self) -> None:
        """Forms write all seven. A null that nobody chose must not count as chosen: update asks (section 8.1)."""
        seq = self.office.memory.seq
        self.assertEqual(self.set("plugin_server", None)[0], 204)
        self.assertEqual(self.office.memory.seq, seq)
        self.set("plugin_server", "http://a/")
        self.set("plugin_server", None)
        self.assertEqual(self.office.memory.get(Parameter, "plugin_server").value, None)

    def test_parameters_that_are_none(self) -> None:
        """404, with a body or without; the reference's hidden `tenants` shows everybody's keys, and is none here."""
        for name in ("tenants", "PROVISIONING_KEY", "nat", "x%2Fy", "."):
            self.assertEqual(self.asks("GET", f"/configure/{name}").status, 404)
            self.assertEqual(self.asks("PUT", f"/configure/{name}", value("x")).status, 404)
        self.assertEqual(self.asks("DELETE", KEY).status, 405)


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
        self.assertEqual(
            self.asks("GET", "/configure", tenant="anna").json["params"][-1]["value"], "Anna-key"
        )
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
        wrongs: tuple[object, ...] = (12345678, True, [])
        for wrong in wrongs:
            self.assertEqual(self.asks("PUT", KEY, value(wrong)).status, 400, wrong)
        self.assertEqual(self.asks("GET", KEY).json, value("8letters"))

    def test_a_key_belongs_to_one_tenant(self) -> None:
        """Two tenants with one key would share their phones' secrets."""
        self.asks("PUT", KEY, value("Master-key"))
        answer = self.asks("PUT", KEY, value("Master-key"), tenant="anna")
        self.assertEqual(
            (answer.status, answer.text), (400, "another tenant already uses this provisioning key.")
        )
        self.assertEqual(self.asks("PUT", KEY, value("Master-key")).status, 204)

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
