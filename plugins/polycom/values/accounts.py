"""SIP accounts ("registrations"). One that is in no file does not exist: nothing needs to be reset."""

from collections.abc import Iterator

from .words import TRANSPORTS, Pair, Said, text

Server = tuple[str, str]  # host and port


def account(number: int, line: Said, said: Said) -> Iterator[Pair]:
    prefix, transport = f"reg.{number}", TRANSPORTS[str(said.get("sip_transport", "udp"))]
    registrar, outbound = _registrar(line, ""), _outbound(line)
    yield from _server(f"{prefix}.server.1", registrar, transport)
    yield f"{prefix}.server.1.expires", 3600
    yield f"{prefix}.server.1.register", 1
    yield f"{prefix}.server.1.retryMaxCount", 2
    backup = _registrar(line, "backup_")
    if backup[0]:
        yield from _server(f"{prefix}.server.2", backup, transport)
        yield f"{prefix}.server.2.expires", 3600
    if outbound[0]:
        yield from _server(f"{prefix}.outboundProxy", outbound, transport)
    yield f"{prefix}.displayName", text(line, "display_name")
    yield f"{prefix}.label", text(line, "display_name", "number", "username")
    yield f"{prefix}.address", text(line, "username")
    yield f"{prefix}.auth.userId", text(line, "auth_username")
    yield f"{prefix}.auth.password", text(line, "password")
    yield from _voicemail(number, line, bool(said.get("sip_subscribe_mwi")))


def _server(prefix: str, server: Server, transport: str) -> Iterator[Pair]:
    yield f"{prefix}.address", server[0]
    yield f"{prefix}.port", server[1]
    yield f"{prefix}.transport", transport


def _registrar(line: Said, which: str) -> Server:
    """Return where the phone registers, which is its SIP domain, too."""
    proxy, registrar = _host(line, f"{which}proxy"), _host(line, f"{which}registrar")
    if registrar[0] in ("", proxy[0]):
        return proxy[0], registrar[1] or proxy[1]
    return registrar


def _outbound(line: Said) -> Server:
    """Return the proxy before the registrar: the one that was named, or a proxy that is another host."""
    outbound, proxy = _host(line, "outbound_proxy"), _host(line, "proxy")
    if outbound[0] or _registrar(line, "")[0] == proxy[0]:
        return outbound
    return proxy


def _host(line: Said, role: str) -> Server:
    host = text(line, f"{role}_ip")
    return host, text(line, f"{role}_port") if host else ""


def _voicemail(number: int, line: Said, subscribe: bool) -> Iterator[Pair]:
    voicemail, prefix = text(line, "voicemail"), f"msg.mwi.{number}"
    yield f"{prefix}.subscribe", text(line, "username") if subscribe else ""
    yield f"{prefix}.callBackMode", "contact" if voicemail else "disabled"
    yield f"{prefix}.callBack", voicemail
