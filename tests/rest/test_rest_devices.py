"""Devices over REST: the contract's section 6."""

import json
from urllib.parse import quote

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config, Device, Presence, Tenant
from tests.fakes.office import own_config
from tests.fakes.rest import RestOffice

MAC = "00:15:65:4a:a9:37"
DEVICES = "/dev_mgr/devices"
KNOWN = {"mac": "00:ac:ed:00:00:01", "vendor": "Acme", "model": "A60", "plugin": "acme-2", "config": "c1"}


def selected(selector: object) -> str:
    return f"{DEVICES}?q={quote(json.dumps(selector))}"


class DeviceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks

    def device(self, device_id: str) -> dict[str, object]:
        document: dict[str, object] = self.asks("GET", f"{DEVICES}/{device_id}").json["device"]
        return document

    def test_create(self) -> None:
        """The id is kept, the Location has neither scheme nor host, and the device can be read at once."""
        body = {"device": {"id": "d 1", "mac": MAC, "ip": "10.0.0.7", "version": "1.2", "X_mine": 1}}
        answer = self.asks("POST", DEVICES, body)
        self.assertEqual(
            (answer.status, answer.json, answer.headers["location"]),
            (201, {"id": "d 1"}, "/0.2/dev_mgr/devices/d%201"),
        )
        self.assertEqual(
            self.device("d%201"),
            {**body["device"], "tenant_uuid": "master", "is_new": True, "configured": False},
        )

    def test_an_id_is_made_where_none_is_given(self) -> None:
        """32 hex digits, as clients know them."""
        for document in ({}, {"id": None}):
            answer = self.asks("POST", DEVICES, {"device": document})
            self.assertRegex(answer.json["id"], "^[0-9a-f]{32}$")
            self.assertEqual(answer.headers["location"], f"/0.2/dev_mgr/devices/{answer.json['id']}")

    def test_what_is_seen_is_no_part_of_what_is_decided(self) -> None:
        """A phone that boots must not change a device's revision, so its address lies elsewhere."""
        self.asks("POST", DEVICES, {"device": {"id": "d1", "ip": "10.0.0.7"}})
        self.asks("POST", DEVICES, {"device": {"id": "d2"}})
        self.assertEqual(self.office.memory.get(Presence, "d1").ip, "10.0.0.7")
        self.assertEqual(self.office.memory.find(Presence, "ip", "10.0.0.7")[0].id, "d1")
        self.assertEqual([presence.id for presence in self.office.memory.find(Presence, "ip", "")], [])

    def test_macs_and_addresses_may_be_there_twice(self) -> None:
        """Clients make such devices (contract 6.2)."""
        for device_id in ("d1", "d2", "d3"):
            body = {"device": {"id": device_id, "mac": MAC, "ip": "10.0.0.7"}}
            self.assertEqual(self.asks("POST", DEVICES, body).status, 201)
        for device_id in ("d1", "d2", "d3"):
            self.assertEqual(self.device(device_id)["ip"], "10.0.0.7")

    def test_bad_creations(self) -> None:
        """400 and the field; only a body without `device` is the contract's 500."""
        self.asks("POST", DEVICES, {"device": {"id": "taken"}})
        before = self.office.memory.seq
        for document, status in (
            ({"id": "taken"}, 400),
            ({"id": '*&!"/invalid _'}, 400),
            ({"id": "../x"}, 400),
            ({"id": ".."}, 400),
            ({"id": "x" * 10_240}, 400),
            ({"id": "📞"}, 400),
            ({"id": "a\0"}, 400),
            ({"id": ""}, 400),
            ({"mac": "00:15:65:4A:A9:37"}, 400),
            ({"mac": ""}, 400),
            ({"ip": "10.0.0.256"}, 400),
            ({"vendor": ["x"]}, 400),
            ({"options": []}, 400),
            (None, 400),
            ([], 400),
        ):
            answer = self.asks("POST", DEVICES, {"device": document})
            self.assertEqual(answer.status, status, document)
        self.assertEqual(self.asks("POST", DEVICES, {}).status, 500)
        self.assertEqual(self.office.memory.seq, before)

    def test_read(self) -> None:
        """What is configured is computed when it is read."""
        self.office.put(own_config("c1"))
        self.asks("POST", DEVICES, {"device": {"id": "d1", **KNOWN, "configured": False}})
        self.assertEqual(self.device("d1")["configured"], True)
        self.asks("DELETE", "/cfg_mgr/configs/c1")
        self.assertEqual(self.device("d1")["configured"], False)
        self.assertEqual(self.device("d1")["config"], "c1")
        self.assertEqual(self.asks("GET", f"{DEVICES}/nobody").status, 404)

    def test_update_replaces_all_that_is_decided(self) -> None:
        """Fields that are not sent are gone; what was seen stays, and the id of the path counts."""
        self.asks("POST", DEVICES, {"device": {"id": "d1", **KNOWN, "ip": "10.0.0.7", "X": 1}})
        self.assertEqual(
            self.asks("PUT", f"{DEVICES}/d1", {"device": {"id": "d9", "vendor": "Snom"}}).status, 204
        )
        self.assertEqual(
            self.device("d1"),
            {
                "id": "d1",
                "vendor": "Snom",
                "ip": "10.0.0.7",
                "tenant_uuid": "master",
                "is_new": True,
                "configured": False,
            },
        )
        self.assertEqual(self.asks("GET", f"{DEVICES}/d9").status, 404)

    def test_an_address_that_a_client_gives_is_stored(self) -> None:
        """It can be read back at once, and null takes it away."""
        self.asks("POST", DEVICES, {"device": {"id": "d1"}})
        self.asks("PUT", f"{DEVICES}/d1", {"device": {"ip": "10.0.0.8", "version": "2"}})
        self.assertEqual((self.device("d1")["ip"], self.device("d1")["version"]), ("10.0.0.8", "2"))
        self.asks("PUT", f"{DEVICES}/d1", {"device": {"ip": None}})
        self.assertNotIn("ip", self.device("d1"))

    def test_a_document_sent_back_as_read_changes_nothing(self) -> None:
        """Not even the revision: clients do it all the time."""
        self.office.put(own_config("c1"))
        self.asks("POST", DEVICES, {"device": {"id": "d1", **KNOWN, "ip": "10.0.0.7", "options": {"a": 1}}})
        before = self.office.memory.seq
        self.assertEqual(self.asks("PUT", f"{DEVICES}/d1", {"device": self.device("d1")}).status, 204)
        self.assertEqual(self.office.memory.seq, before)

    def test_bad_updates(self) -> None:
        """The contract's 500 for whatever is wrong in the document, after its 404 for a device that is not there."""
        self.asks("POST", DEVICES, {"device": {"id": "d1", "mac": MAC}})
        before = self.device("d1")
        bodies: tuple[dict[str, object], ...] = (
            {"device": {"mac": "x"}},
            {"device": {"ip": "x"}},
            {"device": {"vendor": []}},
            {"device": None},
            {"device": []},
            {},
        )
        for body in bodies:
            answer = self.asks("PUT", f"{DEVICES}/d1", body, headers={"Accept": "application/json"})
            self.assertEqual(answer.status, 500, body)
            self.assertTrue(answer.json["message"])
            self.assertEqual(self.asks("PUT", f"{DEVICES}/nobody", body).status, 404, body)
        self.assertEqual(self.device("d1"), before)
        self.assertEqual(self.asks("PUT", f"{DEVICES}/d1", b"{").status, 400)

    def test_delete(self) -> None:
        """All of it: the presence, and the config that only it used."""
        device_id = self.office.answer(path="00aced000001.cfg").device
        config_id = str(self.device(str(device_id))["config"])
        self.assertEqual(self.asks("DELETE", f"{DEVICES}/{device_id}").status, 204)
        self.assertEqual(self.asks("GET", f"{DEVICES}/{device_id}").status, 404)
        self.assertEqual(self.asks("GET", f"/cfg_mgr/configs/{config_id}").status, 404)
        self.assertEqual(self.asks("DELETE", f"{DEVICES}/{device_id}").status, 404)

    def test_reconfigure(self) -> None:
        """Files are made when they are asked for, so there is nothing to do but to check the id: 400, not 404."""
        self.asks("POST", DEVICES, {"device": {"id": "d1"}})
        for body, status, text in (
            ({"id": "d1"}, 204, ""),
            ({"id": "nobody"}, 400, "invalid device ID 'nobody'"),
            ({"id": ["d1"]}, 400, "invalid device ID \"['d1']\""),
            ({}, 400, 'Missing "id" key'),
            ([], 400, 'Missing "id" key'),
        ):
            answer = self.asks("POST", "/dev_mgr/reconfigure", body)
            self.assertEqual((answer.status, answer.text), (status, text))

    def test_the_history_says_who_and_why(self) -> None:
        """An administrator asks who changed a phone."""
        self.asks("POST", DEVICES, {"device": {"id": "d1"}})
        self.asks("PUT", f"{DEVICES}/d1", {"device": {"vendor": "x"}})
        history = self.successResultOf(self.office.memory.history(Device, "d1", 10))
        self.assertEqual(
            [(one.commit.who, one.commit.why) for one in history],
            [
                ("token:administrator", "PUT /0.2/dev_mgr/devices/d1"),
                ("token:administrator", "POST /0.2/dev_mgr/devices"),
            ],
        )


class ListTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks
        self.office.put(own_config("c1"))
        for number in range(1, 6):
            document = {"id": f"d{number}", "mac": f"00:15:65:00:00:0{number}", "ip": f"10.0.0.{number}"}
            self.asks("POST", DEVICES, {"device": document | ({"sn": "S"} if number > 3 else {})})
        self.asks("POST", DEVICES, {"device": {"id": "acme", **KNOWN, "description": "the desk"}})

    def ids(self, path: str) -> list[str]:
        answer = self.asks("GET", path)
        self.assertEqual(answer.status, 200, answer.body)
        return [device["id"] for device in answer.json["devices"]]

    def test_selectors(self) -> None:
        """By what is decided, seen and computed, and by the client's own fields."""
        for selector, ids in (
            ({}, ["acme", "d1", "d2", "d3", "d4", "d5"]),
            ({"id": "d2"}, ["d2"]),
            ({"mac": "00:15:65:00:00:03"}, ["d3"]),
            ({"ip": "10.0.0.4"}, ["d4"]),
            ({"ip": "10.0.0.4", "mac": "00:15:65:00:00:03"}, []),
            ({"sn": "S"}, ["d4", "d5"]),
            ({"plugin": "acme-2"}, ["acme"]),
            ({"configured": True}, ["acme"]),
            ({"description": "the desk"}, ["acme"]),
            ({"is_new": True, "vendor": {"$exists": False}}, ["d1", "d2", "d3", "d4", "d5"]),
            ({"mac": {"$in": ["00:15:65:00:00:01", "00:15:65:00:00:02"]}}, ["d1", "d2"]),
            ({"tenant_uuid": "nobody", "id": "d1"}, ["d1"]),
        ):
            self.assertEqual(sorted(self.ids(selected(selector))), ids, selector)

    def test_order_page_and_fields(self) -> None:
        """All together, which the reference answers with 500 (contract 10)."""
        self.assertEqual(
            self.ids(f"{DEVICES}?sort=ip&sort_ord=DESC&skip=1&limit=2&reverse=True"), ["d4", "d3"]
        )
        self.assertEqual(self.ids(f"{DEVICES}?sort=ip")[0], "acme")
        self.assertEqual(self.ids(f"{DEVICES}?sort=configured&sort_ord=DESC&limit=1"), ["acme"])
        answer = self.asks("GET", f"{DEVICES}?sort=mac&limit=1&fields=mac,ip,none&skip=1")
        self.assertEqual(
            answer.json, {"devices": [{"id": "d2", "mac": "00:15:65:00:00:02", "ip": "10.0.0.2"}]}
        )
        self.assertTrue(all("configured" in device for device in self.asks("GET", DEVICES).json["devices"]))

    def test_wrong_selectors(self) -> None:
        """What is no JSON is ignored, what is a wrong selector is told."""
        self.assertEqual(len(self.ids(f"{DEVICES}?q=nonsense&skip=x&limit=-1")), 6)
        self.assertEqual(len(self.ids(f"{DEVICES}?q64=nonsense!")), 6)
        selectors: tuple[object, ...] = (
            [],
            5,
            {"id": {"$regex": "x"}},
            {"id": {"$in": "x"}},
            {"mac": {}},
            {"ip": {"$gt": 5}},
        )
        for selector in selectors:
            answer = self.asks("GET", selected(selector))
            self.assertEqual(answer.status, 400, selector)

    def test_a_long_list_is_made_in_slices(self) -> None:
        """No turn of the reactor may be long: meanwhile phones are answered (design section 11)."""
        clock = self.office.clock
        slow = self.office.provisioner.status
        turns: list[float] = []

        def status(device: Device) -> object:
            clock.rightNow += 0.003  # what the work takes
            turns.append(clock.seconds())
            return slow(device)

        self.office.provisioner.status = status  # type: ignore[method-assign,assignment]  # slow on purpose
        self.assertEqual(len(self.ids(DEVICES)), 6)
        self.assertGreater(turns[-1] - turns[0], 6 * 0.003)
        self.assertEqual(clock.getDelayedCalls(), [])


class TenantTests(SynchronousTestCase):
    """Tokens are tenants' ids here: master above anna and bob, anna above carl."""

    def setUp(self) -> None:
        self.office = RestOffice()
        self.office.put(
            Tenant("anna", parent="master"), Tenant("bob", parent="master"), Tenant("carl", parent="anna")
        )
        self.office.use(self.office.tenants)
        self.asks = self.office.asks
        for tenant in ("master", "anna", "bob", "carl"):
            self.asks("POST", DEVICES, {"device": {"id": f"of-{tenant}"}}, token=tenant)

    def status(self, method: str, path: str, body: object = None, **who: str) -> int:
        return self.asks(method, f"{DEVICES}{path}", body, **who).status  # type: ignore[arg-type]  # who: tokens

    def ids(self, query: str = "", **who: str) -> list[str]:
        devices = self.asks("GET", f"{DEVICES}{query}", **who).json["devices"]  # type: ignore[arg-type]  # as above
        return sorted(device["id"] for device in devices)

    def test_a_device_is_made_in_the_tenant_of_the_request(self) -> None:
        """The header's, else the token's, whatever the body says; only the master's are new."""
        body = {"device": {"id": "d1", "tenant_uuid": "bob", "is_new": True}}
        self.asks("POST", DEVICES, body, token="master", tenant="anna")
        device = self.asks("GET", f"{DEVICES}/d1", token="anna").json["device"]
        self.assertEqual((device["tenant_uuid"], device["is_new"]), ("anna", False))
        self.assertEqual(self.office.memory.get(Device, "of-carl").tenant, "carl")

    def test_tenants_out_of_reach_are_401(self) -> None:
        """The same for an unknown token, an unknown tenant and one of others."""
        for who in (
            {"token": "nobody"},
            {"token": "anna", "tenant": "bob"},
            {"token": "anna", "tenant": "master"},
            {"token": "anna", "tenant": "nobody"},
        ):
            self.assertEqual(self.status("GET", "/of-anna", **who), 401, who)

    def test_reading_looks_down_and_never_up(self) -> None:
        """404 for what is not ours, as if it were not there."""
        for token, seen in (
            ("master", {"master", "anna", "bob", "carl"}),
            ("anna", {"anna", "carl"}),
            ("carl", {"carl"}),
        ):
            for tenant in ("master", "anna", "bob", "carl"):
                status = 200 if tenant in seen else 404
                self.assertEqual(self.status("GET", f"/of-{tenant}", token=token), status, (token, tenant))
        invisible = self.asks("GET", f"{DEVICES}/of-bob", token="anna")
        unknown = self.asks("GET", f"{DEVICES}/of-xyz", token="anna")
        self.assertEqual(invisible.text.replace("bob", "xyz"), unknown.text)

    def test_lists_look_down_only_if_asked(self) -> None:
        """And no selector of the client widens them."""
        self.assertEqual(self.ids(token="anna"), ["of-anna"])
        for recurse in ("true", "True"):
            self.assertEqual(self.ids(f"?recurse={recurse}", token="anna"), ["of-anna", "of-carl"])
        for recurse in ("1", "yes", "TRUE", ""):
            self.assertEqual(self.ids(f"?recurse={recurse}&recurse=true", token="anna"), ["of-anna"])
        self.assertEqual(self.ids("?recurse=true", token="master", tenant="anna"), ["of-anna", "of-carl"])
        everything = quote(json.dumps({"tenant_uuid": {"$exists": True}}))
        self.assertEqual(self.ids(f"?q={everything}", token="anna"), ["of-anna"])

    def test_a_new_device_is_taken_by_a_put(self) -> None:
        """Even by a tenant that cannot see it: that is how phones are given out (contract 6.4)."""
        self.assertEqual(self.status("GET", "/of-master", token="anna"), 404)
        body = {"device": {"vendor": "x", "tenant_uuid": "bob"}}
        self.assertEqual(self.status("PUT", "/of-master", body, token="anna"), 204)
        device = self.asks("GET", f"{DEVICES}/of-master", token="anna").json["device"]
        self.assertEqual((device["tenant_uuid"], device["is_new"], device["vendor"]), ("anna", False, "x"))
        self.assertEqual(self.status("PUT", "/of-master", body, token="bob"), 404)

    def test_a_put_of_the_master_leaves_a_device_where_it_is(self) -> None:
        """Whatever the body says: a tenant out of reach must not be a typo away."""
        for body in ({}, {"tenant_uuid": "master"}, {"tenant_uuid": "nonsense"}):
            self.assertEqual(
                self.status("PUT", "/of-carl", {"device": {**body, "X": 1}}, token="master"), 204
            )
            self.assertEqual(self.office.memory.get(Device, "of-carl").tenant, "carl")
        self.assertEqual(self.status("PUT", "/of-carl", {"device": {}}, token="master", tenant="anna"), 204)
        self.assertEqual(self.office.memory.get(Device, "of-carl").tenant, "carl")

    def test_others_devices_cannot_be_changed(self) -> None:
        """404, and 400 from reconfigure (contract 6.7)."""
        self.assertEqual(self.status("PUT", "/of-bob", {"device": {}}, token="anna"), 404)
        self.assertEqual(self.status("DELETE", "/of-bob", token="anna"), 404)
        self.assertEqual(self.status("DELETE", "/of-master", token="anna"), 404)
        self.assertEqual(self.status("GET", "/of-bob/timeline", token="anna"), 404)
        self.assertEqual(self.status("GET", "/of-bob/status", token="anna"), 404)
        for device_id, status in (("of-bob", 400), ("of-master", 400), ("of-carl", 204)):
            answer = self.asks("POST", "/dev_mgr/reconfigure", {"id": device_id}, token="anna")
            self.assertEqual(answer.status, status)
        self.assertEqual(self.status("DELETE", "/of-carl", token="anna"), 204)

    def test_twins_of_others_are_not_told(self) -> None:
        """Their ids are none of ours."""
        devices = [self.office.memory.get(Device, f"of-{name}") for name in ("anna", "bob", "carl")]
        self.office.put(*(evolve(device, mac=MAC) for device in devices), Config("unused"))
        status = self.asks("GET", f"{DEVICES}/of-anna/status", token="anna").json["status"]
        self.assertEqual(status["twins"], ["of-carl"])

    def test_the_acl_names_the_device(self) -> None:
        """With `_` for each dot (contract 3.3): deployed policies hold these names."""
        asked = self.office.tenants.asked
        for method, path, acl in (
            ("GET", "", "provd.dev_mgr.devices.read"),
            ("POST", "", "provd.dev_mgr.devices.create"),
            ("GET", "/a.b", "provd.dev_mgr.devices.a_b.read"),
            ("HEAD", "/a.b", "provd.dev_mgr.devices.a_b.read"),
            ("PUT", "/a.b", "provd.dev_mgr.devices.a_b.update"),
            ("DELETE", "/a%2E%7Bx%7D", "provd.dev_mgr.devices.a_{x}.delete"),
            ("GET", "/a/timeline", "provd.dev_mgr.devices.a.timeline.read"),
            ("GET", "/a/status", "provd.dev_mgr.devices.a.status.read"),
        ):
            self.status(method, path, {} if method in ("POST", "PUT") else None, token="anna", tenant="carl")
            self.assertEqual(asked[-1], ("anna", acl, "carl"))
