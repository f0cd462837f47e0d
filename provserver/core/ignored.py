"""Ignored: which settings a phone will never see, and why."""

import json
from collections.abc import Iterator
from functools import lru_cache

from attrs import frozen

from provserver.interfaces import IVendorPlugin
from provserver.model import Device, Json, Settings, Step


@frozen
class _Sizes:
    lines: int
    keys: int | None  # None: expansion modules may add some


def ignored(plugin: IVendorPlugin, device: Device, settings: Settings) -> Iterator[Step]:
    """Yield a step for each setting, whose name is the first of its values, in the order of the names."""
    for name, value in sorted(settings.values.items()):
        if value not in ({}, "") and name not in plugin.honours:
            yield Step("render", "render.ignored", (name, plugin.id))
    sizes = _sizes(plugin.info).get((device.model or "").upper())
    if sizes is None:
        return
    if sizes.lines:  # some are gateways to what has no lines of its own
        for number in sorted(settings.lines):
            if number > sizes.lines:
                yield Step("render", "render.no-such-line", (f"sip_lines.{number}", str(sizes.lines)))
    if sizes.keys is not None and "funckeys" in plugin.honours:
        for number in sorted(settings.keys):
            if number > sizes.keys:
                yield Step("render", "render.no-such-key", (f"funckeys.{number}", str(sizes.keys)))


@lru_cache(256)
def _sizes(info: Json) -> dict[str, _Sizes]:
    """Return the sizes of a plugin's models, by their names in capitals."""
    sizes = {}
    for name, told in json.loads(info).get("capabilities", {}).items():
        keys = None if told.get("expansion_modules") else told.get("function_keys")
        sizes[name.split(", ")[1].upper()] = _Sizes(told.get("lines", 0), keys)
    return sizes
