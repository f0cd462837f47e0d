"""acl: what a pattern allows, and what may be handed down."""

import re
from time import perf_counter

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.acl import allows, handed_down
from provserver.errors import Invalid

READ = "provd.dev_mgr.devices.d1.read"
TABLE: tuple[tuple[tuple[str, ...], str, bool], ...] = (
    ((READ,), READ, True),
    (("#",), READ, True),
    (("#",), "", True),
    (("provd.#",), READ, True),
    (("provd.#",), "provd", False),
    (("provd.#",), "provd.", True),
    (("provd.dev_mgr.devices.#",), "provd.dev_mgr.devices.read", True),
    (("provd.dev_mgr.devices.*",), "provd.dev_mgr.devices.read", True),
    (("provd.dev_mgr.devices.*",), READ, False),
    (("provd.dev_mgr.devices.*.read",), READ, True),
    (("provd.dev_mgr.devices.*.read",), "provd.dev_mgr.devices.d1.raw.read", False),
    (("provd.dev_mgr.#.read",), READ, True),
    (("provd.dev_mgr.#.read",), "provd.dev_mgr.read", False),
    (("#.read",), READ, True),
    (("#.read",), f"{READ}x", False),
    (("provd.dev*.#",), READ, True),
    (("provd.d*v_m*r.#",), READ, True),
    (("provd.*.*.*.*",), READ, True),
    (("provd.*.*.*",), READ, False),
    (("*",), "provd", True),
    (("*",), READ, False),
    (("**",), "provd", True),
    (("provd.dev_mgr.devices.*.read",), "provd.dev_mgr.devices.#.read", False),
    (("provd.dev_mgr.devices.d1.rea",), READ, False),
    (("PROVD.#",), READ, False),
    (("provd.dev_mgr.devices.d[0-9].read",), READ, False),
    (("provd.dev_mgr.devices.d1|.read",), READ, False),
    (("provd.dev_mgr.devices..1.read",), READ, False),
    (("(?i)PROVD.#",), READ, False),
    (("provd.#",), "provd.a\nb", True),
    ((READ,), f"{READ}\n", False),
    ((), READ, False),
    (("!#",), READ, False),
    (("#", f"!{READ}"), READ, False),
    ((f"!{READ}", "#"), READ, False),
    (("#", f"!{READ}"), "provd.dev_mgr.devices.d2.read", True),
    (("provd.#", "!provd.tokens.#"), "provd.tokens.create", False),
    (("provd.#", "!provd.tokens.*"), "provd.tokens.t1.read", True),
    (("!!#",), READ, False),
    (("provd.tokens.me.read",), "provd.tokens.t_1.read", True),
    (("provd.tokens.my_session.read",), "provd.tokens.t_1.read", True),
    (("provd.tokens.me.read",), "provd.tokens.me.read", True),
    (("provd.tokens.me.read",), "provd.tokens.t2.read", False),
    (("provd.tokens.meme.read",), "provd.tokens.t_1.read", False),
    (("#", "!provd.tokens.me.delete"), "provd.tokens.t_1.delete", False),
)


class AllowsTests(SynchronousTestCase):
    def test_the_table(self) -> None:
        """As wazo-auth has it: the policies that are deployed are written for that."""
        for patterns, wanted, allowed in TABLE:
            self.assertEqual(allows(patterns, wanted, "t_1"), allowed, (patterns, wanted))

    def test_without_an_id_nobody_is_me(self) -> None:
        """An empty id would be in every empty word."""
        self.assertFalse(allows(("provd.me.read",), "provd..read"))

    @given(st.text("ab.*#", max_size=9), st.text("ab.#", max_size=9))
    @example("*a.b#a*b", "a.baab")
    @example("#a*b", "a.ab")
    @example("a#.#*", "a..")
    def test_it_is_the_plain_expression(self, pattern: str, wanted: str) -> None:
        """What is compiled so that it is fast must say what the plain form says."""
        plain = re.escape(pattern).replace(r"\*", "[^.#]*?").replace(r"\#", ".*?")
        self.assertEqual(allows((pattern,), wanted), re.fullmatch(plain, wanted, re.DOTALL) is not None)

    def test_no_pattern_takes_long(self) -> None:
        """A regular expression made plainly would look for hours: a token must not stop the server."""
        began = perf_counter()
        for pattern in ("#a" * 120 + "b", "*a" * 120 + "b", "#*a" * 80 + "b", "*" * 256, "#" * 255 + "b"):
            self.assertEqual(allows((pattern,), "a" * 600), "b" not in pattern)
        self.assertLess(perf_counter() - began, 2)


class HandedDownTests(SynchronousTestCase):
    def test_one_gives_what_one_has(self) -> None:
        """All of it, or less."""
        for held, wanted in (
            (("#",), "provd.#"),
            (("#",), "#"),
            (("provd.#",), "provd.dev_mgr.*.read"),
            (("provd.#",), "provd.#"),
            (("provd.*.read",), "provd.*.read"),
            (("provd.*.read",), "provd.status.read"),
            (("provd.dev*.#",), "provd.devices.#"),
            (("provd.a", "provd.b"), "provd.b"),
            ((), "!provd.a"),
        ):
            self.assertEqual(handed_down(held, (wanted,)), (wanted,))

    def test_nobody_gives_more(self) -> None:
        """Else who may make tokens may do everything. The pattern is named."""
        for held, wanted in (
            (("provd.#",), "#"),
            (("provd.*",), "provd.#"),
            (("provd.*.read",), "provd.#.read"),
            (("provd.status.read",), "provd.*.read"),
            (("provd.a",), "provd.b"),
            (("#", "!provd.tokens.#"), "provd.tokens.create"),
            ((), "provd.a"),
        ):
            problem = self.assertRaises(Invalid, handed_down, held, ("!x", wanted))
            self.assertIn(wanted, str(problem))

    def test_what_is_taken_from_one_is_taken_from_what_one_makes(self) -> None:
        """`provd.#` is within `provd.#`, and must still not open what the giver may not."""
        acl = handed_down(("provd.#", "!provd.tokens.#"), ("provd.#",))
        self.assertEqual(acl, ("provd.#", "!provd.tokens.#"))
        self.assertEqual(handed_down(acl, acl), acl)

    def test_what_is_no_pattern_is_refused(self) -> None:
        """Blanks, line breaks and what is too long never match anything anyway."""
        for wrong in ("", "!", "a b", "a\n", "é", "\0", "x" * 257):
            self.assertRaises(Invalid, handed_down, ("#",), (wrong,))

    @given(
        st.lists(st.text("ab.*#", min_size=1, max_size=5), min_size=1, max_size=2),
        st.text("ab.*#", min_size=1, max_size=5),
        st.text("ab.", max_size=6),
    )
    def test_what_is_handed_down_opens_nothing_new(self, held: list[str], wanted: str, asked: str) -> None:
        """Whatever the patterns are."""
        try:
            acl = handed_down(held, (wanted,))
        except Invalid:
            return
        if allows(acl, asked):
            self.assertTrue(allows(held, asked), (held, wanted, asked))
