"""The root, the managers and the status of the whole."""

from twisted.trial.unittest import SynchronousTestCase

from tests.fakes.rest import RestOffice


class LinkTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()

    def rels(self, path: str) -> dict[str, str]:
        return {link["rel"]: link["href"] for link in self.office.asks("GET", path).json["links"]}

    def test_the_root_leads_to_everything(self) -> None:
        """Every link is a route: a GET says something else than "no such resource"."""
        self.assertEqual(list(self.rels("")), ["dev", "cfg", "pg", "status", "srv.configure"])
        self.assertEqual(
            list(self.rels("/dev_mgr")), ["dev.synchronize", "dev.reconfigure", "dev.dhcpinfo", "dev.devices"]
        )
        self.assertEqual(list(self.rels("/pg_mgr")), ["srv.install", "pg.plugins", "pg.reload"])
        self.assertEqual(
            list(self.rels("/pg_mgr/install")),
            [
                f"srv.install.{name}"
                for name in ("install", "uninstall", "installed", "installable", "upgrade", "update")
            ],
        )
        self.assertEqual(list(self.rels("/cfg_mgr")), ["cfg.configs", "cfg.autocreate"])
        for path in ("", "/dev_mgr", "/cfg_mgr", "/pg_mgr", "/pg_mgr/install"):
            for href in self.rels(path).values():
                self.assertTrue(href.startswith(f"/0.2{path}/"))
                self.assertIn(self.office.asks("GET", href.removeprefix("/0.2")).status, (200, 405), href)

    def test_status(self) -> None:
        """Clients wait until both are ok (contract 5.1)."""
        self.assertEqual(
            self.office.asks("GET", "/status").json, {"rest_api": "ok", "bus_consumer": {"status": "ok"}}
        )

    def test_acls(self) -> None:
        """Deployed policies hold these names (contract 3.3)."""
        self.office.use(self.office.tenants)
        for path, acl in (
            ("", "provd.read"),
            ("/dev_mgr", "provd.dev_mgr.read"),
            ("/cfg_mgr", "provd.cfg_mgr.read"),
            ("/status", "provd.status.read"),
            ("/configure", "provd.configure.read"),
        ):
            self.office.asks("GET", path, token="master")
            self.assertEqual(self.office.tenants.asked[-1][1], acl)
