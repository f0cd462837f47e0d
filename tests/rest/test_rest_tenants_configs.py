"""Whose configs and devices are whose (design section 9): what a tenant's own token sees, changes and refers to."""

import json
from urllib.parse import quote

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config, Device, Tenant
from tests.fakes.office import json_of, own_config
from tests.fakes.rest import Answered, RestOffice

CONFIGS, DEVICES = "/cfg_mgr/configs", "/dev_mgr/devices"
ALL = ("master", "anna", "bert", "carl")


def config(**fields: object) -> dict[str, object]:
    return {"config": {"parent_ids": [], "raw_config": {}, **fields}}


class OwnershipCase(SynchronousTestCase):
    """Tokens are tenants' ids here: master above anna and bert, anna above carl."""

    def setUp(self) -> None:
        self.office = RestOffice()
        self.store = self.office.memory
        self.office.put(
            Tenant("anna", parent="master"), Tenant("bert", parent="master"), Tenant("carl", parent="anna")
        )
        self.office.use(self.office.tenants)

    def asks(
        self, method: str, path: str, body: object = None, token: str = "anna", tenant: str | None = None
    ) -> Answered:
        return self.office.asks(
            method, path, body, token=token, tenant=tenant, headers={"Accept": "application/json"}
        )

    def status(
        self, method: str, path: str, body: object = None, token: str = "anna", tenant: str | None = None
    ) -> int:
        return self.asks(method, path, body, token, tenant).status

    def seen_by(self, config_id: str) -> list[str]:
        """Return whose tokens see a config; reading, raw, lists, writing and deleting must agree."""
        seen = []
        for token in ALL:
            path = f"{CONFIGS}/{config_id}"
            statuses = {self.status("GET", path, None, token), self.status("GET", f"{path}/raw", None, token)}
            selector = quote(json.dumps({"id": config_id}))
            listed = self.asks("GET", f"{CONFIGS}?q={selector}", None, token).json["configs"]
            self.assertEqual(statuses, {200 if listed else 404}, (token, config_id))
            if listed:
                seen.append(token)
            else:
                self.assertEqual(self.status("PUT", path, config(), token), 404)
                self.assertEqual(self.status("DELETE", path, None, token), 404)
        return seen


class ConfigTests(OwnershipCase):
    def test_a_config_is_its_makers_and_those_aboves(self) -> None:
        """And the master's tokens see all, whatever tenant they name: clients of wazo-provd notice nothing."""
        self.asks("POST", CONFIGS, config(id="c"), "anna")
        self.assertEqual(self.seen_by("c"), ["master", "anna"])
        self.asks("POST", CONFIGS, config(id="d"), "carl")
        self.assertEqual(self.seen_by("d"), ["master", "anna", "carl"])
        self.assertEqual(self.status("GET", f"{CONFIGS}/c", None, "master", "bert"), 200)
        self.assertEqual(self.status("GET", f"{CONFIGS}/d", None, "anna", "carl"), 200)
        self.assertEqual(self.status("GET", f"{CONFIGS}/c", None, "anna", "carl"), 404)

    def test_for_whom_it_was_made_may_see_it(self) -> None:
        """The master makes it under the tenant's name."""
        self.asks("POST", CONFIGS, config(id="c"), "master", "anna")
        self.assertEqual(self.store.get(Config, "c").tenant, "anna")
        self.assertEqual(self.seen_by("c"), ["master", "anna"])
        self.asks("PUT", f"{CONFIGS}/c", config(label="x"), "master")
        self.assertEqual(self.store.get(Config, "c").tenant, "anna")

    def test_the_masters_are_seen_where_all_devices_beneath_are_ones_own(self) -> None:
        """An association's config holds its user's password; one that two tenants' phones share is for neither."""
        self.office.put(own_config("c"))
        self.assertEqual(self.seen_by("c"), ["master"])
        self.office.put(Device("d1", tenant="carl", config="c"))
        self.assertEqual(self.seen_by("c"), ["master", "anna", "carl"])
        self.office.put(own_config("child", parents=("c",)), Device("d2", tenant="carl", config="child"))
        self.assertEqual(self.seen_by("c"), ["master", "anna", "carl"])
        self.office.put(Device("d2", tenant="bert", config="child"))
        self.assertEqual(self.seen_by("c"), ["master"])
        self.assertEqual(self.seen_by("child"), ["master", "bert"])
        self.office.put(own_config("c", parents=("child",)))  # round in a circle
        self.assertEqual(self.seen_by("c"), ["master"])

    def test_what_all_inherit_from_is_seen_by_nobody_else(self) -> None:
        """A template, even where only one tenant's configs stand beneath it: that may change."""
        self.office.put(
            Config("base"), own_config("c", parents=("base",)), Device("d1", tenant="anna", config="c")
        )
        self.assertEqual(self.seen_by("base"), ["master"])

    def test_one_may_change_what_one_sees(self) -> None:
        """Only one's own phones feel it."""
        self.office.put(own_config("c"), Device("d1", tenant="anna", config="c"))
        self.assertEqual(self.status("PUT", f"{CONFIGS}/c", config(label="x")), 204)
        self.assertEqual(self.store.get(Config, "c").tenant, "")
        self.assertEqual(self.status("DELETE", f"{CONFIGS}/c"), 204)

    def test_one_inherits_from_what_is_handed_down(self) -> None:
        """From one's own, and from what those above made for everybody."""
        self.office.put(Config("base", raw=json_of({"locale": "fr_FR"})), Config("annas", tenant="anna"))
        for token, parent, status in (
            ("anna", "base", 201),
            ("anna", "annas", 201),
            ("carl", "annas", 201),
            ("bert", "annas", 400),
            ("bert", "nobody", 400),
            ("master", "annas", 201),
            ("master", "nobody", 201),
        ):
            body = config(id=f"{token}-{parent}", parent_ids=[parent])
            self.assertEqual(self.status("POST", CONFIGS, body, token), status, (token, parent))
        raw = self.asks("GET", f"{CONFIGS}/anna-base/raw").json["raw_config"]
        self.assertEqual(raw["locale"], "fr_FR")

    def test_nobody_inherits_another_tenants_passwords(self) -> None:
        """`raw` shows all that is inherited: the config of another's phone must be no parent, whoever wrote it."""
        self.office.put(own_config("secret"), Device("d1", tenant="bert", config="secret"))
        answer = self.asks("POST", CONFIGS, config(id="mine", parent_ids=["secret"]))
        self.assertEqual((answer.status, answer.json["field"]), (400, "parent_ids.0"))
        self.asks("POST", CONFIGS, config(id="mine"))
        self.assertEqual(self.status("PUT", f"{CONFIGS}/mine", config(parent_ids=["secret"])), 500)
        unknown = self.asks("POST", CONFIGS, config(id="mine2", parent_ids=["hidden"]))
        self.assertEqual(unknown.text.replace("hidden", "secret"), answer.text)

    def test_nobody_waits_for_a_config_that_will_be_anothers(self) -> None:
        """Who guesses an id beforehand would be handed what is put there."""
        self.assertEqual(self.status("POST", CONFIGS, config(id="mine", parent_ids=["later"])), 400)
        self.assertEqual(self.status("POST", DEVICES, {"device": {"id": "d1", "config": "later"}}), 400)
        self.office.put(
            Config("x", tenant="bert", parents=("later",)), Device("d2", tenant="bert", config="late")
        )
        self.assertEqual(self.status("POST", CONFIGS, config(id="later")), 400)
        self.assertEqual(self.status("POST", CONFIGS, config(id="late")), 400)
        self.assertEqual(self.status("POST", CONFIGS, config(id="late"), "bert"), 201)

    def test_what_was_written_by_the_master_may_be_written_back(self) -> None:
        """A parent that is there already is no news."""
        self.office.put(Config("shared"), Device("d1", tenant="bert", config="shared"))
        self.office.put(Config("c", tenant="anna", parents=("shared", "c")))
        body = config(parent_ids=["shared", "c"], label="x")
        self.assertEqual(self.status("PUT", f"{CONFIGS}/c", body), 204)

    def test_only_the_master_says_what_new_phones_get(self) -> None:
        """`autocreate` of one tenant's would be every tenant's new phones' config."""
        answer = self.asks("POST", CONFIGS, config(id="a", role="autocreate"))
        self.assertEqual((answer.status, answer.json["field"]), (400, "role"))
        self.asks("POST", CONFIGS, config(id="a"))
        self.assertEqual(self.status("PUT", f"{CONFIGS}/a", config(role="autocreate")), 500)
        self.assertEqual(self.status("PUT", f"{CONFIGS}/a", config(role="autocreate"), "master"), 204)
        self.assertEqual(self.status("PUT", f"{CONFIGS}/a", config(role="autocreate", label="x")), 204)

    def test_autocreate_makes_ones_own(self) -> None:
        """Else its maker could not even read it."""
        made = self.asks("POST", "/cfg_mgr/autocreate", {}).json["id"]
        self.assertEqual(self.seen_by(made), ["master", "anna"])
        self.assertEqual(self.status("POST", DEVICES, {"device": {"id": "d1", "config": made}}), 201)

    def test_a_selector_tells_nothing_of_what_is_not_seen(self) -> None:
        """Not even by being refused: a comparison of a number with another's text would be."""
        self.office.put(Config("c", tenant="bert", other=json_of({"X_note": "secret"})))
        for selector in ({"X_note": {"$gt": 5}}, {"X_note": "secret"}, {"$shown": False, "X_note": "secret"}):
            answer = self.asks("GET", f"{CONFIGS}?q={quote(json.dumps(selector))}")
            self.assertEqual((answer.status, answer.json), (200, {"configs": []}), selector)


class DeviceTests(OwnershipCase):
    def test_a_device_gets_no_config_of_others(self) -> None:
        """Its phone would fetch it, passwords and all."""
        self.office.put(own_config("berts"), Device("d1", tenant="bert", config="berts"), Config("base"))
        self.asks("POST", CONFIGS, config(id="mine"))
        self.asks("POST", DEVICES, {"device": {"id": "d2"}})
        for name, status in (("berts", 400), ("base", 400), ("nobody", 400), ("mine", 201), (None, 201)):
            answer = self.asks("POST", DEVICES, {"device": {"id": f"of-{name}", "config": name}})
            self.assertEqual(answer.status, status, name)
            put = self.status("PUT", f"{DEVICES}/d2", {"device": {"config": name}})
            self.assertEqual(put, 500 if status == 400 else 204, name)
        self.assertEqual(self.status("PUT", f"{DEVICES}/d2", {"device": {"config": "berts"}}, "master"), 204)
        self.assertEqual(self.status("PUT", f"{DEVICES}/d2", {"device": {"config": "berts", "X": 1}}), 204)

    def test_a_new_phone_that_is_taken_keeps_its_config(self) -> None:
        """Taking it with its document as it is must work; its waiting config is then the taker's to see."""
        device = self.office.answer(path="00aced000001.cfg").device
        assert device
        own = self.store.get(Device, device).config
        assert own
        self.assertEqual(self.status("GET", f"{CONFIGS}/{own}"), 404)
        self.assertEqual(self.status("PUT", f"{DEVICES}/{device}", {"device": {"config": own}}), 204)
        self.assertEqual(self.status("GET", f"{CONFIGS}/{own}"), 200)


class GuestTests(OwnershipCase):
    """A gateway of anna's, on which bert has a line."""

    def setUp(self) -> None:
        super().setUp()
        self.office.put(own_config("c"))
        other = json_of({"description": "cellar"})
        mac = "00:ac:ed:00:00:01"
        self.office.put(
            Device("gw", mac=mac, vendor="Acme", model="A60", plugin="acme-2", config="c", tenant="anna",
                   guests=("bert",), other=other)
        )  # fmt: skip

    def test_a_guest_sees_which_phone_it_is(self) -> None:
        """And nothing that is the owner's: no config, address, or note."""
        seen = {
            "id": "gw",
            "mac": "00:ac:ed:00:00:01",
            "vendor": "Acme",
            "model": "A60",
            "tenant_uuid": "anna",
            "is_new": False,
            "lines": [],
        }
        self.assertEqual(self.asks("GET", f"{DEVICES}/gw", None, "bert").json, {"device": seen})
        self.assertEqual(self.asks("GET", DEVICES, None, "bert").json, {"devices": [seen]})
        self.assertEqual(
            self.asks("GET", f"{DEVICES}?recurse=true&sort=mac", None, "bert").json, {"devices": [seen]}
        )
        self.assertIn("config", self.asks("GET", f"{DEVICES}/gw").json["device"])
        self.assertIn("config", self.asks("GET", DEVICES).json["devices"][0])
        whole = self.asks("GET", f"{DEVICES}?recurse=true", None, "master").json["devices"]
        self.assertEqual([device.get("config") for device in whole], ["c"])

    def test_a_guest_looks_and_no_more(self) -> None:
        """404, as for everybody who does not see it."""
        for method, path, body in (
            ("PUT", f"{DEVICES}/gw", {"device": {}}),
            ("DELETE", f"{DEVICES}/gw", None),
            ("GET", f"{DEVICES}/gw/status", None),
            ("GET", f"{DEVICES}/gw/timeline", None),
            ("GET", f"{CONFIGS}/c", None),
            ("GET", f"{CONFIGS}/c/raw", None),
            ("POST", "/dev_mgr/synchronize", {"id": "gw"}),
        ):
            self.assertEqual(self.status(method, path, body, "bert"), 404, (method, path))
        self.assertEqual(self.status("POST", "/dev_mgr/reconfigure", {"id": "gw"}, "bert"), 400)
        move = {"move": {"plugin": "acme-1", "selector": {"id": "gw"}}}
        for token, looked_at in (("bert", []), ("anna", ["gw"])):
            outcome = self.asks("POST", "/dev_mgr/move", move, token).json["move"]
            ids = [*outcome["moved"], *(device["id"] for device in outcome["not_moved"])]
            self.assertEqual(ids, looked_at, token)
        self.assertEqual(self.status("GET", f"{DEVICES}/gw", None, "carl"), 404)
        self.assertEqual(self.asks("GET", DEVICES, None, "carl").json, {"devices": []})

    def test_a_selector_finds_of_a_guests_device_what_the_guest_sees(self) -> None:
        """`{"description": "cellar"}` must not say yes where it is not shown."""
        for selector, ids in (
            ({"description": "cellar"}, []),
            ({"config": "c"}, []),
            ({"description": {"$gt": 5}}, []),
            ({"vendor": "Acme"}, ["gw"]),
            ({"mac": "00:ac:ed:00:00:01"}, ["gw"]),
        ):
            devices = self.asks("GET", f"{DEVICES}?q={quote(json.dumps(selector))}", None, "bert").json[
                "devices"
            ]
            self.assertEqual([device["id"] for device in devices], ids, selector)

    def test_an_update_keeps_the_guests(self) -> None:
        """They are not the client's to say; a guest that takes the device is its owner."""
        self.asks("PUT", f"{DEVICES}/gw", {"device": {"vendor": "x", "guests": ["carl"]}})
        self.assertEqual(self.store.get(Device, "gw").guests, ("bert",))
        self.office.put(evolve(self.store.get(Device, "gw"), tenant="master", guests=("anna", "bert")))
        self.assertEqual(self.status("PUT", f"{DEVICES}/gw", {"device": {}}, "bert"), 204)
        device = self.store.get(Device, "gw")
        self.assertEqual((device.tenant, device.guests), ("bert", ("anna",)))
