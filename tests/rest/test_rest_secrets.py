"""Secrets over REST: for whoever may see them, and three stars for all others."""

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from provserver.core.acl import allows
from provserver.core.secrets import MASK, SEE_SECRETS
from provserver.core.tokens import digest_of
from provserver.errors import AuthAway
from provserver.interfaces import IAuthenticator
from provserver.model import Caller, Config, Device, Parameter, Tenant, Token
from tests.fakes.office import MAC, json_of
from tests.fakes.rest import TOKEN, Answered, RestOffice

RAW = {
    "locale": "fr_FR",
    "admin_password": "hush1",
    "sip_lines": {"1": {"username": "anna", "password": "hush2", "proxy_ip": "10.0.0.2"}},
}
DEVICE = Device(
    "d1", mac=MAC, config="c1", tenant="master", options=json_of({"token": "hush3", "switchboard": True})
)


class SecretsCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.office.put(
            Config("c1", raw=json_of(RAW), other=json_of({"X_type": "device"})),
            DEVICE,
            Tenant("master", name="master", key="hush-key-1"),
            Parameter("http_proxy", value="http://anna:hush4@proxy:3128"),
        )
        self.blind = self.token("blind", "provd.#", f"!{SEE_SECRETS}")
        self.narrow = self.token("narrow", "provd.cfg_mgr.#", "provd.dev_mgr.#", "provd.configure.#")

    def token(self, name: str, *acl: str) -> str:
        self.office.put(Token(name, name=name, digest=digest_of(name), acl=acl, tenant="master"))
        return name

    def get(self, path: str, token: str = TOKEN) -> Any:
        answer = self.office.asks("GET", path, token=token)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.json

    def put(self, path: str, body: object, token: str) -> Answered:
        return self.office.asks("PUT", path, body, token=token)


class WhoSeesTests(SecretsCase):
    PATHS = (
        "/cfg_mgr/configs",
        "/cfg_mgr/configs/c1",
        "/cfg_mgr/configs/c1/raw",
        "/dev_mgr/devices",
        "/dev_mgr/devices/d1",
        "/configure",
        "/configure/http_proxy",
        "/configure/provisioning_key",
    )

    def test_who_has_all_of_provd_sees_all(self) -> None:
        """Clients of wazo-provd hold `provd.#` or `#`, and read passwords in configs (contract section 3.4)."""
        self.token("service", "provd.#")
        self.token("exact", "provd.cfg_mgr.#", "provd.dev_mgr.#", "provd.configure.#", SEE_SECRETS)
        for token in (TOKEN, "service", "exact"):
            text = "".join(str(self.get(path, token)) for path in self.PATHS)
            for secret in ("hush1", "hush2", "hush3", "hush4", "hush-key-1"):
                self.assertIn(secret, text, token)
            self.assertNotIn(MASK, text)

    def test_nobody_else_sees_any(self) -> None:
        """A token for a wallboard, or a helper, opens no SIP account."""
        for token in (self.blind, self.narrow):
            for path in self.PATHS:
                text = str(self.get(path, token))
                self.assertNotIn("hush", text, path)
                self.assertIn(MASK, text, path)
            self.assertIn("fr_FR", str(self.get("/cfg_mgr/configs/c1", token)))
            self.assertIn(f"http://anna:{MASK}@proxy:3128", str(self.get("/configure/http_proxy", token)))

    def test_a_selector_cannot_guess_what_is_not_shown(self) -> None:
        """`$gt` would find a password letter by letter."""
        for operand in ('"hush2"', '{"$gt":"hush"}', '{"$contains":"hush"}'):
            path = f'/cfg_mgr/configs?q={{"raw_config.sip_lines.1.password":{operand}}}'
            self.assertEqual(len(self.get(path)["configs"]), 1, operand)
            self.assertEqual(self.get(path, self.blind)["configs"], [], operand)
        path = '/dev_mgr/devices?q={"options.token":{"$gt":"hush"}}'
        self.assertEqual((len(self.get(path)["devices"]), self.get(path, self.blind)["devices"]), (1, []))

    def test_a_token_cannot_make_one_that_sees_more(self) -> None:
        """Else the mask would last for one request."""
        token = {"name": "x", "acl": ["provd.#"]}
        made = self.office.asks("POST", "/tokens", {"token": token}, token=self.blind)
        self.assertEqual(made.status, 201)
        self.assertNotIn("hush", str(self.get("/cfg_mgr/configs/c1", made.json["token"])))
        made = self.office.asks(
            "POST", "/tokens", {"token": {**token, "acl": [SEE_SECRETS]}}, token=self.blind
        )
        self.assertEqual(made.status, 400)

    def test_a_server_that_cannot_be_asked_is_503(self) -> None:
        """To guess would show secrets, or store masks."""
        self.office.use(OnlyFirst(["#"]))
        self.assertEqual(self.office.asks("GET", "/cfg_mgr/configs/c1", token="t").status, 503)


class SendingBackTests(SecretsCase):
    def test_a_config_that_is_read_changed_and_put_keeps_its_secrets(self) -> None:
        """That is how every client changes a config."""
        config = self.get("/cfg_mgr/configs/c1", self.blind)["config"]
        config["raw_config"]["locale"] = "de_DE"
        answer = self.put("/cfg_mgr/configs/c1", {"config": config}, self.blind)
        self.assertEqual(answer.status, 204, answer.text)
        self.assertEqual(self.get("/cfg_mgr/configs/c1")["config"]["raw_config"], {**RAW, "locale": "de_DE"})
        config["raw_config"]["sip_lines"]["1"]["password"] = "new"
        self.put("/cfg_mgr/configs/c1", {"config": config}, self.blind)
        raw = self.get("/cfg_mgr/configs/c1")["config"]["raw_config"]
        self.assertEqual((raw["sip_lines"]["1"]["password"], raw["admin_password"]), ("new", "hush1"))

    def test_what_did_not_change_makes_no_revision(self) -> None:
        """The history would be full of it."""
        self.put("/cfg_mgr/configs/c1", self.get("/cfg_mgr/configs/c1"), TOKEN)
        rev = self.office.store.get(Config, "c1").rev
        config = self.get("/cfg_mgr/configs/c1", self.blind)
        self.assertEqual(self.put("/cfg_mgr/configs/c1", config, self.blind).status, 204)
        self.assertEqual(self.office.store.get(Config, "c1").rev, rev)

    def test_a_device_too(self) -> None:
        """Its options are a client's own, and so may hold anything."""
        device = self.get("/dev_mgr/devices/d1", self.blind)["device"]
        self.assertEqual(device["options"], {"token": MASK, "switchboard": True})
        self.assertEqual(self.put("/dev_mgr/devices/d1", {"device": device}, self.blind).status, 204)
        self.assertEqual(self.get("/dev_mgr/devices/d1")["device"]["options"]["token"], "hush3")

    def test_parameters_too(self) -> None:
        """The web interface writes all of them at once, changed or not."""
        for name in ("provisioning_key", "http_proxy"):
            before = self.get(f"/configure/{name}")
            self.assertEqual(
                self.put(f"/configure/{name}", self.get(f"/configure/{name}", self.blind), self.blind).status,
                204,
            )
            self.assertEqual(self.get(f"/configure/{name}"), before)
        answer = self.put("/configure/provisioning_key", {"param": {"value": "another-key"}}, self.blind)
        self.assertEqual(answer.status, 204)
        self.assertEqual(self.get("/configure/provisioning_key")["param"]["value"], "another-key")

    def test_a_mask_where_nothing_is_kept_is_refused(self) -> None:
        """Three stars are no password; the client hears which of its fields it is."""
        for method, path, body, status, field in (
            ("POST", "/cfg_mgr/configs", {"config": {"id": "c2", "parent_ids": [], "raw_config": {
                "sip_lines": {"1": {"password": MASK}}}}}, 400, "raw_config.sip_lines.1.password"),
            ("PUT", "/cfg_mgr/configs/c1", {"config": {"id": "c1", "parent_ids": [], "raw_config": {
                "user_password": MASK}}}, 500, "raw_config.user_password"),
            ("POST", "/dev_mgr/devices", {"device": {"options": {"token": MASK}}}, 400, "options.token"),
            ("PUT", "/configure/http_proxy", {"param": {"value": f"http://anna:{MASK}@evil"}}, 400, "param.value"),
        ):  # fmt: skip
            answer = self.office.asks(method, path, body, token=self.blind)
            self.assertEqual((answer.status, answer.text.partition(":")[0]), (status, field), answer.text)
        answer = self.put("/configure/http_proxy", {"param": {"value": None}}, self.blind)
        self.assertEqual((answer.status, self.get("/configure/http_proxy")["param"]["value"]), (204, None))

    def test_who_sees_secrets_may_have_three_stars_for_a_password(self) -> None:
        """What is sent is meant, as ever."""
        body = {"config": {"id": "c1", "parent_ids": [], "raw_config": {"user_password": MASK}}}
        self.assertEqual(self.put("/cfg_mgr/configs/c1", body, TOKEN).status, 204)
        self.assertEqual(self.get("/cfg_mgr/configs/c1")["config"]["raw_config"], {"user_password": MASK})


@implementer(IAuthenticator)
class OnlyFirst:
    """Answers for the route, and is away when it is asked about secrets."""

    def __init__(self, acl: Sequence[str]) -> None:
        self._acl = tuple(acl)

    def authorize(self, token: str, acl: str, tenant: str | None) -> Deferred[Caller]:
        if acl == SEE_SECRETS or not allows(self._acl, acl):
            return fail(AuthAway("away"))
        caller: Deferred[Caller] = Deferred()
        caller.callback(Caller(token, tenant or "master", frozenset({"master"}), "master", self._acl))
        return caller
