"""How seldom Python searches for garbage."""

import gc

from twisted.trial.unittest import SynchronousTestCase

from provserver.store.garbage import not_searched, seldom_searched


class GarbageTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.addCleanup(gc.set_threshold, *gc.get_threshold())
        self.addCleanup(gc.unfreeze)
        self.addCleanup(gc.enable)

    def test_what_a_start_has_made_is_not_searched(self) -> None:
        """Each full search would look at all documents; what a flood leaves is searched after ten million objects."""
        seldom_searched()
        self.assertGreater(gc.get_freeze_count(), 0)
        young, middle, old = gc.get_threshold()
        self.assertGreaterEqual(young * middle * old, 10_000_000)
        self.assertTrue(gc.isenabled())

    def test_reading_leaves_the_search_as_it_was(self) -> None:
        """Also when what is read is damaged: a process without it would grow."""
        for was_on in (True, False):
            (gc.enable if was_on else gc.disable)()
            with not_searched():
                self.assertFalse(gc.isenabled())
            self.assertEqual(gc.isenabled(), was_on)
            with self.assertRaises(ValueError), not_searched():
                raise ValueError
            self.assertEqual(gc.isenabled(), was_on)
