"""The tenants of an external server, mirrored into the store, and provd's own token there."""

from collections.abc import Callable, Iterable, Mapping

from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from provserver.auth.answers import OwnToken, ServiceKey
from provserver.auth.client import OWN_TOKEN_S, AuthServer
from provserver.core.reading import found, master
from provserver.core.tenants import Change, beneath, moved, removal
from provserver.errors import AuthAway, Forbidden, Invalid, ProvdError, Unauthorized
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Commit, Delete, Put, Tenant

_LONGEST_PAUSE_S = 32.0
_LOOK_S = 300.0  # how often all tenants are compared
_WHO = "auth server"


class Mirror:
    """
    The service's own tenant is the master. Whoever is seen there becomes a document; who is gone there goes here too,
    with all that is in it.
    """

    _log = Logger()

    def __init__(
        self,
        server: AuthServer,
        read_key: Callable[[], Deferred[ServiceKey]],
        provisioner: IProvisioner,
        store: IStore,
        clock: IReactorTime,
    ) -> None:
        """`read_key` reads anew who provd is at the server. Errors: OSError, Invalid, UnicodeDecodeError."""
        self._server = server
        self._read_key = read_key
        self._provisioner = provisioner
        self._store = store
        self._clock = clock
        self._own: OwnToken | None = None
        self._renew_at = 0.0
        self._stopped = False
        self._tried = False
        self._waiting: list[Deferred[None]] = []  # for the first attempt
        self._running: Deferred[None] | None = None

    def start(self) -> None:
        self._running = Deferred.fromCoroutine(self._run())
        self._running.addErrback(lambda failure: failure.trap(CancelledError) and None)

    def stop(self) -> None:
        self._stopped = True
        if self._running:
            self._running.cancel()
        self._attempted()

    async def ready(self) -> None:
        """Wait until the first attempt was made, however it ended: before it nobody knows who is the master."""
        if not self._tried:
            waiting: Deferred[None] = Deferred()
            self._waiting.append(waiting)
            await waiting

    async def beneath(self, tenant: str) -> frozenset[str]:
        """
        Return a tenant and all beneath it; all of them are documents. Where the server shows provd no more than that
        it exists, it is the tenant alone (contract section 3.2).

        Raises:
            AuthAway: the server cannot be asked, or lets provd itself not in.
        """
        try:
            seen = await self._seen(tenant)
        except Unauthorized:
            seen = ()
        await self._learn(seen, tenant)
        return frozenset((tenant, *(one.id for one in seen)))

    async def _seen(self, tenant: str | None) -> tuple[Tenant, ...]:
        """Raises: Unauthorized, also to a fresh token of provd's own."""
        own = self._own
        if own is None:
            raise AuthAway("provd itself is not let in by the authentication server")
        try:
            return await self._server.tenants(own.token, tenant)
        except Unauthorized:
            if await self._is_good(own):
                raise
        return await self._server.tenants((await self._log_in()).token, tenant)

    async def _is_good(self, own: OwnToken) -> bool:
        try:
            await self._server.token(own.token)
        except Unauthorized:
            return False
        return True

    # --- all the time --------------------------------------------------------------------------------------

    async def _run(self) -> None:
        pause_s = 1.0
        while True:
            try:
                await self._look()
                wait_s, pause_s = _LOOK_S, 1.0
            except Exception as problem:  # whatever it is: it is tried again, until the server is back
                if self._stopped:
                    return
                self._complain(problem)
                wait_s, pause_s = pause_s, min(pause_s * 2, _LONGEST_PAUSE_S)
            self._attempted()
            await deferLater(self._clock, wait_s)

    def _complain(self, problem: Exception) -> None:
        text = str(problem) if isinstance(problem, ProvdError | OSError) else repr(problem)
        self._log.error("provd has no token at the authentication server, or no tenants: {text}", text=text)

    def _attempted(self) -> None:
        self._tried = True
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.callback(None)

    async def _look(self) -> None:
        if self._own is None or self._clock.seconds() >= self._renew_at:
            await self._log_in()
        assert self._own
        tenants = await self._seen(None)
        await self._learn(tenants, self._own.tenant)
        await self._forget_others(frozenset(tenant.id for tenant in tenants))

    async def _log_in(self) -> OwnToken:
        """Raises: AuthAway, also where the key is refused; OSError, Invalid: it cannot be read."""
        key = await self._read_key()
        try:
            own = await self._server.own_token(key)
        except Unauthorized:
            self._own = None
            raise AuthAway(f"the authentication server refuses the service {key.id}") from None
        await self._crown(own.tenant)
        self._own, self._renew_at = own, self._clock.seconds() + OWN_TOKEN_S * 0.8
        return own

    # --- what follows from it ------------------------------------------------------------------------------

    async def _crown(self, tenant_id: str) -> None:
        """Make the service's tenant the master: all that the one before had, or gets meanwhile, becomes its own."""
        before = master(self._store)
        if before.id == tenant_id:
            return
        if found(self._store, Tenant, tenant_id) is None:
            await self._commit(Put(Tenant(tenant_id, parent=before.id), 0))
        await self._move(before.id, tenant_id)
        heir, before = self._store.get(Tenant, tenant_id), self._store.get(Tenant, before.id)
        children = (child for child in self._store.find(Tenant, "parent", before.id) if child.id != tenant_id)
        crowned = evolve(
            heir,
            parent=None,
            name=heir.name or before.name,
            key=heir.key or before.key,
            policy_local=heir.policy_local or before.policy_local,
            policy_elsewhere=heir.policy_elsewhere or before.policy_elsewhere,
        )
        await self._commit(
            Put(crowned, heir.rev),
            *(Put(evolve(child, parent=tenant_id), child.rev) for child in children),
            Delete(Tenant, before.id, before.rev),
        )
        await self._move(before.id, tenant_id)
        self._log.info("the master tenant is now {tenant}", tenant=tenant_id)

    async def _move(self, before: str, after: str) -> None:
        for changes in moved(self._store, before, after):
            await self._commit(*changes)

    async def _learn(self, seen: Iterable[Tenant], tenant: str) -> None:
        """Write what is new or other than it was; `tenant` is there whether it is seen or not."""
        told = {one.id: evolve(one, mirrored=True) for one in seen}
        told.setdefault(tenant, found(self._store, Tenant, tenant) or Tenant(tenant))
        changes = [change for one in told.values() if (change := self._change(one, told))]
        if changes:
            try:
                await self._commit(*changes)
            except (Invalid, Forbidden) as problem:
                self._log.error("the authentication server's tenants are no tree: {text}", text=str(problem))
                raise AuthAway("the authentication server's tenants are no tree") from None

    def _change(self, told: Tenant, others: Mapping[str, Tenant]) -> Put | None:
        """Tenants whose parent is not seen stand beneath the master."""
        root = master(self._store).id
        before = found(self._store, Tenant, told.id)
        parent = told.parent if told.parent in others or found(self._store, Tenant, told.parent) else root
        now = evolve(
            before or Tenant(told.id),
            name=told.name,
            parent=None if told.id == root else parent,
            mirrored=told.mirrored,
        )
        return Put(now, None) if now != before else None

    async def _forget_others(self, seen: frozenset[str]) -> None:
        """Remove those of whom the server says that there is no such tenant: not to be listed is not enough."""
        for tenant_id in beneath(self._store, master(self._store).id) - seen:
            tenant = found(self._store, Tenant, tenant_id)
            if tenant and tenant.mirrored and await self._is_gone(tenant_id):
                self._log.warn("tenant {tenant} is gone, and all that is in it goes too", tenant=tenant_id)
                for changes in removal(self._store, tenant_id):
                    await self._commit(*changes)

    async def _is_gone(self, tenant_id: str) -> bool:
        """A server that knows not even provd's own tenant has no such question."""
        assert self._own
        known = [await self._server.has_tenant(self._own.token, one) for one in (self._own.tenant, tenant_id)]
        return known == [True, False]

    async def _commit(self, *changes: Change) -> None:
        await self._provisioner.change(Commit(changes, _WHO, "tenants"))
