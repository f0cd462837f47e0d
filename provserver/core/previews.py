"""Previews: what a file would be, with a template that is stored nowhere."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import msgspec
from attrs import evolve, frozen

from provserver.core.explain import sentence
from provserver.core.firmware import Firmware
from provserver.core.reading import autocreate_template, found
from provserver.core.render import Renderer
from provserver.core.resolve import COMMON_CONFIG, Resolver, config_of, refusal
from provserver.core.secrets import MASK, is_secret, masked
from provserver.core.templates import Templates
from provserver.errors import Invalid, NotFound
from provserver.interfaces import IFiles, IStore, IVendorPlugin
from provserver.model import NOTHING, Config, Device, Facts, FileRule, Settings
from provserver.vendors.formats import FORMATS

_NOBODY = "02:00:00:00:00:01"  # an address that no maker gives away


@frozen
class Draft:
    """A template that is tried."""

    name: str  # "" is the file's own: `<file>.tpl`
    text: str


@frozen
class Previewed:
    file: str
    media_type: str
    text: str
    templates: tuple[str, ...]  # that were there of those that were looked up
    turns: int  # that it took, of `MOST_TURNS`; 0 where no template is the administrator's


class Previews:
    def __init__(
        self,
        store: IStore,
        files: IFiles,
        renderer: Renderer,
        resolver: Resolver,
        firmware: Firmware,
        home_url: str,
        today: Callable[[], date],
    ) -> None:
        self._store = store
        self._files = files
        self._renderer = renderer
        self._resolver = resolver
        self._firmware = firmware
        self._home_url = home_url
        self._today = today

    def prepare(
        self, plugin: IVendorPlugin, device: Device, path: str | None, draft: Draft | None, sees_secrets: bool
    ) -> Callable[[], Previewed]:
        """
        Return what makes a file, which may take some tenths of a second. `path` is as the phone asks for it, None the
        file with the phone's settings. Who may not see secrets sees `***` in their places.

        Raises:
            Invalid: the plugin makes no such file; its config is missing or not valid.
        """
        rule = _rule(plugin, device, path)
        whose = device if rule.source == "device" else None
        settings = self._settings(plugin, whose)
        if not sees_secrets:
            settings, whose = _masked(settings), masked(whose) if whose else None
        return partial(self._make, plugin, rule, whose, settings, draft, self._today())

    def sample(self, plugin: IVendorPlugin, model: str) -> Device:
        """Return a phone as it waits for its user."""
        waiting = autocreate_template(self._store)
        vendor = next(iter(msgspec.json.decode(plugin.info).get("capabilities", {})), "").partition(",")[0]
        return Device(
            "preview",
            mac=_NOBODY,
            vendor=vendor,
            model=model,
            plugin=plugin.id,
            config=waiting.id if waiting else COMMON_CONFIG,
        )

    def _settings(self, plugin: IVendorPlugin, device: Device | None) -> Settings:
        """Raises: Invalid."""
        own = device.passwords if device else NOTHING
        get_config = partial(found, self._store, Config)
        try:
            settings = self._resolver.settings(config_of(device), self._home_url, get_config, own)
        except (NotFound, Invalid) as problem:
            config_id = device.config if device else COMMON_CONFIG
            raise Invalid(sentence(refusal(config_id, problem)), "preview.device") from None
        return self._firmware.tell(plugin, settings)

    def _make(
        self,
        plugin: IVendorPlugin,
        rule: FileRule,
        device: Device | None,
        settings: Settings,
        draft: Draft | None,
        today: date,
    ) -> Previewed:
        """Raises: Unfit, BadTemplate."""
        tried = {draft.name or f"{rule.name}.tpl": draft.text} if draft else {}

        def look_up(name: str) -> str | None:
            return tried[name] if name in tried else self._files.template(plugin.id, name)

        templates = Templates(look_up, {*self._files.overridden(plugin.id), *tried})
        body = self._renderer.body(plugin, rule, device, settings, today, templates)
        used = tuple(sorted(name for name, text in templates.texts.items() if text is not None))
        return Previewed(
            rule.name, rule.media_type, body.decode(FORMATS[rule.format].encoding), used, templates.turns
        )


def _rule(plugin: IVendorPlugin, device: Device, path: str | None) -> FileRule:
    """Raises: Invalid."""
    if path is None:
        own = plugin.own_files(device)
        rule = next((rule for rule in own if rule.proves_config), next(iter(own), None))
    else:
        rule = plugin.file_for(path, "GET", Facts(), device)
    if rule is None or rule.source not in ("device", "common"):
        raise Invalid("the plugin makes no such file for this phone", "preview.file")
    return rule


def _masked(settings: Settings) -> Settings:
    return evolve(
        settings,
        values=_masked_in(settings.values),
        lines={number: _masked_in(line) for number, line in settings.lines.items()},
        keys={number: _masked_in(key) for number, key in settings.keys.items()},
    )


def _masked_in(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _shown(name, value) for name, value in values.items()}


def _shown(name: object, value: object) -> object:
    if isinstance(name, str) and is_secret(name) and value:
        return MASK
    if isinstance(value, Mapping):
        return {inner: _shown(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_shown(name, one) for one in value]
    return value
