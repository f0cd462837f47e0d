"""Where an account registers: names are those within an account, or within a template of a DECT system."""

from provserver.vendors.formats import UNSET

from ..parameters import Pair
from .words import TRANSPORTS, Said, said_or_unset

Server = tuple[object, object]  # host and port
_NONE: Server = (UNSET, UNSET)


def servers(line: Said, transport: str) -> tuple[Pair, ...]:
    registrars, proxies = _servers(line)
    pairs: list[Pair] = []
    for place, (host, port) in enumerate(registrars, 1):
        pairs += [
            (f"sip_server.{place}.address", host),
            (f"sip_server.{place}.port", _port(host, port, transport)),
            (f"sip_server.{place}.transport_type", TRANSPORTS[transport]),
        ]
    pairs.append(("outbound_proxy_enable", int(proxies[0] != _NONE)))
    for place, (host, port) in enumerate(proxies, 1):
        pairs += [
            (f"outbound_proxy.{place}.address", host),
            (f"outbound_proxy.{place}.port", _port(host, port, transport)),
        ]
    return tuple(pairs)


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
