"""Snom desk phones, conference phones and DECT bases; README.md says where each table comes from."""

import re
from pathlib import Path

from provserver.model import Device, Notify, Settings
from provserver.vendors.table import Vendor

from .dhcp import DHCP
from .files import FILES
from .identify import FINGERPRINTS
from .models import DECT_FAMILY, MODELS
from .releases import RELEASES
from .values import values

# A desk phone restarts only if a setting asks for it; a base reads its files when it starts, and only then.
_DESK, _BASE = Notify("check-sync;reboot=false"), Notify("check-sync;reboot=true")


def _resync(device: Device, _settings: Settings) -> Notify:
    return _BASE if re.fullmatch(DECT_FAMILY, (device.model or "").upper()) else _DESK


vendor = Vendor(
    id="snom",
    name="Snom",
    version="1.0",
    folder=str(Path(__file__).parent),
    fingerprints=FINGERPRINTS,
    models=MODELS,
    releases=RELEASES,
    files=FILES,
    values=values,
    resync=_resync,
    dhcp=DHCP,
)
