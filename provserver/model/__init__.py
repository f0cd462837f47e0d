"""
The values that the parts of provd hand to each other; `docs/words.md` explains the words.

Whatever is handed out is read-only. Times are seconds since the epoch, given by the caller.
"""

from provserver.model.answers import Answer, Asked, File, Status, Step, Upload
from provserver.model.changes import Commit, Committed, Delete, Put
from provserver.model.documents import (
    Associated,
    Config,
    Device,
    Document,
    Line,
    Pairing,
    Parameter,
    Presence,
    Seat,
    Slot,
    Tenant,
    Token,
    Uninstalled,
    WhenTaken,
)
from provserver.model.seen import Facts, Sighting
from provserver.model.vendors import Call, Caller, FileRule, Fingerprint, Notify, Override, Settings, Stored
from provserver.model.words import NOTHING, Json, Outcome, Proof, Protocol, Source, Where

__all__ = [
    "NOTHING",
    "Answer",
    "Asked",
    "Associated",
    "Call",
    "Caller",
    "Commit",
    "Committed",
    "Config",
    "Delete",
    "Device",
    "Document",
    "Facts",
    "File",
    "FileRule",
    "Fingerprint",
    "Json",
    "Line",
    "Notify",
    "Outcome",
    "Override",
    "Pairing",
    "Parameter",
    "Presence",
    "Proof",
    "Protocol",
    "Put",
    "Seat",
    "Settings",
    "Sighting",
    "Slot",
    "Source",
    "Status",
    "Step",
    "Stored",
    "Tenant",
    "Token",
    "Uninstalled",
    "Upload",
    "WhenTaken",
    "Where",
]
