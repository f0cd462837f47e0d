"""Cisco's 7900 series with SCCP (Skinny) firmware; README.md says where each table comes from."""

# The folder is named like the plugins in it, by which clients know them. Nobody imports it by name.
# ruff: noqa: N999

from pathlib import Path

from provserver.vendors.table import Vendor

from .dhcp import DHCP
from .files import FILES
from .identify import FINGERPRINTS
from .models import MODELS
from .releases import RELEASES
from .values import values

vendor = Vendor(
    id="cisco-sccp",
    name="Cisco",
    version="1.0",
    folder=str(Path(__file__).parent),
    fingerprints=FINGERPRINTS,
    models=MODELS,
    releases=RELEASES,
    files=FILES,
    values=values,
    resync=None,  # a phone is reset by its call manager, in a message of SCCP
    family=r"(?:[67]9\d\d\w*)?",
    protocol="sccp",
    dhcp=DHCP,
)
