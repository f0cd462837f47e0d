"""tls.files: certificates that change while provd runs."""

import os
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, cast

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.tls.files import Paths, TlsFiles
from tests.tls.authority import DAY, Authority, Issued

ROOT = Authority()
MAKER = Authority("A maker")
FIRST = ROOT.server("provd.example.org")
SECOND = ROOT.server("provd.example.org")
NOW = FIRST.certificate.not_valid_before_utc.timestamp() + DAY.total_seconds()


class FilesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(mkdtemp())
        self.addCleanup(rmtree, self.folder)
        self.makers = self.folder / "makers"
        self.makers.mkdir()
        (self.makers / "acme.pem").write_bytes(MAKER.pem)
        self.now = NOW
        self.reads = 0
        self.put(FIRST)
        self.events: list[LogEvent] = []
        keep = cast(ILogObserver, self.events.append)
        globalLogPublisher.addObserver(keep)
        self.addCleanup(globalLogPublisher.removeObserver, keep)

    def put(self, issued: Issued) -> None:
        issued.write(self.folder, "own")

    def files(self, client_ca: Path | None = None, load: bool = True) -> TlsFiles:
        paths = Paths(self.folder / "own.crt", self.folder / "own.key", client_ca)
        files = TlsFiles(paths, self.in_thread, lambda: self.now)
        if load:
            files.load()
        return files

    def in_thread(self, work: Callable[..., Any], *args: object) -> Deferred[Any]:
        self.reads += 1
        return maybeDeferred(work, *args)

    def refreshed(self, files: TlsFiles) -> bool:
        """Look once; say whether new connections get something else now."""
        before = files.contexts
        self.successResultOf(files.refresh())
        return files.contexts is not before

    def said(self) -> list[str]:
        """Return what was logged since the last call: `level: text`."""
        found = [
            event for event in self.events if event.get("log_namespace", "").startswith("provserver.tls")
        ]
        self.events.clear()
        return [f"{event['log_level'].name}: {event['log_format'].format(**event)}" for event in found]

    def test_what_does_not_change_is_not_read_again(self) -> None:
        """It is looked at every few seconds, in a thread."""
        files = self.files(self.makers)
        self.assertEqual([self.refreshed(files) for _ in range(3)], [False, False, False])
        self.assertEqual((self.reads, self.said()), (3, []))

    def test_a_new_pair_serves_from_the_next_look_on(self) -> None:
        """As ACME clients leave it: one file after the other. No restart, no phone that is cut off."""
        files = self.files()
        self.put(SECOND)
        self.assertTrue(self.refreshed(files))
        ends = f"{SECOND.certificate.not_valid_after_utc:%Y-%m-%d}"
        self.assertEqual(self.said(), [f"info: TLS has a new certificate, good until {ends}"])
        self.assertFalse(self.refreshed(files))

    def test_a_pair_of_the_same_size_and_time_is_seen(self) -> None:
        """A tool may keep times as it copies; a file that is renamed into place is another one all the same."""
        files = self.files()
        for name in ("own.crt", "own.key"):
            path = self.folder / name
            before = path.stat()
            new = self.folder / "new"
            new.write_bytes(path.read_bytes())
            os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
            new.rename(path)
        self.assertTrue(self.refreshed(files))

    def test_a_broken_pair_keeps_the_old_and_is_told_once(self) -> None:
        """Half a renewal must not take the phones' way in, nor fill the log."""
        files = self.files()
        (self.folder / "own.crt").write_bytes(SECOND.chain_pem)
        self.assertEqual([self.refreshed(files) for _ in range(3)], [False, False, False])
        (told,) = self.said()
        self.assertIn("error: TLS goes on with the certificate from before: tls.key: does not belong", told)
        (self.folder / "own.key").unlink()
        self.assertEqual([self.refreshed(files) for _ in range(2)], [False, False])
        (told,) = self.said()
        self.assertIn("No such file", told)
        self.put(SECOND)
        self.assertTrue(self.refreshed(files))
        (told,) = self.said()
        self.assertTrue(told.startswith("info: TLS has a new certificate"))

    def test_the_same_fault_is_told_again_after_it_was_gone(self) -> None:
        """Each failed renewal is news."""
        files = self.files()
        for _ in range(2):
            (self.folder / "own.key").write_bytes(b"")
            self.assertFalse(self.refreshed(files))
            self.assertEqual(len(self.said()), 1)
            self.put(FIRST)
            self.assertTrue(self.refreshed(files))
            self.said()

    def test_at_start_what_is_wrong_is_refused(self) -> None:
        """Nobody is served by a port that cannot speak."""
        (self.folder / "own.key").write_bytes(SECOND.key_pem)
        self.assertRaises(Invalid, self.files)
        (self.folder / "own.key").unlink()
        self.assertRaises(FileNotFoundError, self.files)

    def test_the_makers_authorities_may_change_too(self) -> None:
        """A new maker's phones need no restart."""
        files = self.files(self.makers)
        (self.makers / "other.crt").write_bytes(Authority("Other").pem)
        self.assertTrue(self.refreshed(files))
        (self.makers / "README").write_text("no certificate, and never read")
        (self.makers / "folder.pem").mkdir()
        self.assertFalse(self.refreshed(files))
        (self.makers / "other.crt").unlink()
        self.assertTrue(self.refreshed(files))

    def test_a_folder_without_authorities_is_refused(self) -> None:
        """An administrator who names one believes that certificates are checked."""
        (self.makers / "broken.pem").write_bytes(b"not one")
        refused = self.assertRaises(Invalid, self.files, self.makers)
        self.assertIn("broken.pem: expected a certificate", str(refused))
        for path in self.makers.iterdir():
            path.unlink()
        refused = self.assertRaises(Invalid, self.files, self.makers)
        self.assertTrue(str(refused).startswith("tls.client_ca: expected certificates (.pem, .crt) in "))
        self.assertRaises(OSError, self.files, self.folder / "nowhere")

    def test_an_authority_that_stands_twice_is_one(self) -> None:
        """Makers' bundles overlap."""
        (self.makers / "again.pem").write_bytes(MAKER.pem * 2)
        self.files(self.makers)

    def test_its_end_is_told_once_a_day(self) -> None:
        """At start, then each day until somebody renews it; an expired one is served all the same, since many phones
        do not look."""
        ends = FIRST.certificate.not_valid_after_utc.timestamp()
        self.now = ends - 3 * DAY.total_seconds()
        files = self.files()
        (told,) = self.said()
        self.assertIn(f"warn: the certificate {self.folder}/own.crt will expire on ", told)
        self.refreshed(files)
        self.assertEqual(self.said(), [])
        self.now = ends + DAY.total_seconds()
        for _ in range(2):
            self.refreshed(files)
        (told,) = self.said()
        self.assertIn("has expired on ", told)
