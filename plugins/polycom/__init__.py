"""Polycom's SoundPoint, SoundStation and VVX phones; README.md says where each table comes from."""

from pathlib import Path

from provserver.model import Notify
from provserver.vendors.table import Vendor

from .dhcp import DHCP
from .files import FILES
from .identify import FINGERPRINTS
from .models import MODELS
from .releases import RELEASES
from .values import values

vendor = Vendor(
    id="polycom",
    name="Polycom",
    version="1.0",
    folder=str(Path(__file__).parent),
    fingerprints=FINGERPRINTS,
    models=MODELS,
    releases=RELEASES,
    files=FILES,
    values=values,
    resync=Notify("check-sync"),
    dhcp=DHCP,
)
