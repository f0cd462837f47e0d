"""SIP accounts. A phone has a fixed number of them, and those without a line are reset."""

from collections.abc import Iterator

from provserver.vendors.formats import UNSET
from provserver.vendors.table import Model

from .words import (
    ACCOUNT_FIXED,
    CODECS_OFF,
    CODECS_ON,
    DTMF,
    SRTP,
    TRANSPORTS,
    VIDEO_CODECS,
    WIDEBAND_CODECS,
    Pair,
    Said,
    said_or_unset,
)

Server = tuple[object, object]  # host and port
_NONE: Server = (UNSET, UNSET)


def account(number: int, line: Said | None, said: Said, model: Model | None) -> Iterator[Pair]:
    prefix = f"account.{number}"
    yield f"{prefix}.enable", int(line is not None)
    for key, value in _line(line or {}, said):
        yield f"{prefix}.{key}", UNSET if line is None else value
    yield f"voice_mail.number.{number}", said_or_unset(line or {}, "voicemail")
    if line is not None:
        for key, value in (*ACCOUNT_FIXED, *_codecs(model)):
            yield f"{prefix}.{key}", value


def label(line: Said) -> object:
    """Return what names an account on the screen."""
    named = (said_or_unset(line, name) for name in ("display_name", "number", "username"))
    return next((value for value in named if value is not UNSET), UNSET)


def _line(line: Said, said: Said) -> Iterator[Pair]:
    yield "label", label(line)
    for key, name in (
        ("display_name", "display_name"),
        ("auth_name", "auth_username"),
        ("user_name", "username"),
        ("password", "password"),
    ):
        yield key, said_or_unset(line, name)
    transport = str(said.get("sip_transport", "udp"))
    registrars, proxies = _servers(line)
    for place, (host, port) in enumerate(registrars, 1):
        yield f"sip_server.{place}.address", host
        yield f"sip_server.{place}.port", _port(host, port, transport)
        yield f"sip_server.{place}.transport_type", TRANSPORTS[transport]
    yield "outbound_proxy_enable", int(proxies[0] != _NONE)
    for place, (host, port) in enumerate(proxies, 1):
        yield f"outbound_proxy.{place}.address", host
        yield f"outbound_proxy.{place}.port", _port(host, port, transport)
    yield "srtp_encryption", SRTP[str(line.get("srtp_mode", "disabled"))]
    yield "dtmf.type", DTMF.get(str(line.get("dtmf_mode")), UNSET)
    yield "subscribe_mwi", int(bool(said.get("sip_subscribe_mwi")))


def _servers(line: Said) -> tuple[tuple[Server, Server], tuple[Server, Server]]:
    """
    Return the two registrars, and the two proxies through which they are reached.

    The phone has one host for both registrar and SIP domain. A proxy that is another host than its registrar
    is therefore an outbound proxy, unless one is set.
    """
    registrar, proxy = _registrar(line, "")
    backup, backup_proxy = _registrar(line, "backup_")
    outbound = _server(line, "outbound_proxy")
    if outbound != _NONE:
        return (registrar, backup), (outbound, _NONE)
    return (registrar, backup), (proxy, backup_proxy)


def _registrar(line: Said, which: str) -> tuple[Server, Server]:
    """Return a registrar, and the proxy where it is another host."""
    proxy, registrar = _server(line, f"{which}proxy"), _server(line, f"{which}registrar")
    if registrar[0] in (UNSET, proxy[0]):
        return (proxy[0], proxy[1] if registrar[1] is UNSET else registrar[1]), _NONE
    return registrar, proxy


def _server(line: Said, role: str) -> Server:
    host = said_or_unset(line, f"{role}_ip")
    return host, said_or_unset(line, f"{role}_port", host is not UNSET)


def _port(host: object, port: object, transport: str) -> object:
    return 5061 if transport == "tls" and host is not UNSET and port is UNSET else port


def _codecs(model: Model | None) -> Iterator[Pair]:
    video = model is not None and "video" in model.traits
    on = CODECS_ON if video else (*CODECS_ON, *WIDEBAND_CODECS)
    off = (*CODECS_OFF, *WIDEBAND_CODECS) if video else CODECS_OFF
    yield from ((f"codec.{codec}.enable", 1) for codec in on)
    yield from ((f"codec.{codec}.enable", 0) for codec in off)
    if video:
        yield from ((f"video.{codec}.enable", 0) for codec in VIDEO_CODECS)
