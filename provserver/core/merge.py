"""Merge: from a chain of configs to one raw config, and back: which layer a value came from."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from attrs import frozen

from provserver.model import Config

BASE = "base raw config"  # the layer under every chain; not `base`, which is a config
GetConfig = Callable[[str], Config | None]


@frozen
class Merged:
    raw: Mapping[str, object]
    chain: tuple[tuple[str, int], ...]  # id and revision, in the order applied: the last one wins


def merge(base: Mapping[str, object], config_id: str, get: GetConfig) -> Merged | None:
    """
    Return the merged raw config, or None where there is no such config.

    A config lies over its parents, a later parent over an earlier one, all over `base`. Objects merge, anything
    else replaces. Nothing of it is shared with `base` or a config.
    """
    chain = _chain(config_id, get)
    if not chain:
        return None
    own_base = msgspec.json.encode(dict(base))
    raw = laid(msgspec.json.decode(layer) for layer in (own_base, *(config.raw for config in chain)))
    return Merged(raw, tuple((config.id, config.rev) for config in chain))


def layers(base: Mapping[str, object], config_id: str, get: GetConfig) -> Mapping[str, str]:
    """
    Return for every value that `merge` would give the layer that it came from, by its path: `sip_lines.1.username`.

    A layer is a config's id, or BASE. A list is a value, an empty object is none.
    """
    painted = [_painted(base, BASE)]
    painted += [_painted(msgspec.json.decode(config.raw), config.id) for config in _chain(config_id, get)]
    return dict(_leaves(laid(painted)))


def _chain(config_id: str, get: GetConfig) -> list[Config]:
    """Return the configs in the order applied: each after its parents, none twice, so that a circle ends."""
    chain: list[Config] = []
    seen = set()
    todo: list[str | Config] = [config_id]  # a config itself stands here once its parents stand before it
    while todo:
        item = todo.pop()
        if isinstance(item, Config):
            chain.append(item)
        elif item not in seen:
            seen.add(item)
            config = get(item)
            if config is not None:
                todo += [config, *reversed(config.parents)]
    return chain


def laid(layers: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Lay one over the other; they become part of the result. However deep they are, the stack is not used."""
    result: dict[str, Any] = {}
    for layer in layers:
        todo = [(result, layer)]
        while todo:
            below, above = todo.pop()
            for name, value in above.items():
                if isinstance(value, dict) and isinstance(below.get(name), dict):
                    todo.append((below[name], value))
                else:
                    below[name] = value
    return result


def _painted(raw: Mapping[str, Any], layer: str) -> dict[str, Any]:
    """Return the same objects with the layer's name for every value."""
    painted: dict[str, Any] = {}
    todo = [(raw, painted)]
    while todo:
        source, target = todo.pop()
        for name, value in source.items():
            if isinstance(value, dict):
                target[name] = {}
                todo.append((value, target[name]))
            else:
                target[name] = layer
    return painted


def _leaves(tree: dict[str, Any]) -> Iterable[tuple[str, str]]:
    todo: list[tuple[str, Any]] = list(reversed(tree.items()))
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict):
            todo += [(f"{path}.{name}", below) for name, below in reversed(value.items())]
        else:
            yield path, value
