"""Cisco's Unified SIP phones: the firmware that each runs, and its buttons for lines and keys (Cisco's guides)."""

from attrs import frozen


@frozen
class Model:
    version: str  # the name of its load
    buttons: int


MODELS = {
    "8941": Model("SIP8941_8945.9-3-1-18", 4),
    "8945": Model("SIP8941_8945.9-3-1-18", 4),
}
