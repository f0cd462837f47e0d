"""
Render: a file from its template and what the vendor's plugin puts into it, remembered as bytes.

A template sees what `IVendorPlugin.values` returned, and besides it only
  device     its id, mac, vendor, model, serial, uuid; none in a file that all phones share
  settings   base_url, values, lines, keys: as in `model.Settings`
"""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date
from functools import partial
from hashlib import blake2b, sha256
from itertools import count
from operator import attrgetter
from typing import Generic, TypeVar
from weakref import ref

from attrs import fields, frozen

from provserver.core.templates import Templates
from provserver.errors import BadTemplate, Unfit
from provserver.interfaces import IVendorPlugin
from provserver.model import Device, File, FileRule, Settings
from provserver.vendors.formats import FORMATS, CannotHold, Format

T = TypeVar("T")

ETAG_LENGTH = 32  # hex digits of the SHA-256 of a file's bytes
_ENTRY_BYTES = 1000  # what remembering a file takes besides its body
_SHOWN = ("id", "mac", "vendor", "model", "serial", "uuid")
_DECIDED = attrgetter(*(column.name for column in fields(Device) if column.name != "rev"))


class Renderer:
    """
    Renders files, and remembers them in at most `most_bytes`.

    A file is remembered for a digest of all that plugin and template can see, of the day only its year, and for as
    long as each template that was looked up still has the same text. `template` gives that text by plugin id and
    name, the administrator's before the vendor's; `overridden` says which are the administrator's.
    """

    def __init__(
        self,
        template: Callable[[str, str], str | None],
        most_bytes: int,
        overridden: Callable[[str], Container[str]] = lambda _plugin_id: (),
    ) -> None:
        self._template = template
        self._overridden = overridden
        self._remembered = _Remembered(most_bytes)
        self._settings_digest = _PerObject(_digest_of_settings)
        self._rule_digest = _PerObject[FileRule](_digest)
        numbers = count()
        self._generation = _PerObject[IVendorPlugin](lambda _: b"%d" % next(numbers))

    def render(
        self,
        plugin: IVendorPlugin,
        rule: FileRule,
        device: Device | None,
        settings: Settings,
        today: date,
        now: float,
        keep: bool = True,
    ) -> File:
        """
        Return a file; it is `modified` when the same bytes were first made for what can be seen. Without `keep`
        nothing is remembered, nor does what is remembered become more recently used.

        Raises:
            Unfit: the format cannot hold a setting, which is named: `sip_lines.1.display_name`.
            BadTemplate: there is no template, or one cannot be read or run; template and line are named.
        """
        key = self.seen(plugin, rule, device, settings, today.year)
        known = self._remembered.get(key, keep)
        templates = self.templates(plugin)
        if known and templates.are(known.texts):
            return known.given()
        try:
            body = self.body(plugin, rule, device, settings, today, templates)
        except BadTemplate as problem:
            if keep:  # to find it out may take long, and its phones ask again and again
                self._remembered.put(key, _Made(problem, templates.texts))
            raise
        etag = sha256(body).hexdigest()[:ETAG_LENGTH]
        before = known.made if known else None
        modified = before.modified if isinstance(before, File) and before.etag == etag else now
        file = File(rule.name, rule.media_type, etag, len(body), modified, body)
        if keep:
            self._remembered.put(key, _Made(file, templates.texts))
        return file

    def templates(self, plugin: IVendorPlugin) -> Templates:
        return Templates(partial(self._template, plugin.id), self._overridden(plugin.id))

    def body(
        self,
        plugin: IVendorPlugin,
        rule: FileRule,
        device: Device | None,
        settings: Settings,
        today: date,
        templates: Templates,
    ) -> bytes:
        """Make a file anew; raises as `render` does. `templates` learns which were looked up."""
        name = _chosen(rule, device, templates)
        values = plugin.values(rule, device, settings, today)
        shown = {field: getattr(device, field) for field in _SHOWN} if device else None
        return _body(rule, templates, name, {**values, "device": shown, "settings": settings}, settings)

    def seen(
        self,
        plugin: IVendorPlugin,
        rule: FileRule | None,
        device: Device | None,
        settings: Settings,
        year: int,
    ) -> bytes:
        """Return a digest of all that plugin and template can see. Without a rule: of all files of a device."""
        decided = _DECIDED(device) if device else None
        asked = self._rule_digest(rule) if rule else None
        return _digest((self._generation(plugin), asked, decided, self._settings_digest(settings), year))


def _chosen(rule: FileRule, device: Device | None, templates: Templates) -> str:
    """Return the most special template that there is: for this file, for the model, the plugin's own. A model's is
    for the file that its phones have their settings from, not for each of the others."""
    model = device.model if device and rule.proves_config else None
    names = [f"{rule.name}.tpl", *([f"{model}.tpl"] if model else []), rule.template]
    for name in names:
        if templates.text(name) is not None:
            return name
    raise BadTemplate(f"none of its templates is there: {', '.join(names)}", rule.name)


def _body(
    rule: FileRule, templates: Templates, name: str, values: Mapping[str, object], settings: Settings
) -> bytes:
    file_format = FORMATS.get(rule.format)
    if file_format is None:
        raise BadTemplate(f"there is no format {rule.format!r}", rule.name)
    try:
        return file_format.encode(templates.render(name, file_format.name, values))
    except CannotHold as problem:
        setting = _refused_setting(settings, file_format, problem.text)
        raise Unfit(setting or _place(*templates.place(problem, name)), problem.why) from None


def _place(template: str, line: int | None) -> str:
    return f"{template} line {line}" if line else template


# --- what was refused --------------------------------------------------------------------------------------


def _refused_setting(settings: Settings, file_format: Format, text: str) -> str | None:
    """Return the path of the setting that `text`, which the format refuses, was made of or is part of."""
    every = {**settings.values, "sip_lines": settings.lines, "funckeys": settings.keys}
    for path, value in _texts(every):
        if value and (value in text or text in value) and _refuses(file_format, value):
            return path
    return None


def _texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping | list | tuple):
        items = value.items() if isinstance(value, Mapping) else enumerate(value, 1)
        for name, inner in items:
            yield from _texts(inner, f"{path}.{name}" if path else str(name))


def _refuses(file_format: Format, text: str) -> bool:
    try:
        file_format.encode(file_format.value(text))
    except CannotHold:
        return True
    return False


# --- what is remembered ------------------------------------------------------------------------------------


@frozen
class _Made:
    made: File | BadTemplate
    texts: Mapping[str, str | None]  # templates by name; None: one that was looked for in vain

    def given(self) -> File:
        """Raises: BadTemplate."""
        if isinstance(self.made, BadTemplate):
            raise self.made.with_traceback(None)
        return self.made

    @property
    def bytes(self) -> int:
        return (self.made.size if isinstance(self.made, File) else 0) + _ENTRY_BYTES


class _Remembered:
    """Files by key; the least recently used go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._made: OrderedDict[bytes, _Made] = OrderedDict()

    def get(self, key: bytes, use: bool) -> _Made | None:
        if use and key in self._made:
            self._made.move_to_end(key)
        return self._made.get(key)

    def put(self, key: bytes, made: _Made) -> None:
        if key in self._made:
            self._bytes -= self._made.pop(key).bytes
        if made.bytes > self._most_bytes:
            return
        self._made[key] = made
        self._bytes += made.bytes
        while self._bytes > self._most_bytes:
            self._bytes -= self._made.popitem(last=False)[1].bytes


class _PerObject(Generic[T]):
    """What was made of an object, for as long as the object lives."""

    def __init__(self, make: Callable[[T], bytes]) -> None:
        self._make = make
        self._made: dict[int, tuple[ref[T], bytes]] = {}

    def __call__(self, thing: T) -> bytes:
        known = self._made.get(id(thing))
        if known is None:
            forget = partial(self._forget, id(thing))
            known = self._made[id(thing)] = (ref(thing, forget), self._make(thing))
        return known[1]

    def _forget(self, number: int, _gone: ref[T]) -> None:
        del self._made[number]


def _digest(seen: object) -> bytes:
    return blake2b(repr(seen).encode(), digest_size=16).digest()


def _digest_of_settings(settings: Settings) -> bytes:
    return _digest((settings.base_url, settings.values, settings.lines, settings.keys))
