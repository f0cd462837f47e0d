"""Who asks for too much, and new phones that the limits did not let in. These are ours."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from twisted.internet.interfaces import IReactorTime

from provserver.address import normal_ip
from provserver.core.access.pairing import Windows
from provserver.core.pending import Pending
from provserver.core.reading import master
from provserver.core.reception import Reception
from provserver.errors import Conflict, Forbidden, Invalid, NotFound, ProvdError
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Caller, Device, Tenant
from provserver.rest.changing import etag
from provserver.rest.codec import security, shapes
from provserver.rest.codec.listing import read_listing
from provserver.rest.codec.paths import quoted
from provserver.rest.codec.security import pending_document, source_document
from provserver.rest.lists import LISTING
from provserver.rest.messages import DONE, ROOT, Query, Question, Reply, Route

_PAGE = tuple(query for query in LISTING if query.name in ("sort", "sort_ord", "skip", "limit"))
_RECURSE = Query("recurse", "`true`: also those of the tenants beneath")
T = TypeVar("T")


class Security:
    def __init__(
        self,
        reception: Reception,
        provisioner: IProvisioner,
        store: IStore,
        clock: IReactorTime,
        windows: Windows,
    ) -> None:
        self._sources = reception.sources
        self._pending = reception.pending
        self._provisioner = provisioner
        self._store = store
        self._clock = clock
        self._windows = windows

    def routes(self) -> tuple[Route, ...]:
        return (*self._of_sources(), *self._of_pending())

    def _of_sources(self) -> tuple[Route, ...]:
        path, acl = "/security/sources", "provd.security.sources"
        statuses: Mapping[type[ProvdError], int] = {Forbidden: 403}
        return (
            Route(
                "GET",
                path,
                f"{acl}.read",
                self.list_sources,
                statuses,
                summary="List the sources that asked for unknown phones",
                gives=security.Sources,
                query=_PAGE,
            ),
            Route(
                "DELETE",
                path,
                f"{acl}.delete",
                self.forgive_all,
                statuses,
                summary="Forget what is held against any source",
            ),
            Route(
                "DELETE",
                f"{path}/<address>",
                acl + ".{address}.delete",
                self.forgive,
                {**statuses, Invalid: 400},
                summary="Forget what is held against a source",
            ),
        )

    def _of_pending(self) -> tuple[Route, ...]:
        path, acl = "/security/pending", "provd.security.pending"
        one = f"{path}/<device_id>"
        return (
            Route(
                "GET",
                path,
                f"{acl}.read",
                self.list_pending,
                summary="List new phones that came beyond the limits",
                gives=security.PendingDevices,
                query=(*_PAGE, _RECURSE),
            ),
            Route(
                "DELETE",
                path,
                f"{acl}.delete",
                self.drop_all,
                summary="Forget all of them",
                query=(_RECURSE,),
            ),
            Route(
                "GET",
                one,
                acl + ".{device_id}.read",
                self.read,
                summary="Read one of them",
                gives=security.OnePending,
            ),
            Route("DELETE", one, acl + ".{device_id}.delete", self.drop, summary="Forget one of them"),
            Route(
                "POST",
                f"{one}/approve",
                acl + ".{device_id}.approve.create",
                self.approve,
                summary="Make it a device, whatever the limits say",
                gives=shapes.Created,
            ),
        )

    # --- sources -------------------------------------------------------------------------------------------

    async def list_sources(self, question: Question) -> Reply:
        self._check(question.caller)
        found = self._sources.listed(self._clock.seconds())
        return Reply(200, {"sources": _page(found, source_document, question.query)})

    async def forgive(self, question: Question) -> Reply:
        self._check(question.caller)
        address = question.segments["address"]
        if not self._sources.forgive(normal_ip(address)):
            raise NotFound(f"No such resource: source {address[:60]!r}")
        return DONE

    async def forgive_all(self, question: Question) -> Reply:
        self._check(question.caller)
        self._sources.forgive()
        return DONE

    def _check(self, caller: Caller) -> None:
        """Raises: Forbidden: an address may be any tenant's."""
        if caller.home != master(self._store).id:
            raise Forbidden("sources are of all tenants: only a token of the master tenant sees them")

    # --- pending devices -----------------------------------------------------------------------------------

    async def list_pending(self, question: Question) -> Reply:
        return Reply(200, {"pending": _page(self._shown(question), pending_document, question.query)})

    async def read(self, question: Question) -> Reply:
        return Reply(200, {"pending": pending_document(self._named(question))})

    async def drop(self, question: Question) -> Reply:
        self._pending.forget(self._named(question).learnt.who)
        return DONE

    async def drop_all(self, question: Question) -> Reply:
        for pending in self._shown(question):
            self._pending.forget(pending.learnt.who)
        return DONE

    async def approve(self, question: Question) -> Reply:
        pending = self._named(question)
        twin = self._known(pending.device)
        if twin:
            self._pending.forget(pending.learnt.who)
            raise Conflict(f"device {twin.id} is this phone already")
        tenant = self._store.get(Tenant, pending.device.tenant)
        window = self._windows.of(pending.device, tenant, self._store, self._clock.seconds())
        committed = await self._provisioner.change(question.commit(*pending.learnt.changes, *window))
        self._pending.forget(pending.learnt.who)
        location = f"{ROOT}/dev_mgr/devices/{quoted(pending.device.id)}"
        return Reply(201, {"id": pending.device.id}, headers=(("Location", location), etag(committed.seq)))

    def _shown(self, question: Question) -> list[Pending]:
        """Return those of the caller's tenant, and beneath it if it asks for them, as in a list of devices."""
        caller = question.caller
        tenants = caller.tenants if question.recurses else {caller.tenant}
        return [one for one in self._pending.listed(self._clock.seconds()) if one.device.tenant in tenants]

    def _named(self, question: Question) -> Pending:
        """Raises: NotFound."""
        device_id = question.segments["device_id"]
        pending = self._pending.named(device_id, self._clock.seconds())
        if pending.device.tenant not in question.caller.tenants:
            raise NotFound(f"No such resource: pending device {device_id[:60]!r}")
        return pending

    def _known(self, device: Device) -> Device | None:
        """Return the device that somebody made of this phone in the meantime."""
        for index in ("mac", "serial", "uuid"):
            value = getattr(device, index)
            if value and (known := self._store.find(Device, index, value)):
                return known[0]
        return None


def _page(
    found: Sequence[T], document: Callable[[T], dict[str, object]], query: Mapping[str, str]
) -> list[dict[str, object]]:
    """Return the documents asked for, the last heard of first unless a field to sort by is named."""
    listing = read_listing(query)
    end = listing.skip + listing.limit if listing.limit else None
    if not listing.sort:
        return [document(one) for one in found[listing.skip : end]]
    field = listing.sort.removeprefix("-")
    documents = sorted(map(document, found), key=lambda one: _order(one.get(field)))
    return (documents[::-1] if listing.sort.startswith("-") else documents)[listing.skip : end]


def _order(value: object) -> tuple[bool, int, str]:
    """Numbers by their size, all else as text, what has no value first."""
    number = value if isinstance(value, int) else 0
    return value is not None, number, "" if number else str(value)
