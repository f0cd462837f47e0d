"""Key geometry."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.vendors.keys import Bank, positions


class PositionsTests(SynchronousTestCase):
    def test_numbers_run_over_the_phone_and_then_from_module_to_module(self) -> None:
        """Key 28 of a Yealink T46S is the first of its first module, 68 the first of the second."""
        names = positions(
            Bank("linekey.{key}", 27), Bank("expansion_module.{module}.key.{key}", 40, modules=6)
        )
        self.assertEqual(len(names), 27 + 6 * 40)
        for number, name in (
            (1, "linekey.1"),
            (27, "linekey.27"),
            (28, "expansion_module.1.key.1"),
            (67, "expansion_module.1.key.40"),
            (68, "expansion_module.2.key.1"),
            (267, "expansion_module.6.key.40"),
        ):
            self.assertEqual(names[number - 1], name)

    def test_a_phone_without_keys_has_no_positions(self) -> None:
        """Conference phones have accounts and no key at all."""
        self.assertEqual(positions(Bank("linekey.{key}", 0), Bank("m.{module}.{key}", 0, modules=0)), ())
