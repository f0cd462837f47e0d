"""files: an index of what lies on the disk, which never leaves its folders and never holds half a file."""

import os
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from provserver.interfaces import IFiles
from provserver.vendors.files import LocalFiles
from provserver.vendors.loader import Loaded
from tests.contracts import files as contract
from tests.fakes.files import MemoryFiles
from tests.fakes.vendors import Acme, AcmePlugin

NOW = 1_800_000_000.0
LONG_AGO = NOW - 1000


class Disk:
    """A state folder and the folder of a vendor with two plugins, each with a root of its own."""

    def __init__(self, test: SynchronousTestCase) -> None:
        self.folder = Path(mkdtemp())
        test.addCleanup(rmtree, self.folder)
        self.state = self.folder / "state"
        self.clock = Clock()
        self.clock.advance(NOW)
        plugins = tuple(
            AcmePlugin(name, root=str(self.folder / f"acme/static/{name}")) for name in contract.PLUGINS
        )
        vendor = Acme(templates=str(self.folder / "acme/templates"), plugins=plugins)
        self.loaded = Loaded((vendor,), {plugin.id: plugin for plugin in plugins}, (), {})
        self.files = LocalFiles(self.state, self.clock.seconds)

    def write(self, path: str, body: bytes, at: float = LONG_AGO) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        os.utime(file, (at, at))
        return file

    def link(self, path: str, target: str) -> None:
        link = self.folder / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)

    def refresh(self) -> list[str]:
        """Look at the disk again; return what was logged."""
        with capturedLogs() as events:
            self.files.refresh(self.loaded)
        return [formatEvent(event) for event in events]

    def body(self, name: str, plugin_id: str = "acme-1") -> bytes | None:
        stored = self.files.file(plugin_id, name)
        return Path(stored.place).read_bytes() if stored else None


class MemoryFilesTests(contract.FilesContract):
    """The fake keeps the contract too, else what is tested with it proves nothing."""

    def provider(
        self,
        own_templates: Mapping[str, str],
        templates: contract.Templates,
        own_files: contract.Bodies,
        files: contract.Bodies,
    ) -> IFiles:
        memory = MemoryFiles(own_templates, own_files)
        for (plugin_id, name), text in templates.items():
            memory.override(plugin_id, name, text)
        for (plugin_id, name), body in files.items():
            memory.store(plugin_id, name, body)
        return memory


class LocalFilesTests(contract.FilesContract):
    def provider(
        self,
        own_templates: Mapping[str, str],
        templates: contract.Templates,
        own_files: contract.Bodies,
        files: contract.Bodies,
    ) -> IFiles:
        disk = Disk(self)
        for name, text in own_templates.items():
            disk.write(f"acme/templates/{name}", text.encode())
        for (plugin_id, name), text in templates.items():
            disk.write(f"state/templates/{plugin_id}/{name}", text.encode())
        for (plugin_id, name), body in own_files.items():
            disk.write(f"acme/static/{plugin_id}/{name}", body)
        for (plugin_id, name), body in files.items():
            disk.write(f"state/files/{plugin_id}/{name}", body)
        self.assertEqual(disk.refresh(), [])
        return disk.files


class DiskTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.disk = Disk(self)

    def test_nothing_is_there_before_the_first_look(self) -> None:
        """Nor where no folder exists: a fresh installation has none."""
        self.assertIsNone(self.disk.files.template("acme-1", "a.tpl"))
        self.assertEqual(self.disk.refresh(), [])
        self.assertIsNone(self.disk.files.file("acme-1", "a"))

    def test_a_file_is_found_with_its_place(self) -> None:
        """The shell streams it from there."""
        path = self.disk.write("state/files/acme-1/T46S (v86), a.rom", b"rom")
        self.disk.refresh()
        stored = self.disk.files.file("acme-1", "T46S (v86), a.rom")
        assert stored
        self.assertEqual((stored.place, stored.size, stored.modified), (str(path.resolve()), 3, LONG_AGO))

    def test_changes_are_seen(self) -> None:
        """New, replaced with the same size and time, removed."""
        path = self.disk.write("state/files/acme-1/a", b"one")
        self.disk.refresh()
        self.assertEqual(self.disk.body("a"), b"one")
        before = self.disk.files.file("acme-1", "a")
        self.disk.write("new", b"two").rename(path)
        self.disk.refresh()
        self.assertEqual(self.disk.body("a"), b"two")
        self.assertNotEqual(self.disk.files.file("acme-1", "a"), before)
        path.unlink()
        self.disk.refresh()
        self.assertIsNone(self.disk.files.file("acme-1", "a"))

    def test_what_has_not_changed_is_not_read_again(self) -> None:
        """A look comes every five seconds, and firmware has gigabytes."""
        self.disk.write("state/files/acme-1/a", b"one")
        self.disk.write("state/templates/acme-1/a.tpl", b"one")
        self.disk.refresh()
        found = self.disk.files.file("acme-1", "a"), self.disk.files.template("acme-1", "a.tpl")
        self.disk.refresh()
        again = self.disk.files.file("acme-1", "a"), self.disk.files.template("acme-1", "a.tpl")
        self.assertIs(again[0], found[0])
        self.assertIs(again[1], found[1])

    def test_a_file_that_is_being_copied_is_not_there_yet(self) -> None:
        """Half a firmware can end a phone. The plugin's own is hidden too: it is not what was wanted."""
        self.disk.write("acme/static/acme-1/a.rom", b"own")
        self.disk.write("state/files/acme-1/a.rom", b"ha", at=NOW - 1)
        self.disk.refresh()
        self.assertIsNone(self.disk.files.file("acme-1", "a.rom"))
        self.disk.write("state/files/acme-1/a.rom", b"half", at=NOW + 1)
        self.disk.clock.advance(2)
        self.disk.refresh()
        self.assertIsNone(self.disk.files.file("acme-1", "a.rom"))
        self.disk.clock.advance(1)
        self.disk.refresh()
        self.assertEqual(self.disk.body("a.rom"), b"half")

    def test_a_file_that_changes_while_it_is_read_is_not_there_yet(self) -> None:
        """Its digest would be of bytes that nobody will get."""
        path = self.disk.write("state/files/acme-1/a.rom", b"one")
        looked = False

        def clock() -> float:
            nonlocal looked
            if not looked:
                path.write_bytes(b"three")
            looked = True
            return NOW

        self.disk.files = LocalFiles(self.disk.state, clock)
        self.disk.refresh()
        self.assertIsNone(self.disk.files.file("acme-1", "a.rom"))
        self.disk.write("state/files/acme-1/a.rom", b"three")
        self.disk.refresh()
        self.assertEqual(self.disk.body("a.rom"), b"three")

    def test_a_time_to_come_holds_no_file_back(self) -> None:
        """Archives and wrong clocks have them."""
        self.disk.write("state/files/acme-1/a", b"one", at=NOW + 9999)
        self.disk.refresh()
        self.assertEqual(self.disk.body("a"), b"one")

    def test_links_may_not_leave_their_folder(self) -> None:
        """Whoever can write a file there could else have any file of the machine served."""
        self.disk.write("secret", b"root:x")
        self.disk.write("state/files/acme-1/real/a", b"one")
        for name, target in (
            ("out", "/etc/passwd"),
            ("up", "../../../secret"),
            ("beside", "../../files/acme-10"),
            ("folder", "/etc"),
            ("loop", "loop"),
            ("gone", "real/b"),
            ("inner", "real"),
        ):
            self.disk.link(f"state/files/acme-1/{name}", target)
        self.disk.link("state/files/acme-1/good", "real/a")
        self.disk.write("state/files/acme-10", b"beside")
        told = self.disk.refresh()
        self.assertEqual(self.disk.body("good"), b"one")
        for name in ("out", "up", "beside", "folder", "folder/passwd", "loop", "gone", "inner", "inner/a"):
            self.assertIsNone(self.disk.files.file("acme-1", name), name)
        root = (self.disk.state / "files/acme-1").resolve()
        self.assertIn(f"'{root}/out' is left out: it is a link that leaves {root}", told)
        self.assertIn(f"'{root}/inner' is left out: it is not a file", told)
        self.assertEqual(len(told), 7)

    def test_what_is_wrong_is_told_once(self) -> None:
        """Not every five seconds; but again where it was right meanwhile."""
        self.disk.write("state/templates/acme-1/a.tpl", b"caf\xe9")
        root = (self.disk.state / "templates/acme-1").resolve()
        text = f"'{root}/a.tpl' is left out: a template must be UTF-8, byte 3 is not"
        self.assertEqual(self.disk.refresh(), [text])
        self.assertEqual(self.disk.refresh(), [])
        self.disk.write("state/templates/acme-1/a.tpl", "café".encode())
        self.assertEqual(self.disk.refresh(), [])
        self.assertEqual(self.disk.files.template("acme-1", "a.tpl"), "café")
        self.disk.write("state/templates/acme-1/a.tpl", b"caf\xe9")
        self.assertEqual(self.disk.refresh(), [text])

    def test_a_template_that_cannot_be_read_leaves_the_vendors_own(self) -> None:
        """And no other suffers."""
        self.disk.write("acme/templates/a.tpl", b"own")
        self.disk.write("state/templates/acme-1/a.tpl", b"\xff")
        self.disk.write("state/templates/acme-1/b.tpl", b"\xef\xbb\xbfb\r\n")
        self.disk.write("state/templates/acme-1/big.tpl", b"x" * (1 << 20) + b"x")
        self.assertEqual(len(self.disk.refresh()), 2)
        self.assertEqual(self.disk.files.template("acme-1", "a.tpl"), "own")
        self.assertEqual(
            self.disk.files.template("acme-1", "b.tpl"), "b\n", "byte-order mark and CR of an editor"
        )
        self.assertIsNone(self.disk.files.template("acme-1", "big.tpl"))

    def test_hidden_files_and_pipes_are_passed_over(self) -> None:
        """Editors and rsync hide what is half written; reading a pipe would never end."""
        self.disk.write("state/files/acme-1/.a.rom.Xy1", b"half")
        self.disk.write("state/files/acme-1/.git/config", b"")
        os.mkfifo(self.disk.state / "files/acme-1/pipe")
        self.assertEqual(len(self.disk.refresh()), 1)
        for name in (".a.rom.Xy1", ".git/config", "pipe"):
            self.assertIsNone(self.disk.files.file("acme-1", name), name)

    def test_a_file_where_a_folder_should_be_is_told(self) -> None:
        """The administrator wonders why nothing in it is served."""
        self.disk.write("state/files/acme-1", b"")
        (told,) = self.disk.refresh()
        self.assertIn("Not a directory", told)

    def test_odd_bytes_in_a_name_can_be_asked_for_and_told(self) -> None:
        """A phone's path has them as surrogates too; a line break in a name makes no second line in the log."""
        self.disk.write("state/files/acme-1/" + os.fsdecode(b"caf\xe9"), b"one")
        self.disk.link("state/files/acme-1/a\nb" + os.fsdecode(b"\xe9"), "/etc/passwd")
        (told,) = self.disk.refresh()
        self.assertEqual(self.disk.body("caf\udce9"), b"one")
        self.assertIn("a\\nb\\udce9", told)

    def test_a_plugin_without_root_has_no_files(self) -> None:
        """An empty path is the process's own folder."""
        self.disk.write("x", b"")
        self.addCleanup(os.chdir, Path.cwd())
        os.chdir(self.disk.folder)
        plugin = AcmePlugin("acme-1", root="")
        self.disk.loaded = Loaded((Acme(templates="", plugins=(plugin,)),), {}, (), {})
        self.disk.refresh()
        self.assertIsNone(self.disk.files.file("acme-1", "x"))
        self.assertIsNone(self.disk.files.template("acme-1", "x"))

    def test_a_vendor_that_is_gone_takes_its_files_along(self) -> None:
        """Its plugins' ids mean nothing any more."""
        self.disk.write("acme/templates/a.tpl", b"own")
        self.disk.refresh()
        self.disk.loaded = Loaded((), {}, (), {})
        self.disk.refresh()
        self.assertIsNone(self.disk.files.template("acme-1", "a.tpl"))
