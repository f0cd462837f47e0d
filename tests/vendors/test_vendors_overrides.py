"""overrides: administrators' templates on the disk, written whole or not at all, and nowhere else."""

import os
from pathlib import Path

from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Conflict, Invalid, NotFound, StoreFull
from provserver.interfaces import IFiles, IOverrides
from provserver.vendors import overrides as module
from provserver.vendors.overrides import LocalOverrides
from tests.contracts import overrides as contract
from tests.fakes.files import MemoryFiles
from tests.fakes.overrides import MemoryOverrides
from tests.vendors.test_vendors_files import Disk


class MemoryOverridesTests(contract.OverridesContract):
    """The fake keeps the contract too, else what is tested with it proves nothing."""

    def provider(self) -> tuple[IOverrides, IFiles]:
        files = MemoryFiles()
        return MemoryOverrides(files), files


class LocalOverridesTests(contract.OverridesContract):
    def provider(self) -> tuple[IOverrides, IFiles]:
        disk = Disk(self)
        return local(disk), disk.files


def local(disk: Disk) -> LocalOverrides:
    def refresh() -> Deferred[None]:
        disk.refresh()
        return succeed(None)

    return LocalOverrides(disk.state / "templates", maybeDeferred, refresh)


class DiskTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.disk = Disk(self)
        self.folder = self.disk.state / "templates"
        self.overrides = local(self.disk)

    def write(self, name: str, text: str = "x", plugin_id: str = "acme-1") -> None:
        self.successResultOf(self.overrides.write(plugin_id, name, text, None))

    def test_it_lies_where_the_administrator_looks_for_it(self) -> None:
        """He may edit it there too. Nobody else may read it; nothing half is left."""
        self.write("parts/a.tpl", "caf\u00e9")
        path = self.folder / "acme-1/parts/a.tpl"
        self.assertEqual(path.read_bytes(), "caf\u00e9".encode())
        self.assertEqual((path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777), (0o600, 0o700))
        self.assertEqual(os.listdir(path.parent), ["a.tpl"])
        self.successResultOf(self.overrides.delete("acme-1", "parts/a.tpl", None))
        self.assertFalse(path.parent.exists())

    def test_what_was_put_there_by_hand_is_read(self) -> None:
        """Also where it could not be put over REST; what is no text is said to be none."""
        self.disk.write("state/templates/acme-1/a.tpl", b"{{ broken")
        self.disk.write("state/templates/acme-1/b.tpl", b"caf\xe9")
        self.disk.write("state/templates/acme-1/notes.txt", b"")
        self.disk.write("state/templates/acme-1/.a.tpl.swp", b"")
        self.disk.write("state/templates/acme-1/odd\nname.tpl", b"")
        names = [one.name for one in self.successResultOf(self.overrides.listed())]
        self.assertEqual(names, ["a.tpl", "b.tpl"])
        self.assertEqual(self.successResultOf(self.overrides.read("acme-1", "a.tpl"))[1], "{{ broken")
        problem = self.failureResultOf(self.overrides.read("acme-1", "b.tpl"), Invalid)
        self.assertEqual(str(problem.value), "b.tpl is not UTF-8, byte 3 is not")

    def test_no_link_leads_elsewhere(self) -> None:
        """Whoever can make one there could else have any file read, or written."""
        secret = self.disk.write("secret.tpl", b"root:x")
        self.disk.write("state/templates/acme-1/good.tpl", b"good")
        self.disk.link("state/templates/acme-1/out.tpl", str(secret))
        self.disk.link("state/templates/acme-1/up", "../..")
        self.disk.link("state/templates/acme-1/same.tpl", "good.tpl")
        for name in ("out.tpl", "up/secret.tpl", "up/templates/a.tpl"):
            self.failureResultOf(self.overrides.read("acme-1", name), NotFound)
            self.failureResultOf(self.overrides.write("acme-1", name, "x", None), Invalid)
            self.failureResultOf(self.overrides.delete("acme-1", name, None), NotFound)
        self.assertEqual(secret.read_bytes(), b"root:x")
        self.assertEqual(self.successResultOf(self.overrides.read("acme-1", "same.tpl"))[1], "good")

    def test_a_disk_that_is_full_changes_nothing(self) -> None:
        """The old one holds, and nothing half is left."""
        self.write("a.tpl", "old")

        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        self.patch(os, "fsync", full)
        problem = self.failureResultOf(self.overrides.write("acme-1", "a.tpl", "new", None), StoreFull)
        self.assertEqual(str(problem.value), "cannot write a.tpl: No space left on device")
        self.assertEqual((self.folder / "acme-1/a.tpl").read_text(), "old")
        self.assertEqual(os.listdir(self.folder / "acme-1"), ["a.tpl"])
        self.failureResultOf(self.overrides.delete("acme-1", "a.tpl", None), StoreFull)

    def test_a_file_where_a_folder_should_be(self) -> None:
        """It is told, and no traceback."""
        self.write("a.tpl")
        self.failureResultOf(self.overrides.write("acme-1", "a.tpl/b.tpl", "x", None), StoreFull)
        self.disk.write("state/templates/acme-2", b"")
        self.failureResultOf(self.overrides.write("acme-2", "a.tpl", "x", None), StoreFull)

    def test_there_are_not_too_many(self) -> None:
        """All of them are kept in memory. One that is there may be changed."""
        self.patch(module, "_MOST", 2)
        self.write("a.tpl")
        self.write("b.tpl")
        self.failureResultOf(self.overrides.write("acme-1", "c.tpl", "x", None), Invalid)
        self.write("b.tpl", "new")

    def test_one_is_changed_after_the_other(self) -> None:
        """Of two who expect the same only one may write."""
        waiting: list[Deferred[None]] = []

        def refresh() -> Deferred[None]:
            waiting.append(Deferred())
            return waiting[-1]

        overrides = LocalOverrides(Path(self.folder), maybeDeferred, refresh)
        first = overrides.write("acme-1", "a.tpl", "1", None)
        second = overrides.write("acme-1", "a.tpl", "2", "none")
        self.assertNoResult(first)
        self.assertEqual(len(waiting), 1)
        waiting[0].callback(None)
        self.successResultOf(first)
        self.failureResultOf(second, Conflict)
