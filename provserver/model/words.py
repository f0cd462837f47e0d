"""The small words that the other values are made of."""

from enum import IntEnum
from typing import Literal, NewType

Json = NewType("Json", bytes)  # one object, compact UTF-8: immutable and small; decoded where it is used
Protocol = Literal["http", "tftp", "dhcp", "sip"]
Where = Literal["user-agent", "query", "path", "option-60", "oui"]  # of two facts the earlier one wins
Source = Literal["device", "common", "static", "firmware", "upload"]
Outcome = Literal["file", "noted", "nothing", "challenge", "busy", "bad"]

NOTHING = Json(b"{}")
# In the metadata of a field: the whole of it is a secret, or some of it may be (`core/secrets.py` finds it). Such a
# field is in no `repr`, and so in no log.
MARKED = "secret"
WHOLE = "whole"
SECRET = {MARKED: WHOLE}
HOLDS_SECRETS = {MARKED: "parts"}


class Proof(IntEnum):
    """How strongly a sighting proves that it is the device; a policy names the least that it takes."""

    NONE = 0
    ADDRESS = 1
    KEY = 2
    TOKEN = 3
    CERTIFICATE = 4
