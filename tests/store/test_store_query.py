"""queries: the selector language of wazo-provd's clients, condition by condition."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.model import Json
from provserver.store.query import compile_selector, natural, sort_key

VIEW = {
    "id": "d1",
    "mac": "00:15:65:4a:a9:37",
    "sn": ["S1", "S2"],
    "configured": True,
    "port": 5060,
    "ratio": 0.5,
    "none": None,
    "empty": "",
    "parents": ("base", "x"),
    "tags": ["a", 1, {"x": 1}],
    "options": {"switchboard": True, "deep": {"deeper": "x"}, "list": [{"k": 1}, {"k": 2}, "k", [{"k": 3}]]},
}


def compiled(selector: object, *in_lists: str) -> object:
    return compile_selector(Json(json.dumps(selector).encode()), in_lists).matches(VIEW)


class MatchingTests(SynchronousTestCase):
    def check(self, *cases: tuple[object, bool]) -> None:
        for selector, expected in cases:
            self.assertEqual(compiled(selector), expected, selector)

    def test_a_plain_value_asks_for_equality(self) -> None:
        """As Python has it: `true` is 1, an object and a list are compared whole."""
        self.check(
            ({}, True),
            ({"id": "d1"}, True),
            ({"id": "d2"}, False),
            ({"id": "d1", "mac": "x"}, False),
            ({"configured": True}, True),
            ({"configured": 1}, True),
            ({"configured": "true"}, False),
            ({"port": 5060.0}, True),
            ({"port": "5060"}, False),
            ({"none": None}, True),
            ({"missing": None}, False),
            ({"parents": ["base", "x"]}, True),
            ({"parents": ["x", "base"]}, False),
            ({"parents": "base"}, False),
            ({"tags": ["a", 1, {"x": 1}]}, True),
            ({"options.deep": {"deeper": "x"}}, True),
            ({"options.deep": {}}, False),
            ({"$id": "d1"}, False),
            ({"$in": ["d1"]}, False),
        )

    def test_a_key_descends_objects_and_searches_a_list_at_its_last_step(self) -> None:
        """`{"k":[{"kk":1}]}` matches `k.kk`, and nothing else goes through lists."""
        self.check(
            ({"options.switchboard": True}, True),
            ({"options.deep.deeper": "x"}, True),
            ({"options.list.k": 2}, True),
            ({"options.list.k": 3}, True),
            ({"options.list.k": 4}, False),
            ({"options.list.k.x": 1}, False),
            ({"options.missing.k": 1}, False),
            ({"id.x": "d1"}, False),
            ({"tags.x": 1}, True),
            ({"": 1}, False),
            ({".": 1}, False),
            ({"options.": 1}, False),
        )

    def test_a_scalar_matches_inside_a_list_only_for_the_keys_told(self) -> None:
        """Clients know it of mac, ip and sn, for which wazo-provd has indexes."""
        self.assertFalse(compiled({"sn": "S1"}))
        self.assertTrue(compiled({"sn": "S1"}, "sn"))
        self.assertFalse(compiled({"sn": "S3"}, "sn"))
        self.assertTrue(compiled({"mac": VIEW["mac"]}, "sn", "mac"))
        for value in (["S1"], {}, {"x": 1}):
            with self.assertRaises(Invalid) as raised:
                compiled({"sn": value}, "sn")
            self.assertIn("sn", str(raised.exception))

    def test_operators(self) -> None:
        """Each alone, and all of one object together."""
        self.check(
            ({"id": {"$in": ["d0", "d1"]}}, True),
            ({"id": {"$in": []}}, False),
            ({"configured": {"$in": [1]}}, True),
            ({"options.deep": {"$in": [{"deeper": "x"}, 1]}}, True),
            ({"options.deep": {"$in": ["x"]}}, False),
            ({"options.list.k": {"$in": [9, 2]}}, True),
            ({"id": {"$nin": ["d0"]}}, True),
            ({"id": {"$nin": ["d0", "d1"]}}, False),
            ({"options.list.k": {"$nin": [2]}}, False),
            ({"mac": {"$contains": "4a:a9"}}, True),
            ({"mac": {"$contains": "zz"}}, False),
            ({"parents": {"$contains": "base"}}, True),
            ({"tags": {"$contains": {"x": 1}}}, True),
            ({"tags": {"$contains": 2}}, False),
            ({"options": {"$contains": "deep"}}, True),
            ({"options": {"$contains": 5}}, False),
            ({"options": {"$contains": ["deep"]}}, False),
            ({"port": {"$contains": 5}}, False),
            ({"none": {"$contains": "x"}}, False),
            ({"port": {"$gt": 5059, "$lt": 5061}}, True),
            ({"port": {"$gt": 5060}}, False),
            ({"port": {"$ge": 5060, "$le": 5060}}, True),
            ({"port": {"$lt": 5060}}, False),
            ({"ratio": {"$lt": 1}}, True),
            ({"id": {"$gt": "d0"}}, True),
            ({"none": {"$gt": "a"}}, False),
            ({"configured": {"$gt": 0}}, True),
            ({"id": {"$ne": "d2"}}, True),
            ({"id": {"$ne": "d1"}}, False),
            ({"options.list.k": {"$ne": 2}}, False),
            ({"none": {"$exists": True}}, True),
            ({"id": {"$exists": 1}}, True),
            ({"id": {"$exists": False}}, False),
            ({"id": {"$in": ["d1"], "$ne": "d1"}}, False),
        )

    def test_a_missing_key_matches_only_what_asks_for_its_absence(self) -> None:
        """`$ne`, `$nin` and `$exists: false`."""
        matching = {"$ne": "x", "$nin": ["x"], "$exists": False}
        others = {
            "$in": ["x"], "$contains": "x", "$gt": "x", "$ge": "x", "$lt": "x", "$le": "x", "$exists": True,
        }  # fmt: skip
        for key in ("missing", "options.missing", "missing.missing"):
            for name, operand in matching.items():
                self.assertTrue(compiled({key: {name: operand}}), name)
            for name, operand in others.items():
                self.assertFalse(compiled({key: {name: operand}}), name)

    def test_what_is_wrong_is_named(self) -> None:
        """The client reads which operator it is, and what it takes."""
        for selector, words in (
            ({"id": {"$eq": "d1"}}, ("$eq", "$exists")),
            ({"id": {"$or": []}}, ("$or",)),
            ({"id": {"$in": ["d1"], "plain": 1}}, ("plain",)),
            ({"id": {"$in": "d1"}}, ("$in", "a list", "a text")),
            ({"id": {"$nin": {"a": 1}}}, ("$nin", "an object")),
            ({"id": {"$in": None}}, ("$in", "null")),
            ({"id": {"$gt": ["x"]}}, ("$gt", "a list")),
            ({"id": {"$le": None}}, ("$le", "null")),
            ({"id": {"$gt": 5}}, ("$gt", "a text", "a number")),
            ({"port": {"$lt": "x"}}, ("$lt", "a number", "a text")),
            ({"options": {"$ge": 1}}, ("$ge", "an object")),
            ({"parents": {"$ge": "x"}}, ("$ge", "a list")),
            ({"configured": {"$le": "x"}}, ("$le", "true or false")),
            ({"mac": {"$contains": 4}}, ("$contains", "a number", "a text")),
        ):
            with self.assertRaises(Invalid) as raised:
                compiled(selector)
            for word in words:
                self.assertIn(word, str(raised.exception), selector)

    def test_a_selector_must_be_an_object(self) -> None:
        """Whatever a client sends is an answer, never a crash."""
        deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        for text in (
            b"",
            b"[]",
            b"1",
            b"null",
            b'"x"',
            b"{",
            b'{"a":}',
            b'{"a":"\xff"}',
            b"{}{}",
            b"\xff",
            deep,
        ):
            with self.assertRaises(Invalid):
                compile_selector(Json(text))


class ExactTests(SynchronousTestCase):
    def test_conditions_that_an_index_can_serve(self) -> None:
        """Equality with a text, or with one of several; anything else may match what has another value."""
        selector = {
            "mac": "m", "sn": {"$in": ["a", "b"]}, "config": {"$in": ["c"], "$ne": "d"},
            "plugin": {"$ne": "x"}, "port": 1, "none": None, "mixed": {"$in": ["a", 1]}, "no": {"$in": []},
            "object": {"a": "b"},
        }  # fmt: skip
        exact = compile_selector(Json(json.dumps(selector).encode())).exact
        self.assertEqual(exact, {"mac": {"m"}, "sn": {"a", "b"}, "config": {"c"}})


class SortingTests(SynchronousTestCase):
    def test_texts_sort_as_people_count(self) -> None:
        """And what is missing, null or empty comes first."""
        for ascending in (
            [None, "a", "b"],
            ["", "0", "a"],
            [-5, "-2", 0, 0.5, "9", 10, "11", "a"],
            ["line 9", "line 10", "line 10a"],
            ["10.0.0.9", "10.0.0.10", "10.0.1.1"],
            ["66.86.0.9", "66.86.0.15", "66.100.0.1"],
            ["00:15:65:10:00:00", "00:15:65:1a:00:00", "00:15:65:4a:00:00"],
            ["1" + "0" * 31, "a" * 32],
            ["007", "7", "8"],
            [False, True],
            ["9" * 200, "1" + "0" * 200],
        ):
            shuffled = ascending[::-1]
            self.assertEqual(sorted(shuffled, key=natural), ascending)

    @given(st.lists(st.text("0123456789ab.: -", max_size=12), max_size=20))
    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    def test_texts_sort_by_their_parts(self, texts: list[str]) -> None:
        """The key is one text; it must say the same as a comparison part by part."""

        def parts(text: str) -> list[tuple[int, int, str]]:
            if re.fullmatch("-[0-9]+", text):
                return [(0, int(text), "")]
            found = re.findall("[0-9]+|[^0-9]+", text)
            return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in found]

        self.assertEqual(sorted(texts, key=natural), sorted(texts, key=parts))

    @given(
        st.lists(
            st.one_of(st.integers(), st.floats(-1e200, 1e200).map(lambda value: round(value, 4))), max_size=20
        )
    )
    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    def test_numbers_sort_as_numbers(self, numbers: list[int | float]) -> None:
        """Of either sign, whole or not."""
        self.assertEqual([float(one) for one in sorted(numbers, key=natural)], sorted(map(float, numbers)))

    def test_nothing_that_a_document_may_hold_makes_it_fail(self) -> None:
        """The reference answers 500 for a key that is missing in one document."""
        values = [
            None,
            "",
            True,
            1,
            2.5,
            "x",
            "²",
            "９",
            "1" * 10_000,
            [1],
            {"a": 1},
            (),
            "-",
            "1e5",
            10**400,
        ]
        self.assertEqual(len(sorted(values, key=natural)), len(values))

    def test_a_key_may_be_nested_and_missing(self) -> None:
        """Dotted, like in a selector."""
        self.assertEqual(sort_key("options.deep.deeper")(VIEW), natural("x"))
        for key in ("missing", "id.x", "options.missing", "", "."):
            self.assertEqual(sort_key(key)(VIEW), "")
