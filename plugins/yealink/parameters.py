"""
Parameters that are the same for all phones, and what parameters are called in other generations.

The names that the rest of the folder writes are those of V86. A row says what is otherwise, from one generation to
another (both included); README.md has the sources.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal

from attrs import frozen

from provserver.vendors.formats import UNSET
from provserver.vendors.table import Draft

Pair = tuple[str, object]
On = Literal["all", "desk", "dect"]
_NEWEST = 10_000


@frozen
class Kind:
    """What decides how a file is written, besides the model's sizes."""

    generation: int
    is_dect: bool


@frozen
class Fixed:
    """A parameter that every phone is given."""

    key: str
    value: object
    since: int = 0
    until: int = _NEWEST
    on: On = "all"


@frozen
class Named:
    """Another name of a parameter; None: there is no such parameter."""

    key: str
    name: str | None
    since: int = 0
    until: int = _NEWEST
    on: On = "all"


FIXED = (
    Fixed("static.auto_provision.pnp_enable", 0),
    Fixed("static.auto_provision.custom.protect", 1),
    Fixed("static.auto_provision.handset_configured.enable", 1, on="dect"),
    *(
        row
        for number in range(1, 9)
        for row in (
            Fixed(f"distinctive_ring_tones.alert_info.{number}.text", f"ring{number}", on="desk"),
            Fixed(f"distinctive_ring_tones.alert_info.{number}.ringer", number, on="desk"),
        )
    ),
    Fixed("features.caller_name_type_on_dialing", 1, since=80, on="desk"),
    Fixed("features.text_message.enable", 0, since=85, on="desk"),
    Fixed("features.text_message_popup.enable", 0, since=85, on="desk"),
    Fixed("features.config_dsskey_length", 1, since=85, on="desk"),
    Fixed("features.dnd.large_icon.enable", 1, since=85, on="desk"),
    # check-sync is obeyed whoever sends it, calls that come past the server are not taken, and nobody presses keys
    # from afar without the user's leave: README.md, "NOTIFY".
    Fixed("sip.trust_ctrl", 0, since=80),
    Fixed("sip.notify_reboot_enable", 0, on="desk"),
    Fixed("sip.notify_reboot_enable", 0, until=86, on="dect"),
    Fixed("sip.notify_reboot_enable", 1, since=87, on="dect"),
    Fixed("features.direct_ip_call_enable", 0),
    Fixed("features.action_uri_limit_ip", UNSET, since=80, on="desk"),
    Fixed("features.show_action_uri_option", 1, since=83, on="desk"),
    Fixed("transfer.dsskey_deal_type", 1, since=80, on="desk"),
    Fixed("static.usb.power.enable", 1, since=85, on="desk"),
    Fixed("custom.handset.screen_saver.enable", 0, on="dect"),
)
ACCOUNT_FIXED = (
    Fixed("fallback.redundancy_type", 1),
    Fixed("cid_source", 2),
    Fixed("alert_info_url_enable", 0),
    Fixed("nat.udp_update_enable", 1),
    Fixed("dtmf.info_type", 1),
    Fixed("sip_trust_ctrl", 0, until=73),
)
NAMED = (
    Named("lang.wui", "static.lang.wui", since=81, until=82, on="desk"),
    Named("lang.gui", "static.lang.gui", since=81, until=82, on="desk"),
    Named("lang.gui", None, on="dect"),
    Named("custom.handset.language", None, on="desk"),
    Named("local_time.date_format", "custom.handset.date_format", on="dect"),
    Named("static.firmware.url", "firmware.url", until=81),
    Named("static.syslog.enable", "syslog.mode", until=80),
    Named("static.syslog.enable", "static.syslog.mode", since=83, on="dect"),
    Named("static.syslog.level", "syslog.log_level", until=80),
    Named("static.syslog.server_port", None, until=80),
    Named("static.network.vlan.pc_port_enable", None, on="dect"),
    Named("static.network.vlan.pc_port_vid", None, on="dect"),
    Named("static.directory_setting.url", None, on="dect"),
    Named("features.action_uri.enable", None, until=79),
    Named("features.action_uri.enable", None, on="dect"),
    Named("action_url.dnd_on", None, until=82),
    Named("action_url.dnd_on", None, on="dect"),
    Named("action_url.dnd_off", None, until=82),
    Named("action_url.dnd_off", None, on="dect"),
    Named("push_xml.sip_notify", None, since=81),
    Named("push_xml.sip_notify", None, on="dect"),
    Named("call_waiting.enable", None, until=82, on="dect"),
    # of an account
    Named("sip_server.1.transport_type", "transport", until=73),
    Named("sip_server.2.transport_type", None, until=73),
    Named("outbound_proxy.1.address", "outbound_host", until=73),
    Named("outbound_proxy.1.port", "outbound_port", until=73),
    Named("outbound_proxy.2.address", None, until=73),
    Named("outbound_proxy.2.port", None, until=73),
    # of a key
    Named("pickup_value", None, since=83),
)
_PREFIXED_SINCE = 81  # `static.`: what users change on the phone never overrules it


def kind_of(draft: Draft) -> Kind:
    return Kind(
        int(draft.release.generation.removeprefix("*.")),
        draft.model is not None and draft.model.kind == "dect",
    )


class _Names(dict[str, str | None]):
    """What parameters are called by phones of one kind, looked up once each; None: they do not have it."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def __missing__(self, key: str) -> str | None:
        plain = key if self._kind.generation >= _PREFIXED_SINCE else key.removeprefix("static.")
        own = next((row.name for row in NAMED if row.key == key and _applies(row, self._kind)), plain)
        self[key] = own
        return own


names_of = cache(_Names)


def named(pairs: Iterable[Pair], kind: Kind, prefix: str = "") -> Iterator[Pair]:
    """Give the names of this kind of phone to some pairs, and leave out those that it does not have."""
    names = names_of(kind)
    for key, value in pairs:
        if own := names[key]:
            yield prefix + own, value


@cache
def fixed(rows: tuple[Fixed, ...], kind: Kind) -> tuple[Pair, ...]:
    return tuple((row.key, row.value) for row in rows if _applies(row, kind))


def _applies(row: Fixed | Named, kind: Kind) -> bool:
    return row.since <= kind.generation <= row.until and row.on in ("all", "dect" if kind.is_dect else "desk")
