"""Who may use REST, made from the settings: provd's own tokens, or those of an external server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.web.client import HTTPConnectionPool

from provserver.auth.agent import pooled_agent, trusting
from provserver.auth.answers import ServiceKey, read_service_key
from provserver.auth.client import AuthServer
from provserver.auth.external import ExternalTokens
from provserver.auth.kept import KeptTokens
from provserver.auth.mirror import Mirror
from provserver.errors import Invalid
from provserver.interfaces import IAuthenticator, IProvisioner, IStore
from provserver.settings import Auth
from provserver.state import StateFolder

T = TypeVar("T")
V = TypeVar("V")
InThread = Callable[..., Deferred[Any]]


@frozen
class Own:
    """Tokens that provd keeps itself."""

    authenticator: IAuthenticator
    way_in: str  # what its user is told at start
    elsewhere = False

    def start(self) -> None:
        """Nothing runs."""

    def stop(self) -> Deferred[None]:
        return succeed(None)


@frozen
class External:
    """Those of another server, whose tenants are mirrored for as long as provd runs."""

    authenticator: IAuthenticator
    way_in: str
    mirror: Mirror
    connections: HTTPConnectionPool
    elsewhere = True

    def start(self) -> None:
        self.mirror.start()

    def stop(self) -> Deferred[None]:
        self.mirror.stop()
        closed: Deferred[None] = self.connections.closeCachedConnections()
        return closed


def authentication(
    auth: Auth, state: StateFolder, chain: IProvisioner, store: IStore, reactor: Any, in_thread: InThread
) -> Own | External:
    """Raises: OSError, Invalid."""
    if auth.url is None or auth.key_file is None:
        kept = KeptTokens(state.token(), store, reactor.seconds)
        return Own(kept, f"token in {state.token_path}")
    policy = _named("auth.ca_file", trusting, Path(auth.ca_file).read_bytes() if auth.ca_file else None)
    agent, connections = pooled_agent(reactor, policy, auth.timeout_s)
    server = AuthServer(agent, auth.url, auth.timeout_s, reactor)
    key_file = Path(auth.key_file)
    mirror = Mirror(server, lambda: in_thread(_service_key, key_file), chain, store, reactor)
    tokens = ExternalTokens(server, mirror, auth.cache_s, reactor)
    return External(tokens, f"tokens of {auth.url}", mirror, connections)


def _service_key(path: Path) -> ServiceKey:
    return _named(str(path), read_service_key, path.read_text(encoding="utf-8"))


def _named(name: str, read: Callable[[V], T], value: V) -> T:
    try:
        return read(value)
    except Invalid as problem:
        raise Invalid(problem.text, name) from None
