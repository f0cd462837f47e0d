"""Security: the tables of docs/security.md are what provd does."""

from twisted.trial.unittest import SynchronousTestCase

from tests.security.access_table import PAGE, page, table


class TableTests(SynchronousTestCase):
    def test_the_page_says_what_phones_get(self) -> None:
        """Whoever chooses a policy chooses by this table; `python -m tests.security.access_table` writes it anew."""
        self.assertEqual(PAGE.read_text(), page(), "stale: python -m tests.security.access_table")

    def test_no_more_proof_gives_less(self) -> None:
        """Within a row answers only grow, from the left to the right."""
        order = ("nothing", "a challenge", "open files, a challenge", "open files", "everything")
        for line in table().splitlines()[2:]:
            cells = [cell.strip() for cell in line.split("|")[3:-1]]
            self.assertEqual(cells, sorted(cells, key=order.index), line)
