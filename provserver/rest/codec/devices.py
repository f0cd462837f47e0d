"""Devices on the wire (contract section 6): what is decided and what is seen, as one flat document."""

from collections.abc import Iterable, Mapping

import msgspec
from attrs import evolve

from provserver.address import is_normal_mac, normal_ip
from provserver.errors import Invalid
from provserver.model import NOTHING, Device, Json, Line, Presence
from provserver.rest.codec.values import kind, text, write_json

_TEXTS = {  # on the wire -> in a Device
    "mac": "mac",
    "vendor": "vendor",
    "model": "model",
    "sn": "serial",
    "uuid": "uuid",
    "plugin": "plugin",
    "config": "config",
    "added": "added",
}
_SEEN = {"ip": "ip", "version": "version", "remote_state_sip_username": "username"}  # in a Presence
_GENERATED = "generated_passwords"
_COMPUTED = {"id", "tenant_uuid", "configured", "is_new", "ignored_settings", _GENERATED}
_NULLABLE = {*_TEXTS, "options"}


def device_document(
    device: Device, presence: Presence | None, is_new: bool, configured: bool | None = None
) -> dict[str, object]:
    """Return the document as clients know it: a field without a value is absent (never null, which breaks them).
    `configured` None leaves it out: it is dear."""
    document: dict[str, object] = msgspec.json.decode(device.other)
    document["id"] = device.id
    named = {name: getattr(device, attribute) for name, attribute in _TEXTS.items()}
    if presence:
        named |= {name: getattr(presence, attribute) for name, attribute in _SEEN.items()}
    document |= {name: value for name, value in named.items() if value}
    if device.options != NOTHING:
        document["options"] = msgspec.json.decode(device.options)
    if device.passwords != NOTHING:
        document[_GENERATED] = msgspec.json.decode(device.passwords)
    document |= {"tenant_uuid": device.tenant, "is_new": is_new}
    if configured is not None:
        document["configured"] = configured
    return document


def guest_document(device: Device, lines: Iterable[tuple[int, Line]]) -> dict[str, object]:
    """Return what a tenant sees that has `lines`, by position, on a device of another's: which phone it is, and where
    they sit."""
    named = {name: getattr(device, name) for name in ("mac", "vendor", "model")}
    said = {name: value for name, value in named.items() if value}
    seats = [{"line": line.id, "position": position} for position, line in lines]
    return {"id": device.id, **said, "tenant_uuid": device.tenant, "is_new": False, "lines": seats}


def read_device(document: Mapping[str, object], device_id: str, tenant: str) -> Device:
    """
    Return the device that a client describes. What the server alone says is not looked at.

    Raises:
        Invalid: a field has a value that it cannot have.
    """
    texts = {name: text(document, name) for name in _TEXTS}
    options = _options(document)
    said = {name for name in texts if texts[name]} | ({"options"} if options != NOTHING else set())
    return Device(
        device_id,
        mac=_mac(document),
        vendor=texts["vendor"],
        model=texts["model"],
        serial=texts["sn"],
        uuid=texts["uuid"],
        plugin=texts["plugin"],
        config=texts["config"],
        added=texts["added"] or "",
        tenant=tenant,
        options=options,
        other=_other(document, said),
    )


def read_presence(document: Mapping[str, object], before: Presence) -> Presence:
    """
    Return the presence with what the client says of it; what the client does not name stays as it was seen.

    Raises:
        Invalid: the address is none.
    """
    return evolve(
        before,
        ip=_ip(document) if "ip" in document else before.ip,
        version=text(document, "version") if "version" in document else before.version,
    )


def _other(document: Mapping[str, object], said: set[str]) -> Json:
    """Keep what is not ours to know, and what is empty (`"vendor": ""`): it comes back as it was sent."""
    kept = {
        name: value
        for name, value in document.items()
        if name not in {*_SEEN, *_COMPUTED, *said} and not (value is None and name in _NULLABLE)
    }
    return write_json(kept)


def _mac(document: Mapping[str, object]) -> str | None:
    mac = document.get("mac")
    if mac is None:
        return None
    if not isinstance(mac, str) or not is_normal_mac(mac):
        got = repr(mac[:60]) if isinstance(mac, str) else kind(mac)
        raise Invalid(f"expected a MAC address like 00:15:65:4a:a9:37, got {got}", "mac")
    return mac


def _ip(document: Mapping[str, object]) -> str | None:
    ip = text(document, "ip")
    try:
        return normal_ip(ip) if ip else None
    except Invalid as problem:
        raise Invalid(problem.text, "ip") from None


def _options(document: Mapping[str, object]) -> Json:
    options = document.get("options")
    if options is None:
        return NOTHING
    if not isinstance(options, dict):
        raise Invalid(f"expected an object, got {kind(options)}", "options")
    return write_json(options)
