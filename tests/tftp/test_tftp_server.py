"""tftp.server over a network in memory: requests, repeats, limits, strangers, the end."""

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from provserver.tftp.errors import Silence
from provserver.tftp.interfaces import Content, ITftpBackend
from provserver.tftp.limits import Limits
from provserver.tftp.options import Caps
from provserver.tftp.packet import Ack, Data, Error, OptionAck, Request, encode
from tests.tftp.lab import PHONE, SERVER, Lab, MemorySink

FILE = bytes(range(256)) * 20  # 5,120 bytes: ten blocks of 512 and an empty one


class LabTestCase(SynchronousTestCase):
    single_port = False

    def setUp(self) -> None:
        self.lab = self.make()
        self.phone = self.lab.phone()

    def make(self, limits: Limits | None = None) -> Lab:
        lab = Lab(limits or Limits(per_address_elsewhere=1000), self.single_port)
        lab.backend.files["a.cfg"] = Content("a.cfg", body=FILE)
        return lab

    def tearDown(self) -> None:
        """Nothing is left: no timer, no socket, no transfer."""
        self.lab.server.stop(0.5)
        self.lab.advance(1)
        self.assertEqual((self.lab.server.active, self.lab.network.open), (0, 0))
        self.assertEqual(self.lab.clock.getDelayedCalls(), [])

    def outcomes(self) -> dict[str, int]:
        return self.lab.server.counters.outcomes


class ReadTests(LabTestCase):
    def test_the_fakes_provide_the_interfaces(self) -> None:
        """The tests rely on what the server relies on."""
        verifyObject(ITftpBackend, self.lab.backend)

    def test_a_file_is_read(self) -> None:
        """RFC 1350: octet mode, 512 bytes a block, an empty block after a whole number of them."""
        self.assertEqual(self.phone.fetches("a.cfg"), FILE)
        self.assertEqual(self.outcomes(), {"sent": 1})
        self.assertEqual(self.lab.server.counters.sent_bytes, len(FILE))
        self.assertEqual(self.lab.backend.asked, [("a.cfg", PHONE, SERVER[0])])

    def test_an_empty_file_is_one_empty_block(self) -> None:
        """Zero bytes are a file too."""
        self.lab.backend.files["empty"] = Content("empty", body=b"")
        self.assertEqual(self.phone.asks("empty"), [Data(1, b"")])
        self.phone.acks(1)

    def test_netascii_translates(self) -> None:
        """Lines end with CR LF on the wire; the size that is told is the wire's."""
        self.lab.backend.files["text"] = Content("text", body=b"a\nb\r\n")
        self.assertEqual(self.phone.fetches("text", "netascii"), b"a\r\nb\r\0\r\n")
        self.assertEqual(self.phone.asks("text", "netascii", tsize=0), [OptionAck((("tsize", "8"),))])

    def test_options_are_agreed_on(self) -> None:
        """RFC 2347, 2348, 2349, 7440: and then the file comes in those blocks."""
        packets = self.phone.asks("a.cfg", blksize=1024, windowsize=2, tsize=0, unknown=1)
        answer = (("blksize", "1024"), ("windowsize", "2"), ("tsize", "5120"))
        self.assertEqual(packets, [OptionAck(answer)])
        self.assertEqual(self.phone.acks(0), [Data(1, FILE[:1024]), Data(2, FILE[1024:2048])])
        self.assertEqual(self.phone.acks(2), [Data(3, FILE[2048:3072]), Data(4, FILE[3072:4096])])
        self.assertEqual(self.phone.acks(4), [Data(5, FILE[4096:]), Data(6, b"")])
        self.assertEqual(self.phone.acks(6), [])
        self.assertEqual(self.outcomes(), {"sent": 1})

    def test_without_a_granted_option_there_is_no_option_ack(self) -> None:
        """RFC 2347: the phone goes on as if the server knew none."""
        self.assertEqual(self.phone.asks("a.cfg", blksize=7, multicast=""), [Data(1, FILE[:512])])

    def test_blocks_fit_the_path(self) -> None:
        """A block that is cut into fragments is lost with each of them, and some phones cannot join them."""
        self.lab.network.mtu_payload = 1372
        self.assertEqual(self.phone.asks("a.cfg", blksize=1428), [OptionAck((("blksize", "1368"),))])
        self.lab.network.mtu_payload = 300
        other = self.lab.phone(port=2002)
        self.assertEqual(other.asks("a.cfg", blksize=1428), [OptionAck((("blksize", "512"),))])

    def test_each_transfer_has_its_own_port(self) -> None:
        """RFC 1350 section 4: the TID, from the address that was asked."""
        other = self.lab.phone(port=2002)
        self.phone.asks("a.cfg")
        other.asks("a.cfg")
        self.assertEqual({self.phone.tid[0], other.tid[0]}, {SERVER[0]})
        self.assertEqual(len({self.phone.tid, other.tid, SERVER}), 3)

    def test_a_lost_block_comes_again(self) -> None:
        """By the clock, and once only however many ticks pass meanwhile."""
        self.phone.asks("a.cfg")
        self.phone.acks(1)
        self.lab.advance(0.05)
        self.assertEqual(self.phone.hears(), [Data(2, FILE[512:1024])])
        self.lab.advance(0.05)
        self.assertEqual(self.phone.hears(), [])
        self.assertEqual(self.phone.acks(2), [Data(3, FILE[1024:1536])])

    def test_a_phone_that_vanishes_is_forgotten(self) -> None:
        """Its port and its place are free again."""
        self.phone.asks("a.cfg")
        self.phone.acks(1)
        self.lab.advance(40)
        self.assertEqual((self.lab.server.active, self.lab.network.open), (0, 1))
        self.assertEqual(self.outcomes(), {"no-answer": 1})

    def test_an_error_of_the_phone_ends_the_transfer(self) -> None:
        """Phones that only wanted to know the size say so (RFC 2349), and nothing more is sent to them."""
        self.phone.asks("a.cfg", tsize=0)
        self.assertEqual(self.phone.sends(encode(Error(8, "only asking"))), [])
        self.assertEqual(self.outcomes(), {"aborted": 1})
        self.lab.advance(10)
        self.assertEqual(self.phone.hears(), [])

    def test_what_makes_no_sense_in_a_read_is_silence(self) -> None:
        """One broken or forged packet must not end a good transfer."""
        self.phone.asks("a.cfg")
        for datagram in (
            b"",
            b"\0",
            b"\0\4\0",
            encode(Data(1, b"x")),
            encode(OptionAck(())),
            b"\0\x09\0\0",
            b"x" * 600,
        ):
            self.assertEqual(self.phone.sends(datagram), [], datagram)
        self.assertEqual(self.phone.acks(1), [Data(2, FILE[512:1024])])


class StrangerTests(LabTestCase):
    def test_a_stranger_hears_error_5_and_the_transfer_lives(self) -> None:
        """RFC 1350 section 4: another TID, another address, even the right port at another address."""
        self.phone.asks("a.cfg")
        for host, port in (("10.0.0.7", 2002), ("10.0.0.8", 2001), ("10.9.9.9", 69)):
            stranger = self.lab.phone(host, port)
            self.assertEqual(
                stranger.sends(encode(Ack(1)), self.phone.tid), [Error(5, "unknown transfer ID")]
            )
        self.assertEqual(self.phone.hears(), [])
        self.assertEqual(self.phone.acks(1), [Data(2, FILE[512:1024])])
        self.phone.sends(encode(Error(0, "enough")))
        self.assertEqual(self.lab.server.counters.strays, 3)

    def test_a_strangers_error_is_not_answered(self) -> None:
        """Two servers that answer errors with errors never stop. And it does not end the transfer."""
        self.phone.asks("a.cfg")
        stranger = self.lab.phone(port=2002)
        self.assertEqual(stranger.sends(encode(Error(0, "die")), self.phone.tid), [])
        self.assertEqual(self.phone.acks(1), [Data(2, FILE[512:1024])])


class RefusalTests(LabTestCase):
    def test_the_backends_refusal_is_told(self) -> None:
        """Code and text are its own."""
        self.assertEqual(self.phone.asks("b.cfg"), [Error(1, "file not found")])
        self.assertEqual(self.lab.server.counters.refused, 1)
        self.assertEqual(self.lab.server.active, 0)

    def test_silence_is_silence(self) -> None:
        """A busy server lets the phone ask again."""
        self.lab.backend.files["b.cfg"] = Silence()
        self.assertEqual(self.phone.asks("b.cfg"), [])
        self.assertEqual(self.lab.server.counters.silenced, 1)

    def test_a_bug_of_the_backend_is_logged_and_error_0(self) -> None:
        """The phone hears that something failed and no more; the traceback is ours."""
        self.lab.backend.files["b.cfg"] = RuntimeError("secret")
        self.assertEqual(self.phone.asks("b.cfg"), [Error(0, "the server failed")])
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_a_backend_that_raises_at_once_is_the_same(self) -> None:
        """Whoever breaks the interface breaks one request, and leaves no place taken."""
        del self.lab.backend.files
        self.assertEqual(self.phone.asks("b.cfg"), [Error(0, "the server failed")])
        self.assertEqual(len(self.flushLoggedErrors(AttributeError)), 1)
        self.assertEqual(self.lab.server.active, 0)

    def test_uploads_are_off_unless_the_backend_takes_them(self) -> None:
        """RFC 1350: access violation."""
        self.assertEqual(self.phone.asks("a.cfg", writing=True), [Error(2, "no uploads")])

    def test_a_file_that_cannot_be_opened_is_told(self) -> None:
        """The reason stays in the log: a path of ours is nobody's business."""
        self.lab.backend.files["gone"] = Content("gone", place="/nonexistent/firmware.bin")
        self.assertEqual(self.phone.asks("gone"), [Error(1, "the file cannot be read")])
        self.lab.backend.files["folder"] = Content("folder", place="/tmp")
        self.assertEqual(self.phone.asks("folder"), [Error(0, "the file cannot be read")])

    def test_out_of_sockets_it_is_silent_and_lives(self) -> None:
        """The phone asks again, and by then others have ended."""
        self.lab.network.ports_left = 0
        self.assertEqual(self.phone.asks("a.cfg"), [])
        self.assertEqual((self.lab.server.active, self.lab.server.counters.limited), (0, 1))
        self.lab.network.ports_left = 1
        self.assertEqual(self.phone.asks("a.cfg"), [Data(1, FILE[:512])])


class RepeatTests(LabTestCase):
    def test_a_repeated_request_starts_no_second_transfer(self) -> None:
        """An impatient phone asks again while the first answer is under way."""
        self.phone.asks("a.cfg")
        tid = self.phone.tid
        for _ in range(10):
            self.assertEqual(self.phone.asks("a.cfg"), [])
        self.phone.tid = tid
        self.assertEqual(self.phone.acks(1), [Data(2, FILE[512:1024])])
        self.assertEqual(self.phone.asks("a.cfg"), [])
        self.assertEqual((self.lab.server.active, self.lab.server.counters.repeated), (1, 11))

    def test_who_did_not_hear_the_options_hears_them_again(self) -> None:
        """Its own time-out is over. The transfer is still the same."""
        self.lab.backend.sinks["log"] = MemorySink("log")
        self.assertEqual(self.phone.asks("log", writing=True, tsize=3), [OptionAck((("tsize", "3"),))])
        self.lab.advance(5)
        self.assertEqual(self.phone.hears(), [])
        self.assertEqual(self.phone.asks("log", writing=True, tsize=3), [OptionAck((("tsize", "3"),))])
        self.assertEqual(self.phone.gives(1, b"end"), [Ack(1)])
        reader = self.lab.phone(port=3001)
        answer = reader.asks("a.cfg", blksize=1024)
        self.lab.advance(0.6)
        self.assertEqual((reader.asks("a.cfg", blksize=1024), self.lab.server.active), (answer, 2))

    def test_a_repeat_while_the_backend_thinks_is_not_asked_twice(self) -> None:
        """A new phone's first request waits for the disk; its copies must not."""
        self.lab.backend.hold = True
        for _ in range(3):
            self.assertEqual(self.phone.asks("a.cfg"), [])
        self.assertEqual(len(self.lab.backend.held), 1)
        self.lab.backend.held[0].callback(Content("a.cfg", body=FILE))
        self.assertEqual(self.phone.hears(), [Data(1, FILE[:512])])

    def test_a_phone_that_restarted_begins_anew(self) -> None:
        """Boot programs use one port for ever; the old transfer is dead air."""
        self.phone.asks("a.cfg")
        self.phone.acks(1)
        self.lab.advance(2)
        self.phone.hears()
        self.assertEqual(self.phone.asks("a.cfg"), [Data(1, FILE[:512])])
        self.assertEqual((self.lab.server.active, self.outcomes()), (1, {"replaced": 1}))

    def test_another_request_from_the_same_port_replaces_the_first_at_once(self) -> None:
        """Its last ACK was lost, or the phone has seen enough of the first file."""
        self.lab.backend.files["b.cfg"] = Content("b.cfg", body=b"b")
        self.phone.asks("a.cfg")
        self.phone.acks(1)
        self.assertEqual(self.phone.asks("b.cfg"), [Data(1, b"b")])
        self.assertEqual((self.lab.server.active, self.outcomes()), (1, {"replaced": 1}))

    def test_another_request_takes_back_the_one_that_the_backend_thinks_about(self) -> None:
        """Nobody waits for the answer any more; should it come, it is dropped."""
        self.lab.backend.hold = True
        self.phone.asks("a.cfg")
        self.lab.backend.hold = False
        self.lab.backend.files["b.cfg"] = Content("b.cfg", body=b"b")
        self.assertEqual(self.phone.asks("b.cfg"), [Data(1, b"b")])
        self.assertEqual(self.lab.server.active, 1)

    def test_a_backend_that_never_answers_costs_a_bounded_time(self) -> None:
        """The place is free again, and the phone may ask once more."""
        self.lab.backend.hold = True
        self.phone.asks("a.cfg")
        self.lab.advance(21)
        self.assertEqual((self.lab.server.active, self.lab.server.counters.silenced), (0, 1))
        self.assertEqual(self.phone.hears(), [])

    def test_an_unproven_address_gets_three_packets_whatever_it_sends(self) -> None:
        """Forged requests, repeated, must not make us a gun."""
        heard = self.phone.asks("a.cfg")
        for _ in range(20):
            heard += self.phone.asks("a.cfg")
            self.lab.advance(0.1)
            heard += self.phone.hears()
        self.assertEqual(heard, [Data(1, FILE[:512])] * 3)


class LimitTests(LabTestCase):
    def make(self, limits: Limits | None = None) -> Lab:
        return super().make(Limits(3, 2, 4, local=frozenset({"10.0.0.7"})))

    def asks_from(self, host: str, count: int) -> int:
        """Return how many of so many requests are answered."""
        return sum(bool(self.lab.phone(host, port).asks("a.cfg")) for port in range(3000, 3000 + count))

    def test_an_address_has_so_many_transfers_elsewhere_fewer(self) -> None:
        """Over it there is silence: the phone asks again."""
        self.assertEqual(self.asks_from("10.0.0.7", 5), 3)
        self.assertEqual(self.lab.server.counters.limited, 2)
        self.lab.advance(5)
        self.assertEqual(self.asks_from("192.0.2.1", 5), 2)

    def test_there_are_so_many_in_all(self) -> None:
        """And a place that is given back is given out again."""
        self.assertEqual(sum(self.asks_from(f"192.0.2.{host}", 1) for host in range(1, 7)), 4)
        self.lab.advance(5)
        self.assertEqual(self.lab.server.active, 0)
        self.assertEqual(self.asks_from("192.0.2.9", 1), 1)

    def test_the_log_has_one_line_a_minute_and_source(self) -> None:
        """A flood must not fill the disk."""
        lines = _lines(self)
        self.asks_from("10.0.0.7", 50)
        self.assertEqual(lines, ["10.0.0.7: no answer, too many transfers"])
        self.lab.advance(61)
        del lines[:]
        self.asks_from("10.0.0.7", 50)
        self.assertEqual(lines, ["10.0.0.7: no answer, too many transfers"])


class LogTests(LabTestCase):
    def test_each_transfer_leaves_one_line(self) -> None:
        """Who, file, bytes, seconds, block size, window, retransmissions, outcome; the label, not the name."""
        self.lab.backend.files["KEY/a.cfg"] = Content("a.cfg", body=FILE)
        lines = _lines(self)
        self.phone.fetches("KEY/a.cfg", blksize=1024, windowsize=4)
        self.phone.asks("b.cfg")
        self.phone.asks("a.cfg")
        self.phone.sends(encode(Error(0, "no\nmore")))
        self.assertEqual(
            lines,
            [
                "10.0.0.7:2001 reads a.cfg: sent, 5120 bytes in 0.000 s, blksize 1024, window 4, 0 sent again",
                "10.0.0.7:2001 reads a.cfg: refused (file not found)",
                "10.0.0.7:2001 reads a.cfg: aborted (0 no?more), 0 bytes in 0.000 s, "
                "blksize 512, window 1, 0 sent again",
            ],
        )


class ListenerTests(LabTestCase):
    def test_what_is_no_request_gets_its_answer_or_silence(self) -> None:
        """The listener answers requests, and what can only be a broken one."""
        illegal = [Error(4, "illegal TFTP operation")]
        for datagram, answer in (
            (b"", []),
            (b"\0", []),
            (b"\0\0", illegal),
            (b"\0\7\0\1", illegal),
            (b"\1\0a\0octet\0", illegal),
            (b"\0\1", illegal),
            (b"\0\1a", illegal),
            (b"\0\1\0octet\0", illegal),
            (b"\0\1a\0mail\0", illegal),
            (b"\0\1a\0octet\0blksize\0", illegal),
            (b"\0\1" + b"a" * 600 + b"\0octet\0", illegal),
            (b"\0\1" + b"a" * 60_000, illegal),
            (b"\0\2\xff\xfe\0octet\0", [Error(2, "no uploads")]),
            (b"\0\1\xff\xfe\0octet\0", [Error(1, "file not found")]),
            (encode(Error(0, "first")), []),
            (encode(Ack(1)), []),
            (encode(Data(1, b"x")), []),
            (encode(OptionAck(())), []),
            (b"\0\5", []),
        ):
            self.assertEqual(self.phone.sends(datagram, SERVER), answer, datagram[:20])
        self.assertEqual(self.phone.fetches("a.cfg"), FILE)


class StopTests(LabTestCase):
    def test_transfers_under_way_are_finished(self) -> None:
        """A restart of the server costs no phone its boot; new requests are not taken any more."""
        self.phone.asks("a.cfg")
        stopped = self.lab.server.stop(10)
        self.assertNoResult(stopped)
        self.assertIs(self.lab.server.stop(10), stopped)
        self.assertEqual(self.lab.phone(port=2002).asks("a.cfg"), [])
        packets, block = self.phone.acks(1), 1
        while packets:
            block += 1
            packets = self.phone.acks(block)
        self.assertIsNone(self.successResultOf(stopped))
        self.assertEqual(self.outcomes(), {"sent": 1})

    def test_but_not_for_ever(self) -> None:
        """What takes longer is cut off, and told."""
        self.phone.asks("a.cfg")
        self.phone.acks(1)
        self.lab.backend.hold = True
        self.lab.phone(port=2002).asks("a.cfg")
        stopped = self.lab.server.stop(3)
        self.lab.advance(3.1)
        self.assertIn(Error(0, "the server stops"), self.phone.hears())
        self.assertIsNone(self.successResultOf(stopped))

    def test_an_idle_server_stops_at_once(self) -> None:
        """There is nothing to wait for."""
        self.assertIsNone(self.successResultOf(self.lab.server.stop(10)))


class SinglePortTests(LabTestCase):
    single_port = True

    def test_everything_goes_through_the_one_port(self) -> None:
        """For NAT and firewalls that let nothing but port 69 through."""
        self.assertEqual(self.phone.fetches("a.cfg", blksize=1024, windowsize=4), FILE)
        self.assertEqual(self.phone.tid, SERVER)
        self.lab.network.ports_left = 0
        self.assertEqual(self.phone.fetches("a.cfg"), FILE)

    def test_transfers_are_told_apart_by_their_phone(self) -> None:
        """Two ports of one address are two phones behind a NAT."""
        other = self.lab.phone(port=2002)
        self.phone.asks("a.cfg")
        other.asks("a.cfg")
        self.assertEqual(self.phone.acks(1), [Data(2, FILE[512:1024])])
        self.assertEqual(self.phone.acks(2), [Data(3, FILE[1024:1536])])
        self.assertEqual(other.acks(1), [Data(2, FILE[512:1024])])

    def test_late_packets_of_nobody_are_silence(self) -> None:
        """An ERROR to a late copy could end the phone's next transfer, which has the same two ports."""
        self.phone.fetches("a.cfg")
        self.assertEqual(self.phone.acks(11), [])
        self.lab.backend.hold = True
        self.phone.asks("a.cfg")
        self.assertEqual(self.phone.acks(11), [])

    def test_stopping_waits_for_its_transfers(self) -> None:
        """The listener hears them until the last one has ended."""
        self.phone.asks("a.cfg")
        stopped = self.lab.server.stop(10)
        self.assertEqual(self.phone.acks(1), [Data(2, FILE[512:1024])])
        self.assertEqual(self.lab.phone(port=2002).asks("a.cfg"), [])
        self.phone.sends(encode(Error(0, "enough")))
        self.assertIsNone(self.successResultOf(stopped))


class DiskTests(LabTestCase):
    def test_a_big_file_comes_from_disk_in_the_same_blocks(self) -> None:
        """More than one chunk, read ahead; windows that lie across two chunks."""
        body = FILE * 200
        place = self.mktemp()
        with open(place, "wb") as file:
            file.write(body)
        self.lab.backend.files["fw"] = Content("fw", place=place)
        self.assertEqual(self.phone.fetches("fw"), body)
        self.assertEqual(self.phone.fetches("fw", blksize=1000, windowsize=7), body)
        self.assertEqual(
            self.phone.fetches("fw", "netascii"), body.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
        )


class SlowDiskTests(LabTestCase):
    """A disk whose every answer is the test's to give."""

    def make(self, limits: Limits | None = None) -> Lab:
        lab = super().make(Limits(deadline_s=8.0))
        self.place = Path(self.mktemp())
        self.place.write_bytes(FILE)
        lab.backend.files["fw"] = Content("fw", place=str(self.place))
        self.held: list[Callable[[], object]] = []
        lab.threads = self.later
        return lab

    def later(self, function: Callable[..., object], *arguments: object) -> Deferred[object]:
        waiting: Deferred[object] = Deferred()
        self.held.append(lambda: maybeDeferred(function, *arguments).chainDeferred(waiting))
        return waiting

    def test_it_delays_and_nothing_is_sent_twice(self) -> None:
        """The wait is ours: it is no loss, and no round trip."""
        self.phone.asks("fw")
        self.held.pop()()
        self.lab.advance(5)
        self.assertEqual(self.phone.hears(), [])
        self.held.pop()()
        self.assertEqual(self.phone.hears(), [Data(1, FILE[:512])])
        self.assertEqual(self.phone.acks(1), [Data(2, FILE[512:1024])])
        self.phone.sends(encode(Error(0, "enough")))

    def test_one_that_hangs_costs_a_bounded_time(self) -> None:
        """The deadline holds all the same, and what comes after it is nobody's."""
        self.phone.asks("fw")
        self.held.pop()()
        self.lab.advance(9)
        self.assertEqual(self.outcomes(), {"deadline": 1})
        self.held.pop()()
        self.assertEqual(self.phone.hears(), [])

    def test_a_phone_that_left_before_the_file_was_open_gets_nothing(self) -> None:
        """And the file is closed again."""
        self.phone.asks("fw")
        self.assertEqual(self.phone.asks("a.cfg"), [Data(1, FILE[:512])])
        self.held.pop()()
        self.assertEqual((self.phone.hears(), self.lab.server.active), ([], 1))
        self.phone.sends(encode(Error(0, "enough")))

    def test_a_file_that_cannot_be_read_any_more_is_told(self) -> None:
        """It was cut short under our hands: rather an error than wrong bytes."""
        self.phone.asks("fw")
        self.held.pop()()
        self.place.write_bytes(b"short")
        self.held.pop()()
        self.assertEqual(self.phone.hears(), [Error(0, "the file cannot be read")])
        self.assertEqual(self.outcomes(), {"failed": 1})


class MemoryTests(LabTestCase):
    def test_a_transfer_costs_little_beside_its_file(self) -> None:
        """10,000 of them must not be a matter of memory: under 10 KB each, sockets apart."""
        for port in range(100):
            self.lab.phone(port=5000 + port).asks("a.cfg")
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        before = tracemalloc.get_traced_memory()[0]
        for port in range(500):
            self.lab.network.deliver(encode(Request(False, "a.cfg")), ("10.0.1.1", 1000 + port), SERVER)
            self.lab.network.mailboxes.clear()
        each = (tracemalloc.get_traced_memory()[0] - before) / 500
        self.assertLess(each, 5_000)

    def test_a_transfer_leaves_nothing_for_the_garbage_collector(self) -> None:
        """Thousands a second in cycles would make it stop the reactor for tens of milliseconds."""
        place = Path(self.mktemp())
        place.write_bytes(FILE)
        self.lab.backend.files["fw"] = Content("fw", place=str(place))
        self.addCleanup(gc.enable)
        for name in ("a.cfg", "fw", "none"):
            self.lab.backend.sinks["log"] = MemorySink("log")
            gc.collect()
            gc.disable()
            if name == "none":
                self.phone.asks("none")
                self.phone.asks("log", writing=True)
                self.phone.gives(1, b"end")
                self.lab.advance(13)
            else:
                self.phone.fetches(name, blksize=600, windowsize=2)
                self.lab.advance(0.3)
            self.assertEqual(gc.collect(), 0, name)


class DeadlineTests(LabTestCase):
    def make(self, limits: Limits | None = None) -> Lab:
        return super().make(Limits(deadline_s=2.0, caps=Caps(1024, 4)))

    def test_a_transfer_that_crawls_is_ended(self) -> None:
        """It holds a place that another phone needs."""
        self.phone.asks("a.cfg")
        for block in range(1, 5):
            self.phone.acks(block)
            self.lab.advance(0.6)
        self.assertEqual(self.outcomes(), {"deadline": 1})

    def test_the_caps_are_settings(self) -> None:
        """Some networks want smaller blocks."""
        packets = self.phone.asks("a.cfg", blksize=1428, windowsize=8)
        self.assertEqual(packets, [OptionAck((("blksize", "1024"), ("windowsize", "4")))])


@implementer(ILogObserver)
class Lines(list[str]):
    """What is logged, as text."""

    def __call__(self, event: LogEvent) -> None:
        if str(event.get("log_namespace", "")).startswith("provserver.tftp"):
            self.append(formatEvent(event))


def _lines(test: SynchronousTestCase) -> Lines:
    """Collect what is logged from now on."""
    lines = Lines()
    globalLogPublisher.addObserver(lines)
    test.addCleanup(globalLogPublisher.removeObserver, lines)
    return lines
