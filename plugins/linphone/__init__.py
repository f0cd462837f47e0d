"""Linphone, the softphone; README.md says where each table comes from."""

from pathlib import Path

from provserver.vendors.table import Vendor

from .files import FILES
from .identify import FINGERPRINTS
from .models import MODELS
from .releases import RELEASES
from .values import values

vendor = Vendor(
    id="linphone",
    name="Linphone",
    version="1.0",
    folder=str(Path(__file__).parent),
    fingerprints=FINGERPRINTS,
    models=MODELS,
    releases=RELEASES,
    files=FILES,
    values=values,
    resync=None,  # it answers a NOTIFY check-sync with 200, and fetches nothing: its user must restart it
)
