"""Tenants: a tree of owners of devices and configs. These are ours; the ids are those of wazo-auth."""

from collections.abc import Callable, Mapping

from attrs import evolve
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from provserver.core.association.following import rebuilt
from provserver.core.ownership import check_tenant
from provserver.core.reading import found
from provserver.core.seeds import dashed
from provserver.core.tenants import above, contents, removal
from provserver.errors import Forbidden, Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Delete, Put, Tenant
from provserver.rest.changing import check_match, etag, last_one_wins
from provserver.rest.codec import shapes
from provserver.rest.codec.listing import read_listing
from provserver.rest.codec.tenants import read_tenant, tenant_document, uuid_of
from provserver.rest.codec.values import enclosed
from provserver.rest.lists import page
from provserver.rest.messages import DONE, Query, Question, Reply, Route, created

_REBUILD = frozenset(("default_config", "templates"))  # what devices with lines are made of


class Tenants:
    def __init__(
        self,
        provisioner: IProvisioner,
        store: IStore,
        new_id: Callable[[], str],
        clock: IReactorTime,
        elsewhere: bool,
    ) -> None:
        """`elsewhere`: the tenants are another server's, and only mirrored here."""
        self._provisioner = provisioner
        self._store = store
        self._new_id = new_id
        self._clock = clock
        self._elsewhere = elsewhere

    def routes(self) -> tuple[Route, ...]:
        one = "/tenants/<tenant_id>"
        acl = "provd.tenants"
        force = Query("force", "`true` deletes all that is in the tenant and beneath it too")
        return (
            Route("GET", "/tenants", f"{acl}.read", self.list, summary="List tenants", gives=shapes.Tenants),
            Route(
                "POST",
                "/tenants",
                f"{acl}.create",
                self.create,
                summary="Make a tenant",
                takes=shapes.OneTenant,
                gives=shapes.Created,
            ),
            Route(
                "GET",
                one,
                acl + ".{tenant_id}.read",
                self.read,
                summary="Read a tenant",
                gives=shapes.OneTenant,
            ),
            Route(
                "PUT",
                one,
                acl + ".{tenant_id}.update",
                self.update,
                summary="Rename or move a tenant, or set what proof its secrets need",
                takes=shapes.OneTenant,
            ),
            Route(
                "DELETE",
                one,
                acl + ".{tenant_id}.delete",
                self.delete,
                summary="Delete a tenant in which there is nothing",
                query=(force,),
            ),
        )

    async def list(self, question: Question) -> Reply:
        listing = read_listing(question.query)
        tenants = question.caller.tenants

        def is_shown(tenant: Tenant) -> bool:
            return tenant.id in tenants

        documents = await page(
            self._store, Tenant, listing, tenant_document, tenant_document, self._clock, is_shown
        )
        return Reply(200, {"tenants": documents})

    async def create(self, question: Question) -> Reply:
        self._check_ours()
        document = enclosed(question.body, "tenant")
        tenant_id = uuid_of(document) or dashed(self._new_id())
        tenant = read_tenant(document, Tenant(tenant_id, parent=question.caller.tenant))
        _check_parent(question, tenant)
        check_tenant(self._store, question.caller, None, tenant)
        committed = await self._provisioner.change(question.commit(Put(tenant, 0)))
        return created(question, tenant_id, etag(committed.seq))

    async def read(self, question: Question) -> Reply:
        tenant = self._named(question)
        return Reply(200, {"tenant": tenant_document(tenant)}, headers=(etag(tenant.rev),))

    async def update(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._update(question))

    async def delete(self, question: Question) -> Reply:
        self._check_ours()
        tenant = self._named(question)
        if tenant.parent is None:
            raise Forbidden(f"{tenant.id} is the master tenant, which there must be")
        check_match(question, tenant)
        if question.query.get("force") in ("true", "True"):
            for changes in removal(self._store, tenant.id):
                await self._provisioner.change(question.commit(*changes))
            return DONE
        left = contents(self._store, tenant.id)
        if any(left.values()):
            return _occupied(tenant, left)
        await self._provisioner.change(question.commit(Delete(Tenant, tenant.id, tenant.rev)))
        return DONE

    async def _update(self, question: Question) -> Reply:
        before = self._named(question)
        check_match(question, before)
        tenant = evolve(read_tenant(enclosed(question.body, "tenant"), before), id=before.id)
        rev = before.rev
        if (tenant.name, tenant.parent) != (before.name, before.parent):
            self._check_ours()
        if tenant.disabled != before.disabled and question.caller.home not in above(self._store, tenant.id):
            raise Forbidden("only a token of a tenant above may disable or enable a tenant")
        if tenant != before:
            if tenant.parent != before.parent:
                _check_parent(question, tenant)
            check_tenant(self._store, question.caller, before, tenant)
            rev = (await self._provisioner.change(question.commit(Put(tenant, rev)))).seq
        await self._rebuild(question, tenant)
        return Reply(204, headers=(etag(rev),))

    async def _rebuild(self, question: Question, tenant: Tenant) -> None:
        """Bring what is new to the devices with lines, also what an earlier try did not reach."""
        if isinstance(question.body, dict) and not _REBUILD.isdisjoint(question.body["tenant"]):
            for changes in rebuilt(tenant.id, self._store, self._new_id):
                if changes:
                    await self._provisioner.change(question.commit(*changes))
                await deferLater(self._clock, 0)

    def _check_ours(self) -> None:
        if self._elsewhere:
            raise Forbidden(
                "tenants are those of the server that the setting auth.url names, not ours to change"
            )

    def _named(self, question: Question) -> Tenant:
        """Raises: NotFound."""
        tenant_id = question.segments["tenant_id"]
        tenant = found(self._store, Tenant, tenant_id) if tenant_id in question.caller.tenants else None
        if tenant is None:
            raise NotFound(f"No such resource: tenant {tenant_id[:60]!r}")
        return tenant


def _check_parent(question: Question, tenant: Tenant) -> None:
    """A tenant that the caller does not see is none for it."""
    if tenant.parent is None:
        raise Invalid("expected the id of a tenant: there is one master tenant", "parent_id")
    if tenant.parent not in question.caller.tenants:
        raise Invalid(f"there is no tenant {tenant.parent[:60]!r}", "parent_id")


def _occupied(tenant: Tenant, left: Mapping[str, int]) -> Reply:
    counts = ", ".join(f"{count} {what}" for what, count in left.items())
    text = f"tenant {tenant.id} is not empty: there are {counts}; ?force=true deletes them too"
    return Reply(409, {"message": text, "reason_id": "tenant.not-empty", "left": left}, text)
