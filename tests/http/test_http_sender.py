"""http.sender: files from the disk."""

import os
from itertools import pairwise

from twisted.trial.unittest import SynchronousTestCase

from provserver.http.messages import Piece
from provserver.http.sender import Replaced, open_piece
from provserver.model import File
from tests.http.wire import AT, GET, Phone, Site, folder, request, served

SIZE = 1_000_000
CONTENT = os.urandom(SIZE)


class DiskTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.place = folder(self) / "fw.rom"
        self.place.write_bytes(CONTENT)
        self.site = Site()
        file = File("fw.rom", "application/octet-stream", "e", SIZE, AT, place=str(self.place))
        self.site.provisioner.answer_with = served(file)

    def held(self, sent: bytes = GET) -> Phone:
        """Return a phone whose file is opened, but not yet read."""
        self.site.threads.hold = True
        phone = self.site.phone().send(sent)
        self.next(phone)
        return phone

    def next(self, phone: Phone) -> None:
        """Let what waits for the disk be done."""
        self.site.threads.run()
        phone.settle()

    def nothing_is_open(self) -> None:
        names = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _is_open(fd)]
        self.assertFalse([name for name in names if name.startswith(str(self.place.resolve()))])

    def test_it_comes_whole(self) -> None:
        """A megabyte in four pieces."""
        response = self.site.ask()
        self.assertEqual((response.status, response.body), (200, CONTENT))
        self.nothing_is_open()

    def test_a_part_of_it_comes(self) -> None:
        """Also one over the border of two pieces."""
        response = self.site.ask(request("Range: bytes=262140-262149"))
        self.assertEqual((response.status, response.body), (206, CONTENT[262_140:262_150]))
        self.assertEqual(self.site.ask(request("Range: bytes=-1")).body, CONTENT[-1:])

    def test_the_connection_goes_on_after_it(self) -> None:
        """A firmware is followed by a config."""
        phone = self.site.phone().send(GET * 2)
        self.assertEqual([r.body for r in phone.responses()], [CONTENT, CONTENT])
        self.assertFalse(phone.closed)

    def test_a_phone_that_takes_slowly_is_sent_one_piece_at_a_time(self) -> None:
        """Five thousand phones that fetch one firmware must not need five thousand times its size."""
        phone = self.site.phone()
        phone.wire.taking = False
        phone.send(GET)
        sizes = [len(phone.sent)]
        while len(phone.sent) < SIZE:
            phone.wire.take()
            sizes.append(len(phone.sent))
        steps = [after - before for before, after in pairwise(sizes)]
        self.assertLessEqual(max(steps), 256 * 1024)
        phone.wire.take()
        self.assertEqual(phone.response().body, CONTENT)
        self.nothing_is_open()

    def test_a_phone_that_leaves_ends_the_reading(self) -> None:
        """Between pieces, during one, or before the first: the file is closed each time."""
        early = self.held()
        early.hang_up()
        self.next(early)
        reading = self.held()
        self.next(reading)
        reading.hang_up()
        self.next(reading)
        self.next(reading)
        self.site.threads.hold = False
        paused = self.site.phone()
        paused.wire.taking = False
        paused.send(GET)
        paused.hang_up()
        self.assertLess(len(paused.sent), SIZE)
        self.nothing_is_open()

    def test_a_phone_that_left_while_it_was_opened_is_sent_nothing(self) -> None:
        """Opening takes time on a disk that sleeps."""
        self.site.threads.hold = True
        phone = self.site.phone().send(GET)
        phone.hang_up()
        self.next(phone)
        self.next(phone)
        self.assertEqual(phone.sent, b"")
        self.nothing_is_open()

    def test_a_file_that_became_shorter_is_cut_off(self) -> None:
        """The length was promised; what is missing must not look like the end, nor hang."""
        phone = self.held()
        os.truncate(self.place, 10)
        for _ in range(3):
            self.next(phone)
        self.assertTrue(phone.wire.aborted)
        self.assertLess(len(phone.sent), 1000)
        self.nothing_is_open()

    def test_a_file_that_is_being_replaced_is_busy(self) -> None:
        """Its ETag and length are the old one's; in a moment the index knows the new one."""
        self.place.write_bytes(CONTENT[:-1])
        response = self.site.ask()
        self.assertEqual((response.status, response.headers["Retry-After"]), (503, "10"))
        self.assertRaises(Replaced, open_piece, Piece(str(self.place), SIZE, 0, SIZE))
        self.nothing_is_open()

    def test_a_disk_that_fails_is_a_logged_500_or_a_cut(self) -> None:
        """Before the head it can still be said; in the middle the phone must see that it is not the end."""
        self.place.unlink()
        self.place.mkdir()
        self.assertEqual(self.site.ask().status, 500)
        self.assertEqual(len(self.flushLoggedErrors(IsADirectoryError)), 1)
        self.place.rmdir()
        self.place.write_bytes(CONTENT)
        phone = self.held()
        os.close(self.descriptor())
        for _ in range(3):
            self.next(phone)
        self.assertTrue(phone.wire.aborted)
        self.assertTrue(self.flushLoggedErrors(OSError))

    def descriptor(self) -> int:
        place = str(self.place.resolve())
        (number,) = [
            fd
            for fd in os.listdir("/proc/self/fd")
            if _is_open(fd) and os.readlink(f"/proc/self/fd/{fd}") == place
        ]
        return int(number)

    def test_a_stop_waits_for_the_file(self) -> None:
        """A restart must not cut a firmware in two."""
        phone = self.held()
        finished = self.site.factory.finish(10)
        self.site.threads.hold = False
        self.next(phone)
        self.successResultOf(finished)
        self.assertEqual(phone.response().body, CONTENT)
        self.assertTrue(phone.closed)


def _is_open(fd: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{fd}")
