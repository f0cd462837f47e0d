"""Marks: six letters that name a phone, and lead back to it."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.mark import LENGTH, LETTERS, Marks, mark_of
from provserver.model import Device
from provserver.pbx.agi_calls import mark_in

KEY = bytes(16)


class MarkTests(SynchronousTestCase):
    def test_a_mark_can_be_read_and_typed(self) -> None:
        """No letter looks like another one, and what the PBX's side reads is what was written."""
        for n in range(2_000):
            mark = mark_of(KEY, f"device-{n}")
            self.assertEqual((len(mark), set(mark) - set(LETTERS)), (LENGTH, set()))
            self.assertEqual(mark_in(f"Waiting {mark}"), mark)
        self.assertEqual((len(LETTERS), set(LETTERS) & set("0O1I")), (32, set()))

    def test_it_is_always_the_same(self) -> None:
        """A phone that boots again must not be another one; the value is written down for that."""
        self.assertEqual(mark_of(KEY, "d1"), "92PA7C")
        self.assertNotEqual(mark_of(b"other", "d1"), mark_of(KEY, "d1"))
        self.assertEqual(len(mark_of(KEY, "odd \udcff")), LENGTH)

    def test_marks_lead_back(self) -> None:
        """To the devices that wait, and to no other."""
        marks = Marks(KEY, [Device("d1"), Device("d2")])
        self.assertEqual(marks.devices(marks.of("d1")), ("d1",))
        marks.drop("d1")
        self.assertEqual(marks.devices(marks.of("d1")), ())
        marks.drop("d1")
        marks.add("d2")
        marks.add("d2")
        self.assertEqual(marks.devices(marks.of("d2")), ("d2",))

    def test_two_phones_with_one_mark(self) -> None:
        """With 20,000 phones that happens; then it names neither."""
        seen: dict[str, str] = {}
        twins = ("", "")
        for n in range(200_000):
            other = seen.setdefault(mark_of(KEY, str(n)), str(n))
            if other != str(n):
                twins = (other, str(n))
                break
        marks = Marks(KEY, map(Device, twins))
        mark = marks.of(twins[0])
        self.assertEqual(marks.devices(mark), twins)
        marks.drop(twins[0])
        self.assertEqual(marks.devices(mark), twins[1:])
