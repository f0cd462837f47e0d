"""
A vendor from its tables: models, releases, files, fingerprints.

A vendor folder fills in rows, and writes one function that puts settings into the vendor's words. All else that
the interfaces ask for is answered here, from the rows.
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache, partial
from typing import Literal, TypeVar

from attrs import evolve, field, frozen
from zope.interface import implementer

from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Call, Device, Facts, FileRule, Fingerprint, Json, Notify, Settings
from provserver.vendors.versions import FAREST, distance, numbers

T = TypeVar("T")
Own = tuple[str | None, str | None]  # MAC and UUID of a device
RuleFor = Callable[[str, str, Own | None], FileRule | None]  # path and method

EXACT, COMPLETE, PROBABLE = 600, 500, 300  # model and version are the release's; the model is; the vendor is
_REMEMBERED = 2_048  # paths of a vendor
MULTICELL = "multicell"  # trait of a DECT base that is one of several in a system
# No setting of a raw config: the chain puts there the paths of those of the plugin's images that are here, where the
# administrator lets its phones be upgraded.
FIRMWARE = "firmware"
# Settings that tell provd something, not the phone: no phone ignores them.
_OF_PROVD = frozenset({"http_base_url", "ip", "http_port", "tftp_port", "protocol", "config_version"})


@frozen
class Module:
    """Expansion modules of one kind."""

    keys: int = 0
    most: int = 0  # that can be chained


@frozen
class Model:
    """A row of `models.py`."""

    lines: int  # accounts
    keys: int = 0  # programmable keys of the phone itself
    memory_keys: int = 0  # a second kind of them, numbered after the first
    module: Module = Module()
    kind: str = "deskphone"  # also conference, dect, wifidect, ata, gateway, softphone, doorphone, pager
    switchboard: bool = False  # an attendant's screen can answer and transfer on it
    traits: frozenset[str] = frozenset()  # what only the vendor's `values.py` asks for, and MULTICELL


@frozen
class Release:
    """A row of `releases.py`: one firmware generation, served by one plugin."""

    plugin: str  # its id: `yealink-v86`
    generation: str  # the numbers that its versions begin with, `*` for any: `*.86`; several: `8.0 8.1`
    firmware: Mapping[str, str]  # model -> the version that it was made for
    honours: frozenset[str]  # settings that its files carry
    aliases: frozenset[str] = frozenset()  # ids that other servers gave it, without `wazo-` and `xivo-`
    models: Mapping[str, Model] = field(factory=dict)  # rows that are otherwise with this firmware
    # What an image is for (a model, or a part that the vendor's `values.py` knows) -> its path: `firmware/T46S.rom`.
    images: Mapping[str, str] = field(factory=dict)
    oldest: str = ""  # an older version cannot read its files, and is not served at all
    family: str | None = None  # what models without a row it may serve, where not all that the vendor may


@frozen
class Served:
    """A row of `files.py`. Groups of the pattern may stand in the rule's name and template: `{mac}.cfg`, with
    `{MAC}` in capitals."""

    pattern: str  # matches the whole path, in any case; the groups `mac` and `uuid` must be the device's
    rule: FileRule
    method: str = "GET"

    def rule_for(self, path: str, method: str, own: Mapping[str, str] | None) -> FileRule | None:
        """`own` is what of the device may stand in the names of its files; None: there is no device."""
        match = re.fullmatch(self.pattern, path, re.IGNORECASE)
        if match is None or method != self.method:
            return None
        groups = match.groupdict()
        named = _names(groups.get("mac"), groups.get("uuid"))
        if own is not None and not named.items() <= own.items():
            return None
        return self._filled({**groups, **named})

    def own_rule(self, device: Device) -> FileRule | None:
        """Return the rule of a file that only this device has; None too where more than MAC or UUID is its name."""
        names = _names(device.mac, device.uuid)
        with suppress(KeyError):
            return self._filled(names) if names and self.rule.source == "device" else None
        return None

    def _filled(self, groups: Mapping[str, str]) -> FileRule:
        name, template = (text.format_map(groups) for text in (self.rule.name, self.rule.template))
        return evolve(self.rule, name=name, template=template)


@frozen
class DhcpOption:
    """
    An option for a DHCP server to give. In the value stand `{url}` (of provd, no trailing slash), `{tftp}` (name or
    address of its TFTP server) and `{ip}` (that server's address); any other brace is doubled.
    """

    code: int
    value: str = ""
    kind: Literal["text", "ip", "bytes"] = "text"  # bytes are written as hex digits
    parts: tuple["DhcpOption", ...] = ()  # encapsulated options, instead of a value (RFC 2132 section 8.4)


@frozen
class DhcpOffer:
    """
    A row of `dhcp.py`: the options that some phones are given, from which `provd-dhcp` makes configurations of DHCP
    servers. Where two rows fit a phone, the one that asks for more of an option 60 holds.
    """

    options: tuple[DhcpOption, ...]
    source: str
    option_60: tuple[
        str, ...
    ] = ()  # `Cisco*-3PCC`: how it begins and ends; NULs at its end are no part of it
    ouis: tuple[str, ...] = ()  # `00:15:65`: of phones whose option 60 is in no row of any vendor


@frozen
class Draft:
    """A file that is to be made, as a vendor's `values.py` gets it."""

    rule: FileRule
    release: Release
    model: Model | None  # None: not known, or not in the table
    device: Device | None  # None for a file that all phones share
    settings: Settings
    today: date

    def image(self, what: str) -> str | None:
        """Return the path of an image that the phone is to be told of. By default its firmware is left alone."""
        path = self.release.images.get(what)
        here = self.settings.values.get(FIRMWARE)
        return path if isinstance(here, tuple) and path in here else None


@implementer(IVendorPlugin)
@frozen(eq=False)
class TablePlugin:
    vendor: "Vendor" = field(repr=False)
    release: Release = field(repr=False)
    id: str
    root: str
    info: Json = field(repr=False)
    honours: frozenset[str] = field(repr=False)
    aliases: frozenset[str] = field(repr=False)
    images: frozenset[str] = field(repr=False)  # paths of all that it could tell a phone of

    def support(self, facts: Facts) -> int:
        """Say EXACT, or COMPLETE or PROBABLE and how near the release is, so that the closest one wins."""
        if (facts.vendor or "").lower() != self.vendor.name.lower():
            return 0
        model = (facts.model or "").upper()
        model_is_known = model in self.release.firmware
        family = self.vendor.family if self.release.family is None else self.release.family
        if not model_is_known and not re.fullmatch(family, model):
            return 0
        if facts.version and numbers(facts.version) < numbers(self.release.oldest):
            return 0
        score = COMPLETE if model_is_known else PROBABLE
        if not facts.version:
            return score
        far = distance(self.release.generation, facts.version)
        return EXACT if model_is_known and far == 0 else score + FAREST - far

    def file_for(self, path: str, method: str, _facts: Facts, device: Device | None) -> FileRule | None:
        return self.vendor.rule_for(path, method, (device.mac, device.uuid) if device else None)

    def own_files(self, device: Device) -> tuple[FileRule, ...]:
        rules = (row.own_rule(device) for row in self.vendor.files)
        return tuple(rule for rule in rules if rule)

    def values(
        self, rule: FileRule, device: Device | None, settings: Settings, today: date
    ) -> Mapping[str, object]:
        models = {**self.vendor.models, **self.release.models}
        model = models.get((device.model or "").upper()) if device else None
        return self.vendor.values(Draft(rule, self.release, model, device, settings, today))

    def resync(self, device: Device, settings: Settings) -> Notify | Call | None:
        ask = self.vendor.resync
        return ask(device, settings) if callable(ask) else ask


@implementer(IVendor)
@frozen(eq=False)
class Vendor:
    """What a vendor folder's `vendor` is. The keys of its tables of models are upper-case."""

    id: str
    name: str  # as it is written on the phone, and a fact: `Yealink`
    version: str  # of the folder
    folder: str
    fingerprints: tuple[Fingerprint, ...] = field(repr=False)
    models: Mapping[str, Model] = field(repr=False)
    releases: tuple[Release, ...] = field(repr=False)  # oldest first
    files: tuple[Served, ...] = field(repr=False)  # the first that fits is taken
    values: Callable[[Draft], Mapping[str, object]] = field(repr=False)
    resync: Notify | Callable[[Device, Settings], Notify | Call | None] | None = field(repr=False)
    # Where several folders share a name: what models without a row it may serve, and "" is a model not known yet.
    family: str = ".*"
    protocol: str = "sip"
    dhcp: tuple[DhcpOffer, ...] = field(default=(), repr=False)
    templates: str = field(init=False)
    plugins: tuple[IVendorPlugin, ...] = field(init=False, repr=False)
    rule_for: RuleFor = field(init=False, repr=False)

    @templates.default
    def _templates(self) -> str:
        return f"{self.folder}/templates"

    @plugins.default
    def _plugins(self) -> tuple[IVendorPlugin, ...]:
        return tuple(
            TablePlugin(
                vendor=self,
                release=release,
                id=release.plugin,
                root=f"{self.folder}/static/{release.plugin}",
                info=_info(self, release),
                honours=release.honours | _OF_PROVD,
                aliases=release.aliases,
                images=frozenset(release.images.values()),
            )
            for release in self.releases
        )

    @rule_for.default
    def _rule_for(self) -> RuleFor:
        """What is found is remembered: phones ask for the same files again and again."""
        return lru_cache(_REMEMBERED)(partial(_rule_for, self.files))


def each(rows: Mapping[str, T]) -> dict[str, T]:
    """Return a table by single words from one whose keys group them: `{"T46S T46U": row}`."""
    return {word: row for words, row in rows.items() for word in words.split()}


def names(text: str) -> frozenset[str]:
    """Return the words of a text: a table of forty names is read better without forty pairs of quotes."""
    return frozenset(text.split())


def _rule_for(rows: tuple[Served, ...], path: str, method: str, device: Own | None) -> FileRule | None:
    own = _names(*device) if device else None
    rules = (row.rule_for(path, method, own) for row in rows)
    return next((rule for rule in rules if rule), None)


def _names(mac: str | None, uuid: str | None) -> dict[str, str]:
    """Return what of a device may stand in the names of its files."""
    digits = re.sub("[^0-9a-f]", "", (mac or "").lower())
    names = {"mac": digits, "MAC": digits.upper(), "uuid": (uuid or "").lower()}
    return {name: text for name, text in names.items() if text}


def _info(vendor: Vendor, release: Release) -> Json:
    models = {**vendor.models, **release.models}
    capabilities = {
        f"{vendor.name}, {name}, {version}": _capabilities(vendor, models[name], release)
        for name, version in release.firmware.items()
    }
    description = f"{vendor.name} with firmware {release.generation}: {', '.join(release.firmware)}"
    info = {"version": vendor.version, "description": description, "capabilities": capabilities}
    return Json(json.dumps(info, separators=(",", ":")).encode())


def _capabilities(vendor: Vendor, model: Model, release: Release) -> dict[str, object]:
    multicell = {"multicell": MULTICELL in model.traits} if model.kind == "dect" else {}
    return {
        "lines": model.lines,
        "high_availability": not release.honours.isdisjoint({"sip_backup_proxy_ip", "sccp_call_managers"}),
        "function_keys": model.keys + model.memory_keys,
        "expansion_modules": model.module.most,
        "switchboard": model.switchboard,
        "protocol": vendor.protocol,
        "type": model.kind,
        **multicell,
    }
