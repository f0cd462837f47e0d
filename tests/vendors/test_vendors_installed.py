"""Plugins of this node: loaded, uninstalled, reloaded, under the names that other servers gave them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.core.surroundings import Vendors, compiled, other_names
from provserver.interfaces import IPlugins, IVendor
from provserver.model import Commit, Config, Delete, Put, Uninstalled
from provserver.store.memory import MemoryStore
from provserver.vendors.installed import LocalPlugins, without
from provserver.vendors.loader import Loaded
from tests.fakes.vendors import Acme, AcmePlugin

ACME = "from tests.fakes.vendors import Acme, AcmePlugin\nvendor = Acme({})\n"


class LocalPluginsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.write("acme", ACME.format(""))
        self.store = MemoryStore((), Clock())
        self.refreshed: list[Loaded] = []
        self.used: list[Vendors] = []
        self.held: list[tuple[Callable[..., Any], tuple[Any, ...], Deferred[Any]]] = []
        self.hold = False
        self.plugins = LocalPlugins([self.folder], self.store, self.in_thread, self.refreshed.append)
        self.first = self.plugins.load()
        self.plugins.follow(self.used.append)

    def write(self, name: str, init: str) -> None:
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / name / "__init__.py").write_text(init)
        (self.folder / name / "identify.py").write_text("")

    def in_thread(self, function: Callable[..., Any], *args: Any) -> Deferred[Any]:
        if not self.hold:
            return succeed(function(*args))
        waiting: Deferred[Any] = Deferred()
        self.held.append((function, args, waiting))
        return waiting

    def release(self) -> None:
        function, args, waiting = self.held.pop(0)
        waiting.callback(function(*args))

    def commit(self, *changes: Put | Delete) -> None:
        self.successResultOf(self.store.commit(Commit(changes, "test", "test")))

    def reloaded(self) -> Mapping[str, str]:
        result: Mapping[str, str] = self.successResultOf(self.plugins.reload())
        return result

    def test_it_provides_its_interface(self) -> None:
        """REST knows it by this alone."""
        verifyObject(IPlugins, self.plugins)

    def test_all_that_is_here_serves(self) -> None:
        """Bundled plugins work out of the box."""
        self.assertEqual(list(self.plugins.here()), ["acme-1", "acme-2"])
        self.assertEqual(list(self.plugins.serving()), ["acme-1", "acme-2"])
        self.assertEqual(list(self.first.plugins), ["acme-1", "acme-2"])
        self.assertEqual([loaded.vendors[0].id for loaded in self.refreshed], ["acme"])

    def test_an_uninstalled_plugin_serves_nobody(self) -> None:
        """At once when the commit has fired, and again when it is back; its vendor still says what its phones are."""
        self.commit(Put(Uninstalled("acme-1"), 0))
        self.assertEqual(list(self.plugins.serving()), ["acme-2"])
        self.assertEqual(list(self.plugins.here()), ["acme-1", "acme-2"])
        self.assertEqual(list(self.used[-1].plugins), ["acme-2"])
        self.assertEqual(self.used[-1].vendors[0].fingerprints, Acme().fingerprints)
        verifyObject(IVendor, self.used[-1].vendors[0])
        self.commit(Put(Uninstalled("acme-2"), 0))
        self.assertEqual((dict(self.plugins.serving()), len(self.used[-1].vendors)), ({}, 1))
        self.commit(Delete(Uninstalled, "acme-1"))
        self.assertEqual(list(self.used[-1].plugins), ["acme-1"])

    def test_what_was_uninstalled_stays_so_over_a_restart(self) -> None:
        """It is in the store."""
        self.commit(Put(Uninstalled("acme-2"), 0))
        again = LocalPlugins([self.folder], self.store, self.in_thread, self.refreshed.append)
        self.assertEqual(list(again.load().plugins), ["acme-1"])

    def test_other_commits_change_nothing(self) -> None:
        """Compiling fingerprints for each phone that is discovered would be dear."""
        self.commit(Put(Config("c1"), 0))
        self.assertEqual(self.used, [])

    def test_a_reload_takes_what_has_changed(self) -> None:
        """Also a folder that was dropped in by hand; files are there before a phone can ask for them."""
        self.write("acme", ACME.format("plugins=(AcmePlugin('acme-9'),)"))
        self.write("best", ACME.format("'best', plugins=(AcmePlugin('best-1'),)"))
        self.commit(Put(Uninstalled("best-1"), 0))
        self.assertEqual(self.reloaded(), {})
        self.assertEqual(list(self.plugins.here()), ["acme-9", "best-1"])
        self.assertEqual(list(self.used[-1].plugins), ["acme-9"])
        self.assertEqual(len(self.refreshed), 2)

    def test_a_broken_folder_is_told_and_the_old_code_stays(self) -> None:
        """An administrator's mistake must not take phones out of service."""
        self.write("acme", "nonsense(")
        broken = self.reloaded()
        self.assertEqual(list(broken), ["acme"])
        self.assertIn("SyntaxError", broken["acme"])
        self.assertEqual(list(self.plugins.serving()), ["acme-1", "acme-2"])

    def test_files_are_never_looked_for_twice_at_a_time(self) -> None:
        """The index is made in a thread, and two threads would spoil it."""
        self.hold = True
        refreshing, reloading = self.plugins.refresh(), self.plugins.reload()
        self.assertEqual(len(self.held), 1)
        self.release()
        self.assertEqual((self.successResultOf(refreshing), len(self.held)), (None, 1))
        self.assertNoResult(reloading)
        self.release()
        self.assertEqual(self.successResultOf(reloading), {})

    def test_nothing_is_handed_out_that_can_be_changed(self) -> None:
        """They are the tables that phones are served by."""
        for table in (self.plugins.here(), self.plugins.serving()):
            self.assertIsInstance(table, MappingProxyType)
        self.assertIsNone(compiled(()).named("x"))


class NameTests(SynchronousTestCase):
    """Ids that clients know from other servers."""

    def setUp(self) -> None:
        plugins = (AcmePlugin("acme-1"), AcmePlugin("acme-2", aliases=frozenset({"acme-series-x"})))
        self.vendors = compiled((Acme(plugins=plugins),))

    def test_each_of_them_means_the_plugin(self) -> None:
        """The devices of a server that is replaced name their plugins by them."""
        for name, meant in (
            ("acme-1", "acme-1"),
            ("wazo-acme-1", "acme-1"),
            ("xivo-acme-2", "acme-2"),
            ("acme-series-x", "acme-2"),
            ("wazo-acme-series-x", "acme-2"),
            ("xivo-acme-series-x", "acme-2"),
        ):
            self.assertEqual(self.vendors.canonical(name), meant)
            self.assertIs(self.vendors.named(name), self.vendors.plugins[meant])

    def test_what_means_none_stays(self) -> None:
        """The answer names what the client wrote."""
        for name in ("wazo-acme-7", "wazo-wazo-acme-1", "WAZO-acme-1", "wazo-", "", "acme"):
            self.assertEqual(self.vendors.canonical(name), name)
            self.assertIsNone(self.vendors.named(name))
        self.assertIsNone(self.vendors.named(None))

    def test_all_names_of_a_plugin(self) -> None:
        """Each of them leads back to it."""
        names = other_names(self.vendors.plugins["acme-2"])
        self.assertEqual(len(names), 5)
        self.assertEqual({self.vendors.canonical(name) for name in names}, {"acme-2"})
        self.assertNotIn("acme-2", names)

    def test_a_vendor_that_keeps_all_is_the_same(self) -> None:
        """No wrapper where there is nothing to leave out."""
        acme = Acme()
        self.assertIs(without(acme, {"other-1"}), acme)
