"""Resolve: a device's config, with all it inherits, as typed settings."""

from collections import OrderedDict
from collections.abc import Callable, Mapping

import msgspec
from attrs import frozen

from provserver.core.base_url import base_raw_config
from provserver.core.merge import Merged, merge
from provserver.errors import Invalid, NotFound
from provserver.model import NOTHING, Config, Device, Json, Settings, Step
from provserver.raw_config import to_settings

GetConfig = Callable[[str], Config | None]
COMMON_CONFIG = "defaultconfigdevice"
_REMEMBERED = 2000  # chains; a phone fetches several files with one


@frozen
class _Resolved:
    chain: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]  # parents that do not exist: one that appears changes the result
    result: Settings | Invalid


class Resolver:
    """Resolves configs; what it remembers is checked against the revisions of the whole chain."""

    def __init__(self, setting: Mapping[str, object], tftp_port: int) -> None:
        self._setting = setting
        self._tftp_port = tftp_port
        self._known: OrderedDict[tuple[str, str, Json], _Resolved] = OrderedDict()

    def merged(self, config_id: str, base_url: str, get: GetConfig, own: Json = NOTHING) -> Merged:
        """`own` holds where nothing else says otherwise. Raises: NotFound."""
        base = base_raw_config(self._setting, base_url, self._tftp_port)
        merged = merge({**msgspec.json.decode(own), **base}, config_id, get)
        if merged is None:
            raise NotFound(f"no config {config_id!r}")
        return merged

    def settings(self, config_id: str, base_url: str, get: GetConfig, own: Json = NOTHING) -> Settings:
        """
        Return the same object for as long as nothing in the chain has changed; `own` are the settings of one device,
        beneath all others.

        Raises:
            NotFound: there is no such config.
            Invalid: the merged raw config is not valid.
        """
        key = (config_id, base_url, own)
        known = self._known.get(key)
        if known is None or not _holds(known, get):
            known = self._resolve(config_id, base_url, get, own)
            self._known[key] = known
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        if isinstance(known.result, Invalid):
            raise known.result
        return known.result

    def _resolve(self, config_id: str, base_url: str, get: GetConfig, own: Json) -> _Resolved:
        merged = self.merged(config_id, base_url, get, own)
        applied = {name for name, _ in merged.chain}
        configs = (get(name) for name, _ in merged.chain)
        missing = tuple({parent for config in configs if config for parent in config.parents} - applied)
        result: Settings | Invalid
        try:
            result = to_settings(merged.raw, base_url)
        except Invalid as problem:
            result = problem
        return _Resolved(merged.chain, missing, result)


def _holds(known: _Resolved, get: GetConfig) -> bool:
    return all(
        (config := get(name)) is not None and config.rev == rev for name, rev in known.chain
    ) and not any(get(name) for name in known.missing)


def config_of(device: Device | None) -> str:
    """Return the config that a file is made from: the device's, or for files of all phones the common one.

    Raises:
        NotFound: the device has no config.
    """
    if device is None:
        return COMMON_CONFIG
    if device.config is None:
        raise NotFound("no config")
    return device.config


def refusal(config_id: str | None, problem: NotFound | Invalid) -> Step:
    """Say why a device's settings cannot be had."""
    if config_id is None:
        return Step("render", "render.no-config")
    if isinstance(problem, NotFound):
        return Step("render", "render.config-missing", (config_id,))
    return Step("render", "render.config-invalid", (config_id, str(problem)))
