"""Plugins over REST: lists, installing and uninstalling, reload, the ids of other servers (contract section 8)."""

import json

from attrs import frozen
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.errors import Unreachable
from provserver.interfaces import ICatalogue, IPlugins
from provserver.model import Device, Json
from tests.fakes.office import MAC, own_config
from tests.fakes.rest import Answered, RestOffice
from tests.fakes.vendors import Acme, AcmePlugin

INFO = {"version": "1.0", "description": "Acme", "capabilities": {"Acme, A60, 2.1": {"lines": 4}}}
_INFO_JSON = Json(json.dumps(INFO).encode())
PLUGINS = ("acme-1", "acme-2")
FILE = f"{MAC.replace(':', '')}.cfg"
INSTALL = "/pg_mgr/install"
NAMES = ("install", "uninstall", "installed", "installable")


@frozen
class Described(AcmePlugin):
    info: Json = _INFO_JSON


class PluginCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks
        self.office.plugins.take((Acme(plugins=(Described("acme-1", ("A20",), "1.0"), Described("acme-2"))),))

    def post(self, path: str, plugin_id: object) -> Answered:
        return self.asks("POST", path, {"id": plugin_id})

    def status(self, answer: Answered) -> str:
        self.assertEqual((answer.status, answer.body), (201, b""))
        operation: str = self.asks("GET", answer.headers["location"].removeprefix("/0.2")).json["status"]
        return operation

    def names(self) -> list[str]:
        return list(self.asks("GET", "/pg_mgr/plugins").json["plugins"])


class PluginTests(PluginCase):
    def test_the_fakes_provide_their_interfaces(self) -> None:
        """What is shown by them holds for what stands behind REST."""
        verifyObject(IPlugins, self.office.plugins)
        verifyObject(ICatalogue, self.office.catalogue)

    def test_the_list_links_to_each(self) -> None:
        """confd checks a device's plugin against its keys."""
        plugins = self.asks("GET", "/pg_mgr/plugins").json["plugins"]
        self.assertEqual(list(plugins), ["acme-1", "acme-2"])
        (link,) = plugins["acme-1"]["links"]
        self.assertEqual(link, {"rel": "pg.plugin", "href": "/0.2/pg_mgr/plugins/acme-1"})
        rels = [one["rel"] for one in self.asks("GET", "/pg_mgr/plugins/acme-1").json["links"]]
        self.assertEqual(rels, ["pg.info", "srv.install"])
        self.assertEqual(self.asks("GET", "/pg_mgr/plugins/acme-1/info").json, {"plugin_info": INFO})

    def test_ids_of_other_servers_are_answered_for(self) -> None:
        """A device keeps the id that it was written with, and is found in the list that it is checked against."""
        self.assertEqual(self.asks("GET", "/pg_mgr/plugins/wazo-acme-1/info").json, {"plugin_info": INFO})
        device = Device("d1", mac=MAC, vendor="Acme", plugin="wazo-acme-2", config="c1", tenant="master")
        self.office.put(device, own_config("c1"))
        self.assertEqual(self.names(), ["acme-1", "acme-2", "wazo-acme-2"])
        self.assertEqual(self.office.answer(path=FILE).outcome, "file")
        shown = self.asks("GET", "/dev_mgr/devices/d1").json["device"]
        self.assertEqual((shown["plugin"], shown["configured"]), ("wazo-acme-2", True))

    def test_an_unknown_plugin_is_404_before_the_token(self) -> None:
        """Three assertions of the reference's suite say so; a known one asks for the token first."""
        for path in ("", "/info", "/install", "/install/installed", "/install/installable", "/configure"):
            for unknown in ("nope", "acme-1%2F..", "wazo-acme-9", "%00"):
                answer = self.asks("GET", f"/pg_mgr/plugins/{unknown}{path}", token="wrong")
                self.assertEqual(answer.status, 404, (unknown, path))
            self.assertEqual(
                self.asks("GET", f"/pg_mgr/plugins/acme-1{path}", token="wrong").status, 401, path
            )

    def test_acls(self) -> None:
        """Deployed policies hold these names, with `_` for each dot (contract 3.3)."""
        self.office.plugins.take((Acme(plugins=(Described("acme-2.1"),)),))
        self.office.use(self.office.tenants)
        one = "/pg_mgr/plugins/acme-2.1"
        for method, path, acl in (
            ("GET", "/pg_mgr", "provd.pg_mgr.read"),
            ("GET", "/pg_mgr/plugins", "provd.pg_mgr.plugins.read"),
            ("GET", one, "provd.pg_mgr.plugins.acme-2_1.read"),
            ("GET", f"{one}/info", "provd.pg_mgr.plugins.acme-2_1.info.read"),
            ("GET", f"{one}/install", "provd.pg_mgr.plugins.acme-2_1.install.read"),
            ("POST", f"{one}/install/install", "provd.pg_mgr.plugins.acme-2_1.install.install.create"),
            ("POST", f"{one}/install/upgrade", "provd.pg_mgr.plugins.acme-2_1.install.upgrade.create"),
            ("GET", f"{one}/configure", "provd.pg_mgr.plugins.acme-2_1.configure.read"),
            ("GET", f"{one}/configure/x", "provd.configure.{tenant_uuid}.x.read"),
            ("PUT", f"{one}/configure/x", "provd.configure.{tenant_uuid}.x.update"),
            ("GET", INSTALL, "provd.pg_mgr.install.read"),
            ("POST", f"{INSTALL}/install", "provd.pg_mgr.install.install.create"),
            ("POST", f"{INSTALL}/update", "provd.pg_mgr.install.update.create"),
            ("GET", f"{INSTALL}/installed", "provd.pg_mgr.install.installed.read"),
            ("POST", "/pg_mgr/reload", "provd.pg_mgr.reload.create"),
        ):
            body: object = {} if method in ("POST", "PUT") else None
            self.asks(method, path, body, token="master")
            self.assertEqual(self.office.tenants.asked[-1][1], acl, (method, path))


class InstallTests(PluginCase):
    def test_uninstalled_and_installed_again(self) -> None:
        """The answer comes when it is done: the reference's suite installs the same id right after."""
        device = Device("d1", mac=MAC, vendor="Acme", plugin="acme-2", config="c1", tenant="master")
        self.office.put(device, own_config("c1"))
        for plugin_id in ("acme-2", "wazo-acme-2"):
            self.assertEqual(self.post(f"{INSTALL}/uninstall", plugin_id).status, 204)
            self.assertEqual(self.names(), ["acme-1"])
            self.assertEqual(list(self.asks("GET", f"{INSTALL}/installed").json["pkgs"]), ["acme-1"])
            self.assertEqual(list(self.asks("GET", f"{INSTALL}/installable").json["pkgs"]), [*PLUGINS])
            shown = self.asks("GET", "/dev_mgr/devices/d1").json["device"]
            self.assertEqual((shown["plugin"], shown["configured"]), ("acme-2", False))
            self.assertEqual(self.office.answer(path=FILE).steps[-1].reason_id, "choose.not-loaded")
            self.assertEqual(self.status(self.post(f"{INSTALL}/install", plugin_id)), "install|success")
            self.assertEqual(self.office.answer(path=FILE).outcome, "file")

    def test_lists_say_what_each_is(self) -> None:
        """A user interface shows version and description, and how much there is to fetch: nothing."""
        pkgs = self.asks("GET", f"{INSTALL}/installed").json["pkgs"]
        self.assertEqual(pkgs, {"acme-1": INFO, "acme-2": INFO})
        pkgs = self.asks("GET", f"{INSTALL}/installable").json["pkgs"]
        self.assertEqual(pkgs["acme-1"], {**INFO, "dsize": 0, "sha1sum": ""})

    def test_an_upgrade_has_nothing_to_do(self) -> None:
        """Its operation is called install, as in the reference."""
        self.assertEqual(self.status(self.post(f"{INSTALL}/upgrade", "acme-1")), "install|success")

    def test_refusals(self) -> None:
        """400, with the reference's words."""
        self.post(f"{INSTALL}/uninstall", "acme-1")
        for path, plugin_id, text in (
            ("install", "acme-2", "plugin acme-2 is already installed"),
            ("install", "wazo-acme-2", "plugin wazo-acme-2 is already installed"),
            ("install", "nope", "'nope'"),
            ("upgrade", "acme-1", "plugin acme-1 is not already installed"),
            ("upgrade", "nope", "'nope'"),
            ("uninstall", "acme-1", "plugin not found"),
            ("uninstall", "", "plugin not found"),
            ("uninstall", 5, "id: expected text, got a number"),
            ("install", None, 'Missing "id" key'),
            ("upgrade", ["acme-1"], "id: expected text, got a list"),
        ):
            answer = self.post(f"{INSTALL}/{path}", plugin_id)
            self.assertEqual((answer.status, answer.text), (400, text), (path, plugin_id))
        bodies: tuple[object, ...] = ({}, [], b"null", b'"acme-1"')
        for path in ("install", "upgrade", "uninstall"):
            for body in bodies:
                self.assertEqual(self.asks("POST", f"{INSTALL}/{path}", body).status, 400)

    def test_reload(self) -> None:
        """204; of a plugin that is not there, or broken, the reason."""
        self.assertEqual(self.post("/pg_mgr/reload", "wazo-acme-1").status, 204)
        self.assertEqual(self.office.plugins.reloads, 1)
        answer = self.post("/pg_mgr/reload", "nope")
        self.assertEqual((answer.status, answer.text), (400, "plugin nope is not installed"))
        self.office.plugins.broken = {"acme": "plugins/acme/models.py line 3: SyntaxError", "ac": "other"}
        answer = self.post("/pg_mgr/reload", "acme-1")
        self.assertEqual(
            (answer.status, answer.text), (400, "id: plugins/acme/models.py line 3: SyntaxError")
        )
        self.assertEqual(self.post("/pg_mgr/reload", "ac").status, 400)
        self.assertEqual(self.asks("POST", "/pg_mgr/reload", {}).text, 'Missing "id" key')

    def test_a_plugin_has_no_packages(self) -> None:
        """Clients ask all the same."""
        one = "/pg_mgr/plugins/acme-1/install"
        rels = [link["rel"] for link in self.asks("GET", one).json["links"]]
        self.assertEqual(rels[:4], [f"srv.install.{name}" for name in NAMES])
        for name in ("installed", "installable"):
            self.assertEqual(self.asks("GET", f"{one}/{name}").json, {"pkgs": {}})
        for name, text in (("install", "package not found"), ("uninstall", "'fw'"), ("upgrade", "'fw'")):
            answer = self.post(f"{one}/{name}", "fw")
            self.assertEqual((answer.status, answer.text), (400, text))
            self.assertEqual(self.asks("POST", f"{one}/{name}", {}).text, 'Missing "id" key')

    def test_a_plugin_has_no_parameters(self) -> None:
        """The reference answers 500 here; an empty list is what is meant."""
        one = "/pg_mgr/plugins/acme-1/configure"
        self.assertEqual(self.asks("GET", one).json, {"params": []})
        self.assertEqual(self.asks("GET", f"{one}/x").status, 404)
        self.assertEqual(self.asks("PUT", f"{one}/x", {"param": {"value": None}}).status, 404)


class UpdateTests(PluginCase):
    def update(self) -> Answered:
        return self.asks("POST", f"{INSTALL}/update", {})

    def server(self, url: str | None) -> None:
        answer = self.asks("PUT", "/configure/plugin_server", {"param": {"value": url}})
        self.assertEqual(answer.status, 204)

    def test_without_a_server_what_is_bundled_is_all(self) -> None:
        """Nobody has set one: a user interface that updates with each page must not fail."""
        self.assertEqual(self.status(self.update()), "update|success")
        self.assertEqual(self.office.catalogue.asked, [])

    def test_a_server_that_was_set_to_none(self) -> None:
        """As the reference has it (contract 8.1)."""
        self.server("http://plugins.example.org/")
        self.server(None)
        answer = self.update()
        self.assertEqual((answer.status, answer.text), (500, "'server' has no value set"))

    def test_progress_is_told_in_bytes(self) -> None:
        """There is no end to them that is known before."""
        self.server("http://plugins.example.org/")
        answer = self.update()
        self.assertEqual(self.status(answer), "update|progress")
        ((url, tell, fetching),) = self.office.catalogue.asked
        self.assertEqual(url, "http://plugins.example.org/")
        tell(300)
        self.assertEqual(self.status(answer), "update|progress;300")
        self.assertEqual((self.update().status, len(self.office.catalogue.asked)), (500, 1))
        tell(541)
        fetching.callback(None)
        self.assertEqual(self.status(answer), "update|success;541")
        self.update()
        self.assertEqual(len(self.office.catalogue.asked), 2)

    def test_a_wrong_server_fails(self) -> None:
        """The operation, and the answer says why; the next update may try again."""
        self.server("http://nowhere.invalid/")
        answer = self.update()
        self.office.catalogue.asked[0][2].errback(
            Unreachable("the plugin server cannot be asked: DNSLookupError")
        )
        document = self.asks("GET", answer.headers["location"].removeprefix("/0.2")).json
        self.assertEqual(document["status"], "update|fail")
        self.assertEqual(document["reason_id"], "unreachable")
        self.assertIn("DNSLookupError", document["message"])
        self.assertEqual(self.update().status, 201)
