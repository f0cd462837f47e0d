"""Lines over REST: accounts, codes and who sees them."""

import json
from typing import Any
from urllib.parse import quote

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.tokens import digest_of
from provserver.errors import NotFound
from provserver.model import Config, Device, Line, Seat, Tenant, Token
from provserver.rest.feed import Feed
from tests.fakes.office import json_of
from tests.fakes.rest import Answered, Connection, RestOffice

ANNA = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
BERT = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
LINES = "/lines"
ACCOUNT = {"username": "anna", "password": "s3cret", "number": "201"}


class LinesCase(SynchronousTestCase):
    """Tokens are tenants' ids here: master above anna and bert."""

    def setUp(self) -> None:
        self.office = RestOffice()
        self.store = self.office.memory
        self.office.put(
            Tenant(ANNA, name="Anna's", parent="master", templates=("desk",)),
            Tenant(BERT, name="Bert's", parent="master"),
            Config("desk", tenant=ANNA),
        )
        self.office.use(self.office.tenants)

    def asks(
        self, method: str, path: str, body: object = None, token: str = ANNA, tag: str | None = None
    ) -> Answered:
        headers = {"Accept": "application/json"} | ({"If-Match": tag} if tag else {})
        return self.office.asks(method, path, body, token=token, headers=headers)

    def status(self, method: str, path: str, body: object = None, token: str = ANNA) -> int:
        return self.asks(method, path, body, token).status

    def make(self, token: str = ANNA, **fields: Any) -> str:
        answer = self.asks("POST", LINES, {"line": {"account": ACCOUNT, **fields}}, token)
        self.assertEqual(answer.status, 201, answer.text)
        made = answer.json["id"]
        assert isinstance(made, str)
        return made

    def shown(self, line_id: str, token: str = ANNA) -> Any:
        return self.asks("GET", f"{LINES}/{line_id}", None, token).json["line"]

    def narrow(self, *acl: str) -> str:
        """Return a token of Anna's that may do no more than this."""
        self.office.put(Token("narrow", digest=digest_of("narrow-token"), acl=acl, tenant=ANNA))
        self.office.use(self.office.tokens)
        return "narrow-token"


class OneLineTests(LinesCase):
    def test_make_and_read(self) -> None:
        """It comes with a code that nobody would guess first, and with all that can be said of a line."""
        answer = self.asks("POST", LINES, {"line": {"id": "l1", "account": ACCOUNT}})
        self.assertEqual((answer.status, answer.json), (201, {"id": "l1"}))
        self.assertEqual(answer.headers["location"], "/0.2/lines/l1")
        self.assertEqual(
            self.shown("l1"),
            {
                "id": "l1",
                "tenant_uuid": ANNA,
                "account": ACCOUNT,
                "code": "482913",
                "code_expires_at": None,
                "keeps_code": False,
                "when_taken": "refuse",
                "template": None,
                "options": {},
                "devices": [],
            },
        )
        self.assertRegex(self.make(), "^[0-9a-f]{32}$")

    def test_what_was_read_can_be_written_back(self) -> None:
        """And changes nothing: no revision, no event."""
        self.make(
            id="l1", template="desk", options={"locale": "fr_FR"}, code_expires_at="2027-03-01T12:00:00+01:00"
        )
        self.office.put(Device("p1", tenant=ANNA))
        self.assertEqual(self.status("PUT", f"{LINES}/l1/devices/p1", {}), 200)
        before = self.store.seq
        shown = self.shown("l1")
        self.assertEqual(shown["code_expires_at"], "2027-03-01T11:00:00Z")
        self.assertEqual(shown["devices"], [{"device": "p1", "position": 1}])
        self.assertEqual(self.status("PUT", f"{LINES}/l1", {"line": shown}), 204)
        self.assertEqual(self.store.seq, before)

    def test_change(self) -> None:
        """What is left out stays; an account is replaced as a whole."""
        self.make(id="l1", options={"locale": "fr_FR"})
        said = {"account": {"username": "new"}, "keeps_code": True, "when_taken": "move"}
        self.assertEqual(self.status("PUT", f"{LINES}/l1", {"line": said}), 204)
        shown = self.shown("l1")
        self.assertEqual({name: shown[name] for name in said}, said)
        self.assertEqual((shown["options"], shown["code"]), ({"locale": "fr_FR"}, "482913"))
        self.assertEqual(self.status("PUT", f"{LINES}/l1", {"line": {"code": None}}), 204)
        self.assertIsNone(self.shown("l1")["code"])

    def test_bad_lines(self) -> None:
        """400 and the field; nothing is made or changed."""
        self.make(id="l1")
        before = self.store.seq
        wrong: tuple[tuple[dict[str, object], str], ...] = (
            ({"account": None}, "account"),
            ({"account": {}}, "account.username"),
            ({"account": {"username": "a", "proxy_port": "high"}}, "account.proxy_port"),
            ({"options": []}, "options"),
            ({"options": {"sip_lines": {}}}, "options.sip_lines"),
            ({"options": {"locale": "french"}}, "options.locale"),
            ({"when_taken": "explode"}, "when_taken"),
            ({"when_taken": ["move"]}, "when_taken"),
            ({"keeps_code": "perhaps"}, "keeps_code"),
            ({"template": "nobodys"}, "template"),
            ({"template": {}}, "template"),
            ({"code": "111111"}, "code"),
            ({"code": 482913}, "code"),
            ({"code_expires_at": "tomorrow"}, "code_expires_at"),
            ({"code_expires_at": "2027-03-01T12:00:00"}, "code_expires_at"),
            ({"code_expires_at": 7}, "code_expires_at"),
            ({"code_expires_at": "9999-12-31T23:59:59-23:00"}, "code_expires_at"),
            ({"code_expires_at": "0001-01-01T00:00:00+23:00"}, "code_expires_at"),
            ({"codes": 1}, "codes"),
        )
        for fields, field in wrong:
            for method, path in (("POST", LINES), ("PUT", f"{LINES}/l1")):
                answer = self.asks(method, path, {"line": {"account": ACCOUNT, **fields}})
                self.assertEqual((answer.status, answer.json.get("field")), (400, field), fields)
        bodies: tuple[object, ...] = ({}, {"line": None}, [], None)
        for body in bodies:
            self.assertEqual(self.status("POST", LINES, body), 400)
        for reserved in ("csv", "bulk", "a/b", "", ".."):
            self.assertEqual(self.status("POST", LINES, {"line": {"id": reserved, "account": ACCOUNT}}), 400)
        self.assertEqual(self.store.seq, before)
        self.assertEqual(self.status("POST", LINES, {"line": {"id": "l1", "account": ACCOUNT}}), 409)

    def test_etags(self) -> None:
        """Who read an older one is told, for each way to change it."""
        self.make(id="l1")
        tag = self.asks("GET", f"{LINES}/l1").headers["etag"]
        self.assertEqual(self.asks("PUT", f"{LINES}/l1", {"line": {"keeps_code": True}}, tag=tag).status, 204)
        for method, body in (("PUT", {"line": {"keeps_code": False}}), ("DELETE", None)):
            self.assertEqual(self.asks(method, f"{LINES}/l1", body, tag=tag).status, 412)
        self.assertEqual(self.status("DELETE", f"{LINES}/l1"), 204)
        self.assertEqual(self.status("GET", f"{LINES}/l1"), 404)

    def test_others_lines_are_not_there(self) -> None:
        """404 as if it were not, for every method."""
        self.make(BERT, id="l1")
        self.office.put(Device("p1", tenant=ANNA))
        asked: tuple[tuple[str, str, object], ...] = (
            ("GET", "/l1", None),
            ("PUT", "/l1", {"line": {}}),
            ("DELETE", "/l1", None),
            ("POST", "/l1/code", {"code": {}}),
            ("PUT", "/l1/devices/p1", {}),
            ("DELETE", "/l1/devices/p1", None),
        )
        for method, path, body in asked:
            mine = self.asks(method, LINES + path, body)
            nobodys = self.asks(method, LINES + path.replace("l1", "l9"), body)
            self.assertEqual((mine.status, mine.text.replace("l1", "l9")), (404, nobodys.text), path)
        self.assertEqual(self.shown("l1", "master")["tenant_uuid"], BERT)

    def test_lists(self) -> None:
        """Selector, order and page, of the tenant asked for; beneath it with `recurse`."""
        for number, (tenant, name) in enumerate(((ANNA, "x"), (ANNA, "y"), (BERT, "z")), 1):
            self.make(tenant, id=f"l{number}", account={"username": name})

        def ids(query: str = "", token: str = ANNA) -> list[str]:
            return [one["id"] for one in self.asks("GET", LINES + query, None, token).json["lines"]]

        self.assertEqual(ids(), ["l1", "l2"])
        self.assertEqual(ids(token="master"), [])
        self.assertEqual(ids("?recurse=true&sort=id&sort_ord=DESC&limit=2", "master"), ["l3", "l2"])
        for selector in (
            {"account.username": "y"},
            {"code": self.shown("l2")["code"]},
            {"id": {"$in": ["l2", "l3"]}},
        ):
            self.assertEqual(ids(f"?q={quote(json.dumps(selector))}"), ["l2"])
        self.assertEqual(ids(f"?q={quote(json.dumps({'tenant_uuid': BERT}))}"), ["l1", "l2"])
        fields = self.asks("GET", f"{LINES}?fields=account.username&limit=1").json["lines"]
        self.assertEqual(fields, [{"id": "l1", "account": {"username": "x"}}])

    def test_the_history(self) -> None:
        """Who changed it and how, without password and code."""
        self.make(id="l1")
        self.asks("PUT", f"{LINES}/l1", {"line": {"keeps_code": True}})
        answer = self.asks("GET", f"{LINES}/l1/history")
        self.assertEqual(
            [change["why"] for change in answer.json["history"]], ["PUT /0.2/lines/l1", "POST /0.2/lines"]
        )
        self.assertNotIn("s3cret", answer.text)
        self.assertEqual(answer.json["history"][0]["document"]["account"]["password"], "***")
        self.assertEqual(self.status("GET", f"{LINES}/l1/history", None, BERT), 404)


class CodeTests(LinesCase):
    def test_renew(self) -> None:
        """The old code ends; an end may be set, else there is none."""
        self.make(id="l1", code_expires_at="2027-03-01T12:00:00Z")
        answer = self.asks("POST", f"{LINES}/l1/code", {"code": {}})
        self.assertEqual(
            (answer.status, answer.json), (200, {"code": {"code": "482914", "expires_at": None}})
        )
        self.assertEqual(self.store.find(Line, "code", "482913"), ())
        said = {"code": {"expires_at": "2027-03-01T12:00:00Z"}}
        self.assertEqual(
            self.asks("POST", f"{LINES}/l1/code", said).json["code"]["expires_at"], said["code"]["expires_at"]
        )
        self.assertEqual(self.status("POST", f"{LINES}/l1/code", {"code": {"expires_at": "soon"}}), 400)
        self.assertEqual(self.status("POST", f"{LINES}/l1/code", {}), 400)

    def test_a_line_without_code(self) -> None:
        """Nobody can dial for it; an administrator seats it."""
        self.make(id="l1", code=None)
        self.assertIsNone(self.shown("l1")["code"])

    def test_taken_codes_are_passed_over(self) -> None:
        """Codes are unique among all tenants."""
        self.office.put(Line("other", tenant=BERT, account=json_of(ACCOUNT), code="482913"))
        self.make(id="l1")
        self.assertEqual(self.shown("l1")["code"], "482914")


class SecretsTests(LinesCase):
    def test_passwords_are_for_those_who_may_see_secrets(self) -> None:
        """A help desk can hand out codes, and change a name without ever seeing the password."""
        self.make(id="l1", options={"admin_password": "deep", "locale": "fr_FR"})
        narrow = self.narrow("provd.lines.#")
        shown = self.shown("l1", narrow)
        self.assertEqual(shown["account"]["password"], "***")
        self.assertEqual(shown["options"], {"admin_password": "***", "locale": "fr_FR"})
        self.assertEqual(shown["code"], "482913")
        shown["account"]["display_name"] = "Anna"
        self.assertEqual(self.status("PUT", f"{LINES}/l1", {"line": shown}, narrow), 204)
        account = json.loads(self.store.get(Line, "l1").account)
        self.assertEqual((account["password"], account["display_name"]), ("s3cret", "Anna"))
        self.assertEqual(self.status("POST", LINES, {"line": {"account": shown["account"]}}, narrow), 400)
        for answer in (
            self.asks("GET", LINES, None, narrow),
            self.asks("GET", f"{LINES}/csv", None, narrow),
            self.asks("GET", f"{LINES}/l1/history", None, narrow),
        ):
            self.assertEqual(answer.status, 200)
            self.assertNotIn("s3cret", answer.text)
            self.assertNotIn("deep", answer.text)

    def test_a_selector_does_not_feel_for_them(self) -> None:
        """Else a password could be guessed letter by letter."""
        self.make(id="l1")
        narrow = self.narrow("provd.lines.#")
        for selector in ({"account.password": "s3cret"}, {"account.password": {"$ge": "s"}}):
            answer = self.asks("GET", f"{LINES}?q={quote(json.dumps(selector))}", None, narrow)
            self.assertEqual(answer.json, {"lines": []})

    def test_each_has_its_acl(self) -> None:
        """Who may hand out codes need not be able to delete."""
        self.office.put(Device("p1", tenant=ANNA))
        self.make(id="l.1")
        asked: tuple[tuple[str, str, object, str], ...] = (
            ("GET", "", None, "read"),
            ("POST", "", {"line": {"account": ACCOUNT}}, "create"),
            ("POST", "/bulk", {"lines": []}, "bulk.create"),
            ("POST", "/csv", b"", "csv.create"),
            ("GET", "/csv", None, "csv.read"),
            ("GET", "/l.1", None, "l_1.read"),
            ("GET", "/l.1/history", None, "l_1.history.read"),
            ("PUT", "/l.1", {"line": {}}, "l_1.update"),
            ("POST", "/l.1/code", {"code": {}}, "l_1.code.create"),
            ("PUT", "/l.1/devices/p1", {}, "l_1.devices.p1.update"),
            ("DELETE", "/l.1/devices/p1", None, "l_1.devices.p1.delete"),
            ("DELETE", "/l.1", None, "l_1.delete"),
        )
        for method, path, body, acl in asked:
            self.asks(method, LINES + path, body)
            self.assertEqual(self.office.tenants.asked[-1][1], f"provd.lines.{acl}")


class SeatsTests(LinesCase):
    def test_associate_and_release(self) -> None:
        """A phone of the master tenant comes to the line's; taken off it waits, there."""
        self.make(id="l1")
        self.office.put(Device("p1", tenant="master", vendor="Acme", model="A20", plugin="acme-2"))
        answer = self.asks("PUT", f"{LINES}/l1/devices/p1", {"position": 2})
        self.assertEqual(
            (answer.status, answer.json),
            (200, {"association": {"device": "p1", "line": "l1", "position": 2}}),
        )
        device = self.store.get(Device, "p1")
        self.assertEqual(device.tenant, ANNA)
        raw = self.asks("GET", f"/cfg_mgr/configs/{device.config}/raw").json["raw_config"]
        self.assertEqual(raw["sip_lines"], {"2": ACCOUNT})
        self.assertEqual(self.status("DELETE", f"{LINES}/l1/devices/p1"), 204)
        self.assertEqual(self.status("DELETE", f"{LINES}/l1/devices/p1"), 404)
        self.assertEqual(self.store.get(Line, "l1").code, "482913")

    def test_refusals(self) -> None:
        """409 with its reason; 404 for devices that are not there for the caller, 400 for a wrong position."""
        self.make(id="l1")
        self.make(BERT, id="l2")
        self.make("master", id="l3")
        self.office.put(
            Device("own", tenant=ANNA, config="own"),
            Device("berts", tenant=BERT),
            Device("new", tenant="master"),
            Device("small", tenant=ANNA, vendor="Acme", model="A20", plugin="acme-2"),
            Config("own"),
        )
        self.asks("PUT", f"{LINES}/l3/devices/new", {}, "master")
        refused: tuple[tuple[str, str, object, int, str], ...] = (
            ("l1", "own", {}, 409, "phone.provisioned"),
            ("l1", "berts", {}, 404, "not-found"),
            ("l1", "new", {}, 404, "not-found"),
            ("l1", "none", {}, 404, "not-found"),
            ("l1", "small", {"position": 3}, 409, "phone.no-position"),
            ("l1", "small", {"position": 0}, 400, "invalid"),
            ("l1", "small", {"position": "1"}, 400, "invalid"),
            ("l1", "small", {"position": True}, 400, "invalid"),
            ("l1", "small", [], 400, "invalid"),
            ("l1", "small", 5, 400, "invalid"),
            ("l1", "small", {"position": 10**30}, 409, "phone.no-position"),
        )
        for line_id, device_id, body, status, reason in refused:
            answer = self.asks("PUT", f"{LINES}/{line_id}/devices/{device_id}", body)
            self.assertEqual((answer.status, answer.json["reason_id"]), (status, reason), (device_id, body))
        other = self.asks("PUT", f"{LINES}/l2/devices/small", {}, "master")
        self.assertEqual((other.status, other.json["reason_id"]), (409, "phone.other-tenant"))

    def test_a_guest_sees_which_phone_it_is_and_its_own_ports(self) -> None:
        """No mac of others' lines, no raw config, and it can neither change nor delete it: those are the owner's."""
        self.make(id="a1", account={"username": "a1", "password": "of-anna"})
        self.make(BERT, id="b1", account={"username": "b1", "password": "of-bert"})
        self.office.put(Device("g1", tenant=ANNA, vendor="Acme", model="G8", plugin="acme-2"))
        self.asks("PUT", f"{LINES}/a1/devices/g1", {"position": 1})
        self.assertEqual(self.status("PUT", f"{LINES}/b1/devices/g1", {"position": 7}, BERT), 404)
        self.assertEqual(self.status("PUT", f"{LINES}/b1/devices/g1", {"position": 7}, "master"), 200)
        seen = self.asks("GET", "/dev_mgr/devices/g1", None, BERT)
        self.assertEqual(
            seen.json["device"],
            {
                "id": "g1",
                "vendor": "Acme",
                "model": "G8",
                "tenant_uuid": ANNA,
                "is_new": False,
                "lines": [{"line": "b1", "position": 7}],
            },
        )
        self.assertEqual(
            self.asks("GET", "/dev_mgr/devices", None, BERT).json["devices"], [seen.json["device"]]
        )
        config = self.store.get(Device, "g1").config
        for method, path, body in (
            ("GET", f"/cfg_mgr/configs/{config}", None),
            ("GET", f"/cfg_mgr/configs/{config}/raw", None),
            ("PUT", "/dev_mgr/devices/g1", {"device": {"id": "g1"}}),
            ("DELETE", "/dev_mgr/devices/g1", None),
            ("GET", "/dev_mgr/devices/g1/status", None),
            ("GET", f"{LINES}/a1", None),
        ):
            self.assertEqual(self.status(method, path, body, BERT), 404, path)
        self.make(BERT, id="b2")
        self.assertEqual(
            self.asks("PUT", f"{LINES}/b2/devices/g1", {}, BERT).json["association"]["position"], 2
        )
        self.assertEqual(self.status("DELETE", f"{LINES}/b1/devices/g1", None, BERT), 204)
        self.assertEqual(self.status("DELETE", f"{LINES}/b2/devices/g1", None, BERT), 204)
        self.assertEqual(self.status("GET", "/dev_mgr/devices/g1", None, BERT), 404)

    def test_nobody_takes_a_phone_that_has_a_users_line(self) -> None:
        """A phone of the master tenant is anybody's to take, but not with the master's own line on it."""
        self.make("master", id="l1")
        self.office.put(Device("p1", tenant="master"))
        self.asks("PUT", f"{LINES}/l1/devices/p1", {}, "master")
        self.assertEqual(self.status("PUT", "/dev_mgr/devices/p1", {"device": {"id": "p1"}}, BERT), 404)

    def test_a_config_of_lines_is_not_written_by_others(self) -> None:
        """403, and it says what to change instead."""
        self.make(id="l1")
        self.office.put(Device("p1", tenant=ANNA))
        self.asks("PUT", f"{LINES}/l1/devices/p1", {})
        config = self.store.get(Device, "p1").config
        body: object = {"config": {"id": config, "parent_ids": [], "raw_config": {}}}
        self.assertEqual(self.status("PUT", f"/cfg_mgr/configs/{config}", body, "master"), 403)
        self.assertEqual(self.status("DELETE", f"/cfg_mgr/configs/{config}", None, "master"), 403)


class TenantTests(LinesCase):
    def test_default_config_and_templates(self) -> None:
        """They reach the devices that have lines already, each in its commit."""
        self.make(id="l1", template="desk")
        self.office.put(
            Device("p1", tenant=ANNA),
            Config("annas", raw=json_of({"sip_proxy_ip": "10.0.0.1"}), tenant=ANNA),
            Config("berts", raw=json_of({"sip_proxy_ip": "10.9.9.9"}), tenant=BERT),
        )
        self.asks("PUT", f"{LINES}/l1/devices/p1", {})
        path = f"/tenants/{ANNA}"
        for name, value, field in (
            ("default_config", "none", "default_config"),
            ("default_config", "berts", "default_config"),
            ("default_config", 5, "default_config"),
            ("templates", ["desk", "berts"], "templates.1"),
            ("templates", [5], "templates.0"),
            ("templates", "desk", "templates"),
        ):
            answer = self.asks("PUT", path, {"tenant": {name: value}})
            self.assertEqual((answer.status, answer.json.get("field")), (400, field))
        self.assertEqual(self.status("PUT", path, {"tenant": {"default_config": "annas"}}), 204)
        shown = self.asks("GET", path).json["tenant"]
        self.assertEqual((shown["default_config"], shown["templates"]), ("annas", ["desk"]))
        self.assertEqual(self.parents(), ("defaultconfigdevice", "annas", "desk"))
        self.assertEqual(
            self.status("PUT", path, {"tenant": {"templates": None, "default_config": None}}), 204
        )
        self.assertEqual(self.parents(), ("defaultconfigdevice",))
        before = self.store.seq
        self.assertEqual(self.status("PUT", path, {"tenant": {"templates": None}}), 204)
        self.assertEqual(self.store.seq, before)
        self.assertEqual(self.status("PUT", f"{LINES}/l1", {"line": {"keeps_code": True}}), 204)

    def parents(self) -> tuple[str, ...]:
        return self.store.get(Config, self.store.get(Device, "p1").config or "").parents

    def test_deleting_a_tenant(self) -> None:
        """It says what it would orphan; forced, its lines leave the devices of others too."""
        self.make(id="a1")
        self.make(BERT, id="b1")
        self.office.put(Device("g1", tenant=ANNA, vendor="Acme", model="G8", plugin="acme-2"))
        self.asks("PUT", f"{LINES}/a1/devices/g1", {}, "master")
        self.asks("PUT", f"{LINES}/b1/devices/g1", {}, "master")
        answer = self.asks("DELETE", f"/tenants/{BERT}", None, "master")
        self.assertEqual((answer.status, answer.json["left"]["lines"]), (409, 1))
        self.assertEqual(self.status("DELETE", f"/tenants/{BERT}?force=true", None, "master"), 204)
        self.assertRaises(NotFound, self.store.get, Line, "b1")
        device = self.store.get(Device, "g1")
        self.assertEqual((device.guests, self.store.get(Line, "a1").seats), ((), (Seat("g1", 1),)))
        raw = self.asks("GET", f"/cfg_mgr/configs/{device.config}/raw").json["raw_config"]
        self.assertEqual(list(raw["sip_lines"]), ["1"])


class EventsTests(LinesCase):
    def test_followers_hear_of_lines(self) -> None:
        """Each of its own tenant's; of thousands at once they hear once."""
        feed = Feed(self.store, self.office.provisioner, self.office.clock)
        self.make(id="l1")
        self.asks("PUT", f"{LINES}/l1", {"line": {"keeps_code": True}})
        self.asks("DELETE", f"{LINES}/l1")
        self.asks(
            "POST",
            f"{LINES}/bulk",
            {"lines": [{"account": {"username": str(at)}} for at in range(101)]},
            BERT,
        )
        events = [feed.event(number) for number in range(feed.first, feed.next)]
        self.assertEqual(
            [(event.name, event.tenant, dict(event.more)) for event in events],
            [
                ("line-added", ANNA, {"line": "l1"}),
                ("line-updated", ANNA, {"line": "l1"}),
                ("line-deleted", ANNA, {"line": "l1"}),
                ("lines-changed", BERT, {"count": "101"}),
            ],
        )

    def test_the_stream(self) -> None:
        """An event of a line names no device, and holds neither password nor code."""
        follower = Connection(self.office)
        follower.send(f"GET /0.2/events HTTP/1.1\r\nHost: provd\r\nX-Auth-Token: {ANNA}\r\n\r\n".encode())
        self.make(id="l1")
        self.office.clock.advance(0.1)
        told = follower.transport.value().decode()
        follower.close()
        self.assertIn(f'"tenant_uuid":"{ANNA}","line":"l1"}}', told)
        for secret in ("s3cret", "482913", '"device"'):
            self.assertNotIn(secret, told)
