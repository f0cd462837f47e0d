"""Moving devices to another plugin, all that a selector finds. This is ours."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, field, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from provserver.core.operations import Operation
from provserver.core.reading import found, master
from provserver.core.support import PROBABLE, known
from provserver.errors import Conflict, Invalid, NotResynced
from provserver.interfaces import IPlugins, IProvisioner, IStore, IVendorPlugin
from provserver.model import Device, Facts, Presence, Put
from provserver.rest.codec import shapes
from provserver.rest.codec.devices import device_document
from provserver.rest.codec.values import enclosed, flag, kind, text, write_json
from provserver.rest.devices import may_see
from provserver.rest.messages import Question, Reply, Route
from provserver.rest.operations import Operations, Tell
from provserver.rest.synchronize import Resyncing

PATH = "/dev_mgr/move"
_BATCH = 100  # devices in one commit, and looked at in one turn of the reactor


@frozen
class _Order:
    plugin: IVendorPlugin
    selector: Mapping[str, object]
    dry_run: bool
    resync: bool


@frozen
class _Outcome:
    moved: list[Device] = field(factory=list)
    not_moved: list[dict[str, str]] = field(factory=list)

    def refuse(self, device: Device, reason_id: str, message: str) -> None:
        self.not_moved.append({"id": device.id, "reason_id": reason_id, "message": message})


class Moving:
    def __init__(
        self,
        plugins: IPlugins,
        provisioner: IProvisioner,
        store: IStore,
        resyncing: Resyncing,
        operations: Operations,
        clock: IReactorTime,
    ) -> None:
        self._plugins = plugins
        self._provisioner = provisioner
        self._store = store
        self._resyncing = resyncing
        self._operations = operations
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "POST",
                PATH,
                "provd.dev_mgr.move.create",
                self.create,
                summary="Move devices to another plugin, and say which could not be and why",
                takes=shapes.MoveOrder,
                gives=shapes.MoveAnswer,
                success=200,
            ),
        )

    async def create(self, question: Question) -> Reply:
        order = self._read(question.body)
        narrowed = {**order.selector, "tenant_uuid": {"$in": sorted(question.caller.tenants)}}
        found = await self._store.select(Device, write_json(narrowed), self._view(narrowed), "id", 0, 0)
        devices = [device for device in found if may_see(question.caller, device)]  # of a guest's: not
        outcome = _Outcome()
        for batch in _batches(devices):
            await self._move(question, order, batch, outcome)
            await deferLater(self._clock, 0)
        answer: dict[str, object] = {
            "plugin": order.plugin.id,
            "dry_run": order.dry_run,
            "moved": [device.id for device in outcome.moved],
            "not_moved": outcome.not_moved,
        }
        if order.resync and outcome.moved and not order.dry_run:
            answer["operation"] = self._operations.begin(
                question.path, Operation(label="resync"), lambda tell: self._resync(outcome.moved, tell)
            )
        return Reply(200, {"move": answer})

    def _read(self, body: object) -> _Order:
        document = enclosed(body, "move")
        wanted = text(document, "plugin") or ""
        plugin = self._plugins.serving().get(self._plugins.canonical(wanted))
        if plugin is None:
            raise Invalid(f"plugin {wanted[:60]!r} is not installed", "move.plugin")
        selector = document.get("selector")
        if not isinstance(selector, dict):
            raise Invalid(f"expected a selector like {{…}}, got {kind(selector)}", "move.selector")
        return _Order(plugin, selector, flag(document, "dry_run", False), flag(document, "resync", False))

    async def _move(
        self, question: Question, order: _Order, batch: Sequence[Device], outcome: _Outcome
    ) -> None:
        moving = [device for device in batch if self._fits(order.plugin, device, outcome)]
        if order.dry_run or not moving:
            outcome.moved.extend(moving)
            return
        try:
            await self._commit(question, order, moving)
            outcome.moved.extend(moving)
        except Conflict:  # one of them has just changed: it shall not keep the others
            for device in moving:
                try:
                    await self._commit(question, order, [device])
                    outcome.moved.append(device)
                except Conflict as problem:
                    outcome.refuse(device, problem.reason_id, str(problem))

    async def _commit(self, question: Question, order: _Order, devices: Sequence[Device]) -> None:
        puts = (Put(evolve(device, plugin=order.plugin.id, chosen=""), device.rev) for device in devices)
        await self._provisioner.change(question.commit(*puts))

    def _fits(self, plugin: IVendorPlugin, device: Device, outcome: _Outcome) -> bool:
        if device.plugin == plugin.id:
            outcome.refuse(device, "move.there", f"it has plugin {plugin.id} already")
            return False
        presence = found(self._store, Presence, device.id)
        facts = known(device, Facts(), presence.version if presence else None)
        if plugin.support(facts) < PROBABLE:
            said = f"vendor {facts.vendor or '-'}, model {facts.model or '-'}"
            outcome.refuse(device, "move.unsupported", f"plugin {plugin.id} does not serve {said}")
            return False
        return True

    async def _resync(self, devices: Sequence[Device], tell: Tell) -> Operation:
        """All are begun at once: in what rate they are told is not for us to say."""
        operation = Operation(label="resync", end=len(devices))
        failures: list[NotResynced] = []
        ended = itertools.count(1)

        async def one(device: Device) -> None:
            try:
                now = found(self._store, Device, device.id)
                if now:
                    await self._resyncing.one(now)
            except NotResynced as problem:
                failures.append(problem)
            tell(operation.went_on(current=next(ended)))

        telling = []
        for batch in _batches(devices):
            telling += [Deferred.fromCoroutine(one(device)) for device in batch]
            await deferLater(self._clock, 0)
        await gatherResults(telling)
        operation = operation.went_on(current=len(devices))
        if failures:
            told = f"{len(failures)} of {len(devices)} did not fetch anew; the first: {failures[0]}"
            return operation.failed(failures[0].reason_id, told)
        return operation.succeeded()

    def _view(self, selector: Mapping[str, object]) -> "_View":
        return _View(self._store, self._provisioner, "configured" in selector)


@frozen
class _View:
    """A device as its selector speaks of it. Whether it is configured is dear, and only said if asked."""

    store: IStore
    provisioner: IProvisioner
    with_configured: bool

    def __call__(self, device: Device) -> Mapping[str, object]:
        presence = found(self.store, Presence, device.id)
        configured = self.provisioner.status(device).configured if self.with_configured else None
        return device_document(device, presence, device.tenant == master(self.store).id, configured)


def _batches(devices: Sequence[Device]) -> Iterator[Sequence[Device]]:
    rest = iter(devices)
    while batch := tuple(itertools.islice(rest, _BATCH)):
        yield batch
