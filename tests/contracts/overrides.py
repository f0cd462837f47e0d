"""The one contract test of IOverrides: every provider's own test inherits it."""

from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.errors import BadTemplate, Conflict, Invalid, NotFound, ProvdError
from provserver.interfaces import IFiles, IOverrides
from tests.security.override_names import BAD_NAMES, BAD_PLUGINS, GOOD_NAMES

T = TypeVar("T")
PLUGIN = "acme-1"


class OverridesContract(SynchronousTestCase):
    def provider(self) -> tuple[IOverrides, IFiles]:
        """Return overrides, none there yet, and the files that PLUGIN is served from."""
        raise NotImplementedError

    def setUp(self) -> None:
        self.overrides, self.files = self.provider()

    def result(self, deferred: Deferred[T]) -> T:
        return self.successResultOf(deferred)

    def refused(self, deferred: Deferred[T], kind: type[ProvdError]) -> str:
        return str(self.failureResultOf(deferred, kind).value)

    def write(self, name: str, text: str, expected: str | None = None) -> str:
        return self.result(self.overrides.write(PLUGIN, name, text, expected)).etag

    def names(self) -> list[tuple[str, str]]:
        return [(one.plugin, one.name) for one in self.result(self.overrides.listed())]

    def test_it_provides_the_interface(self) -> None:
        """REST relies on nothing else."""
        verifyObject(IOverrides, self.overrides)

    def test_what_is_written_holds_and_is_read(self) -> None:
        """At once, for the phones too."""
        etag = self.write("A60.tpl", "caf\u00e9 {{ 1 }}\n")
        override, text = self.result(self.overrides.read(PLUGIN, "A60.tpl"))
        self.assertEqual(text, "caf\u00e9 {{ 1 }}\n")
        self.assertEqual((override.plugin, override.name, override.size), (PLUGIN, "A60.tpl", 14))
        self.assertEqual(override.etag, etag)
        self.assertEqual(self.files.template(PLUGIN, "A60.tpl"), text)
        self.assertEqual(self.files.overridden(PLUGIN), {"A60.tpl"})
        self.write("A60.tpl", "new")
        self.assertEqual(self.files.template(PLUGIN, "A60.tpl"), "new")

    def test_what_is_deleted_is_gone(self) -> None:
        """And once only."""
        self.write("A60.tpl", "a")
        self.result(self.overrides.delete(PLUGIN, "A60.tpl", None))
        self.assertIsNone(self.files.template(PLUGIN, "A60.tpl"))
        self.assertEqual(self.names(), [])
        self.refused(self.overrides.delete(PLUGIN, "A60.tpl", None), NotFound)
        self.refused(self.overrides.read(PLUGIN, "A60.tpl"), NotFound)

    def test_all_are_listed(self) -> None:
        """Those of plugins that are gone too: no uninstall touches them."""
        self.write("b.tpl", "b")
        self.write("x/a.tpl", "a")
        self.result(self.overrides.write("gone-1", "a.tpl", "a", None))
        self.assertEqual(self.names(), [(PLUGIN, "b.tpl"), (PLUGIN, "x/a.tpl"), ("gone-1", "a.tpl")])

    def test_only_what_is_expected_is_replaced(self) -> None:
        """Of two who edit one template the second is told."""
        self.refused(self.overrides.write(PLUGIN, "a.tpl", "1", "*"), Conflict)
        etag = self.write("a.tpl", "1")
        second = self.write("a.tpl", "2", etag)
        self.refused(self.overrides.write(PLUGIN, "a.tpl", "3", etag), Conflict)
        self.refused(self.overrides.delete(PLUGIN, "a.tpl", etag), Conflict)
        self.assertEqual(self.files.template(PLUGIN, "a.tpl"), "2")
        self.write("a.tpl", "4", "*")
        self.refused(self.overrides.delete(PLUGIN, "a.tpl", second), Conflict)
        self.result(self.overrides.delete(PLUGIN, "a.tpl", "*"))

    def test_what_cannot_be_compiled_changes_nothing(self) -> None:
        """The phones keep what they have."""
        self.write("a.tpl", "good")
        told = self.refused(self.overrides.write(PLUGIN, "a.tpl", "1\n{{ x }", None), BadTemplate)
        self.assertEqual(told, "a.tpl line 2: unexpected '}'")
        self.refused(self.overrides.write(PLUGIN, "a.tpl", "x" * 40_000, None), BadTemplate)
        self.assertEqual(self.files.template(PLUGIN, "a.tpl"), "good")

    def test_good_names(self) -> None:
        """Files of phones, models, parts."""
        for name in GOOD_NAMES:
            self.write(name, "x")
            self.assertEqual(self.result(self.overrides.read(PLUGIN, name))[1], "x", name)

    def test_no_name_leads_out_of_its_folder(self) -> None:
        """Id as file name: nothing is written, read or deleted, and nothing raises but what is said."""
        for plugin_id, name in (
            *((PLUGIN, name) for name in BAD_NAMES),
            *((plugin_id, "a.tpl") for plugin_id in BAD_PLUGINS),
        ):
            self.refused(self.overrides.write(plugin_id, name, "x", None), Invalid)
            self.refused(self.overrides.read(plugin_id, name), NotFound)
            self.refused(self.overrides.delete(plugin_id, name, None), NotFound)
        self.assertEqual(self.names(), [])
