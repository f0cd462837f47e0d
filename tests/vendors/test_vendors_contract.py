"""The contract test of vendors is itself looked at: it must try what it says."""

from itertools import combinations, product

from twisted.trial.unittest import SynchronousTestCase

from provserver.raw_config import check
from tests.contracts.vendor_settings import DIFFERS, GROUPS, TEXTS, pairwise, singly, with_text


class ContractTests(SynchronousTestCase):
    def test_any_two_settings_meet(self) -> None:
        """In all rows together, and each row is a valid config."""
        met: set[tuple[int, str, int, str]] = set()
        for row, raw in pairwise():
            check(raw)
            for (one, first), (two, second) in combinations(enumerate(row), 2):
                met.add((one, first, two, second))
        for one, two in combinations(range(len(GROUPS)), 2):
            for first, second in product(GROUPS[one], GROUPS[two]):
                self.assertIn((one, first, two, second), met)

    def test_settings_that_differ_in_one_differ_in_it_alone(self) -> None:
        """Otherwise a file would differ because of another."""
        for name, (before, after) in DIFFERS.items():
            check(before)
            check(after)
            changed = {each for each in {*before, *after} if before.get(each) != after.get(each)}
            self.assertEqual(changed, {name})

    def test_every_config_of_the_tests_is_valid(self) -> None:
        """One that is refused would test nothing."""
        for _, raw in singly():
            check(raw)
        for name in TEXTS:
            check(with_text(name, "PLACEHOLDER"))
