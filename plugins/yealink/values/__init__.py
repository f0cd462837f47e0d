"""
Settings in Yealink's words, as an ordered list of `key = value` pairs.

What a setting does not say is written as UNSET (`%NULL%`): a phone keeps whatever vanishes from its file.
"""

import json
from collections.abc import Iterator, Mapping

from provserver.vendors.locales import pick
from provserver.vendors.table import Draft

from ..parameters import FIXED, Kind, Pair, fixed, kind_of, named
from .accounts import accounts
from .certificates import OWN, TRUSTED, certificates, lines_of
from .clock import clock
from .firmware import firmware
from .keys import function_keys, unused_keys
from .phone import language, network, services, web_users
from .words import DIRECTORY


def values(draft: Draft) -> Mapping[str, object]:
    """
    Return what the templates use.

    Raises:
        Unfit: the name of a web user with a colon, a certificate that is none.
    """
    kind, said = kind_of(draft), draft.settings.values
    is_device = draft.rule.template == "device.tpl"
    has_keys = is_device and not kind.is_dect
    return {
        "server": tuple(named([("static.auto_provision.server.url", f"{draft.settings.base_url}/")], kind)),
        "directory": _directory(draft),
        "pairs": tuple(_pairs(draft, kind)) if is_device else (),
        "unused_keys": unused_keys(draft.settings, draft.model) if has_keys and draft.model else (),
        "trusted": lines_of(said, TRUSTED) if draft.rule.template == "trusted.tpl" else (),
        "own": lines_of(said, OWN) if draft.rule.template == "own.tpl" else (),
    }


def _directory(draft: Draft) -> str:
    return pick(DIRECTORY, str(draft.settings.values.get("locale", ""))) or "Directory"


def _pairs(draft: Draft, kind: Kind) -> Iterator[Pair]:
    yield from named(_phone(draft, kind), kind)
    yield from accounts(draft.settings, draft.model, kind)
    if draft.model and not kind.is_dect:
        yield from function_keys(draft.settings, draft.model, kind)


def _phone(draft: Draft, kind: Kind) -> Iterator[Pair]:
    said, url = draft.settings.values, draft.settings.base_url
    yield "static.auto_provision.server.url", f"{url}/"
    yield from firmware(draft, kind)
    yield from fixed(FIXED, kind)
    yield from network(said)
    yield from certificates(draft)
    yield from language(said)
    yield from clock(said, draft.today)
    yield "static.directory_setting.url", f"{url}/directory_setting.xml"
    yield from services(said, _directory(draft))
    yield from web_users(said)
    switchboard = bool(draft.device and json.loads(draft.device.options).get("switchboard"))
    yield "push_xml.sip_notify", int(switchboard)
    yield "call_waiting.enable", int(not switchboard)
