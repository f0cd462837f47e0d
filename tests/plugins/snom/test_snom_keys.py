"""The function keys of Snom's phones, and the keys round their screens."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Unfit
from tests.plugins.snom.phones import BOOK, NEWEST, NO_BOOK, OLDEST, PBX, Raw, read


class SnomKeysTests(SynchronousTestCase):
    def keys(self, raw: Raw, model: str | None = "D785", plugin: str = NEWEST) -> dict[int, str]:
        found = read(raw, model, plugin)
        return {
            int(key[5:-1]): value
            for key, (value,) in found.items()
            if key.startswith("fkey[") and "@" not in key
        }

    def test_a_key_beyond_the_last_is_left_out(self) -> None:
        """The phone's own keys, and behind them those of the modules that it can have."""
        speed = {str(number): {"type": "speeddial", "value": "1"} for number in (0, 4, 5, 6, 220, 221)}
        for model, expected in (
            ("D785", [3, 4, 5, 219]),
            ("D713", [3]),
            ("D712", [3, 4, 5, 219]),  # not in this firmware's list, so it is as it was in its last
            (None, [3, 4, 5, 219]),
            ("D120", []),
        ):
            plugin = NEWEST if model != "D712" else "snom-10.1.184.15"
            expected = [3, 4] if model == "D712" else expected
            self.assertEqual([*self.keys({"funckeys": speed}, model, plugin)], expected, model)

    def test_parking_has_a_key_type_on_some(self) -> None:
        """The others dial the place. A park key without a place does nothing."""
        raw = {"funckeys": {"1": {"type": "park", "value": "701"}, "2": {"type": "park"}}}
        for model, plugin, expected in (
            ("715", NEWEST, "orbit 701"),
            ("D785", NEWEST, "speed 701"),
            ("760", "snom-8.9.3.80", "orbit 701"),
            (None, NEWEST, "speed 701"),
        ):
            self.assertEqual(self.keys(raw, model, plugin), {0: expected}, model)

    def test_a_bar_is_refused(self) -> None:
        """Behind it stands the prefix that picks up a call."""
        for key, pickup, name in (
            ({"type": "blf", "value": "1|*9"}, "*8", "funckeys.3.value"),
            ({"type": "speeddial", "value": "1|*9"}, "*8", "funckeys.3.value"),
            ({"type": "blf", "value": "1"}, "*8|", "exten_pickup_call"),
        ):
            with self.assertRaises(Unfit) as caught:
                read({"funckeys": {"3": key}, "exten_pickup_call": pickup})
            self.assertEqual(caught.exception.setting, name)

    def test_the_line_of_a_key_that_the_phone_does_not_have(self) -> None:
        """It uses the one that is chosen."""
        key = {"type": "blf", "value": "1", "line": 9}
        for model, context in (("D785", "9"), ("D717", "active"), (None, "9")):
            self.assertEqual(read({"funckeys": {"1": key}}, model)["fkey[0]@context"], (context,), model)

    def test_printed_keys_keep_their_word_where_nobody_says_otherwise(self) -> None:
        """And each key stands once."""
        six = {0: "line", 1: "line", 2: "keyevent F_REDIAL", 3: NO_BOOK, 4: "transfer", 5: "keyevent F_MUTE"}
        self.assertEqual(self.keys({}, "300", OLDEST), six)
        self.assertEqual(self.keys(PBX, "300", OLDEST)[3], "none")
        own = {"funckeys": {"3": {"type": "speeddial", "value": "5"}}}
        self.assertEqual(self.keys(own, "300", OLDEST), {**six, 2: "speed 5"})
        self.assertEqual(self.keys(PBX, "710", OLDEST), {4: BOOK})
        self.assertEqual(self.keys({}, "710", OLDEST), {})

    def test_keys_round_the_screen(self) -> None:
        """Each generation has its own, and the phonebook is on one of them."""
        for model, plugin, expected in (
            ("720", OLDEST, {"gui_fkey1": ("F_ADR_BOOK", "none"), "gui_fkey4": ("none", "none")}),
            (
                "D345",
                "snom-10.1.175.16",
                {
                    "gui_fkey1": (NO_BOOK, "keyevent F_NONE"),
                    "gui_fkey4": ("keyevent F_STATUS", "keyevent F_STATUS"),
                },
            ),
            ("320", OLDEST, {}),
            (None, NEWEST, {}),
        ):
            without, with_book = read({}, model, plugin), read(PBX, model, plugin)
            found = {
                key: (without[key][0], with_book[key][0])
                for key in without
                if key.startswith(("gui_fkey", "context_key")) and "@" not in key
            }
            self.assertEqual(found, expected, model)
        for model, third, locale in (
            ("D785", "keyevent F_CALL_LIST", None),
            ("D815", "keyevent F_SETTINGS", None),
            ("D862", "keyevent F_SETTINGS", ("de_DE",)),
        ):
            found_keys = read({"locale": "de_DE", **PBX}, model)
            self.assertEqual(
                found_keys["context_key[0]/initialization/variable[label]@value"], ("Telefonbuch",)
            )
            self.assertEqual(found_keys["context_key[2]"], (third,))
            self.assertEqual(found_keys.get("locale"), locale)
            self.assertEqual(read({}, model)["context_key[0]"], (NO_BOOK,))
