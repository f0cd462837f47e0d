"""The wire and the documents, without HTTP."""

import json
from typing import Any

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.model import Answer, Asked, Config, Device, File, Presence, Status, Step
from provserver.rest.codec.configs import config_document, read_config
from provserver.rest.codec.devices import device_document, read_device, read_presence
from provserver.rest.codec.explaining import asked_document, read_sighting, status_document
from provserver.rest.codec.listing import projected, read_listing
from provserver.rest.codec.media import HOUSE, JSON, is_json, json_type
from provserver.rest.codec.paths import decoded, normal_segments, read_query
from provserver.rest.codec.values import Missing, NotJson, enclosed, id_of, read_json

MAC = "00:15:65:4a:a9:37"
WRONG_OBJECTS: tuple[object, ...] = (None, [], "x", 5, True)
WRONG_TEXTS: tuple[object, ...] = (True, [], {}, ["x"], {"x": 1})


class JsonTests(SynchronousTestCase):
    def test_what_is_no_json_is_refused(self) -> None:
        """Whatever bytes come, the answer is a 400 and nothing else is raised."""
        for body in (
            b"",
            b"{",
            b"{]",
            b"nonsense",
            b"NaN",
            b"1e999",
            b"\xff\xfe",
            b'"\xff"',
            b'"\\ud800"',
            b'{"a":1}x',
            b"[" * 100_000,
            b'{"a":' * 65 + b"1" + b"}" * 65,
            b"[" * 65 + b"]" * 65,
        ):
            self.assertRaises(NotJson, read_json, body)

    def test_depth_is_counted_along_one_branch(self) -> None:
        """A config with a thousand lines is wide, not deep, and 64 levels are far more than any has."""
        self.assertEqual(read_json(b"[" * 64 + b"]" * 64), json.loads("[" * 64 + "]" * 64))
        wide = {str(number): {"a": {"b": [number]}} for number in range(1000)}
        self.assertEqual(read_json(json.dumps(wide).encode()), wide)

    def test_the_envelope(self) -> None:
        """A missing name and a wrong value are told apart, since the contract answers them differently."""
        self.assertEqual(enclosed({"device": {"a": 1}}, "device"), {"a": 1})
        for body in WRONG_OBJECTS:
            self.assertRaises(Invalid, enclosed, body, "device")
        self.assertRaises(Missing, enclosed, {"devices": {}}, "device")
        for inner in WRONG_OBJECTS:
            problem = self.assertRaises(Invalid, enclosed, {"device": inner}, "device")
            self.assertEqual(problem.field, "device")

    def test_ids_of_new_documents(self) -> None:
        """What cannot be a file name or a header elsewhere is refused at the door."""
        for good in ("d1", "a b", "..." * 10, "x" * 255, '*&!"'):
            self.assertEqual(id_of({"id": good}), good)
        self.assertIsNone(id_of({"id": None}))
        self.assertIsNone(id_of({}))
        for bad in (
            "",
            "a/b",
            ".",
            "..",
            "../x",
            "a\0",
            "a\n",
            "é",
            "📞",
            "x" * 256,
            "x" * 10_240,
            5,
            ["x"],
            True,
        ):
            problem = self.assertRaises(Invalid, id_of, {"id": bad})
            self.assertEqual(problem.field, "id")
            self.assertLess(len(str(problem)), 200)


class DeviceTests(SynchronousTestCase):
    def test_a_document_comes_back_as_it_was_sent(self) -> None:
        """Clients read, change one field and write: what they do not know must survive."""
        sent = {
            "mac": MAC,
            "vendor": "Yealink",
            "model": "T46S",
            "sn": "S1",
            "uuid": "0b5e",
            "plugin": "wazo-yealink-v86",
            "config": "c1",
            "added": "auto",
            "options": {"switchboard": True},
            "description": None,
            "X_list": [1, None, {"a": 1.5}],
        }
        device = read_device(sent, "d1", "t1")
        self.assertEqual((device.serial, device.mac, device.tenant), ("S1", MAC, "t1"))
        document = device_document(device, None, is_new=True)
        self.assertEqual(document, {**sent, "id": "d1", "tenant_uuid": "t1", "is_new": True})

    def test_empty_values_come_back_and_null_ones_do_not(self) -> None:
        """wazo-upgrade breaks on a `config` that is null, and nothing breaks on one that is not there."""
        sent: dict[str, object] = {
            "config": None,
            "mac": None,
            "ip": None,
            "options": {},
            "plugin": "",
            "vendor": "",
        }
        device = read_device(sent, "d1", "t1")
        self.assertEqual((device.plugin, device.config), (None, None))
        document = device_document(device, Presence("d1"), is_new=False)
        self.assertEqual(
            document,
            {"id": "d1", "options": {}, "plugin": "", "vendor": "", "tenant_uuid": "t1", "is_new": False},
        )
        known = evolve(device, vendor="Yealink")
        self.assertEqual(device_document(known, None, is_new=False)["vendor"], "Yealink")

    def test_what_the_server_says_is_not_taken_from_the_client(self) -> None:
        """Else a client could call any phone configured, or hand it to another tenant."""
        sent = {
            "id": "other",
            "tenant_uuid": "theirs",
            "configured": True,
            "is_new": False,
            "ignored_settings": ["x"],
            "remote_state_sip_username": "ap1",
        }
        self.assertEqual(read_device(sent, "d1", "t1"), Device("d1", tenant="t1"))

    def test_presence_is_merged_in(self) -> None:
        """Clients know one document."""
        presence = Presence("d1", ip="10.0.0.7", version="66.86.0.15", username="ap1", seen=5.0)
        document = device_document(Device("d1", tenant="t1"), presence, is_new=True, configured=False)
        self.assertEqual(
            document,
            {
                "id": "d1",
                "ip": "10.0.0.7",
                "version": "66.86.0.15",
                "remote_state_sip_username": "ap1",
                "tenant_uuid": "t1",
                "is_new": True,
                "configured": False,
            },
        )

    def test_presence_that_a_client_gives(self) -> None:
        """What it names is stored, what it does not name stays as it was seen."""
        before = Presence("d1", ip="10.0.0.7", version="1", proven_ip="10.0.0.7", username="ap1")
        self.assertEqual(read_presence({}, before), before)
        self.assertEqual(
            read_presence({"ip": "10.0.0.8", "version": 2}, before),
            evolve(before, ip="10.0.0.8", version="2"),
        )
        self.assertEqual(read_presence({"ip": "::ffff:10.0.0.9"}, before).ip, "10.0.0.9")
        for none in (None, ""):
            gone = read_presence({"ip": none, "version": none}, before)
            self.assertEqual((gone.ip, gone.version, gone.proven_ip), (None, None, "10.0.0.7"))
        for bad in ("300.1.1.1", "10.1", "x", "10.0.0.7\n1", ["10.0.0.7"], True):
            self.assertEqual(self.assertRaises(Invalid, read_presence, {"ip": bad}, before).field, "ip")
        self.assertRaises(Invalid, read_presence, {"version": []}, before)

    def test_numbers_are_taken_as_text(self) -> None:
        """The reference takes them too; a serial number is easily written without quotes."""
        device = read_device({"sn": 123, "model": 4.5}, "d1", "t1")
        self.assertEqual((device.serial, device.model), ("123", "4.5"))

    def test_wrong_values_are_refused_with_their_field(self) -> None:
        """The message must lead to the mistake."""
        for name in ("vendor", "model", "sn", "uuid", "plugin", "config", "added"):
            for value in WRONG_TEXTS:
                problem = self.assertRaises(Invalid, read_device, {name: value}, "d1", "t1")
                self.assertEqual(problem.field, name)
        texts = ("", "0015654aa937", "00:15:65:4A:A9:37", f"{MAC}\n", "00-15-65-4a-a9-37")
        for mac in (*texts, 5, *WRONG_TEXTS):
            self.assertEqual(self.assertRaises(Invalid, read_device, {"mac": mac}, "d1", "t1").field, "mac")
        for options in WRONG_OBJECTS[1:]:
            problem = self.assertRaises(Invalid, read_device, {"options": options}, "d1", "t1")
            self.assertEqual(problem.field, "options")


class ConfigTests(SynchronousTestCase):
    def test_a_document_comes_back_as_it_was_sent(self) -> None:
        """Even a default that was written out, and nothing that was not."""
        raw = {"sip_lines": {"1": {"username": "anna", "port": None}}}
        for extra in (
            {},
            {"transient": False, "deletable": True, "role": None},
            {
                "transient": True,
                "deletable": False,
                "role": "autocreate",
                "X_type": "internal",
                "label": None,
            },
        ):
            sent: dict[str, Any] = {"id": "c1", "parent_ids": ["base", "c1"], "raw_config": raw, **extra}
            self.assertEqual(config_document(read_config(sent, "c1")), sent)

    def test_what_the_fields_mean(self) -> None:
        """The chain reads the typed ones."""
        config = read_config(
            {"parent_ids": ["base"], "raw_config": {}, "role": "autocreate", "transient": True}, "c1"
        )
        self.assertEqual(config, Config("c1", parents=("base",), role="autocreate", transient=True))

    def test_device_configs_lose_their_nulls(self) -> None:
        """wazo-ui writes a null for each field that is left empty (contract 12.4)."""
        sent: dict[str, Any] = {
            "X_type": "device",
            "label": None,
            "parent_ids": [],
            "raw_config": {"ntp_ip": None, "X_o": {"a": None, "b": [None, {"c": None}]}},
            "deletable": None,
        }
        self.assertEqual(
            config_document(read_config(sent, "c1")),
            {
                "id": "c1",
                "X_type": "device",
                "parent_ids": [],
                "raw_config": {"X_o": {"b": [None, {"c": None}]}},
            },
        )
        self.assertIn("ntp_ip", str(config_document(read_config({**sent, "X_type": "registrar"}, "c1"))))

    def test_wrong_values_are_refused_with_their_field(self) -> None:
        """Also what is missing: both are required (contract 7)."""
        good: dict[str, object] = {"parent_ids": [], "raw_config": {}}
        for name, values in {
            "parent_ids": (None, "base", {}, 5),
            "raw_config": (None, "x", [], 5),
            "role": WRONG_TEXTS,
            "transient": ("true", 1, 0, []),
            "deletable": ("false", 1, {}),
        }.items():
            for value in values:
                problem = self.assertRaises(Invalid, read_config, {**good, name: value}, "c1")
                self.assertEqual(problem.field, name)
        for name in good:
            missing = {other: value for other, value in good.items() if other != name}
            self.assertIn("nothing", str(self.assertRaises(Invalid, read_config, missing, "c1")))
        problem = self.assertRaises(Invalid, read_config, {**good, "parent_ids": ["base", 5]}, "c1")
        self.assertEqual(problem.field, "parent_ids.1")


class ListingTests(SynchronousTestCase):
    def test_nothing_said_is_everything(self) -> None:
        """The clients' first call."""
        listing = read_listing({})
        self.assertEqual(
            (listing.selector, listing.fields, listing.sort, listing.skip, listing.limit, listing.unread),
            ({}, None, "", 0, 0, ""),
        )
        self.assertTrue(listing.shows("configured"))
        self.assertFalse(listing.speaks_of("configured"))

    def test_selectors(self) -> None:
        """`q64` wins, and what is not readable counts as not given (contract 10)."""
        for query, selector, unread in (
            ({"q": '{"mac":"x"}'}, {"mac": "x"}, ""),
            ({"q64": "eyJYX3R5cGUiOiJkZXZpY2UifQ=="}, {"X_type": "device"}, ""),
            ({"q64": "eyJhIjoxfQ==", "q": '{"b":1}'}, {"a": 1}, ""),
            ({"q": "{"}, {}, "q"),
            ({"q": "\udcff"}, {}, "q"),
            ({"q64": "%%%", "q": '{"b":1}'}, {}, "q64"),
            ({"q64": "é"}, {}, "q64"),
            ({"q": ""}, {}, ""),
        ):
            listing = read_listing(query)
            self.assertEqual((listing.selector, listing.unread), (selector, unread), query)
        for query in ({"q": "[]"}, {"q": '"x"'}, {"q": "null"}, {"q64": "WzFd"}):
            self.assertEqual(self.assertRaises(Invalid, read_listing, query).field, next(iter(query)))

    def test_order_and_page(self) -> None:
        """What is no number or no direction is ignored."""
        for query, sort, skip, limit in (
            ({"sort": "mac"}, "mac", 0, 0),
            ({"sort": "mac", "sort_ord": "DESC", "skip": "2", "limit": "10"}, "-mac", 2, 10),
            ({"sort": "mac", "sort_ord": "desc"}, "mac", 0, 0),
            ({"sort_ord": "DESC", "skip": "-1", "limit": "x"}, "", 0, 0),
            ({"skip": "٣", "limit": "99999999999999999999"}, "", 0, 0),
        ):
            listing = read_listing(query)
            self.assertEqual((listing.sort, listing.skip, listing.limit), (sort, skip, limit))
        self.assertTrue(read_listing({"sort": "configured", "sort_ord": "DESC"}).speaks_of("configured"))
        self.assertTrue(read_listing({"q": '{"configured":true}'}).speaks_of("configured"))

    def test_fields(self) -> None:
        """The id always; what is missing silently not."""
        document = {"id": "c1", "raw_config": {"ip": "x", "port": 1}, "role": None}
        for asked, shown in (
            ("role", {"id": "c1", "role": None}),
            ("", {"id": "c1"}),
            ("id,raw_config.ip", {"id": "c1", "raw_config": {"ip": "x"}}),
            ("raw_config.ip,raw_config.port", {"id": "c1", "raw_config": {"ip": "x", "port": 1}}),
            ("raw_config.none,none.a,role.a,id.a", {"id": "c1"}),
            ("raw_config.ip,raw_config", {"id": "c1", "raw_config": {"ip": "x", "port": 1}}),
        ):
            self.assertEqual(projected(document, read_listing({"fields": asked}).fields), shown, asked)
        self.assertFalse(read_listing({"fields": "id,mac"}).shows("configured"))


class MediaTests(SynchronousTestCase):
    def test_bodies(self) -> None:
        """Both JSON types, with or without parameters, in any case."""
        for good in (HOUSE, JSON, f"{HOUSE}; charset=utf-8", "Application/JSON;x=y"):
            self.assertTrue(is_json(good), good)
        for bad in ("", "text/plain", "application/*", "application/jsonx", f"x, {JSON}"):
            self.assertFalse(is_json(bad), bad)

    def test_answers(self) -> None:
        """The house type unless only plain JSON is taken."""
        for accept, media_type in (
            (None, HOUSE),
            ("*/*", HOUSE),
            ("application/*;q=0.5", HOUSE),
            (f"{JSON}, {HOUSE}", HOUSE),
            (JSON, JSON),
            ("text/html, application/json;q=0.1", JSON),
            ("text/html", None),
            ("", None),
        ):
            self.assertEqual(json_type(accept), media_type, accept)


class PathTests(SynchronousTestCase):
    def test_each_segment_is_decoded_on_its_own(self) -> None:
        """Klein joins decoded segments: `a%2Fb` would be two."""
        for path, segments in (
            (b"/0.2/a%2fb//c", ["0.2", "a%2Fb", "", "c"]),
            (b"/0.2/%7e%61/", ["0.2", "~a", ""]),
            (b"/%2e%2e/..%2Fx", ["..", "..%2Fx"]),
            (b"/%ff\xfe%zz%00", ["%FF%FE%25zz%00"]),
            (b"http://host/0.2", ["http%3A", "", "host", "0.2"]),
            (b"*", ["%2A"]),
            (b"/", [""]),
        ):
            self.assertEqual(normal_segments(path), segments, path)
        self.assertEqual(decoded("a%2Fb%C3%A9%FF"), "a/bé\udcff")

    def test_of_a_query_the_first_of_each_name_counts(self) -> None:
        """And an empty value is one (`fields=`)."""
        self.assertEqual(read_query(b"a=1&b=%2F&a=2&c="), {"a": "1", "b": "/", "c": ""})
        self.assertEqual(read_query(b""), {})
        self.assertEqual(read_query(b"q=%ff\xff"), {"q": "\udcff\udcff"})


class ExplainingTests(SynchronousTestCase):
    def test_a_question_is_a_sighting(self) -> None:
        """Explain must see what a phone's request would have said."""
        query = {
            "protocol": "tftp",
            "ip": "::ffff:10.0.0.7",
            "mac": "0:15:65:4a:a9:37",
            "path": "//a/../b.cfg?x=1&y",
            "user_agent": "Yealink",
            "key": "K",
            "method": "PUT",
        }
        sighting = read_sighting(query, 5.0, "http://provd")
        self.assertEqual(
            (sighting.protocol, sighting.ip, sighting.mac, sighting.path, sighting.method),
            ("tftp", "10.0.0.7", MAC, "b.cfg", "PUT"),
        )
        self.assertEqual((sighting.query, sighting.key), ((("x", "1"), ("y", "")), "K"))
        self.assertEqual((sighting.at, sighting.base), (5.0, "http://provd"))
        plain = read_sighting({"ip": "10.0.0.7", "mac": ""}, 5.0, "")
        self.assertEqual((plain.protocol, plain.method, plain.path, plain.mac), ("http", "GET", "", ""))

    def test_wrong_questions_are_refused_with_the_parameter(self) -> None:
        """A typo must not be answered as if it had not been there."""
        for query, field in (
            ({}, "ip"),
            ({"ip": ""}, "ip"),
            ({"ip": "10.0.0"}, "ip"),
            ({"ip": "10.0.0.7", "protocol": "ftp"}, "protocol"),
            ({"ip": "10.0.0.7", "method": "get"}, "method"),
            ({"ip": "10.0.0.7", "mac": "x"}, "mac"),
            ({"ip": "10.0.0.7", "path": "a\0"}, "path"),
            ({"ip": "10.0.0.7", "path": "x" * 2000}, "path"),
            ({"ip": "10.0.0.7", "useragent": "x"}, "useragent"),
        ):
            self.assertEqual(self.assertRaises(Invalid, read_sighting, query, 0.0, "").field, field)

    def test_odd_bytes_of_a_path_can_be_shown(self) -> None:
        """JSON has no place for them, and one phone's odd path must not hide its timeline."""
        steps = (Step("find", "find.no-rule", ("p", "a\udcff")),)
        file = File("f\udcff.cfg", "text/plain", "e", 1, 0.0)
        asked = Asked(1_800_000_000.5, "http", "10.0.0.7", "a\udcff", Answer("file", steps, "d1", file))
        document = asked_document(asked)
        self.assertEqual(document["path"], "a\\udcff")
        self.assertEqual(document["file"], "f\\udcff.cfg")
        self.assertEqual(document["at"], "2027-01-15T08:00:00.500Z")
        json.dumps(document).encode("ascii")
        self.assertNotIn("file", asked_document(evolve(asked, answer=Answer("nothing", steps))))

    def test_status(self) -> None:
        """What was never seen is null, and without presence there is none."""
        unseen = Step("render", "render.ignored", ("exten_dnd", "acme-3"))
        status = Status(False, (Step("render", "render.no-config"),), ("d2",), (unseen,))
        document: Any = status_document(
            status, ["d2"], "acme-3", Presence("d1", ip="10.0.0.7", fetched={"a": "e"})
        )
        self.assertEqual(document["presence"]["seen"], None)
        self.assertEqual(document["presence"]["fetched"], {"a": "e"})
        self.assertEqual(document["twins"], ["d2"])
        text = "exten_dnd: the files of plugin acme-3 have no place for it"
        ignored = {"setting": "exten_dnd", "reason_id": "render.ignored", "text": text}
        self.assertEqual(document["ignored_settings"], [ignored])
        self.assertEqual(
            document["steps"],
            [{"step": "render", "reason_id": "render.no-config", "text": "the device has no config"}],
        )
        self.assertIsNone(status_document(status, [], None, None)["presence"])
        self.assertEqual(document["better_plugin"], "acme-3")
