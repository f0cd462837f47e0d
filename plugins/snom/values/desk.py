"""The settings of a desk phone."""

import json
from collections.abc import Iterator, Mapping

from provserver.vendors.locales import country, pick
from provserver.vendors.table import Draft

from ..models import QT_LOCALE
from .clock import clock
from .identities import identities
from .keys import context_keys, function_keys, screen_keys
from .words import DSCP_EF, LANGUAGES, LOG_LEVELS, TONES, Said, Setting, check_hosts, text, vlan

_DEFAULT_LANGUAGE, _DEFAULT_TONES = "English", "USA"
_FACTORY_PIN = "0000"  # of the menus for administrators; empty it would be none


def phone(draft: Draft) -> Mapping[str, object]:
    check_hosts(draft, "proxy", "registrar", "backup_proxy", "backup_registrar", "outbound_proxy")
    return {
        "is_base": False,
        "whole_base": False,
        "phone_settings": tuple(_settings(draft)),
        **identities(draft),
        "context_keys": context_keys(draft.model, draft.settings.values),
        "function_keys": function_keys(draft),
    }


def _settings(draft: Draft) -> Iterator[Setting]:
    said = draft.settings.values
    yield from _network(said)
    yield Setting("setting_server", f"{draft.settings.base_url}/", perm="RW")
    yield from _web_users(said)
    # With these two off it obeys a NOTIFY that does not come from its registrar, and asks nobody for a password.
    yield Setting("filter_registrar", "off")
    yield Setting("challenge_response", "off")
    yield from screen_keys(draft.model, said)
    yield from _language(draft)
    yield from clock(said, draft.today)
    switchboard = draft.device and json.loads(draft.device.options).get("switchboard")
    yield Setting("call_waiting", "off" if switchboard else "on")


def _network(said: Said) -> Iterator[Setting]:
    for name, value in vlan(said):
        yield Setting(name, value)
    yield Setting("vlan_pc_id", text(said, "vlan_pc_port_id") or "0" if said.get("vlan_enabled") else "")
    yield Setting("codec_tos", DSCP_EF)
    yield Setting("signaling_tos", DSCP_EF)
    if said.get("dns_enabled"):  # an empty one would take away what DHCP gave
        yield Setting("dns_server1", text(said, "dns_ip"))
    syslog = bool(said.get("syslog_enabled"))
    port = text(said, "syslog_port")
    server = text(said, "syslog_ip") + ("" if port == "514" else f":{port}")
    yield Setting("syslog_server", server if syslog else "")
    yield Setting("log_level", LOG_LEVELS[str(said.get("syslog_level", "warning")) if syslog else "warning"])


def _web_users(said: Said) -> Iterator[Setting]:
    for name, setting in (
        ("webserver_user_name", "user_username"),
        ("webserver_user_password", "user_password"),
        ("http_user", "admin_username"),
        ("webserver_admin_name", "admin_username"),
        ("http_pass", "admin_password"),
        ("webserver_admin_password", "admin_password"),
    ):
        yield Setting(name, text(said, setting))
    yield Setting("admin_mode_password", text(said, "admin_password") or _FACTORY_PIN)


def _language(draft: Draft) -> Iterator[Setting]:
    """Without a language it asks its user for one when it starts; so it gets one that the user may change."""
    locale = text(draft.settings.values, "locale")
    for name in ("language", "web_language"):
        yield _or_default(name, pick(LANGUAGES, locale), _DEFAULT_LANGUAGE)
    yield _or_default("tone_scheme", TONES.get(country(locale)), _DEFAULT_TONES)
    if draft.model and QT_LOCALE in draft.model.traits:
        yield _or_default("locale", locale, "en_US")


def _or_default(name: str, value: str | None, default: str) -> Setting:
    return Setting(name, value) if value else Setting(name, default, perm="!")
