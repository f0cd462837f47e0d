"""
Shapes: what bodies and answers look like, for the documents that describe the API.

The codec reads bodies field by field, since a client's unknown fields come back and errors have the reference's
words; what is described here is held to it by the tests: every answer of `docs/rest.md`'s examples, and each that
schemathesis gets, must have the shape that its route says. More fields may be there than are named.
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

Text = str | UnsetType  # absent where there is no value


class Link(Struct):
    rel: str
    href: str


class Links(Struct):
    links: list[Link]


class Error(Struct):
    """What went wrong; `field` is the path of the value that is wrong, `template` and `line` are where one is."""

    message: str
    reason_id: str
    field: Text = UNSET
    template: Text = UNSET
    line: int | UnsetType | None = UNSET


class Created(Struct):
    id: str


class Anything(Struct):
    """An object; what is in it does not matter."""


class Named(Struct):
    """The id of what is meant."""

    id: str


class BusStatus(Struct):
    status: str


class ServerStatus(Struct):
    rest_api: str
    bus_consumer: BusStatus


# --- devices and configs -----------------------------------------------------------------------------------


class DeviceFields(Struct):
    """A device. Other fields are kept and given back."""

    id: Text = UNSET
    mac: Text | None = UNSET
    ip: Text | None = UNSET
    sn: Text | int | None = UNSET
    uuid: Text | None = UNSET
    vendor: Text | None = UNSET
    model: Text | int | None = UNSET
    version: Text | int | float | None = UNSET
    plugin: Text | None = UNSET
    config: Text | None = UNSET
    added: Text | None = UNSET
    options: dict[str, Any] | UnsetType | None = UNSET
    tenant_uuid: Text = UNSET
    is_new: bool | UnsetType = UNSET
    configured: bool | UnsetType = UNSET
    remote_state_sip_username: Text | None = UNSET
    generated_passwords: dict[str, str] | UnsetType = UNSET


class OneDevice(Struct):
    device: DeviceFields


class Devices(Struct):
    devices: list[DeviceFields]


class ConfigFields(Struct):
    """A config. Other fields are kept and given back."""

    parent_ids: list[str]
    raw_config: dict[str, Any]
    id: Text = UNSET
    role: Text | None = UNSET
    transient: bool | UnsetType | None = UNSET
    deletable: bool | UnsetType | None = UNSET


class OneConfig(Struct):
    config: ConfigFields


class Configs(Struct):
    """With `fields` only those that were asked for."""

    configs: list[dict[str, Any]]


class RawConfig(Struct):
    raw_config: dict[str, Any]


class Lease(Struct):
    op: str
    ip: str
    mac: Text = UNSET
    options: list[str] | UnsetType = UNSET


class DhcpInfo(Struct):
    dhcp_info: Lease


class Move(Struct):
    """`selector` says which devices; `dry_run` changes nothing; `resync` tells the phones afterwards."""

    plugin: str
    selector: dict[str, Any]
    dry_run: bool | UnsetType = UNSET
    resync: bool | UnsetType = UNSET


class MoveOrder(Struct):
    move: Move


class NotMoved(Struct):
    id: str
    reason_id: str
    message: str


class Moved(Struct):
    plugin: str
    dry_run: bool
    moved: list[str]
    not_moved: list[NotMoved]
    operation: Text = UNSET  # of telling the phones


class MoveAnswer(Struct):
    move: Moved


# --- parameters, plugins, operations -----------------------------------------------------------------------


class Parameter(Struct):
    id: str
    description: str
    value: str | int | None
    links: list[Link]


class Parameters(Struct):
    params: list[Parameter]


class Value(Struct):
    value: str | int | None


class ParameterValue(Struct):
    param: Value


class Policy(Struct):
    """What proof a secret needs, on the allowed networks and elsewhere; null or absent: as the tenant above."""

    local: Literal["none", "address", "key", "token", "certificate"] | UnsetType | None = UNSET
    elsewhere: Literal["key", "token", "certificate", "never"] | UnsetType | None = UNSET


class TenantFields(Struct):
    default_config: Text | None = UNSET
    templates: list[str] | UnsetType | None = UNSET
    id: Text = UNSET
    name: Text | None = UNSET
    parent_id: Text | None = UNSET
    policy: Policy | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class OneTenant(Struct):
    tenant: TenantFields


class Tenants(Struct):
    tenants: list[TenantFields]


class WantedToken(Struct):
    name: str
    acl: list[str]
    expires_at: Text | None = UNSET


class NewToken(Struct):
    token: WantedToken


class MadeToken(Struct):
    id: str
    token: str


class TokenFields(Struct):
    id: str
    name: str
    acl: list[str]
    tenant_uuid: str
    created_at: str
    expires_at: str | None
    expired: bool


class OneToken(Struct):
    token: TokenFields


class Tokens(Struct):
    """With `fields` only those that were asked for."""

    tokens: list[dict[str, Any]]


class PluginInfo(Struct):
    version: str
    description: str
    capabilities: dict[str, Any]


class PluginInfoAnswer(Struct):
    plugin_info: PluginInfo


class Plugins(Struct):
    plugins: dict[str, Links]


class Package(Struct):
    version: str
    description: str


class Packages(Struct):
    pkgs: dict[str, Package]


class OperationStatus(Struct):
    """`status` by the grammar `[label|]state[;current[/end]](operation)…`; why, where it failed."""

    status: str
    reason_id: Text = UNSET
    message: Text = UNSET
