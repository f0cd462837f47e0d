"""http: what a phone writes goes to its place piece by piece, and never more of it than it may write."""

from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from provserver.errors import StoreFull, TooLarge
from provserver.interfaces import IIncoming, IUploads
from provserver.model import Answer, Upload
from tests.http.wire import BODY, GET, NOTHING, Phone, Site, request, served

LOG = Upload("d1", "00:ac:ed:00:00:01", "boot.log", 0)
TAKEN = Answer("noted", (), device="d1", upload=LOG)
PUT = "PUT /boot.log HTTP/1.1"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@implementer(IIncoming)
class Incoming:
    def __init__(self, uploads: "Uploads") -> None:
        self._uploads = uploads
        self.data = b""

    def append(self, data: bytes) -> Deferred[None]:
        self.data += data
        return self._uploads.step("append")

    def finish(self, whole: bool) -> Deferred[None]:
        self._uploads.finished.append((self.data, whole))
        return self._uploads.step("finish")


@implementer(IUploads)
class Uploads:
    """Takes everything, but each step fails that is told to, and waits where it is held."""

    def __init__(self, **failing: Exception) -> None:
        self.failing = failing
        self.hold = ""
        self.held: list[Deferred[None]] = []
        self.begun: list[tuple[Upload, int | None]] = []
        self.finished: list[tuple[bytes, bool]] = []

    def begin(self, upload: Upload, size: int | None) -> Deferred[IIncoming]:
        self.begun.append((upload, size))
        return self.step("begin").addCallback(lambda _: Incoming(self))

    def step(self, name: str) -> Deferred[None]:
        if name == self.hold:
            self.held.append(Deferred())
            return self.held[-1]
        return fail(self.failing[name]) if name in self.failing else succeed(None)

    def go_on(self) -> None:
        held, self.held = self.held, []
        for waiting in held:
            waiting.callback(None)


def put(data: bytes, *lines: str) -> bytes:
    return request(f"Content-Length: {len(data)}", *lines, line=PUT) + data


def chunked(*pieces: bytes) -> bytes:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    return request("Transfer-Encoding: chunked", line=PUT) + chunks


class UploadTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.use()

    def use(self, answer: Answer | Deferred[Answer] = TAKEN, **failing: Exception) -> None:
        self.uploads = Uploads(**failing)
        self.site = Site(uploads=self.uploads)
        self.site.provisioner.answer_with = answer

    def statuses(self, phone: Phone, *methods: str) -> list[int]:
        return [response.status for response in phone.responses(*methods)]

    def test_a_file_is_written_and_answered(self) -> None:
        """Its length is told beforehand, where the phone says it; an empty file is one too."""
        for sent, data, size in (
            (put(b"a log"), b"a log", 5),
            (put(b""), b"", 0),
            (chunked(b"a l", b"og"), b"a log", None),
            (put(b"x" * 300_000), b"x" * 300_000, 300_000),
        ):
            self.use()
            phone = self.site.phone().send(sent)
            self.assertEqual((self.statuses(phone), phone.closed), ([204], False))
            self.assertEqual(self.uploads.begun, [(LOG, size)])
            self.assertEqual(self.uploads.finished, [(data, True)])

    def test_it_may_come_byte_by_byte(self) -> None:
        """Nothing is read twice, nothing is lost."""
        phone = self.site.phone()
        for byte in chunked(b"a l", b"og"):
            phone.send(bytes([byte]))
        self.assertEqual((self.statuses(phone), self.uploads.finished), ([204], [(b"a log", True)]))

    def test_a_post_is_an_upload_where_the_plugin_says_so(self) -> None:
        """Some vendors' phones write with POST."""
        sent = request("Content-Length: 1", line="POST /boot.log HTTP/1.1") + b"x"
        self.assertEqual(self.statuses(self.site.phone().send(sent)), [204])
        self.assertEqual(self.uploads.finished, [(b"x", True)])

    def test_100_continue_is_said_when_it_is_taken(self) -> None:
        """A phone that asks first need not send what nobody wants."""
        phone = self.site.phone().send(request("Expect: 100-continue", "Content-Length: 3", line=PUT))
        self.assertEqual(phone.sent, CONTINUE)
        phone.wire.clear()
        self.assertEqual(self.statuses(phone.send(b"abc")), [204])
        for failing, status in ((TooLarge("x"), 413), (StoreFull("x"), 507)):
            self.use(begin=failing)
            phone = self.site.phone().send(request("Expect: 100-continue", "Content-Length: 3", line=PUT))
            self.assertEqual((self.statuses(phone), phone.closed), ([status], True))

    def test_a_phone_that_may_not_write_is_told_so_at_once(self) -> None:
        """Before it sends a file of a megabyte. A short one is read, so that the connection can be kept."""
        self.use(NOTHING)
        phone = self.site.phone().send(request("Expect: 100-continue", "Content-Length: 200000", line=PUT))
        self.assertEqual((self.statuses(phone), phone.closed), ([404], True))
        self.use(NOTHING)
        phone = self.site.phone().send(put(b"x" * 1000))
        self.assertEqual((self.statuses(phone), phone.closed), ([404], False))
        self.assertEqual(self.uploads.begun, [])

    def test_a_phone_that_may_not_write_is_no_line_in_the_log(self) -> None:
        """No more than one that asks for what is not there."""
        self.use(NOTHING)
        with capturedLogs() as events:
            self.site.phone().send(request("Content-Length: 200000", line=PUT))
            self.assertEqual(events, [])
            self.site.phone().send(request("Content-Length: 2000000", line=PUT))
        self.assertEqual([event["why"] for event in events], ["the body is too long"])

    def test_other_bodies_keep_their_limit(self) -> None:
        """A body that nobody wants is dropped, and counted, as if there were no uploads."""
        self.use(served())
        line = "POST /a HTTP/1.1"
        phone = self.site.phone().send(request("Content-Length: 65536", line=line) + b"x" * 65_536)
        self.assertEqual([response.body for response in phone.responses()], [BODY])
        for sent in (
            request("Content-Length: 65537", line=line),
            request("Transfer-Encoding: chunked", line=line) + (b"8000\r\n" + b"x" * 0x8000 + b"\r\n") * 3,
        ):
            self.use(served())
            phone = self.site.phone().send(sent)
            self.assertEqual((self.statuses(phone), phone.closed), ([413], True))

    def test_what_no_upload_can_be_is_refused_unasked(self) -> None:
        """By its announced length alone."""
        phone = self.site.phone().send(request("Content-Length: 1048577", line=PUT))
        self.assertEqual((self.statuses(phone), self.site.provisioner.asked), ([413], []))
        phone = self.site.phone().send(request("Content-Length: 65537", line="GET /a HTTP/1.1"))
        self.assertEqual((self.statuses(phone), self.site.provisioner.asked), ([413], []))

    def test_too_much_or_no_room_ends_it(self) -> None:
        """Halfway, with the answer that says why; what was written is forgotten."""
        for failing, status in ((TooLarge("x"), 413), (StoreFull("x"), 507)):
            self.use(append=failing)
            phone = self.site.phone().send(request("Content-Length: 100", line=PUT) + b"x" * 50)
            self.assertEqual((self.statuses(phone), phone.closed), ([status], True))
            self.assertEqual(self.uploads.finished, [(b"x" * 50, False)])

    def test_a_disk_that_is_full_at_the_end_is_told(self) -> None:
        """All has come, so the connection can be kept."""
        self.use(finish=StoreFull("x"))
        phone = self.site.phone().send(put(b"a log"))
        self.assertEqual((self.statuses(phone), phone.closed), ([507], False))

    def test_a_phone_that_leaves_halfway_leaves_nothing(self) -> None:
        """Half a log must not take the place of a whole one."""
        phone = self.site.phone().send(request("Content-Length: 100", line=PUT) + b"x" * 50)
        self.assertEqual(self.uploads.finished, [])
        phone.hang_up()
        self.assertEqual(self.uploads.finished, [(b"x" * 50, False)])

    def test_a_phone_that_leaves_before_it_was_answered_leaves_nothing(self) -> None:
        """Whenever the answer comes: nothing is written for it, and nobody trips."""
        for hold in ("answer", "begin", "append"):
            waiting: Deferred[Answer] = Deferred()
            self.use(waiting if hold == "answer" else TAKEN)
            self.uploads.hold = hold
            phone = self.site.phone().send(request("Content-Length: 100", line=PUT) + b"x" * 50)
            phone.hang_up()
            waiting.callback(TAKEN)
            self.uploads.go_on()
            self.assertEqual([whole for _, whole in self.uploads.finished], [False], hold)
            self.assertEqual(phone.sent, b"")

    def test_no_more_is_read_than_is_written(self) -> None:
        """A slow disk makes the phone wait, not our memory grow."""
        self.uploads.hold = "append"
        phone = self.site.phone().send(request("Content-Length: 1000", line=PUT) + b"x" * 10)
        self.assertEqual(phone.wire.producerState, "paused")
        self.uploads.hold = ""
        self.uploads.go_on()
        self.assertEqual(phone.wire.producerState, "producing")
        self.assertEqual(self.statuses(phone.send(b"x" * 990)), [204])
        self.assertEqual(self.uploads.finished, [(b"x" * 1000, True)])

    def test_nothing_is_read_before_it_is_decided(self) -> None:
        """A new phone's device is made first."""
        waiting: Deferred[Answer] = Deferred()
        self.use(waiting)
        phone = self.site.phone().send(put(b"a log"))
        self.assertEqual((phone.sent, self.uploads.begun), (b"", []))
        waiting.callback(TAKEN)
        self.assertEqual((self.statuses(phone.settle()), self.uploads.finished), ([204], [(b"a log", True)]))

    def test_requests_behind_it_wait(self) -> None:
        """In their order, on one connection."""
        self.site.provisioner.then = [served(), TAKEN]
        self.uploads.hold = "finish"
        phone = self.site.phone().send(put(b"one") + GET + put(b"two"))
        self.assertEqual((phone.sent, len(self.site.provisioner.asked)), (b"", 1))
        self.uploads.hold = ""
        self.uploads.go_on()
        self.assertEqual(self.statuses(phone.settle()), [204, 200, 204])
        self.assertEqual(self.uploads.finished, [(b"one", True), (b"two", True)])

    def test_a_slow_upload_has_four_times_as_long(self) -> None:
        """A megabyte at 70 kbit/s takes two minutes; bytes that trickle buy no more."""
        phone = self.site.phone().send(request("Content-Length: 1000", line=PUT) + b"x")
        for _ in range(119):
            self.site.clock.advance(1)
            phone.send(b"x")
        self.assertFalse(phone.closed)
        for _ in range(5):
            self.site.clock.advance(1)
            phone.send(b"x")
        self.assertEqual((self.statuses(phone), phone.closed), ([408], True))
        phone.finish_asking()
        self.assertEqual([whole for _, whole in self.uploads.finished], [False])

    def test_a_bug_is_a_500(self) -> None:
        """Whatever a disk does; the phone is not left waiting."""
        for failing, closed in (("append", True), ("finish", False)):
            self.use(TAKEN, **{failing: ZeroDivisionError()})
            phone = self.site.phone().send(put(b"a log"))
            self.assertEqual((self.statuses(phone), phone.closed), ([500], closed))
            self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
            self.assertEqual(self.uploads.finished, [(b"a log", failing == "finish")])
