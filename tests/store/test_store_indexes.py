"""Indexes: slots by a value; and orders: slots sorted by a text, in blocks."""

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Config, Device
from provserver.store import indexes
from provserver.store.indexes import Index, Order


def of(vendor: str | None) -> Device | None:
    return None if vendor is None else Device("x", vendor=vendor)


def child(*parents: str) -> Config:
    return Config("x", parents=parents)


class IndexTests(SynchronousTestCase):
    def test_any_changes_leave_each_value_its_documents(self) -> None:
        """The oldest first, each once, also where a document names a value twice."""
        for is_filled in (True, False):
            random = Random(7)
            index = Index(lambda config: config.parents)
            known = {slot: child(*random.choices("abc", k=slot % 4)) for slot in range(20)}
            if is_filled:
                index.fill(list(known), known.values())
            else:
                for slot in random.sample(list(known), 20):
                    index.add(slot, known[slot])
            self.check(index, known)
            for _ in range(200):
                slot = random.randrange(20)
                after = child(*random.choices("abc", k=random.randrange(4)))
                if slot not in known:
                    index.add(slot, after)
                elif after.parents:
                    index.move(slot, known[slot], after)
                else:
                    index.remove(slot, known.pop(slot))
                    continue
                known[slot] = after
                self.check(index, known)

    def check(self, index: Index, known: dict[int, Config]) -> None:
        for value in "abcd":
            expected = sorted(slot for slot, config in known.items() if value in config.parents)
            self.assertEqual(list(index.slots(value)), expected)


class OrderTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.order = Order("vendor")
        self.texts: dict[int, str | None] = {}  # by slot

    def fill(self, texts: list[str]) -> None:
        self.texts = dict(enumerate(texts))
        self.order.fill(list(self.texts), map(of, texts))

    def expected(self) -> list[int]:
        """Without a text first, and `v9` before `v10`."""
        return sorted(self.texts, key=lambda slot: (int((self.texts[slot] or "v-1")[1:]), slot))

    def test_any_changes_leave_it_sorted(self) -> None:
        """Equal ones by age, in whatever block they lie; what goes is gone, and blocks come and go with it."""
        for block in (1, 2, 3, 8, 512):
            self.patch(indexes, "_BLOCK", block)
            for seed in range(8):
                random = Random(seed)
                self.setUp()
                self.fill(
                    [f"v{random.randrange(12)}" for _ in range(random.choice((0, 1, block, 2 * block, 99)))]
                )
                self.assertEqual(list(self.order.still()), self.expected())
                for _ in range(200):
                    self.change(random)
                    still, back = self.order.still(), self.order.still(descending=True)
                    self.assertEqual(list(still), self.expected(), (block, seed))
                    self.assertEqual(list(back), self.expected()[::-1], (block, seed))
                for slot in self.expected():
                    self.order.remove(slot, of(self.texts.pop(slot)))
                self.assertEqual(list(self.order.still()), [])
                self.order.add(7, of("v1"))
                self.assertEqual(list(self.order.still()), [7])

    def change(self, random: Random) -> None:
        what = random.choice(("add", "add", "remove", "move"))
        text = random.choice((None, *(f"v{number}" for number in range(12))))
        if what == "add" or not self.texts:
            slot = max(self.texts, default=-1) + 1
            self.texts[slot] = text
            self.order.add(slot, of(text))
            return
        slot = random.choice(list(self.texts))
        before = self.texts.pop(slot)
        if what == "remove":
            self.order.remove(slot, of(before))
        else:
            self.order.move(slot, of(before), of(text))
            self.texts[slot] = text

    def test_a_page_begins_anywhere(self) -> None:
        """In a block, at its edges, at the end and behind it."""
        self.patch(indexes, "_BLOCK", 4)
        self.fill([f"v{number * 7 % 11}" for number in range(11)])
        for skip in range(14):
            self.assertEqual(list(self.order.still(skip=skip)), self.expected()[skip:])
            self.assertEqual(list(self.order.still(descending=True, skip=skip)), self.expected()[::-1][skip:])

    def test_a_still_does_not_change(self) -> None:
        """A list is walked over many turns: it shows all of one moment, each once, whatever comes between."""
        self.patch(indexes, "_BLOCK", 4)
        self.fill([f"v{number}" for number in range(30)])
        stills = [self.order.still(), self.order.still(), self.order.still(descending=True)]
        expected = self.expected()
        self.assertEqual([next(stills[0]) for _ in range(5)], expected[:5])
        for slot in range(0, 30, 2):
            self.order.remove(slot, of(f"v{slot}"))
            self.order.add(100 + slot, of("v6"))
            self.order.move(slot + 1, of(f"v{slot + 1}"), of("v0"))
        self.assertEqual(list(stills[0]), expected[5:])
        self.assertEqual(list(stills[1]), expected)
        self.assertEqual(list(stills[2]), expected[::-1])

    def test_no_block_grows_with_the_number_of_devices(self) -> None:
        """
        A change copies a block. When ten thousand new devices were put into one long list at once, in each of eight
        orders, no phone was answered for 80 ms.
        """
        self.fill(["v5"] * 3_000)
        for slot in range(3_000, 13_000):
            self.order.add(slot, of("v5" if slot % 2 else "v3"))
        self.assertLess(max(map(len, self.order._slots)), 2 * indexes._BLOCK)
        self.assertEqual(len(list(self.order.still())), 13_000)
