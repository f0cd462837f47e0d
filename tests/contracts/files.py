"""The one contract test of IFiles: every provider's own test inherits it."""

from collections.abc import Mapping
from hashlib import sha256

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.core.render import ETAG_LENGTH
from provserver.interfaces import IFiles

Templates = Mapping[tuple[str, str], str]  # by plugin id and name
Bodies = Mapping[tuple[str, str], bytes]
PLUGINS = ("acme-1", "acme-2")  # of one vendor


class FilesContract(SynchronousTestCase):
    def provider(
        self, own_templates: Mapping[str, str], templates: Templates, own_files: Bodies, files: Bodies
    ) -> IFiles:
        """Return files of PLUGINS: `own_…` are the vendor's, the others the administrator's."""
        raise NotImplementedError

    def test_it_provides_the_interface(self) -> None:
        """The chain relies on nothing else."""
        verifyObject(IFiles, self.provider({}, {}, {}, {}))

    def test_a_template_is_the_administrators_or_else_the_vendors(self) -> None:
        """An override is for one plugin; all of a vendor's plugins share its own templates."""
        files = self.provider(
            {"a.tpl": "own"}, {("acme-1", "a.tpl"): "mine", ("acme-1", "b.tpl"): "b"}, {}, {}
        )
        self.assertEqual([files.template(plugin, "a.tpl") for plugin in PLUGINS], ["mine", "own"])
        self.assertEqual([files.template(plugin, "b.tpl") for plugin in PLUGINS], ["b", None])

    def test_the_vendors_own_template_is_always_there(self) -> None:
        """An override includes what it stands in for; nobody can stand in for that."""
        mine = {
            ("acme-1", "a.tpl"): "mine",
            ("acme-1", "plugin/a.tpl"): "mine too",
            ("acme-1", "plugin/b.tpl"): "b",
        }
        files = self.provider({"a.tpl": "own"}, mine, {}, {})
        for plugin in PLUGINS:
            self.assertEqual(files.template(plugin, "plugin/a.tpl"), "own")
            for name in ("plugin/", "plugin/plugin/a.tpl", "plugin//a.tpl", "plugin/../a.tpl"):
                self.assertIsNone(files.template(plugin, name), name)

    def test_whose_a_template_is_is_told(self) -> None:
        """The administrator's run in a sandbox."""
        mine = {("acme-1", "a.tpl"): "mine", ("acme-1", "x/b.tpl"): "b"}
        files = self.provider({"a.tpl": "own", "c.tpl": "own"}, mine, {}, {})
        self.assertEqual(files.overridden("acme-1"), {"a.tpl", "x/b.tpl"})
        for plugin_id in ("acme-2", "acme-3", "", ".."):
            self.assertEqual(files.overridden(plugin_id), frozenset())

    def test_a_file_is_the_administrators_or_else_the_plugins(self) -> None:
        """The same name in two plugins may have different content."""
        own = {("acme-1", "x/a.rom"): b"one", ("acme-2", "x/a.rom"): b"two!"}
        files = self.provider({}, {}, own, {("acme-1", "x/a.rom"): b"mine", ("acme-1", "b"): b""})
        for plugin, name, body in (
            ("acme-1", "x/a.rom", b"mine"),
            ("acme-2", "x/a.rom", b"two!"),
            ("acme-1", "b", b""),
        ):
            stored = files.file(plugin, name)
            assert stored
            etag = sha256(body).hexdigest()[:ETAG_LENGTH]
            self.assertEqual((stored.size, stored.etag), (len(body), etag), name)
        self.assertIsNone(files.file("acme-2", "b"))

    def test_whatever_else_is_asked_for_is_not_there(self) -> None:
        """Names come from phones: no trick leaves a plugin's root, and none raises."""
        key = ("acme-1", "x/a")
        files = self.provider({"a.tpl": "own"}, {key: "text"}, {key: b"own"}, {key: b"mine"})
        for name in (
            *("", ".", "..", "/", "x", "x/", "x//a", "/x/a", "./x/a", "x/../x/a", "../acme-1/x/a"),
            *(
                "/etc/passwd",
                "../../etc/passwd",
                "x\\a",
                "..\\x\\a",
                "%2e%2e/x/a",
                "x/a\0",
                "\0",
                "X/A",
                "\udcff",
            ),
            "a" * 10_000,
        ):
            self.assertIsNone(files.file("acme-1", name), name)
            self.assertIsNone(files.template("acme-1", name), name)
        for plugin_id in ("", ".", "..", "acme-3", "acme-1/x", "../acme-1"):
            self.assertIsNone(files.file(plugin_id, "x/a"), plugin_id)
            self.assertIsNone(files.template(plugin_id, "x/a"), plugin_id)
