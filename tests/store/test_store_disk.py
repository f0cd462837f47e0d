"""the disk: a real folder, and the fake one."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Held
from provserver.model import Config
from provserver.store.disk import Disk, IDisk
from provserver.store.journal import JournalStore
from tests.fakes.disk import FakeDisk
from tests.store import disk_contract
from tests.store.contract_case import putting
from tests.store.threads import at_once

_OTHER = """
import sys, time
from pathlib import Path
from provserver.store.disk import Disk
Disk(Path(sys.argv[1])).lock()
print("locked", flush=True)
time.sleep(60)
"""


class FakeDiskTests(disk_contract.DiskContract):
    def provider(self) -> IDisk:
        disk = FakeDisk()
        disk.lock()
        return disk


class FolderTests(disk_contract.DiskContract):
    def provider(self) -> IDisk:
        self.folder = Path(self.mktemp(), "state", "store")
        disk = Disk(self.folder)
        disk.lock()
        self.addCleanup(disk.unlock)
        return disk

    def test_nobody_else_can_read_it(self) -> None:
        """SIP passwords lie in it, whatever the umask is."""
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        folder = Path(self.mktemp(), "store")
        disk = Disk(folder)
        disk.lock()
        self.addCleanup(disk.unlock)
        disk.create("a").close()
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        for name in ("a", "lock"):
            self.assertEqual(stat.S_IMODE((folder / name).stat().st_mode), 0o600)

    def test_folders_are_no_files(self) -> None:
        """Whatever an administrator made there."""
        (self.folder / "journal-7.jsonl").mkdir()
        self.assertEqual(self.names(), set())


class LockTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp(), "store")

    def test_another_process_keeps_it_out_and_is_named(self) -> None:
        """In one line: who has it, and which folder. When it dies, the folder is free, whatever it left."""
        command = [sys.executable, "-c", _OTHER, str(self.folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
            self.addCleanup(other.kill)
            assert other.stdout
            self.assertEqual(other.stdout.readline(), "locked\n")
            store = JournalStore(Disk(self.folder), Clock(), at_once)
            for start in (store.lock, store.load):
                with self.assertRaises(Held) as raised:
                    start()
                text = str(raised.exception)
                self.assertIn(f"pid {other.pid})", text)
                self.assertIn(str(self.folder), text)
                self.assertNotIn("\n", text)
            other.kill()
            other.wait()
        store.load()
        self.successResultOf(store.close())

    def test_a_lock_that_does_not_say_whose_it_is(self) -> None:
        """A full disk keeps no pid, but it keeps others out all the same."""
        first, second = Disk(self.folder), Disk(self.folder)
        first.lock()
        (self.folder / "lock").write_bytes(b"")
        with self.assertRaises(Held) as raised:
            second.lock()
        self.assertIn("pid unknown", str(raised.exception))
        first.unlock()
        second.lock()
        second.unlock()


class WholeTests(SynchronousTestCase):
    def test_a_store_on_a_real_disk(self) -> None:
        """Commits, compactions, a stop, and a start."""
        folder = Path(self.mktemp(), "store")
        store = JournalStore(Disk(folder), Clock(), at_once, compact_bytes=20_000)
        store.load()
        for number in range(50):
            configs = (Config(f"c{number}-{part}") for part in range(20))
            self.successResultOf(store.commit(putting(*configs)))
        self.successResultOf(store.close())
        again = JournalStore(Disk(folder), Clock(), at_once)
        again.load()
        self.assertEqual((again.seq, again.get(Config, "c49-19").rev), (50, 50))
        self.assertEqual(again.get(Config, "c0-0"), store.get(Config, "c0-0"))
        self.successResultOf(again.close())
        self.assertEqual(len(list(folder.glob("snapshot-*"))), 1)
