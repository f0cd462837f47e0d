"""Acme: a small vendor for tests of the chain. One plugin a firmware generation, three kinds of files."""

import re
from collections.abc import Mapping
from datetime import date

from attrs import frozen
from zope.interface import implementer

from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import NOTHING, Call, Device, Facts, FileRule, Fingerprint, Json, Notify, Settings

OUI = "00aced"
TEMPLATES = {
    "device.tpl": "url = {{ base_url }}\nuser = {{ username }}\npassword = {{ password }}\nlabel = {{ label }}\n",
    "common.tpl": "url = {{ base_url }}\n",
}


@implementer(IVendorPlugin)
@frozen
class AcmePlugin:
    id: str
    models: tuple[str, ...] = ("A20", "A60")
    version: str = "2.1"
    root: str = ""
    info: Json = NOTHING
    honours: frozenset[str] = frozenset({"locale"})
    aliases: frozenset[str] = frozenset()

    def support(self, facts: Facts) -> int:
        if facts.vendor != "Acme":
            return 0
        if facts.model not in self.models:
            return 200
        return 600 if facts.version == self.version else 500

    def file_for(self, path: str, method: str, facts: Facts, device: Device | None) -> FileRule | None:
        if path == "common.cfg":
            return FileRule("common", path, "common.tpl", secret=False)
        if path == "firmware.rom":
            return FileRule("firmware", path, secret=False)
        if path == "log.txt":
            return FileRule("upload", path)
        own = re.fullmatch(r"([0-9a-f]{12})\.cfg", path)
        if own is None or (device and (device.mac or "").replace(":", "") != own[1]):
            return None
        return FileRule("device", path, "device.tpl", proves_config=True)

    def values(
        self, rule: FileRule, device: Device | None, settings: Settings, today: date
    ) -> Mapping[str, object]:
        line = settings.lines.get(1, {})
        return {
            "base_url": settings.base_url,
            "username": line.get("username", ""),
            "password": line.get("password", ""),
            "label": line.get("display_name", ""),
        }

    def resync(self, device: Device, settings: Settings) -> Notify | Call | None:
        return None


@implementer(IVendor)
@frozen
class Acme:
    id: str = "acme"
    templates: str = ""
    fingerprints: tuple[Fingerprint, ...] = (
        Fingerprint(
            "user-agent",
            "acme",
            r"acme (?P<model>\w+) (?P<version>[\d.]+)(?: (?P<mac>[0-9a-f:]{17}))?(?: (?P<serial>S\d+))?",
            {"vendor": "Acme"},
        ),
        Fingerprint("path", OUI, rf"^(?P<mac>{OUI}[0-9a-f]{{6}})\.cfg$", {"vendor": "Acme"}),
        Fingerprint("oui", "00:ac:ed", "", {"vendor": "Acme"}),
    )
    plugins: tuple[AcmePlugin, ...] = (AcmePlugin("acme-1", ("A20",), "1.0"), AcmePlugin("acme-2"))
