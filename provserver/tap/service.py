"""
One running provd, from the ports to the last commit.

Start is in three parts (design section 3): `makeService` only reads settings; `privilegedStartService` takes the
state directory and binds all ports, answering nobody; `startService` reads the store, then opens phones, then REST.
All of it happens before the reactor runs, so what fails ends the process with one line and status 1.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from socket import SOCK_DGRAM
from typing import Any

from twisted.application.internet import TimerService
from twisted.application.service import Service
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.internet.threads import deferToThreadPool
from twisted.logger import ILogObserver, Logger
from twisted.python import usage
from twisted.python.components import Componentized

from provserver import __version__
from provserver.associating import Associations
from provserver.core.limits import NatWatch
from provserver.dhcp.sockets import bind_lease_socket, open_interface
from provserver.errors import ProvdError
from provserver.logs import observer
from provserver.ports import Bound, bind, own_address, shown
from provserver.settings import ServerSettings
from provserver.state import StateFolder
from provserver.store.disk import Disk
from provserver.store.garbage import seldom_searched
from provserver.store.journal import JournalStore
from provserver.tap import parts, watching
from provserver.tap.authentication import authentication
from provserver.tap.doors import Doors
from provserver.tap.planting import fill_pool, mark_key, plant
from provserver.tap.telephony import bind_agi, telephony
from provserver.tap.templating import templates
from provserver.tftp.network import widen
from provserver.turnstile import Turnstile
from provserver.vendors.files import LocalFiles
from provserver.vendors.installed import LocalPlugins
from provserver.vendors.loader import bundled

_BACKLOG = 1024  # less than a boot storm's first burst costs its phones a second each
_REFRESH_S = 5  # how soon a new template or firmware is seen
_TFTP_PORTS = (69, 6969)  # the second where the first is not permitted
_OPEN_FILES = 65_536  # more than the limits of connections and transfers together
_STOP_S = 10  # how long transfers under way may take at the end
_READY = """provd {version} is ready
  phones   {home_url}/  give this URL to your phones (DHCP option 66)
  REST     {rest_url}  {way_in}
  TFTP     port {tftp}{https}
  leases   {lease}
  state    {state}
  try      {command} boot yealink T46S --mac 00:15:65:4a:a9:37 --server {loopback}"""


@contextmanager
def one_line() -> Iterator[None]:
    """Turn a refusal into the last words of the process; a bug keeps its traceback."""
    try:
        yield
    except (ProvdError, OSError, UnicodeDecodeError, usage.UsageError) as problem:
        raise SystemExit(f"provd: {problem}") from None


class ProvdService(Service):
    _log = Logger()

    def __init__(
        self, settings: ServerSettings, state: Path, lease_socket: Path | None, log_format: str, reactor: Any
    ) -> None:
        self._settings = settings
        self._state = StateFolder(state)
        self._lease_path = (lease_socket or self._state.run / "lease").absolute()
        self._log_format = log_format
        self._reactor = reactor
        self._files = LocalFiles(state)
        self._doors = Doors(settings, reactor, self._in_thread)
        self._listening: list[IListeningPort] = []

    def setServiceParent(self, parent: Any) -> None:
        super().setServiceParent(parent)  # type: ignore[no-untyped-call]
        if isinstance(parent, Componentized):
            parent.setComponent(ILogObserver, observer(self._log_format))

    # --- start ---------------------------------------------------------------------------------------------

    def privilegedStartService(self) -> None:
        settings = self._settings
        _on_end(lambda: sys.exit(0))
        _allow_many_files()
        with one_line():
            self._state.make()
            disk, seal = Disk(self._state.store), parts.seal(settings)
            self._store = JournalStore(disk, self._reactor, self._in_thread, seal=seal)
            self._store.lock()
            self._doors.bind()
            self._tftp = self._bind_tftp()
            widen(self._tftp.socket)
            self._lease_socket = bind_lease_socket(self._lease_path)
            self._wires = {name: open_interface(name) for name in settings.dhcp.listen}
            self._pnp_sockets = parts.pnp_sockets(settings)
            self._agi = bind_agi(settings)

    def _bind_tftp(self) -> Bound:
        listen = self._settings.listen
        first, second = _TFTP_PORTS
        if listen.tftp_port is not None:
            return bind("TFTP", listen.bind, listen.tftp_port, SOCK_DGRAM)
        try:
            return bind("TFTP", listen.bind, first, SOCK_DGRAM)
        except PermissionError:
            return bind("TFTP", listen.bind, second, SOCK_DGRAM)

    def startService(self) -> None:
        with one_line():
            self._open()
        super().startService()  # type: ignore[no-untyped-call]
        self._reactor.callWhenRunning(self._ready)

    def _open(self) -> None:
        settings, reactor = self._settings, self._reactor
        self._store.load()
        if self._store.seq == 0:
            plant(self._store, settings.phones.random_passwords)
        plugins = LocalPlugins(
            [bundled(), self._state.path / "plugins"], self._store, self._in_thread, self._files.refresh
        )
        vendors = plugins.load()
        for name in settings.phones.upgrades:
            if vendors.named(name) is None:
                self._log.warn("phones.upgrades names {plugin!r}, which is no plugin here", plugin=name)
        self._refreshing = TimerService(_REFRESH_S, plugins.refresh)
        self._refreshing.startService()

        scheme, http_port = self._doors.home
        ports = parts.Ports(http_port, self._tftp.port, scheme)
        self._home_url = base = parts.home_url(settings, ports)
        if settings.slots.file:
            fill_pool(self._store, Path(settings.slots.file))
        nat = NatWatch()
        reception = watching.reception(settings)
        around = parts.surroundings(
            settings, self._store, self._files, vendors, ports, nat, mark_key(self._store), reception, reactor
        )
        chain = parts.provisioner(settings, vendors, around, nat, reception, ports, reactor)
        plugins.follow(chain.use)
        uploads = parts.kept_uploads(settings, self._state.path, self._in_thread)
        turnstile = Turnstile(chain, reactor, reception.sources.is_live)
        self._phones = parts.phones(settings, turnstile, uploads, reactor, self._in_thread)
        for bound, factory in self._doors.for_phones(self._phones):
            self._listen(bound, factory)
        self._tftp_server = parts.tftp(settings, turnstile, uploads, reactor, self._in_thread)
        self._tftp_server.serve(self._tftp.socket, settings.listen.tftp_single_port)
        self._pnp = parts.pnp(settings, self._pnp_sockets, chain, reactor)
        self._pnp.start()
        self._lease_readers = parts.lease_readers(
            settings, self._lease_socket, self._wires, chain, base, reactor
        )
        for reader in self._lease_readers:
            reader.start()
        associations = Associations(
            chain, self._store, plugins, parts.windows(settings), parts.new_id, reactor.seconds
        )
        self._telephony = telephony(settings, around, chain, plugins, associations, reactor)
        if self._agi:
            self._listen(self._agi, self._telephony.agi)
        reactor.callWhenRunning(self._telephony.start)
        self._auth = authentication(settings.auth, self._state, chain, self._store, reactor, self._in_thread)
        reactor.callWhenRunning(self._auth.start)
        metrics = watching.Metrics(
            reception,
            self._store,
            (self._phones,),
            self._tftp_server,
            reactor.seconds,
            around.waiting.slots,
            self._telephony.claims,
            self._telephony.resyncs,
        )
        rest = parts.rest(
            settings,
            chain,
            self._store,
            plugins,
            associations,
            self._telephony,
            self._auth,
            base,
            reception,
            metrics.read,
            templates(around, plugins, base, self._state.path, self._in_thread, reactor),
            reactor,
        )
        for bound, factory in self._doors.for_rest(rest):
            self._listen(bound, factory)
        self._doors.start()
        seldom_searched()
        self._state.says_listening(
            {
                **self._doors.ports,
                "tftp": self._tftp.port,
                "agi": self._agi.port if self._agi else None,
                "lease": str(self._lease_path),
                "pid": os.getpid(),
            }
        )

    def _listen(self, bound: Bound, factory: IProtocolFactory) -> None:
        bound.listen(_BACKLOG)
        port = self._reactor.adoptStreamPort(bound.socket.fileno(), bound.socket.family, factory)
        bound.socket.close()  # the reactor has its own
        self._listening.append(port)

    def _ready(self) -> None:
        """Say what listens where; from now on a signal ends everything in order."""
        _on_end(partial(self._reactor.callFromThread, self._stop_once))
        listen = self._settings.listen
        self._log.info(
            _READY,
            version=__version__,
            home_url=self._home_url,
            rest_url=f"http://{shown(listen.rest_bind or own_address(), self._doors.rest.port)}/0.2/",
            way_in=self._auth.way_in,
            tftp=self._tftp.port,
            https="".join(f"\n  HTTPS    port {port}, for {whom}" for whom, port in self._doors.over_tls),
            lease=str(self._lease_path),
            state=str(self._state.path),
            command=_phone_command(),
            loopback=self._loopback(),
        )

    def _loopback(self) -> str:
        """Return a URL by which the simulated phone, which speaks no TLS, reaches us on this machine."""
        host, http = self._settings.listen.bind or "127.0.0.1", self._doors.http
        return f"http://{shown(host, http.port)}" if http else f"tftp://{shown(host, self._tftp.port)}"

    # --- stop ----------------------------------------------------------------------------------------------

    def _stop_once(self) -> None:
        with suppress(ReactorNotRunning):
            self._reactor.stop()

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        return Deferred.fromCoroutine(self._close())

    async def _close(self) -> None:
        """Let phones take what they are being given, then write what is noted."""
        for reader in self._lease_readers:
            reader.stop()
        await gatherResults([maybeDeferred(port.stopListening) for port in self._listening])
        await gatherResults([self._phones.finish(_STOP_S), self._tftp_server.stop(_STOP_S), self._pnp.stop()])
        await self._telephony.stop()
        await self._auth.stop()
        await self._refreshing.stopService()
        await self._doors.stop()
        await self._store.close()
        self._state.says_stopped()

    def _in_thread(self, function: Callable[..., Any], /, *args: object) -> Deferred[Any]:
        """Call it in a thread; at once where the reactor does not run yet."""
        if not self._reactor.running:
            return maybeDeferred(function, *args)
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), function, *args)


def _on_end(act: Callable[[], object]) -> None:
    """Act on SIGTERM and SIGINT. Twisted would end the process with the signal that it got, which systemd counts as
    a failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: act())


def _allow_many_files() -> None:
    """Each phone that is connected or fetches by TFTP is an open file; a shell's usual 1,024 are too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _phone_command() -> str:
    """Return what to type for the simulated phone: it was installed beside the Python that runs."""
    command = Path(sys.executable).with_name("provd-phone")
    return os.path.relpath(command) if command.is_relative_to(Path.cwd()) else str(command)
