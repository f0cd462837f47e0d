"""Codes: never one that somebody would try first, never one that another line has."""

import itertools
from functools import partial

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.codes import fresh_code, is_trivial
from provserver.errors import Conflict


class CodesTests(SynchronousTestCase):
    def test_trivial_codes(self) -> None:
        """What people try first is no code."""
        tried = """
            000000 111111 123456 012345 456789 567890 654321 987654 098765 121212 112112 123123 112233 332211
            101010 111222 111112 445566
        """
        for code in tried.split():
            self.assertTrue(is_trivial(code), code)
        for code in ("482913", "135790", "123457", "112244", "100230", "010203"):
            self.assertFalse(is_trivial(code), code)

    def test_few_codes_are_lost(self) -> None:
        """Nearly all of a million are left."""
        trivial = sum(is_trivial(f"{number:06}") for number in range(1_000_000))
        self.assertLess(trivial, 4_000)

    def test_a_fresh_code(self) -> None:
        """Trivial and taken ones are passed over; it has six digits, also the low ones."""
        draw = iter((111_111, 123_456, 482_913, 7_042))
        self.assertEqual(fresh_code(partial(next, draw), {"482913"}.__contains__), "007042")

    def test_when_none_is_free(self) -> None:
        """It says so in time: it does not look for ever."""
        self.assertRaises(Conflict, fresh_code, partial(next, itertools.count()), lambda _: True)
