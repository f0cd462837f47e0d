"""merge: the order in which configs lie over each other, whatever clients make of their parents."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.merge import BASE, layers, merge
from provserver.model import Config, Json


def config(name: str, raw: Mapping[str, object], *parents: str, rev: int = 1) -> Config:
    return Config(name, parents=parents, raw=Json(msgspec.json.encode(raw)), rev=rev)


def among(*configs: Config) -> Callable[[str], Config | None]:
    return {one.id: one for one in configs}.get


def merged(
    get: Callable[[str], Config | None], config_id: str, base: Mapping[str, object] | None = None
) -> Any:
    result = merge(base or {}, config_id, get)
    assert result
    return result.raw


def naive_merge(base: Mapping[str, Any], config_id: str, get: Callable[[str], Config | None]) -> Any:
    """The rule, as one would write it without a thought of depth: the model that `merge` is compared with."""
    result = msgspec.json.decode(msgspec.json.encode(base))
    seen: set[str] = set()

    def lay(below: dict[str, Any], above: dict[str, Any]) -> None:
        for name, value in above.items():
            if isinstance(value, dict) and isinstance(below.get(name), dict):
                lay(below[name], value)
            else:
                below[name] = value

    def visit(name: str) -> None:
        found = get(name)
        if name not in seen and found:
            seen.add(name)
            for parent in found.parents:
                visit(parent)
            lay(result, msgspec.json.decode(found.raw))

    visit(config_id)
    return result


def value_at(raw: Any, path: str) -> object:
    for name in path.split("."):
        raw = raw[name]
    return raw


def leaf_paths(raw: Mapping[str, Any], above: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in raw.items():
        found |= leaf_paths(value, f"{above}{name}.") if isinstance(value, dict) else {above + name}
    return found


NAMES = st.sampled_from("abcde")
RAWS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(NAMES, st.sampled_from([None, 1, "x", [1], {}]), max_size=3),
    lambda raws: st.dictionaries(NAMES, raws | st.just(2), max_size=3),
    max_leaves=6,
)
CONFIGS = st.dictionaries(NAMES, st.tuples(RAWS, st.lists(NAMES, max_size=4)), max_size=5)


class MergeTests(SynchronousTestCase):
    def test_the_nearer_layer_wins(self) -> None:
        """A config over its parents, a later parent over an earlier one, all over the base."""
        get = among(
            config("grand", {"a": "grand", "b": "grand", "c": "grand", "d": "grand"}),
            config("first", {"a": "first", "b": "first", "c": "first"}, "grand"),
            config("second", {"a": "second", "b": "second"}),
            config("own", {"a": "own"}, "first", "second"),
        )
        self.assertEqual(
            merged(get, "own", {"d": "base", "e": "base"}),
            {"a": "own", "b": "second", "c": "first", "d": "grand", "e": "base"},
        )

    def test_objects_merge_and_anything_else_replaces(self) -> None:
        """A device may change one field of a line; a list is a whole; null takes a value away."""
        for below, above, result in (
            ({"1": {"a": 1, "b": 1}}, {"1": {"b": 2}, "2": {}}, {"1": {"a": 1, "b": 2}, "2": {}}),
            ([1, 2], [3], [3]),
            ([1], {"a": 1}, {"a": 1}),
            ({"a": 1}, "text", "text"),
            ({"a": 1}, None, None),
            (None, {"a": 1}, {"a": 1}),
            ({"a": 1}, {}, {"a": 1}),
        ):
            get = among(config("parent", {"x": below}), config("own", {"x": above}, "parent"))
            self.assertEqual(merged(get, "own"), {"x": result})

    def test_each_config_is_applied_once_at_its_first_place(self) -> None:
        """In a diamond the common parent lies under both sides: a second visit would undo what is over it."""
        get = among(
            config("base", {"a": "base"}),
            config("left", {"a": "left"}, "base"),
            config("own", {}, "left", "base"),
        )
        self.assertEqual(merged(get, "own"), {"a": "left"})

    def test_clients_may_name_parents_as_they_like(self) -> None:
        """wazo-confd names configs before it makes them; a circle or oneself is an error that must harm nobody."""
        get = among(
            config("own", {"a": "own"}, "missing", "own", "other"),
            config("other", {"a": "other", "b": "other"}, "own"),
        )
        self.assertEqual(merged(get, "own"), {"a": "own", "b": "other"})
        self.assertEqual(merged(get, "other"), {"a": "other", "b": "other"})

    def test_an_unknown_config_has_no_result(self) -> None:
        """Not even the base: a device whose config is missing is not configured."""
        self.assertIsNone(merge({"a": 1}, "missing", among()))

    def test_the_chain_names_revisions_in_the_order_applied(self) -> None:
        """Who keeps a result can tell from it whether anything has changed."""
        get = among(config("parent", {}, rev=7), config("own", {}, "missing", "parent", rev=9))
        result = merge({}, "own", get)
        assert result
        self.assertEqual(result.chain, (("parent", 7), ("own", 9)))

    def test_the_result_shares_nothing_with_the_base(self) -> None:
        """One base lies under all configs: what one device gets may not reach another."""
        base = {"sip_lines": {"1": {"number": "1"}}, "list": [1]}
        raw = merged(among(config("own", {"sip_lines": {"1": {"number": "2"}}})), "own", base)
        raw["list"].append(2)
        self.assertEqual(base, {"sip_lines": {"1": {"number": "1"}}, "list": [1]})

    def test_depth_and_length_do_not_use_the_stack(self) -> None:
        """A client that nests 900 objects, or chains 5,000 configs, gets an answer."""
        nested: dict[str, Any] = {"leaf": 1}
        for _ in range(900):
            nested = {"x": nested}
        deep = among(config("parent", nested), config("own", nested, "parent"))
        self.assertEqual(len(merged(deep, "own")), 1)
        self.assertEqual(list(layers({}, "own", deep).values()), ["own"])
        long = among(*(config(str(at), {"at": at}, str(at + 1)) for at in range(5000)))
        self.assertEqual(merged(long, "0"), {"at": 0})

    @settings(derandomize=True, max_examples=200, deadline=None)
    @given(CONFIGS, RAWS)
    def test_it_is_the_simple_rule(self, drawn: dict[str, tuple[Any, list[str]]], base: Any) -> None:
        """Whatever the graph, the result is that of the rule written down naively; and `layers` tells its truth."""
        get = among(
            *(config(name, raw, *parents) for name, (raw, parents) in drawn.items()), config("z", {}, *drawn)
        )
        raw = merged(get, "z", base)
        self.assertEqual(raw, naive_merge(base, "z", get))
        found = layers(base, "z", get)
        self.assertEqual(set(found), leaf_paths(raw))
        for path, layer in found.items():
            source = base if layer == BASE else drawn[layer][0]
            self.assertEqual(value_at(raw, path), value_at(source, path))


class LayersTests(SynchronousTestCase):
    def test_every_value_has_its_layer(self) -> None:
        """The question of an administrator: where on earth does this registrar come from?"""
        get = among(
            config(
                "base", {"ntp_ip": "10.0.0.1", "sip_lines": {"1": {"proxy_ip": "10.0.0.2", "number": "1"}}}
            ),
            config("own", {"sip_lines": {"1": {"number": "100"}}, "X_list": [1]}, "base"),
        )
        self.assertEqual(
            list(layers({"locale": "fr_FR", "ntp_ip": "10.0.0.9"}, "own", get).items()),
            [
                ("locale", BASE),
                ("ntp_ip", "base"),
                ("sip_lines.1.proxy_ip", "base"),
                ("sip_lines.1.number", "own"),
                ("X_list", "own"),
            ],
        )
