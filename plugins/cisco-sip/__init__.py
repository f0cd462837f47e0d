"""Cisco's 8941 and 8945 with their SIP firmware; README.md says where each table comes from."""

# The folder is named like the plugins in it, by which clients know them. Nobody imports it by name.
# ruff: noqa: N999

from pathlib import Path

from provserver.model import Notify
from provserver.vendors.table import Vendor

from .dhcp import DHCP
from .files import FILES
from .identify import FINGERPRINTS
from .models import MODELS
from .releases import RELEASES
from .values import values

# `restart` fetches the files again, `reset` would boot the phone. The stamps are those of no file, so all are old.
_RESTART = (
    b"action=restart\r\n"
    b"RegisterCallId={}\r\n"
    b"ConfigVersionStamp={0000000000000000}\r\n"
    b"DialplanVersionStamp={0000000000000000}\r\n"
    b"SoftkeyVersionStamp={0000000000000000}\r\n"
)

vendor = Vendor(
    id="cisco-sip",
    name="Cisco",
    version="1.0",
    folder=str(Path(__file__).parent),
    fingerprints=FINGERPRINTS,
    models=MODELS,
    releases=RELEASES,
    files=FILES,
    values=values,
    resync=Notify("service-control", _RESTART, "text/plain"),
    family=r"[89]9\d\d",  # of a Cisco whose model is not known nobody can say that it speaks SIP
    dhcp=DHCP,
)
