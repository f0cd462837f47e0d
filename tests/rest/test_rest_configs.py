"""Configs over REST: the contract's section 7."""

import json
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config
from tests.fakes.office import own_config
from tests.fakes.rest import RestOffice

CONFIGS = "/cfg_mgr/configs"
C1: Mapping[str, object] = {
    "id": "c1",
    "parent_ids": ["defaultconfigdevice"],
    "raw_config": {"locale": "fr_FR"},
}


class ConfigTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks

    def config(self, config_id: str) -> object:
        return self.asks("GET", f"{CONFIGS}/{config_id}").json["config"]

    def test_create_and_read(self) -> None:
        """The document comes back as it was sent."""
        sent = {**C1, "X_type": "internal", "deletable": True, "label": None}
        answer = self.asks("POST", CONFIGS, {"config": sent})
        self.assertEqual(
            (answer.status, answer.json, answer.headers["location"]),
            (201, {"id": "c1"}, "/0.2/cfg_mgr/configs/c1"),
        )
        self.assertEqual(self.config("c1"), sent)
        self.assertEqual(self.asks("GET", f"{CONFIGS}/nobody").status, 404)

    def test_an_id_is_made_where_none_is_given(self) -> None:
        """32 hex digits."""
        answer = self.asks("POST", CONFIGS, {"config": {"parent_ids": [], "raw_config": {}}})
        self.assertRegex(answer.json["id"], "^[0-9a-f]{32}$")

    def test_bad_creations(self) -> None:
        """400 and where it is wrong; only a body without `config` is the contract's 500."""
        self.asks("POST", CONFIGS, {"config": {**C1, "id": "taken"}})
        before = self.office.memory.seq
        line = {"sip_lines": {"1": {"proxy_port": "x"}}}
        wrong: tuple[tuple[dict[str, object], str | None], ...] = (
            ({"id": "taken"}, None),
            ({"id": "a/b"}, "id"),
            ({"parent_ids": None}, "parent_ids"),
            ({"parent_ids": [1]}, "parent_ids.0"),
            ({"raw_config": None}, "raw_config"),
            ({"raw_config": line}, "raw_config.sip_lines.1.proxy_port"),
            ({"raw_config": {"nonsense": 1}}, "raw_config.nonsense"),
            ({"raw_config": {"ntp_enabled": True}}, "raw_config.ntp_ip"),
            ({"deletable": "no"}, "deletable"),
        )
        for changes, field in wrong:
            body = {"config": {**C1, **changes}}
            answer = self.asks("POST", CONFIGS, body, headers={"Accept": "application/json"})
            self.assertEqual((answer.status, answer.json.get("field")), (400, field), changes)
        documents: tuple[object, ...] = (None, [], {"id": "x"})
        for document in documents:
            self.assertEqual(self.asks("POST", CONFIGS, {"config": document}).status, 400)
        self.assertEqual(self.asks("POST", CONFIGS, {}).status, 500)
        self.assertEqual(self.office.memory.seq, before)

    def test_parents_may_be_missing_and_may_go_round(self) -> None:
        """Clients create them in any order (contract 7)."""
        self.asks("POST", CONFIGS, {"config": {**C1, "parent_ids": ["c1", "later"]}})
        self.assertIn("locale", self.asks("GET", f"{CONFIGS}/c1/raw").json["raw_config"])

    def test_update(self) -> None:
        """A full replacement; the id of the path counts."""
        self.asks("POST", CONFIGS, {"config": {**C1, "label": "x"}})
        new = {"id": "c9", "parent_ids": [], "raw_config": {}}
        self.assertEqual(self.asks("PUT", f"{CONFIGS}/c1", {"config": new}).status, 204)
        self.assertEqual(self.config("c1"), {**new, "id": "c1"})

    def test_an_update_that_changes_nothing_writes_nothing(self) -> None:
        """Phones' caches hang on the revision."""
        self.asks("POST", CONFIGS, {"config": C1})
        before = self.office.memory.seq
        self.assertEqual(self.asks("PUT", f"{CONFIGS}/c1", {"config": C1}).status, 204)
        self.assertEqual(self.office.memory.seq, before)

    def test_an_unknown_config_is_404_whatever_the_body(self) -> None:
        """The configuration service takes it as "create it" (contract 12.3)."""
        bodies: tuple[object, ...] = ({"id": None}, {"config": C1}, {}, [])
        for body in bodies:
            self.assertEqual(self.asks("PUT", f"{CONFIGS}/None", body).status, 404)

    def test_bad_updates_are_500_and_change_nothing(self) -> None:
        """The contract's, odd as it is; the body tells what was wrong."""
        self.asks("POST", CONFIGS, {"config": C1})
        for document in ({}, None, {**C1, "parent_ids": None}, {**C1, "raw_config": {"locale": 5}}):
            answer = self.asks("PUT", f"{CONFIGS}/c1", {"config": document})
            self.assertEqual(answer.status, 500, document)
            self.assertNotIn("Internal", answer.text)
        self.assertEqual(self.asks("PUT", f"{CONFIGS}/c1", {}).status, 500)
        self.assertEqual(self.config("c1"), C1)

    def test_an_update_leaves_its_line_in_the_log(self) -> None:
        """The configuration service's tests read it there (contract 12.3)."""
        events: list[LogEvent] = []
        observer = cast(ILogObserver, events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.asks("PUT", f"{CONFIGS}/autoprov", {"config": {**C1, "role": "autocreate"}})
        texts = [str(event["log_format"]).format(**event) for event in events if event.get("log_format")]
        self.assertIn("Updating config autoprov", texts)

    def test_delete(self) -> None:
        """403 while it is not deletable, which a PUT can change."""
        self.asks("POST", CONFIGS, {"config": {**C1, "deletable": False}})
        answer = self.asks("DELETE", f"{CONFIGS}/c1")
        self.assertEqual((answer.status, answer.text), (403, "The document c1 is not deletable"))
        self.asks("PUT", f"{CONFIGS}/c1", {"config": C1})
        self.assertEqual(self.asks("DELETE", f"{CONFIGS}/c1").status, 204)
        self.assertEqual(self.asks("DELETE", f"{CONFIGS}/c1").status, 404)

    def test_raw(self) -> None:
        """Base, ancestors, own."""
        self.office.put(own_config("c2", parents=("c1",)))
        self.asks("POST", CONFIGS, {"config": C1})
        raw = self.asks("GET", f"{CONFIGS}/c2/raw").json["raw_config"]
        self.assertEqual(
            (raw["ip"], raw["locale"], raw["sip_lines"]["1"]["username"]), ("10.0.0.1", "fr_FR", "anna")
        )
        self.assertEqual(self.asks("GET", f"{CONFIGS}/nobody/raw").status, 404)

    def test_autocreate(self) -> None:
        """Clients know such a config by the beginning of its id; the Location is no resource (contract 7)."""
        answer = self.asks("POST", "/cfg_mgr/autocreate", {})
        config_id = answer.json["id"]
        self.assertTrue(config_id.startswith("autoprov"))
        self.assertEqual(
            (answer.status, answer.headers["location"]), (201, f"/0.2/cfg_mgr/autocreate/{config_id}")
        )
        self.assertEqual(
            self.config(config_id),
            {"id": config_id, "parent_ids": ["autoprov"], "raw_config": {}, "transient": True},
        )
        self.office.put(Config("autoprov"))
        self.assertEqual(self.asks("POST", "/cfg_mgr/autocreate", {}).status, 400)
        self.assertEqual(self.asks("POST", "/cfg_mgr/autocreate").status, 400)

    def test_lists(self) -> None:
        """The web interface asks by `X_type`."""
        self.asks("POST", CONFIGS, {"config": {**C1, "X_type": "device"}})
        for selector, ids in (
            ({}, {"autoprov", "c1", "defaultconfigdevice"}),
            ({"X_type": "device"}, {"c1"}),
            ({"id": "c1"}, {"c1"}),
            ({"raw_config.locale": "fr_FR"}, {"c1"}),
            ({"role": "autocreate"}, {"autoprov"}),
        ):
            answer = self.asks("GET", f"{CONFIGS}?q={quote(json.dumps(selector))}")
            self.assertEqual({config["id"] for config in answer.json["configs"]}, ids)
        answer = self.asks("GET", f"{CONFIGS}?fields=raw_config.locale&sort=id&sort_ord=DESC&limit=2")
        self.assertEqual(
            answer.json,
            {"configs": [{"id": "defaultconfigdevice"}, {"id": "c1", "raw_config": {"locale": "fr_FR"}}]},
        )
        self.assertEqual(self.asks("GET", f"{CONFIGS}?q=[]").status, 400)

    def test_acls(self) -> None:
        """Deployed policies hold these names (contract 3.3)."""
        self.office.use(self.office.tenants)
        for method, path, acl in (
            ("GET", CONFIGS, "cfg_mgr.configs.read"),
            ("POST", CONFIGS, "cfg_mgr.configs.create"),
            ("GET", f"{CONFIGS}/a.b", "cfg_mgr.configs.a_b.read"),
            ("PUT", f"{CONFIGS}/a.b", "cfg_mgr.configs.a_b.update"),
            ("DELETE", f"{CONFIGS}/a.b", "cfg_mgr.configs.a_b.delete"),
            ("GET", f"{CONFIGS}/a.b/raw", "cfg_mgr.configs.a_b.raw.read"),
            ("POST", "/cfg_mgr/autocreate", "cfg_mgr.autocreate.create"),
        ):
            self.asks(method, path, {} if method in ("POST", "PUT") else None, token="master")
            self.assertEqual(self.office.tenants.asked[-1], ("master", f"provd.{acl}", None))
