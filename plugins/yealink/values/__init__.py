"""
Settings in Yealink's words, as an ordered list of `key = value` pairs.

What a setting does not say is written as UNSET (`%NULL%`): a phone keeps whatever vanishes from its file.
"""

import json
from collections.abc import Iterator, Mapping

from provserver.vendors.locales import pick
from provserver.vendors.table import Draft

from .accounts import account
from .clock import clock
from .keys import function_keys
from .phone import language, network, services, web_users
from .words import DIRECTORY, FIXED, Pair


def values(draft: Draft) -> Mapping[str, object]:
    """Return what the templates use. Raises: Unfit: the name of a web user with a colon."""
    return {
        "base_url": draft.settings.base_url,
        "directory": _directory(draft),
        "pairs": tuple(_pairs(draft)) if draft.rule.source == "device" else (),
    }


def _directory(draft: Draft) -> str:
    return pick(DIRECTORY, str(draft.settings.values.get("locale", ""))) or "Directory"


def _pairs(draft: Draft) -> Iterator[Pair]:
    said, lines, url = draft.settings.values, draft.settings.lines, draft.settings.base_url
    yield "static.auto_provision.server.url", f"{url}/"
    yield from FIXED
    yield from network(said)
    yield from language(said)
    yield from clock(said, draft.today)
    yield "static.directory_setting.url", f"{url}/directory_setting.xml"
    yield from services(said, _directory(draft))
    yield from web_users(said)
    switchboard = draft.device and json.loads(draft.device.options).get("switchboard")
    yield "call_waiting.enable", int(not switchboard)
    for number in range(1, draft.model.lines + 1) if draft.model else sorted(lines):
        yield from account(number, lines.get(number), said, draft.model)
    if draft.model:
        yield from function_keys(draft.settings, draft.model)
