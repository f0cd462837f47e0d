"""Firmware of the phone, and of the handsets that it brings up to date. Nothing is written that is not allowed."""

from collections.abc import Iterator
from urllib.parse import quote

from provserver.vendors.table import Draft

from ..models import DONGLE
from ..parameters import Kind, Pair

_DONGLES_SINCE, _DONGLES_UNTIL = 85, 86


def firmware(draft: Draft, kind: Kind) -> Iterator[Pair]:
    model = (draft.device.model or "").upper() if draft.device else ""
    if path := draft.image(model):
        yield "static.firmware.url", _url(draft, path)
    if not _has_handsets(draft, kind):
        return
    handsets = [what for what in draft.release.images if what.islower() and draft.image(what)]
    for what in handsets:
        key = "over_the_air.url" if what == "handset" else f"over_the_air.url.{what}"
        yield key, _url(draft, str(draft.image(what)))
    if handsets:
        yield "over_the_air.handset_tip", 0


def _has_handsets(draft: Draft, kind: Kind) -> bool:
    if kind.is_dect:
        return True
    has_dongle = draft.model is not None and DONGLE in draft.model.traits
    return has_dongle and _DONGLES_SINCE <= kind.generation <= _DONGLES_UNTIL


def _url(draft: Draft, path: str) -> str:
    """Return where an image is; the parentheses and commas of Yealink's names stay, as the phone expects them."""
    return f"{draft.settings.base_url}/{quote(path, safe='/(),$&')}"
