"""uploads: what phones write stays theirs, whole, and bounded."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.errors import StoreFull, TooLarge
from provserver.interfaces import IIncoming, IUploads
from provserver.model import Upload
from provserver.uploads import LocalUploads
from tests.store.threads import at_once

MAC = "00:ac:ed:00:00:01"
LOG = Upload("d1", MAC, "boot.log", 0)


class LocalUploadsTests(SynchronousTestCase):
    def setUp(self) -> None:
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.folder = folder / "uploads"
        self.uploads = LocalUploads(self.folder, most_bytes=100, most_per_device=150, in_thread=at_once)

    def begun(self, upload: Upload = LOG, size: int | None = None) -> IIncoming:
        return self.successResultOf(self.uploads.begin(upload, size))

    def write(self, upload: Upload, data: bytes) -> None:
        incoming = self.begun(upload)
        self.successResultOf(incoming.append(data))
        self.successResultOf(incoming.finish(True))

    def files(self) -> dict[str, bytes]:
        """Return what lies there: path below the folder -> content."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def test_it_provides_the_interfaces(self) -> None:
        """The shells know nothing else."""
        verifyObject(IUploads, self.uploads)
        incoming = self.begun()
        verifyObject(IIncoming, incoming)
        self.successResultOf(incoming.finish(False))

    def test_a_file_is_seen_only_when_it_is_whole(self) -> None:
        """A transfer that breaks leaves what was there before."""
        self.write(LOG, b"first")
        incoming = self.begun()
        self.successResultOf(incoming.append(b"sec"))
        before = self.files()
        self.assertIn(b"first", before.values())
        self.successResultOf(incoming.finish(False))
        self.assertEqual(list(self.files().values()), [b"first"])
        self.write(LOG, b"second")
        ((path, content),) = self.files().items()
        self.assertEqual(content, b"second")
        self.assertRegex(path, r"^00aced000001-[0-9a-f]{16}/boot\.log$")
        self.assertEqual(os.stat(self.folder / path).st_mode & 0o777, 0o600)

    def test_no_device_writes_over_anothers_file(self) -> None:
        """Not even one that has the same mac, nor one whose id looks like a path."""
        for device in ("d1", "d2", "../d1", "x" * 10_000, "\udcff"):
            self.write(Upload(device, MAC, "boot.log", 0), device.encode("utf-8", "surrogatepass")[:50])
        self.write(Upload("d9", None, "boot.log", 0), b"none")
        self.assertEqual(len(self.files()), 6)

    def test_a_name_never_leaves_the_folder(self) -> None:
        """The plugin's rule made it, out of what the phone asked for."""
        for name in ("../../etc/passwd", "/etc/passwd", "a/b", ".hidden", "x" * 1000, "ü\n"):
            self.write(Upload("d1", MAC, name, 0), b"x")
        (folder,) = self.folder.iterdir()
        self.assertEqual(len(self.files()), 6)
        self.assertEqual({Path(path).parent.name for path in self.files()}, {folder.name})

    def test_what_is_too_large_is_refused_before_or_while_it_comes(self) -> None:
        """The rule's own limit counts where it is lower than the setting."""
        self.failureResultOf(self.uploads.begin(LOG, 101), TooLarge)
        self.failureResultOf(self.uploads.begin(Upload("d1", MAC, "a", 10), 11), TooLarge)
        incoming = self.begun(Upload("d1", MAC, "a", 10))
        self.successResultOf(incoming.append(b"x" * 10))
        self.failureResultOf(incoming.append(b"x"), TooLarge)
        self.successResultOf(incoming.finish(False))
        self.assertEqual(self.files(), {})

    def test_a_device_has_a_limit_in_all(self) -> None:
        """A file that is written anew counts once."""
        self.write(LOG, b"x" * 90)
        self.write(LOG, b"x" * 90)
        self.failureResultOf(self.uploads.begin(Upload("d1", MAC, "other.log", 0), 61), TooLarge)
        self.write(Upload("d1", MAC, "other.log", 0), b"x" * 60)
        self.write(Upload("d2", MAC, "other.log", 0), b"x" * 90)

    def test_uploads_at_the_same_time_share_the_limit(self) -> None:
        """Else a thousand connections of one phone could fill the disk; when they end they count as what they are."""
        first = self.begun(LOG)
        other = Upload("d1", MAC, "other.log", 0)
        second = self.begun(other)
        self.failureResultOf(self.uploads.begin(Upload("d1", MAC, "third.log", 0), None), TooLarge)
        self.successResultOf(second.append(b"x" * 50))
        self.failureResultOf(second.append(b"x"), TooLarge)
        for incoming in (first, second):
            self.successResultOf(incoming.finish(False))
        self.begun(other)

    def test_halves_that_a_crash_left_are_removed(self) -> None:
        """They would count for ever, and be seen by nobody."""
        self.write(LOG, b"whole")
        (folder,) = self.folder.iterdir()
        (folder / ".0123456789abcdef.part").write_bytes(b"x" * 140)
        self.write(Upload("d1", MAC, "a.part", 0), b"x" * 90)
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["a.part", "boot.log"])

    def test_a_full_disk_is_told_and_leaves_nothing(self) -> None:
        """At each of the steps that the disk can refuse."""
        self.folder.parent.joinpath("file").write_bytes(b"")
        blocked = LocalUploads(self.folder.parent / "file", 100, 150, at_once)
        self.failureResultOf(blocked.begin(LOG, None), StoreFull)

        def full(*_: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        incoming = self.begun()
        self.patch(os, "fsync", full)
        self.successResultOf(incoming.append(b"x"))
        text = str(self.failureResultOf(incoming.finish(True), StoreFull).value)
        self.assertIn("No space left", text)
        self.assertEqual(self.files(), {})

    def test_work_is_done_in_threads(self) -> None:
        """The reactor must not wait for a disk."""
        asked: list[str] = []

        def in_thread(function: object, *_: object) -> Deferred[None]:
            asked.append(getattr(function, "__name__", ""))
            return Deferred()

        LocalUploads(self.folder, 1, 1, in_thread).begin(LOG, None)
        self.assertEqual((asked, self.folder.exists()), (["_begin"], False))
