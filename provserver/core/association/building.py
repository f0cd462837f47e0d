"""Building: the config of a device from the lines that sit on it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from provserver.core.merge import laid, merge
from provserver.core.resolve import COMMON_CONFIG
from provserver.model import Config, Device, Json, Line, Tenant
from provserver.raw_config import to_settings
from provserver.raw_config.fields import SERVERS

LINES = "lines"  # role of such a config: provd alone writes it
Seated = Sequence[tuple[int, Line]]  # by position
GetConfig = Callable[[str], Config | None]
GetTenant = Callable[[str], Tenant | None]
# What a line gets from the settings of all lines.
_OF_ALL_LINES = (
    *(f"sip_{server}_{part}" for server in SERVERS for part in ("ip", "port")),
    "sip_dtmf_mode",
    "sip_srtp_mode",
    "exten_voicemail",
)


def seated(device_id: str, lines: Iterable[Line]) -> Seated:
    """Return the lines that sit on a device, by position."""
    here = [(seat.position, line) for line in lines for seat in line.seats if seat.device == device_id]
    return sorted(here, key=lambda one: (one[0], one[1].id))


def built(
    config_id: str, device: Device, lines: Seated, get_tenant: GetTenant, get_config: GetConfig
) -> Config:
    """
    Return the device's config. Under the lines lie what all devices have, the default config of the tenant that owns
    the device, and the templates that its lines name; of two lines the one that sits first wins.

    A guest's line brings its account alone: what else it wants of a device is for the owner to say. The servers of
    its tenant's default config are written into the account, since the device's are the owner's.
    """
    owner = get_tenant(device.tenant)
    own = [(position, line) for position, line in reversed(lines) if line.tenant == device.tenant]
    raw = laid(_options(line, position) for position, line in own)
    accounts = {
        str(position): _own_account(line)
        if line.tenant == device.tenant
        else _guests_account(line, get_tenant, get_config)
        for position, line in lines
    }
    return Config(
        config_id,
        parents=_parents(owner, [line for _, line in own]),
        raw=Json(msgspec.json.encode({"protocol": "SIP", **raw, "sip_lines": accounts})),
        role=LINES,
    )


def _parents(owner: Tenant | None, lines: Iterable[Line]) -> tuple[str, ...]:
    if owner is None:
        return (COMMON_CONFIG,)
    templates = [line.template for line in lines if line.template in owner.templates]
    wanted = (COMMON_CONFIG, owner.default_config, *reversed(dict.fromkeys(reversed(templates))))
    return tuple(config_id for config_id in wanted if config_id)


def _options(line: Line, position: int) -> dict[str, Any]:
    """Return what goes with the user. A function key that names no line is one of the user's own line."""
    options: dict[str, Any] = msgspec.json.decode(line.options)
    if position > 1:
        for key in options.get("funckeys", {}).values():
            key.setdefault("line", position)
    return options


def _own_account(line: Line) -> Mapping[str, object]:
    account: dict[str, object] = msgspec.json.decode(line.account)
    return account


def _guests_account(line: Line, get_tenant: GetTenant, get_config: GetConfig) -> Mapping[str, object]:
    tenant = get_tenant(line.tenant)
    merged = merge({}, tenant.default_config, get_config) if tenant and tenant.default_config else None
    shared = {name: merged.raw[name] for name in _OF_ALL_LINES if name in merged.raw} if merged else {}
    account = _own_account(line)
    return to_settings({**shared, "sip_lines": {"1": account}}, "").lines[1]
