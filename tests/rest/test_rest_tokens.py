"""Tokens over REST."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.tokens import digest_of
from provserver.model import Device, Tenant, Token
from tests.fakes.rest import TOKEN, RestOffice

DEVICES = "/dev_mgr/devices"
ANNA = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
BERT = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
AT = "2027-01-15T08:00:00Z"  # the office's clock


class TokenCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks
        self.office.put(Tenant(ANNA, parent="master"), Tenant(BERT, parent="master"))

    def made(self, *acl: str, tenant: str | None = None, **fields: object) -> tuple[str, str]:
        """Return id and token."""
        body = {"token": {"name": "Anna", "acl": list(acl) or ["provd.#"], **fields}}
        answer = self.asks("POST", "/tokens", body, tenant=tenant)
        self.assertEqual(answer.status, 201, answer.text)
        return answer.json["id"], answer.json["token"]


class TokenTests(TokenCase):
    def test_a_token_is_made_and_opens_the_api(self) -> None:
        """It is shown once, and then its digest alone is kept."""
        answer = self.asks("POST", "/tokens", {"token": {"name": "Anna", "acl": ["provd.#"]}})
        token_id, token = answer.json["id"], answer.json["token"]
        self.assertEqual(
            (answer.status, answer.headers["location"], answer.json.keys()),
            (201, f"/0.2/tokens/{token_id}", {"id", "token"}),
        )
        self.assertEqual(self.asks("GET", DEVICES, token=token).status, 200)
        shown = self.asks("GET", f"/tokens/{token_id}")
        wanted = {
            "id": token_id,
            "name": "Anna",
            "acl": ["provd.#"],
            "tenant_uuid": "master",
            "created_at": AT,
            "expires_at": None,
            "expired": False,
        }
        self.assertEqual(shown.json, {"token": wanted})
        self.assertEqual(self.asks("GET", "/tokens").json, {"tokens": [wanted]})
        self.assertEqual(self.office.memory.get(Token, token_id).digest, digest_of(token))
        self.assertNotIn(token, repr(self.office.memory.get(Token, token_id)))

    def test_it_does_what_its_acl_says_and_no_more(self) -> None:
        """HEAD is GET without the body, and needs its ACL (contract section 2.2 has none)."""
        _, token = self.made("provd.dev_mgr.devices.#", "!provd.dev_mgr.devices.*.delete")
        self.asks("POST", DEVICES, {"device": {"id": "a.b"}})
        for method, path, status in (
            ("GET", DEVICES, 200),
            ("HEAD", DEVICES, 200),
            ("GET", f"{DEVICES}/a.b", 200),
            ("DELETE", f"{DEVICES}/a.b", 401),
            ("GET", "/cfg_mgr/configs", 401),
            ("HEAD", "/cfg_mgr/configs", 401),
            ("HEAD", "/status", 401),
            ("GET", "/tokens", 401),
        ):
            self.assertEqual(self.asks(method, path, token=token).status, status, (method, path))

    def test_every_refusal_is_the_same_401(self) -> None:
        """Also for a document that does not exist, and for bytes that are no text."""
        _, narrow = self.made("provd.status.read")
        _, foreign = self.made("#", tenant=ANNA)
        revoked_id, revoked = self.made("#")
        self.asks("DELETE", f"/tokens/{revoked_id}")
        _, over = self.made("#", expires_at="2027-01-15T08:00:01Z")
        self.office.clock.advance(1)
        answers = {
            (answer.status, answer.body, answer.headers["content-type"])
            for answer in (
                self.asks("GET", f"{DEVICES}/None", token=None),
                self.asks("GET", f"{DEVICES}/None", token=narrow),
                self.asks("DELETE", "/cfg_mgr/configs/autoprov", token="wrong"),
                self.asks("GET", "/status", token=revoked),
                self.asks("GET", "/status", token=over),
                self.asks("GET", "/status", token=foreign, tenant=BERT),
                self.asks("GET", "/status", token=foreign, tenant="master"),
                self.asks("GET", "/status", token="\udcff"),
                self.asks("GET", "/status", tenant="nobody"),
                self.asks("GET", "/status", tenant="\udcff"),
                self.asks("PUT", f"{DEVICES}/None", {}, token=""),
            )
        }
        self.assertEqual(answers, {(401, b"Unauthorized", "text/plain; charset=utf-8")})

    def test_an_expiry_may_be_written_with_any_zone(self) -> None:
        """It is shown in UTC."""
        for written, shown in (
            ("2027-01-15T08:00:01Z", "2027-01-15T08:00:01Z"),
            ("2027-01-15T10:30:00+02:00", "2027-01-15T08:30:00Z"),
            ("2027-01-15 12:00:00.5-05:00", "2027-01-15T17:00:00Z"),
        ):
            token_id, _ = self.made(expires_at=written)
            self.assertEqual(self.asks("GET", f"/tokens/{token_id}").json["token"]["expires_at"], shown)
        self.office.clock.advance(3600)
        over = self.asks("GET", "/tokens?q=" + '{"expired":true}'.replace('"', "%22")).json["tokens"]
        self.assertEqual(len(over), 2)

    def test_bad_tokens(self) -> None:
        """400 and the field; nothing is made."""
        before = self.office.memory.seq
        good = {"name": "Anna", "acl": ["provd.#"]}
        wrong: tuple[tuple[dict[str, object], str], ...] = (
            ({"name": ""}, "name"),
            ({"name": None}, "name"),
            ({"name": "x" * 101}, "name"),
            ({"name": "a\nb"}, "name"),
            ({"name": ["x"]}, "name"),
            ({"acl": []}, "acl"),
            ({"acl": None}, "acl"),
            ({"acl": "provd.#"}, "acl"),
            ({"acl": [5]}, "acl.0"),
            ({"acl": ["a b"]}, "acl"),
            ({"acl": [""]}, "acl"),
            ({"acl": ["provd.x"] * 201}, "acl"),
            ({"expires_at": 5}, "expires_at"),
            ({"expires_at": "soon"}, "expires_at"),
            ({"expires_at": ""}, "expires_at"),
            ({"expires_at": "2028-01-15T08:00:00"}, "expires_at"),
            ({"expires_at": AT}, "expires_at"),
            ({"expires_at": "0001-01-01T00:00:00+23:59"}, "expires_at"),
            (
                {"expires_at": "9999-12-31T23:59:59-23:00"},
                "expires_at",
            ),  # the year 10000: nothing can show it
            ({"tenant_uuid": ANNA}, "tenant_uuid"),
            ({"token": "mine"}, "token"),
            ({"id": "mine"}, "id"),
        )
        for changes, field in wrong:
            body = {"token": {**good, **changes}}
            answer = self.asks("POST", "/tokens", body, headers={"Accept": "application/json"})
            self.assertEqual((answer.status, answer.json.get("field")), (400, field), changes)
        others: tuple[object, ...] = ([], {}, {"token": None}, {"token": []}, 5)
        for other in others:
            self.assertEqual(self.asks("POST", "/tokens", other).status, 400, other)
        self.assertEqual(self.office.memory.seq, before)

    def test_nobody_makes_a_token_that_may_do_more(self) -> None:
        """Who may make tokens for phones' pages would else be the administrator a request later."""
        _, maker = self.made("provd.tokens.#", "provd.dev_mgr.#", "!provd.dev_mgr.devices.*.delete")
        for acl, status in (
            (["provd.dev_mgr.devices.#"], 201),
            (["provd.tokens.create"], 201),
            (["#"], 400),
            (["provd.*.#"], 400),
            (["provd.cfg_mgr.configs.read"], 400),
        ):
            answer = self.asks("POST", "/tokens", {"token": {"name": "x", "acl": acl}}, token=maker)
            self.assertEqual(answer.status, status, acl)
        body = {"token": {"name": "x", "acl": ["provd.dev_mgr.#"]}}
        made = self.asks("POST", "/tokens", body, token=maker).json
        self.assertEqual(
            self.asks("GET", f"/tokens/{made['id']}").json["token"]["acl"],
            ["provd.dev_mgr.#", "!provd.dev_mgr.devices.*.delete"],
        )
        self.asks("POST", DEVICES, {"device": {"id": "d1"}})
        self.assertEqual(self.asks("DELETE", f"{DEVICES}/d1", token=made["token"]).status, 401)

    def test_a_token_is_its_tenants(self) -> None:
        """Others neither see nor revoke it; those above do."""
        of_anna, anna = self.made("#", tenant=ANNA)
        _, bert = self.made("#", tenant=BERT)
        for token, status in ((bert, 404), (anna, 200), (TOKEN, 200)):
            self.assertEqual(self.asks("GET", f"/tokens/{of_anna}", token=token).status, status)
        self.assertEqual(self.asks("DELETE", f"/tokens/{of_anna}", token=bert).status, 404)
        ids = [token["id"] for token in self.asks("GET", "/tokens", token=anna).json["tokens"]]
        self.assertEqual(ids, [of_anna])
        self.assertEqual(self.asks("GET", "/tokens").json["tokens"], [])
        self.assertEqual(len(self.asks("GET", "/tokens?recurse=true").json["tokens"]), 2)
        made = self.asks("POST", "/tokens", {"token": {"name": "x", "acl": ["#"]}}, token=anna)
        self.assertEqual(self.office.memory.get(Token, made.json["id"]).tenant, ANNA)
        self.assertEqual(self.asks("DELETE", f"/tokens/{of_anna}", token=anna).status, 204)
        self.assertEqual(self.asks("GET", DEVICES, token=anna).status, 401)

    def test_me_may_be_revoked_by_its_holder(self) -> None:
        """Who has lost a token wants to end it without asking anybody."""
        mine, token = self.made("provd.tokens.me.delete")
        other, _ = self.made("provd.status.read")
        self.assertEqual(self.asks("DELETE", f"/tokens/{other}", token=token).status, 401)
        self.assertEqual(self.asks("DELETE", f"/tokens/{mine}", token=token).status, 204)
        self.assertEqual(self.asks("DELETE", f"/tokens/{mine}", token=token).status, 401)

    def test_tokens_that_are_none(self) -> None:
        """404, the administrator's too: it is in its file."""
        for token_id in ("nobody", "administrator", "a%2Fb", ""):
            self.assertEqual(self.asks("GET", f"/tokens/{token_id}").status, 404)
            self.assertEqual(self.asks("DELETE", f"/tokens/{token_id}").status, 404)

    def test_the_history_says_who_it_was(self) -> None:
        """Id and name of the token, never the token."""
        token_id, token = self.made("#")
        self.asks("POST", DEVICES, {"device": {"id": "d1"}}, token=token)
        (committed,) = self.successResultOf(self.office.memory.history(Device, "d1", 5))
        self.assertEqual(committed.commit.who, f"token:{token_id[:8]} (Anna)")

    def test_where_others_make_tokens_we_make_none(self) -> None:
        """They would open nothing."""
        self.office.elsewhere = True
        self.office.use(self.office.tokens)
        body = {"token": {"name": "x", "acl": ["#"]}}
        self.assertEqual(self.asks("POST", "/tokens", body).status, 403)
        self.assertEqual(self.asks("GET", "/tokens").json, {"tokens": []})
        for method, path in (
            ("POST", "/tenants"),
            ("PUT", f"/tenants/{ANNA}"),
            ("DELETE", f"/tenants/{ANNA}"),
        ):
            self.assertEqual(self.asks(method, path, {"tenant": {"name": "x"}}).status, 403)
        self.assertEqual(self.asks("GET", f"/tenants/{ANNA}").status, 200)
