"""Administrators' templates over REST: put, read, listed, deleted, tried; by whom, and what is never told."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from twisted.internet.defer import succeed
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.acl import allows
from provserver.errors import Unauthorized
from provserver.model import Caller, Config, Device, Tenant, Uninstalled
from tests.fakes.office import MAC, json_of, own_config
from tests.fakes.rest import Answered, RestOffice
from tests.security.override_names import BAD_NAMES, BAD_PLUGINS

ANNA = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
FILE = "00aced000001.cfg"
ONE = "/templates/acme-2/A60.tpl"
JSON = {"Accept": "application/json"}


class TemplatesCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks
        self.office.put(
            Tenant(ANNA, name="Anna's", parent="master"),
            own_config("anna"),
            Device(
                "d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="anna", tenant="master"
            ),
        )

    def put(self, path: str = ONE, text: str = "mine {{ label }}", **headers: str) -> Answered:
        return self.asks(
            "PUT",
            path,
            text.encode("utf-8", "surrogateescape"),
            headers={"Content-Type": "text/plain", **JSON, **headers},
        )

    def preview(self, **order: object) -> Answered:
        return self.asks("POST", "/templates/preview", {"preview": order}, headers=JSON)

    def fetched(self) -> str:
        file = self.office.answer(path=FILE).file
        assert file and file.body
        return file.body.decode()


class StoredTests(TemplatesCase):
    def test_it_holds_at_once(self) -> None:
        """And the plugin's own holds again when it is gone."""
        own = self.fetched()
        self.assertEqual(self.put().status, 204)
        self.assertEqual(self.fetched(), "mine Anna")
        self.assertEqual(self.asks("DELETE", ONE).status, 204)
        self.assertEqual(self.fetched(), own)

    def test_it_is_read_as_it_was_put(self) -> None:
        """Byte for byte; whatever the client accepts."""
        put = self.put(text="caf\u00e9\r\n{{ 1 }}")
        got = self.asks("GET", ONE, headers={"Accept": "text/html"})
        self.assertEqual((got.status, got.body), (200, "caf\u00e9\r\n{{ 1 }}".encode()))
        self.assertEqual(got.headers["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(got.headers["etag"], put.headers["etag"])

    def test_all_are_listed(self) -> None:
        """Those of one plugin, or a page of them."""
        for path in ("/templates/acme-1/a.tpl", ONE, "/templates/acme-2/parts%2Fb.tpl"):
            self.assertEqual(self.put(path).status, 204)
        self.office.put(Uninstalled("acme-2"))

        def names(query: str) -> list[tuple[str, str]]:
            listed = self.asks("GET", f"/templates{query}").json["templates"]
            return [(one["plugin"], one["name"]) for one in listed]

        every = [("acme-1", "a.tpl"), ("acme-2", "A60.tpl"), ("acme-2", "parts/b.tpl")]
        self.assertEqual(names(""), every)
        self.assertEqual(names("?plugin=wazo-acme-2"), every[1:])
        self.assertEqual(names("?plugin=none"), [])
        self.assertEqual(names("?skip=1&limit=1"), every[1:2])

    def test_only_what_is_expected_is_replaced(self) -> None:
        """412 to the second of two who edit it; what he saw is not what he would replace."""
        etag = self.put().headers["etag"]
        self.assertEqual(self.put(text="2", **{"If-Match": etag}).status, 204)
        for status in (
            self.put(text="3", **{"If-Match": etag}).status,
            self.asks("DELETE", ONE, headers={"If-Match": etag}).status,
        ):
            self.assertEqual(status, 412)
        self.assertEqual(self.fetched(), "2")
        self.assertEqual(self.put("/templates/acme-2/new.tpl", **{"If-Match": "*"}).status, 412)

    def test_a_mistake_is_told_with_its_line(self) -> None:
        """And changes nothing."""
        self.put()
        for text, message, line in (
            ("1\n{{ x }", "A60.tpl line 2: unexpected '}'", 2),
            ("1\n2\n{% nonsense %}", "A60.tpl line 3: Encountered unknown tag 'nonsense'.", 3),
            ("{{ 1 | tojson }}", "A60.tpl line 1: No filter named 'tojson'.", 1),
            (
                "{% filter upper %}{% endfilter %}",
                "A60.tpl line 1: there is no FilterBlock in an administrator's template",
                1,
            ),
            ("x" * 40_000, "A60.tpl: more than 32,768 characters", None),
            ("{{" + "(" * 5000, "A60.tpl: nested too deep", None),
        ):
            answer = self.put(text=text)
            self.assertEqual(answer.status, 400, text[:50])
            self.assertEqual(
                answer.json,
                {"message": message, "reason_id": "render.bad-template", "template": "A60.tpl", "line": line},
            )
        answer = self.put(text="caf\udce9")
        self.assertEqual((answer.status, answer.json["message"]), (400, "expected UTF-8, byte 3 is not"))
        self.assertEqual(self.fetched(), "mine Anna")

    def test_what_fails_only_when_it_is_run_is_told_on_the_device(self) -> None:
        """In the steps of its answer, which explain and the timeline show, and in its status."""
        self.assertEqual(self.put(text="1\n{{ lable }}").status, 204)
        answer = self.office.answer(path=FILE)
        self.assertEqual(answer.steps[-1].reason_id, "render.bad-template")
        status = self.asks("GET", "/dev_mgr/devices/d1/status").json["status"]
        self.assertFalse(status["configured"])
        self.assertIn("A60.tpl line 2: undefined: lable", json.dumps(status))

    def test_who_did_it_is_in_the_log(self) -> None:
        """Which phones get other files since when is asked weeks later."""
        with capturedLogs() as events:
            self.put()
            self.asks("DELETE", ONE)
        told = [formatEvent(event) for event in events]
        for what in ("written", "deleted"):
            self.assertTrue(any(f"template acme-2/A60.tpl {what} by token:" in line for line in told), told)

    def test_only_for_plugins_that_are_here(self) -> None:
        """A typing mistake would wait for ever. What is there of one that is gone can be read and deleted."""
        self.assertEqual(self.put("/templates/acme-3/a.tpl").status, 404)
        self.assertEqual(self.put("/templates/wazo-acme-2/a.tpl").status, 204)
        self.office.files.override("gone-1", "a.tpl", "x")
        self.assertEqual(self.asks("GET", "/templates/gone-1/a.tpl").status, 200)
        self.assertEqual(self.asks("DELETE", "/templates/gone-1/a.tpl").status, 204)

    def test_media_types(self) -> None:
        """A text, not JSON."""
        self.assertEqual(self.asks("PUT", ONE, b"x").status, 415)
        self.assertEqual(
            self.asks("PUT", ONE, b"x", headers={"Content-Type": "text/plain; charset=utf-8"}).status, 204
        )
        self.assertEqual(self.asks("GET", "/templates", headers={"Accept": "text/plain"}).status, 406)

    def test_what_is_not_there(self) -> None:
        """404, and the plugin's own is not shown as if somebody had put it there."""
        for method in ("GET", "DELETE"):
            self.assertEqual(self.asks(method, "/templates/acme-2/device.tpl").status, 404)


class NameTests(TemplatesCase):
    def test_no_name_leads_out_of_its_folder(self) -> None:
        """Id as file name: 400 or 404, and nothing is there afterwards."""
        for name in BAD_NAMES:
            path = f"/templates/acme-2/{quote(name, safe='', errors='surrogateescape')}"
            for status in (
                self.put(path).status,
                self.asks("GET", path).status,
                self.asks("DELETE", path).status,
            ):
                self.assertIn(status, (400, 404), name)
        for plugin in BAD_PLUGINS:
            path = f"/templates/{quote(plugin, safe='', errors='surrogateescape')}/a.tpl"
            for status in (self.put(path).status, self.asks("GET", path).status):
                self.assertIn(status, (400, 404), plugin)
        self.assertEqual(self.office.files.overrides, {})


class WhoMayTests(TemplatesCase):
    def test_only_the_master_tenant(self) -> None:
        """A template is for all tenants' phones, and may show what is in their settings."""
        self.put()
        self.office.use(self.office.tenants)
        text = {"Content-Type": "text/plain"}
        for method, path, body, headers in (
            ("GET", "/templates", None, {}),
            ("GET", ONE, None, {}),
            ("PUT", ONE, b"x", text),
            ("DELETE", ONE, None, {}),
            ("POST", "/templates/preview", {"preview": {"device": "d1"}}, {}),
        ):
            answer = self.asks(method, path, body, token=ANNA, headers=headers)
            self.assertEqual(answer.status, 403, (method, path))
            self.assertNotIn("mine", answer.text)
        self.assertEqual(self.asks("GET", "/templates", token="master").status, 200)

    def test_acls(self) -> None:
        """Each is the path with dots; a dot in a name is an underscore."""
        self.office.use(self.office.tenants)
        for method, path, body in (
            ("GET", "/templates", None),
            ("GET", ONE, None),
            ("PUT", ONE, b"x"),
            ("DELETE", ONE, None),
            ("POST", "/templates/preview", {"preview": {"device": "d1"}}),
        ):
            headers = {"Content-Type": "text/plain"} if method == "PUT" else {}
            self.asks(method, path, body, token="master", headers=headers)
        self.assertEqual(
            [acl for _, acl, _ in self.office.tenants.asked],
            [
                "provd.templates.read",
                "provd.templates.acme-2.A60_tpl.read",
                "provd.templates.acme-2.A60_tpl.update",
                "provd.templates.acme-2.A60_tpl.delete",
                "provd.templates.preview.create",
            ],
        )


class PreviewTests(TemplatesCase):
    def text(self, **order: object) -> str:
        answer = self.preview(**order)
        self.assertEqual(answer.status, 200, answer.text)
        return str(answer.json["preview"]["text"])

    def without_secrets(self) -> None:
        """From now on the token has not the ACL for secrets."""

        class Tokens:
            def authorize(self, token: str, acl: str, tenant: str | None) -> Any:
                patterns = ("provd.templates.#",)
                if not allows(patterns, acl, token):
                    raise Unauthorized
                return succeed(Caller("t", "master", frozenset({"master"}), "master", patterns, token))

        self.office.use(Tokens())  # type: ignore[arg-type]

    def test_of_a_device(self) -> None:
        """Its settings, and what the phone would get: nothing is stored."""
        answer = self.preview(device="d1", text="{{ device.mac }} {{ label }} {{ password }}")
        self.assertEqual(
            answer.json["preview"],
            {
                "file": FILE,
                "media_type": "text/plain",
                "text": f"{MAC} Anna s3cret",
                "templates": [f"{FILE}.tpl"],
                "turns": answer.json["preview"]["turns"],
            },
        )
        self.assertEqual(
            (self.office.files.overrides, self.asks("GET", "/templates").json["templates"]), ({}, [])
        )

    def test_without_a_text_it_is_what_the_phone_gets(self) -> None:
        """With the templates that it is made of: `turns` is 0 where none is the administrator's."""
        preview = self.preview(device="d1").json["preview"]
        self.assertEqual(
            (preview["text"], preview["templates"], preview["turns"]), (self.fetched(), ["device.tpl"], 0)
        )
        self.put(text="{% include 'plugin/device.tpl' %}")
        preview = self.preview(device="d1").json["preview"]
        self.assertEqual(preview["templates"], ["A60.tpl", "plugin/device.tpl"])
        self.assertEqual(preview["text"], self.fetched())
        self.assertGreater(preview["turns"], 0)

    def test_a_text_in_the_place_of_a_template(self) -> None:
        """Of one that others include, too."""
        self.assertEqual(self.text(device="d1", name="device.tpl", text="x"), "x")
        self.put(text="{% include 'part.tpl' %}!")
        self.assertEqual(self.text(device="d1", name="part.tpl", text="part"), "part!")

    def test_of_a_model(self) -> None:
        """A phone as it waits for its user, of a plugin that need not have any yet."""
        text = "{{ device.vendor }} {{ device.model }} {{ username }}"
        self.assertEqual(self.text(plugin="acme-2", model="A20", text=text), "Acme A20 waiting")

    def test_of_another_file(self) -> None:
        """Also of one that all phones share."""
        self.assertEqual(
            self.text(device="d1", file="common.cfg", text="{{ device is none }} {{ base_url }}"),
            "True http://10.0.0.1:8667",
        )

    def test_secrets_are_masked_for_who_may_not_see_them(self) -> None:
        """However the template looks at them: what it is given has none."""
        self.office.put(
            Config(
                "anna",
                raw=json_of(
                    {
                        "admin_password": "adm1n",
                        "X_more": ["shown", {"password": "1nner"}],
                        "sip_lines": {"1": {"username": "u", "password": "s3cret", "proxy_ip": "10.0.0.2"}},
                    }
                ),
            ),
            Device(
                "d1",
                mac=MAC,
                model="A60",
                plugin="acme-2",
                config="anna",
                tenant="master",
                passwords=json_of({"user_password": "us3r"}),
            ),
        )
        text = (
            "{{ password }} {{ settings.lines[1].password | list | join('-') }} {{ settings.values.admin_password }} "
            "{{ settings.values.user_password }} {{ settings.lines[1].username }} {{ settings.values.X_more }}"
        )
        self.assertEqual(
            self.text(device="d1", text=text),
            "s3cret s-3-c-r-e-t adm1n us3r u ['shown', {'password': '1nner'}]",
        )
        self.without_secrets()
        self.assertEqual(
            self.text(device="d1", text=text), "*** *-*-* *** *** u ['shown', {'password': '***'}]"
        )
        self.assertNotIn("s3cret", self.text(device="d1"))

    def test_a_mistake_is_told_with_its_line(self) -> None:
        """Those that show only when it is run, too; and which setting the format cannot hold."""
        answer = self.preview(device="d1", text="1\n{{ lable }}")
        self.assertEqual(
            (answer.status, answer.json),
            (
                400,
                {
                    "message": f"{FILE}.tpl line 2: undefined: lable",
                    "reason_id": "render.bad-template",
                    "template": f"{FILE}.tpl",
                    "line": 2,
                },
            ),
        )
        answer = self.preview(device="d1", text="{% for i in range(99999) %}{{ i }}{% endfor %}")
        self.assertEqual(answer.status, 400)
        self.assertIn("more than 100,000 turns", answer.text)
        answer = self.preview(device="d1", text="x\n{{ 'a\\n' }}")
        self.assertEqual((answer.status, answer.json["reason_id"]), (400, "render.unfit"))

    def test_what_cannot_be_previewed(self) -> None:
        """400 and the field."""
        self.office.put(
            Device("none", mac=MAC, plugin="acme-2", tenant="master"),
            Device("lost", mac=MAC, plugin="acme-9", config="anna", tenant="master"),
            Device("bad", mac=MAC, plugin="acme-2", config="nonsense", tenant="master"),
            Device("nameless", plugin="acme-2", config="anna", tenant="master"),
        )
        orders: tuple[tuple[Mapping[str, object], str], ...] = (
            ({}, "preview"),
            ({"model": "A60"}, "preview"),
            ({"plugin": "acme-2"}, "preview"),
            ({"device": "nobody"}, "preview.device"),
            ({"device": 5}, "preview.device"),
            ({"device": "none"}, "preview.device"),
            ({"device": "bad"}, "preview.device"),
            ({"device": "lost"}, "preview.plugin"),
            ({"device": "nameless"}, "preview.file"),
            ({"device": "d1", "plugin": "acme-9"}, "preview.plugin"),
            ({"device": "d1", "file": "nonsense"}, "preview.file"),
            ({"device": "d1", "file": "firmware.rom"}, "preview.file"),
            ({"device": "d1", "file": "00aced000002.cfg"}, "preview.file"),
            ({"device": "d1", "text": ["x"]}, "preview.text"),
            ({"device": "d1", "nonsense": "x"}, "nonsense"),
        )
        for order, field in orders:
            answer = self.preview(**order)
            self.assertEqual((answer.status, answer.json.get("field")), (400, field), order)
        self.assertEqual(self.asks("POST", "/templates/preview", {}).status, 400)
