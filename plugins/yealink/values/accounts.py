"""SIP accounts. A phone has a fixed number of them, and those without a line are reset."""

from collections.abc import Iterator
from functools import lru_cache

from provserver.model import Settings
from provserver.vendors.formats import UNSET
from provserver.vendors.table import MULTICELL, Model

from ..models import VIDEO
from ..parameters import ACCOUNT_FIXED, Kind, Pair, fixed, named
from .servers import servers
from .words import (
    CODECS_OFF,
    CODECS_ON,
    DTMF,
    G729_IN_BASES_UNTIL,
    SRTP,
    VIDEO_CODECS,
    VIDEO_CODECS_SINCE,
    WIDEBAND_CODECS,
    Said,
    said_or_unset,
)

_TEMPLATES_SINCE = 87  # that the bases of a single cell have them too
_TEMPLATE = "sip_server.template"
_MOST_ACCOUNTS = 2048  # unused ones that are remembered: a manager of bases has 250
_NOBODY: Said = {}


def accounts(settings: Settings, model: Model | None, kind: Kind) -> Iterator[Pair]:
    """Of a model without accounts of its own, or one that nobody knows, only those with a line are written."""
    said, lines = settings.values, settings.lines
    numbers = range(1, model.lines + 1) if model and model.lines else sorted(lines)
    transport = str(said.get("sip_transport", "udp"))
    own = {number: servers(lines[number], transport) for number in numbers if number in lines}
    unused: tuple[Pair, ...] = servers(_NOBODY, transport)
    if _has_templates(model, kind):
        templates = {pairs: number for number, pairs in enumerate(dict.fromkeys(own.values()), 1)}
        for pairs, template in templates.items():
            yield f"template.{template}.name", f"provd {template}"
            yield from named(pairs, kind, f"template.{template}.")
        own = {number: ((_TEMPLATE, templates[pairs]),) for number, pairs in own.items()}
        unused = ((_TEMPLATE, UNSET),)
    always = (*fixed(ACCOUNT_FIXED, kind), *_codecs(model, kind))
    reset = tuple(key for key, _ in named(_line(_NOBODY, unused, said), kind))
    for number in numbers:
        if number in lines:
            yield from _account(number, lines[number], (*own[number], *always), said, kind)
        else:
            yield from _no_account(number, reset)


def label(line: Said) -> object:
    """Return what names an account on the screen."""
    named = (said_or_unset(line, name) for name in ("display_name", "number", "username"))
    return next((value for value in named if value is not UNSET), UNSET)


def _has_templates(model: Model | None, kind: Kind) -> bool:
    if model is None or not kind.is_dect:
        return False
    return MULTICELL in model.traits or kind.generation >= _TEMPLATES_SINCE


def _account(number: int, line: Said, own: tuple[Pair, ...], said: Said, kind: Kind) -> Iterator[Pair]:
    yield f"account.{number}.enable", 1
    yield from named(_line(line, own, said), kind, f"account.{number}.")
    yield f"voice_mail.number.{number}", said_or_unset(line, "voicemail")


@lru_cache(_MOST_ACCOUNTS)
def _no_account(number: int, reset: tuple[str, ...]) -> tuple[Pair, ...]:
    return (
        (f"account.{number}.enable", 0),
        *((f"account.{number}.{key}", UNSET) for key in reset),
        (f"voice_mail.number.{number}", UNSET),
    )


def _line(line: Said, own: tuple[Pair, ...], said: Said) -> Iterator[Pair]:
    yield "label", label(line)
    for key, setting in (
        ("display_name", "display_name"),
        ("auth_name", "auth_username"),
        ("user_name", "username"),
        ("password", "password"),
    ):
        yield key, said_or_unset(line, setting)
    yield from own
    yield "srtp_encryption", SRTP[str(line.get("srtp_mode", "disabled"))]
    yield "dtmf.type", DTMF.get(str(line.get("dtmf_mode")), UNSET)
    yield "subscribe_mwi", int(bool(said.get("sip_subscribe_mwi")))


def _codecs(model: Model | None, kind: Kind) -> Iterator[Pair]:
    video = model is not None and VIDEO in model.traits and kind.generation >= VIDEO_CODECS_SINCE
    off = {*CODECS_OFF, *(WIDEBAND_CODECS if video else ())}
    if kind.is_dect and kind.generation > G729_IN_BASES_UNTIL:
        off.add("g729")
    for codec in (*CODECS_ON, *WIDEBAND_CODECS, *CODECS_OFF):
        yield f"codec.{codec}.enable", int(codec not in off)
    if video:
        yield from ((f"video.{codec}.enable", 0) for codec in VIDEO_CODECS)
