"""Security: a tenant's administrator, whose token may do everything, reaches no other tenant's phone."""

import re

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.reading import found
from provserver.model import Config, Device, Parameter, Presence, Tenant
from provserver.rest.site import all_routes
from tests.fakes.office import MAC, own_config
from tests.fakes.rest import Answered, RestOffice

FILE = "00aced000001.cfg"
DESK, HOME = "10.0.0.7", "203.0.113.9"
OPEN = {"/openapi.json", "/api/api.yml", "/docs"}
LEASE = {"dhcp_info": {"op": "commit", "ip": "10.0.0.66", "mac": MAC, "options": []}}


class TenantCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.office.use(self.office.tenants)  # each token's ACL is `#`
        self.office.put(
            Tenant("master", policy_local="address"),
            Tenant("anna", parent="master", key="Key-of-anna"),
            Tenant("bert", parent="master", key="Key-of-bert"),
            own_config("berts"),
            Device("b1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="berts", tenant="bert"),
        )

    def asks(self, method: str, path: str, body: object = None, token: str = "anna") -> Answered:
        return self.office.asks(method, path, body, token, headers={"Accept": "application/json"})

    def fetch(self, path: str = FILE, ip: str = DESK) -> str:
        answer = self.office.answer(path=path, ip=ip, user_agent="acme A60 2.1")
        return answer.file.body.decode() if answer.file and answer.file.body else answer.outcome


class ForgedLeaseTests(TenantCase):
    def test_a_tenants_token_cannot_prove_the_address_of_anothers_phone(self) -> None:
        """A lease over REST is the DHCP server's word: from a tenant it would be the key to all phones."""
        self.assertEqual(self.asks("POST", "/dev_mgr/dhcpinfo", LEASE).status, 403)
        self.assertIsNone(found(self.office.store, Presence, "b1"))
        self.assertEqual(self.fetch(ip="10.0.0.66"), "nothing")
        self.assertEqual(self.asks("POST", "/dev_mgr/dhcpinfo", LEASE, token="master").status, 204)
        self.assertIn("s3cret", self.fetch(ip="10.0.0.66"))


class EverybodysTests(TenantCase):
    def test_a_tenants_token_cannot_say_where_plugins_come_from(self) -> None:
        """A plugin is a program, and runs for all tenants."""
        for name, value in (("plugin_server", "http://203.0.113.1/"), ("http_proxy", "http://203.0.113.1/")):
            answer = self.asks("PUT", f"/configure/{name}", {"param": {"value": value}})
            self.assertEqual((answer.status, answer.json["reason_id"]), (403, "forbidden"))
            self.assertIsNone(found(self.office.store, Parameter, name))
        key = {"param": {"value": "Key-of-anna-2"}}
        self.assertEqual(self.asks("PUT", "/configure/provisioning_key", key).status, 204)

    def test_nor_install_or_remove_them(self) -> None:
        """Removing one would leave all tenants' phones without files."""
        for name in ("install", "uninstall", "upgrade", "update"):
            answer = self.asks("POST", f"/pg_mgr/install/{name}", {"id": "acme-2"})
            self.assertEqual(answer.status, 403, name)
        self.assertIn("acme-2", self.office.plugins.serving())
        self.assertEqual(
            self.asks("POST", "/pg_mgr/install/uninstall", {"id": "acme-2"}, "master").status, 204
        )

    def test_nor_see_or_change_what_is_anothers(self) -> None:
        """Not found, as if it were not there: devices, their tokens, configs, tenants."""
        config = {"config": {"id": "berts", "parent_ids": [], "raw_config": {}}}
        for method, path, body in (
            ("GET", "/dev_mgr/devices/b1", None),
            ("PUT", "/dev_mgr/devices/b1", {"device": {"id": "b1"}}),
            ("DELETE", "/dev_mgr/devices/b1", None),
            ("POST", "/dev_mgr/devices/b1/pairing", {"pairing": {}}),
            ("GET", "/dev_mgr/devices/b1/timeline", None),
            ("GET", "/dev_mgr/devices/b1/history", None),
            ("GET", "/cfg_mgr/configs/berts", None),
            ("GET", "/cfg_mgr/configs/berts/raw", None),
            ("PUT", "/cfg_mgr/configs/berts", config),
            ("DELETE", "/cfg_mgr/configs/berts", None),
            ("PUT", "/cfg_mgr/configs/autoprov", config),
            ("GET", "/tenants/bert", None),
            ("PUT", "/tenants/bert", {"tenant": {"name": "x"}}),
            ("GET", f"/explain?ip={DESK}&path={FILE}", None),
        ):
            self.assertEqual(self.asks(method, path, body).status, 404, (method, path))
        self.assertEqual(self.office.store.get(Config, "berts").tenant, own_config("berts").tenant)

    def test_nor_borrow_it_for_a_phone_of_its_own(self) -> None:
        """A device or a config that is built upon another tenant's would show its passwords."""
        device = {"device": {"id": "a1", "mac": "00:ac:ed:00:00:09", "plugin": "acme-2", "config": "berts"}}
        config = {"config": {"id": "steal", "parent_ids": ["berts"], "raw_config": {}}}
        self.assertEqual(self.asks("POST", "/dev_mgr/devices", device).status, 400)
        self.assertEqual(self.asks("POST", "/cfg_mgr/configs", config).status, 400)


class TwinTests(TenantCase):
    def test_a_twin_of_anothers_phone_neither_gets_its_file_nor_keeps_it_from_it(self) -> None:
        """Bert's phone has never been seen, and Anna's twin of it has: by the key it is known which is meant."""
        self.office.put(own_config("annas"))
        self.office.put(
            evolve(self.office.store.get(Device, "b1"), id="a1", rev=0, config="annas", tenant="anna")
        )
        self.office.put(Presence("a1", seen=self.office.clock.seconds()))
        berts = self.office.answer(path=f"Key-of-bert/{FILE}", ip=HOME, user_agent="acme A60 2.1")
        annas = self.office.answer(path=f"Key-of-anna/{FILE}", ip=HOME, user_agent="acme A60 2.1")
        self.assertEqual((berts.outcome, berts.device), ("file", "b1"))
        self.assertEqual((annas.outcome, annas.device), ("file", "a1"))


class RoutesTests(TenantCase):
    def test_every_route_but_the_apis_description_asks_for_a_token(self) -> None:
        """A route that somebody adds and forgets to close would be open to whoever reaches the port."""
        routes = all_routes(self.office.behind)
        self.assertEqual({route.path for route in routes if not route.acl}, OPEN)
        for route in routes:
            if route.acl and route.exists is None:
                path = re.sub("<[a-z_]+>", "x", route.path)
                answer = self.office.asks(route.method, path, {} if route.method != "GET" else None, "nobody")
                self.assertEqual(answer.status, 401, (route.method, route.path))
