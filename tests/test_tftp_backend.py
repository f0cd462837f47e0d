"""tftp_backend: what a phone asks by TFTP is a sighting like any other."""

import shutil
import tempfile
from pathlib import Path

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.model import Answer, File, Sighting, Upload
from provserver.tftp.errors import Silence, TftpRefusal
from provserver.tftp.interfaces import Content, ITftpBackend, ITftpSink
from provserver.tftp.packet import ACCESS_VIOLATION, DISK_FULL, NOT_FOUND
from provserver.tftp_backend import PhoneBackend
from provserver.uploads import LocalUploads
from tests.fakes.office import MAC, Office
from tests.fakes.provisioner import AnswersOnly
from tests.store.threads import at_once

PEER = ("::ffff:10.0.0.7", 2001)
MAY_WRITE = Answer("noted", (), upload=Upload("d1", MAC, "boot.log", 0))
NAME = MAC.replace(":", "") + ".cfg"


class Asked(AnswersOnly):
    """Keeps what it was asked, and answers when the test says so."""

    def __init__(self) -> None:
        self.sightings: list[Sighting] = []
        self.waiting: Deferred[Answer] = Deferred()

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        self.sightings.append(sighting)
        return self.waiting


class PhoneBackendTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.asked = Asked()
        self.clock = Clock()
        self.clock.advance(7)
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.uploads = folder / "uploads"
        self.backend = PhoneBackend(
            self.asked, LocalUploads(self.uploads, 20, 20, in_thread=at_once), self.clock
        )

    def answered(self, answer: Answer) -> Deferred[Content]:
        reading = self.backend.read(NAME, PEER, "10.0.0.1")
        self.asked.waiting.callback(answer)
        return reading

    def test_it_provides_what_the_server_asks(self) -> None:
        """The server knows the interface alone."""
        verifyObject(ITftpBackend, self.backend)

    def test_a_request_becomes_a_sighting(self) -> None:
        """The address is the phone's in its one form; the base is the address that was asked."""
        self.backend.read("/../SEP001122334455.cnf.xml", PEER, "::ffff:10.0.0.1")
        self.backend.read("a", ("fd00::7", 1), "fd00::1")
        first, second = self.asked.sightings
        self.assertEqual(
            first, Sighting("tftp", 7.0, "10.0.0.7", "tftp://10.0.0.1", "SEP001122334455.cnf.xml")
        )
        self.assertEqual((second.ip, second.base), ("fd00::7", "tftp://[fd00::1]"))

    def test_a_file_is_sent_from_memory_or_from_disk(self) -> None:
        """What is rendered has bytes, firmware a place; the log names the file as the rule does."""
        file = File("own.cfg", "text/plain", "e", 3, 0.0, b"abc")
        content = self.successResultOf(self.answered(Answer("file", (), file=file)))
        self.assertEqual(content, Content("own.cfg", b"abc"))

    def test_whatever_is_not_given_looks_the_same(self) -> None:
        """Unknown, refused, not existing: a stranger learns nothing. Busy is silence: the phone asks again."""
        for outcome, error in (("nothing", TftpRefusal), ("bad", TftpRefusal), ("busy", Silence)):
            self.setUp()
            problem = self.failureResultOf(self.answered(Answer(outcome, ())), error).value  # type: ignore[arg-type]
            if isinstance(problem, TftpRefusal):
                self.assertEqual(
                    (problem.code, problem.text, problem.label), (NOT_FOUND, "file not found", "")
                )

    def test_a_name_that_is_none_is_refused_at_once(self) -> None:
        """Nobody is asked about a name of 10 kB."""
        self.failureResultOf(self.backend.read("x" * 10_000, PEER, "10.0.0.1"), TftpRefusal)
        self.assertEqual(self.asked.sightings, [])

    def write(self, answer: Answer, size: int | None = None) -> Deferred[ITftpSink]:
        writing = self.backend.write("boot.log", PEER, "10.0.0.1", size)
        self.asked.waiting.callback(answer)
        return writing

    def test_what_may_not_be_written_is_an_access_violation(self) -> None:
        """Whatever the reason; busy is silence."""
        problem = self.failureResultOf(self.write(Answer("nothing", ())), TftpRefusal).value
        self.assertEqual((problem.code, self.asked.sightings[0].method), (ACCESS_VIOLATION, "PUT"))
        self.setUp()
        self.failureResultOf(self.write(Answer("busy", ())), Silence)

    def test_an_upload_is_kept_whole(self) -> None:
        """The log names it as the rule does."""
        sink = self.successResultOf(self.write(MAY_WRITE, 8))
        self.assertEqual(sink.label, "boot.log")
        self.successResultOf(sink.append(b"booted\n"))
        self.successResultOf(sink.finish(True))
        ((path,),) = [list(self.uploads.rglob("boot.log"))]
        self.assertEqual(path.read_bytes(), b"booted\n")

    def test_too_large_is_tftps_error_3(self) -> None:
        """As announced, or as it comes; a bug is no TFTP error."""
        problem = self.failureResultOf(self.write(MAY_WRITE, 21), TftpRefusal).value
        self.assertEqual((problem.code, problem.text, problem.label), (DISK_FULL, "too large", "boot.log"))
        self.setUp()
        sink = self.successResultOf(self.write(MAY_WRITE))
        self.assertEqual(self.failureResultOf(sink.append(b"x" * 21), TftpRefusal).value.code, DISK_FULL)
        self.setUp()
        sink = self.successResultOf(self.write(MAY_WRITE))
        self.successResultOf(sink.finish(False))
        self.failureResultOf(sink.append(b"x"), ValueError)

    def test_a_server_that_waits_no_longer_does_not_stop_the_chain(self) -> None:
        """A device is being made: its commit must not be cancelled because one phone was impatient."""
        reading = self.backend.read(NAME, PEER, "10.0.0.1")
        reading.cancel()
        self.failureResultOf(reading, CancelledError)
        self.asked.waiting.callback(Answer("nothing", ()))

    def test_a_phone_boots_by_tftp(self) -> None:
        """The real chain behind it: the file has the phone's own accounts."""
        office = Office()
        office.answer()  # known already, by its User-Agent
        backend = PhoneBackend(office.provisioner, LocalUploads(self.uploads, 1, 1, at_once), office.clock)
        content = self.successResultOf(backend.read(NAME, ("10.0.0.7", 2001), "10.0.0.1"))
        assert content.body
        self.assertIn(b"user = waiting", content.body)
        self.assertIn(b"url = http://10.0.0.1:8667", content.body)
