"""tftp.server, writing: uploads in memory."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.tftp import transfers
from provserver.tftp.errors import TftpRefusal
from provserver.tftp.incoming import LINGER_S
from provserver.tftp.interfaces import Content, ITftpSink
from provserver.tftp.limits import Limits
from provserver.tftp.packet import Ack, Data, Error, OptionAck, encode
from tests.tftp.lab import PHONE, SERVER, Lab, MemorySink, Phone

FULL = b"x" * 512


class UploadTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.lab = Lab()
        self.phone = self.lab.phone()
        self.sink = MemorySink("boot.log")
        self.lab.backend.sinks["log"] = self.sink

    def tearDown(self) -> None:
        """Nothing is left, and each sink was finished once."""
        self.lab.server.stop(0.5)
        self.lab.advance(1)
        self.assertEqual((self.lab.server.active, self.lab.network.open), (0, 0))
        self.assertEqual(self.lab.clock.getDelayedCalls(), [])
        self.assertLessEqual(len(self.sink.finished), 1)

    def outcomes(self) -> dict[str, int]:
        return self.lab.server.counters.outcomes

    def test_the_fake_provides_the_interface(self) -> None:
        """The tests rely on what the server relies on."""
        verifyObject(ITftpSink, self.sink)

    def test_a_file_is_written(self) -> None:
        """RFC 1350: each block is acknowledged when the sink has it, the last when the file is in its place."""
        self.assertEqual(self.phone.asks("log", writing=True), [Ack(0)])
        self.assertEqual(self.phone.gives(1, FULL), [Ack(1)])
        self.assertEqual(self.sink.finished, [])
        self.assertEqual(self.phone.gives(2, b"end"), [Ack(2)])
        self.assertEqual((self.sink.data, self.sink.finished), (FULL + b"end", [True]))
        self.lab.advance(LINGER_S + 0.1)
        self.assertEqual((self.outcomes(), self.lab.server.active), ({"received": 1}, 0))
        self.assertEqual(self.lab.server.counters.received_bytes, 515)
        self.assertEqual(self.lab.backend.asked, [("log", PHONE, SERVER[0], None)])

    def test_the_announced_size_is_told_to_the_backend(self) -> None:
        """RFC 2349: it can refuse before the first byte."""
        self.assertEqual(self.phone.asks("log", writing=True, tsize=515), [OptionAck((("tsize", "515"),))])
        self.assertEqual(self.lab.backend.asked[0][3], 515)
        self.lab.backend.sinks["huge"] = TftpRefusal(3, "too large")
        self.assertEqual(self.phone.asks("huge", writing=True, tsize=10**12), [Error(3, "too large")])

    def test_windows_are_taken(self) -> None:
        """RFC 7440 works in both directions."""
        packets = self.phone.asks("log", writing=True, blksize=8, windowsize=2)
        self.assertEqual(packets, [OptionAck((("blksize", "8"), ("windowsize", "2")))])
        self.assertEqual(self.phone.gives(1, b"12345678"), [])
        self.assertEqual(self.phone.gives(2, b"abcdefgh"), [Ack(2)])
        self.assertEqual(self.phone.gives(3, b""), [Ack(3)])
        self.assertEqual(self.sink.data, b"12345678abcdefgh")

    def test_netascii_is_translated(self) -> None:
        """Also where a pair is cut in two by the end of a block."""
        self.phone.asks("log", "netascii", writing=True, blksize=8)
        self.phone.gives(1, b"1234567\r")
        self.phone.gives(2, b"\nab\r\0\r")
        self.assertEqual(self.sink.data, b"1234567\nab\r\r")

    def test_what_does_not_fit_ends_the_transfer(self) -> None:
        """The sink's own limit; nothing of the file stays."""
        self.sink.most = 600
        self.phone.asks("log", writing=True)
        self.phone.gives(1, FULL)
        self.assertEqual(self.phone.gives(2, FULL), [Error(3, "too large")])
        self.assertEqual((self.sink.finished, self.outcomes()), ([False], {"failed": 1}))

    def test_a_file_that_cannot_be_put_in_its_place_is_told(self) -> None:
        """The last block is not acknowledged: the phone must not think that its log is kept."""
        self.sink.refuse_finish = TftpRefusal(6, "it exists")
        self.phone.asks("log", writing=True)
        self.assertEqual(self.phone.gives(1, b"end"), [Error(6, "it exists")])
        self.assertEqual(self.sink.finished, [True])

    def test_a_bug_of_the_sink_is_logged_and_error_0(self) -> None:
        """The phone hears that it failed and no more."""
        self.sink.refuse_finish = RuntimeError("secret")
        self.phone.asks("log", writing=True)
        self.assertEqual(self.phone.gives(1, b"end"), [Error(0, "the file cannot be stored")])
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_a_slow_sink_is_waited_for(self) -> None:
        """What is acknowledged is stored. Copies that come meanwhile are nothing."""
        self.sink.slow = True
        self.phone.asks("log", writing=True)
        self.assertEqual(self.phone.gives(1, b"end"), [])
        self.assertEqual(self.phone.gives(1, b"end"), [])
        self.sink.waiting.pop().callback(None)
        self.assertEqual(self.phone.hears(), [])
        self.assertEqual(self.sink.finished, [True])
        self.sink.waiting.pop().callback(None)
        self.assertEqual(self.phone.hears(), [Ack(1)])

    def test_a_phone_that_gives_up_while_the_sink_works_leaves_nothing(self) -> None:
        """Its error ends the transfer; what the sink says later is nobody's."""
        self.sink.slow = True
        self.phone.asks("log", writing=True)
        self.phone.gives(1, FULL)
        self.phone.sends(encode(Error(0, "off")))
        self.assertEqual(self.sink.finished, [False])
        for waiting in self.sink.waiting:
            waiting.callback(None)
        self.assertEqual((self.phone.hears(), self.outcomes()), ([], {"aborted": 1}))

    def test_a_stop_while_the_file_is_put_in_its_place_forgets_nothing(self) -> None:
        """`finish` was called: it is not called again, whatever becomes of the transfer."""
        self.sink.slow = True
        self.phone.asks("log", writing=True)
        self.phone.gives(1, b"end")
        self.sink.waiting.pop().callback(None)
        self.phone.sends(encode(Error(0, "off")))
        self.sink.waiting.pop().callback(None)
        self.assertEqual((self.sink.finished, self.phone.hears()), ([True], []))

    def test_an_upload_that_stops_is_forgotten(self) -> None:
        """Half a file is no file."""
        self.phone.asks("log", writing=True)
        self.phone.gives(1, FULL)
        self.lab.advance(30)
        self.assertEqual((self.sink.finished, self.outcomes()), ([False], {"no-answer": 1}))

    def test_what_makes_no_sense_in_a_write_is_silence(self) -> None:
        """Broken and foreign packets; a block that is too long is the one that ends it."""
        self.phone.asks("log", writing=True)
        for datagram in (b"", b"\0\3\0", encode(Ack(0)), encode(Data(7, b"x")), encode(Data(0, b"x"))):
            self.assertEqual(self.phone.sends(datagram), [], datagram)
        self.assertEqual(
            self.lab.phone(port=9).sends(encode(Data(1, b"x")), self.phone.tid)[0],
            Error(5, "unknown transfer ID"),
        )
        self.assertEqual(self.phone.gives(1, FULL), [Ack(1)])
        answer = self.phone.gives(2, FULL + b"yz")
        self.assertEqual(answer, [Error(4, "a block of 513 bytes, 512 were agreed")])

    def test_a_sink_that_comes_too_late_is_told_to_forget(self) -> None:
        """The phone asks for something else meanwhile."""
        # a canceller that answers all the same
        self.lab.backend.once = Deferred(lambda waiting: waiting.callback(self.sink))
        self.phone.asks("log", writing=True)
        self.assertEqual(self.phone.asks("other", writing=True), [Error(2, "no uploads")])
        self.assertEqual((self.sink.finished, self.lab.server.active), ([False], 0))


class LingeringTests(SynchronousTestCase):
    """After an upload: its last acknowledgement may be lost, but it is no transfer under way any more."""

    def setUp(self) -> None:
        self.lab = Lab(Limits(per_address_local=1, per_address_elsewhere=1, in_all=1))
        self.lab.backend.files["a.cfg"] = Content("a.cfg", body=b"a")
        self.phone = self.lab.phone()

    def tearDown(self) -> None:
        """Nothing is left, neither transfer nor place."""
        self.lab.server.stop(0.5)
        self.lab.advance(1)
        self.assertEqual((self.lab.server.active, self.lab.network.open), (0, 0))
        self.assertEqual(self.lab.clock.getDelayedCalls(), [])

    def uploads(self, port: int) -> Phone:
        phone = self.lab.phone(port=port)
        self.lab.backend.sinks["log"] = MemorySink("log")
        self.assertEqual(phone.asks("log", writing=True), [Ack(0)])
        self.assertEqual(phone.gives(1, b"end"), [Ack(1)])
        return phone

    def outcomes(self) -> dict[str, int]:
        return self.lab.server.counters.outcomes

    def test_it_keeps_nobody_out(self) -> None:
        """100 phones behind one address write their log and then fetch their files: 12 s are a long time."""
        uploaded = self.uploads(3001)
        self.assertEqual(self.phone.asks("a.cfg"), [Data(1, b"a")])
        self.assertEqual(self.lab.phone(port=3002).asks("a.cfg"), [])  # that one has the place
        self.assertEqual(uploaded.gives(1, b"end"), [Ack(1)])
        self.phone.acks(1)
        self.assertEqual(self.lab.phone("10.0.0.8").asks("a.cfg"), [Data(1, b"a")])

    def test_its_place_is_given_back_once(self) -> None:
        """Not again when it ends: the limit would crumble."""
        self.uploads(3001)
        self.lab.advance(LINGER_S + 0.1)
        self.assertEqual(self.outcomes(), {"received": 1})
        self.assertEqual(self.phone.asks("a.cfg"), [Data(1, b"a")])
        self.assertEqual(self.lab.phone(port=3002).asks("a.cfg"), [])

    def test_there_are_only_so_many_of_them(self) -> None:
        """Each is a socket. The oldest makes way."""
        self.patch(transfers, "_MOST_LINGERING", 2)
        phones = [self.uploads(3000 + number) for number in range(3)]
        self.assertEqual((self.lab.server.active, self.outcomes()), (2, {"received": 1}))
        self.assertEqual([phone.gives(1, b"end") for phone in phones], [[], [Ack(1)], [Ack(1)]])

    def test_a_stop_does_not_wait_for_it(self) -> None:
        """Nor is its phone told that anything went wrong."""
        uploaded = self.uploads(3001)
        self.assertIsNone(self.successResultOf(self.lab.server.stop(10)))
        self.assertEqual((uploaded.hears(), self.outcomes()), ([], {"received": 1}))

    def test_an_upload_that_ends_while_the_server_stops_does_not_linger(self) -> None:
        """It was waited for, and that is all."""
        self.lab.backend.sinks["log"] = MemorySink("log")
        self.phone.asks("log", writing=True)
        stopped = self.lab.server.stop(10)
        self.assertNoResult(stopped)
        self.assertEqual(self.phone.gives(1, b"end"), [Ack(1)])
        self.assertIsNone(self.successResultOf(stopped))
