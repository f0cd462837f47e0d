"""Sources that are watched and new phones that wait, on the wire."""

from typing import Literal

from msgspec import Struct

from provserver.core.pending import Pending
from provserver.core.sources import Source
from provserver.rest.codec.explaining import time_text


class SourceFields(Struct):
    address: str
    transport: Literal["tcp", "udp"]
    state: Literal["watched", "slowed", "refused"]
    phones: int
    oui: str
    requests: int
    since: str
    last: str
    until: str | None


class Sources(Struct):
    sources: list[SourceFields]


class PendingFields(Struct):
    id: str
    mac: str | None
    vendor: str | None
    model: str | None
    sn: str | None
    uuid: str | None
    plugin: str | None
    tenant_uuid: str
    ip: str
    since: str
    last: str
    until: str


class PendingDevices(Struct):
    pending: list[PendingFields]


class OnePending(Struct):
    pending: PendingFields


def source_document(source: Source) -> dict[str, object]:
    return {
        "address": source.address,
        "transport": source.transport,
        "state": source.state,
        "phones": source.phones,
        "oui": source.oui,
        "requests": source.requests,
        "since": time_text(source.since),
        "last": time_text(source.last),
        "until": time_text(source.until) if source.until is not None else None,
    }


def pending_document(pending: Pending) -> dict[str, object]:
    device = pending.device
    return {
        "id": device.id,
        "mac": device.mac,
        "vendor": device.vendor,
        "model": device.model,
        "sn": device.serial,
        "uuid": device.uuid,
        "plugin": device.plugin,
        "tenant_uuid": device.tenant,
        "ip": pending.ip,
        "since": time_text(pending.since),
        "last": time_text(pending.last),
        "until": time_text(pending.until),
    }
