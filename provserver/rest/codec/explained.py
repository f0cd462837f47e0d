"""Shapes: why a phone is answered as it is, as `explaining` writes it."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class Step(Struct):
    step: str
    reason_id: str
    text: str


class Asked(Struct):
    at: str
    protocol: Literal["http", "tftp", "dhcp", "sip"]
    ip: str
    path: str
    outcome: str
    steps: list[Step]
    file: str | UnsetType = UNSET


class Timeline(Struct):
    timeline: list[Asked]


class Explained(Struct):
    outcome: str
    device: str | None
    file: str | None
    steps: list[Step]


class Explanation(Struct):
    explain: Explained


class Seen(Struct):
    ip: str | None
    proven_ip: str | None
    version: str | None
    seen: str | None
    sip_username: str | None
    fetched: dict[str, str]


class Ignored(Struct):
    setting: str
    reason_id: str
    text: str


class DeviceStatus(Struct):
    configured: bool
    steps: list[Step]
    twins: list[str]
    ignored_settings: list[Ignored]
    better_plugin: str | None
    presence: Seen | None


class Status(Struct):
    status: DeviceStatus
