"""Acme: a small vendor for tests of the chain. One plugin a firmware generation, three kinds of files."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

from attrs import frozen
from zope.interface import implementer

from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Call, Device, Facts, FileRule, Fingerprint, Json, Notify, Settings
from provserver.vendors.table import FIRMWARE

OUI = "00aced"
TEMPLATES = {
    "device.tpl": "url = {{ base_url }}\nuser = {{ username }}\npassword = {{ password }}\nlabel = {{ label }}\n"
    "{% if image %}firmware = {{ image }}\n{% endif %}",
    "common.tpl": "url = {{ base_url }}\n",
}
CAPABILITIES = {
    "Acme, A20, 2.1": {"lines": 2, "type": "deskphone"},
    "Acme, A60, 2.1": {"lines": 6, "type": "deskphone"},
    "Acme, G8, 2.1": {"lines": 8, "type": "gateway"},
    "Acme, C5, 2.1": {"lines": 1, "type": "deskphone", "protocol": "sccp"},
}

INFO = Json(json.dumps({"capabilities": CAPABILITIES}).encode())


@implementer(IVendorPlugin)
@frozen
class AcmePlugin:
    id: str
    models: tuple[str, ...] = ("A20", "A60", "G8")
    version: str = "2.1"
    root: str = ""
    info: Json = INFO
    honours: frozenset[str] = frozenset({"locale"})
    images: frozenset[str] = frozenset({"firmware.rom"})
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

    def own_files(self, device: Device) -> tuple[FileRule, ...]:
        rule = self.file_for(f"{(device.mac or '').replace(':', '')}.cfg", "GET", Facts(), device)
        return (rule,) if rule else ()

    def values(
        self, rule: FileRule, device: Device | None, settings: Settings, today: date
    ) -> Mapping[str, object]:
        line = settings.lines.get(1, {})
        return {
            "base_url": settings.base_url,
            "username": line.get("username", ""),
            "password": line.get("password", ""),
            "label": line.get("display_name", ""),
            "image": next(iter(_images(settings)), ""),
        }

    def resync(self, device: Device, settings: Settings) -> Notify | Call | None:
        return None


def _images(settings: Settings) -> Sequence[str]:
    here = settings.values.get(FIRMWARE)
    return here if isinstance(here, tuple) else ()


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
