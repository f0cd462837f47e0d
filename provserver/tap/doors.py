"""The doors: the TCP ports at which phones and REST's clients come in, plain and over TLS."""

from collections.abc import Callable
from pathlib import Path
from socket import SOCK_STREAM
from typing import Any

from OpenSSL import SSL
from twisted.application.internet import TimerService
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IProtocolFactory

from provserver.ports import Bound, bind
from provserver.settings import ServerSettings
from provserver.settings.sections import Tls
from provserver.tls.contexts import Contexts
from provserver.tls.files import Paths, TlsFiles
from provserver.tls.listening import over_tls

_REFRESH_S = 5  # how soon a new certificate is seen

Opened = list[tuple[Bound, IProtocolFactory]]


class Doors:
    def __init__(
        self, settings: ServerSettings, reactor: Any, in_thread: Callable[..., Deferred[Any]]
    ) -> None:
        self._listen = settings.listen
        self._reactor = reactor
        paths = _paths(settings.tls)
        self._tls = TlsFiles(paths, in_thread, reactor.seconds) if paths else None
        self._refreshing: TimerService | None = None

    def bind(self) -> None:
        """Read the certificate, then bind. Raises: Invalid, OSError, Held."""
        listen = self._listen
        if self._tls:
            self._tls.load()
        self.http = _bind("phone HTTP", listen.bind, listen.http_port if listen.plain_http else None)
        self._https = _bind("phone HTTPS", listen.bind, listen.https_port)
        self._https_old = _bind("phone HTTPS with old TLS", listen.bind, listen.https_old_port)
        self.rest = bind("REST", listen.rest_bind, listen.rest_port, SOCK_STREAM)
        self._rest_https = _bind("REST over HTTPS", listen.rest_https_bind, listen.rest_https_port)

    @property
    def home(self) -> tuple[str, int]:
        """Scheme and port that phones are told which did not ask by HTTP."""
        if self.http:
            return "http", self.http.port
        bound = self._https or self._https_old
        assert bound  # the settings have seen to it
        return "https", bound.port

    @property
    def ports(self) -> dict[str, int | None]:
        """As they stand in `listening.json`."""
        bound = {
            "http": self.http,
            "https": self._https,
            "https_old": self._https_old,
            "rest": self.rest,
            "rest_https": self._rest_https,
        }
        return {name: door.port if door else None for name, door in bound.items()}

    @property
    def over_tls(self) -> list[tuple[str, int]]:
        """Return whom the HTTPS ports are for, for people."""
        doors = {"phones": self._https, "phones with old TLS": self._https_old, "REST": self._rest_https}
        return [(whom, door.port) for whom, door in doors.items() if door]

    def for_phones(self, site: IProtocolFactory) -> Opened:
        return [
            *([(self.http, site)] if self.http else ()),
            *self._over_tls(self._https, site, lambda contexts: contexts.phones),
            *self._over_tls(self._https_old, site, lambda contexts: contexts.old_phones),
        ]

    def for_rest(self, site: IProtocolFactory) -> Opened:
        return [(self.rest, site), *self._over_tls(self._rest_https, site, lambda contexts: contexts.rest)]

    def start(self) -> None:
        """From now on look for new certificates."""
        if self._tls:
            self._refreshing = TimerService(_REFRESH_S, self._tls.refresh)
            self._refreshing.startService()

    def stop(self) -> Deferred[None]:
        return self._refreshing.stopService() if self._refreshing else succeed(None)

    def _over_tls(
        self, bound: Bound | None, site: IProtocolFactory, of: Callable[[Contexts], SSL.Context]
    ) -> Opened:
        files = self._tls
        if bound is None or files is None:
            return []
        return [(bound, over_tls(site, lambda: of(files.contexts), self._reactor))]


def _bind(what: str, host: str, port: int | None) -> Bound | None:
    return bind(what, host, port, SOCK_STREAM) if port is not None else None


def _paths(tls: Tls) -> Paths | None:
    if tls.certificate is None:
        return None
    certificate = Path(tls.certificate)
    key = Path(tls.key) if tls.key else certificate
    return Paths(certificate, key, Path(tls.client_ca) if tls.client_ca else None)
