"""What tests of vendors share: vendors as they are loaded, settings as configs give them, files as phones do."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from attrs import evolve

from provserver.core.render import Renderer
from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Device, FileRule, Settings
from provserver.raw_config import to_settings
from provserver.vendors.loader import Loaded, load
from provserver.vendors.table import FIRMWARE

ROOT = Path(__file__).resolve().parents[2]
BASE_URL = "http://192.0.2.1:8667"
TODAY = date(2026, 6, 1)


@cache
def loaded() -> Loaded:
    return load([ROOT / "plugins"], None)


def vendors() -> tuple[IVendor, ...]:
    """Return all that could be loaded; a neighbour that is broken fails its own tests, and those of all."""
    return loaded().vendors


def vendor(vendor_id: str) -> IVendor:
    found = [each for each in vendors() if each.id == vendor_id]
    assert found, loaded().broken
    return found[0]


def settings_of(raw: Mapping[str, object], base_url: str = BASE_URL) -> Settings:
    """`raw` may say under FIRMWARE which images are here, as the chain would."""
    settings = to_settings({name: value for name, value in raw.items() if name != FIRMWARE}, base_url)
    if FIRMWARE not in raw:
        return settings
    return evolve(settings, values={**settings.values, FIRMWARE: raw[FIRMWARE]})


def render(
    plugin: IVendorPlugin, rule: FileRule, device: Device | None, settings: Settings, today: date = TODAY
) -> bytes:
    file = Renderer(_template, most_bytes=0).render(plugin, rule, device, settings, today, 0.0, keep=False)
    assert file.body is not None
    return file.body


@cache
def _template(plugin_id: str, name: str) -> str | None:
    of = next(each for each in vendors() if plugin_id in {plugin.id for plugin in each.plugins})
    path = Path(of.templates, name)
    return path.read_text() if path.is_file() else None
