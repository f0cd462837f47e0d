"""The Provisioner: strings the chain together, and alone writes devices, presences, configs and tenants."""

from collections.abc import Callable
from functools import partial

import msgspec
from attrs import evolve
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from zope.interface import implementer

from provserver.core.chain import Chain, Decision
from provserver.core.edits import completed
from provserver.core.explain import sentence
from provserver.core.learn import autoprov_config
from provserver.core.limits import NatWatch
from provserver.core.reading import autocreate_template, found
from provserver.core.resolve import config_of, refusal
from provserver.core.surroundings import Surroundings, Vendors
from provserver.core.timeline import Timelines
from provserver.errors import Conflict, Invalid, NotFound, NotResynced, ProvdError
from provserver.interfaces import IProvisioner
from provserver.model import (
    Answer,
    Asked,
    Call,
    Commit,
    Committed,
    Config,
    Device,
    Json,
    Notify,
    Put,
    Sighting,
    Status,
    Step,
)

_PAUSES_S = (0.01, 0.02, 0.04, 0.08, 0.16)  # after each conflict, before it is tried again
_FULL_RETRY_S = 30


@implementer(IProvisioner)
class Provisioner:
    """
    Everything of the chain that is not pure: it commits what was learnt before it answers, notes what was seen,
    and keeps timelines.
    """

    _log = Logger()

    def __init__(
        self,
        vendors: Vendors,
        around: Surroundings,
        nat: NatWatch,
        timelines: Timelines,
        home_url: str,
        new_id: Callable[[], str],
        pause: Callable[[float], Deferred[None]],
    ) -> None:
        """`home_url`: the base URL where no phone asks; `new_id` gives 32 random hex digits; `pause` fires after
        so many seconds."""
        self._around = around
        self._store = around.store
        self._get_config = partial(found, around.store, Config)
        self._nat = nat
        self._timelines = timelines
        self._home_url = home_url
        self._new_id = new_id
        self._pause = pause
        self._watchers: list[Callable[[Sighting, Answer], None]] = []
        self._making: dict[str, list[Deferred[None]]] = {}  # identity -> who waits for its commit
        self.use(vendors)

    def use(self, vendors: Vendors) -> None:
        """Serve with these vendors from now on."""
        self._vendors = vendors
        self._chain = Chain(vendors, self._around)

    # --- phones --------------------------------------------------------------------------------------------

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        decision = self._chain.decide(sighting, self._new_id(), keep=True)
        if decision.learnt is None or not decision.learnt.changes:
            return succeed(self._done(decision))
        return Deferred.fromCoroutine(self._learn_first(sighting, decision))

    def watch_answers(self, tell: Callable[[Sighting, Answer], None]) -> None:
        self._watchers.append(tell)

    def explain(self, sighting: Sighting) -> Answer:
        return self._chain.decide(sighting, self._new_id(), keep=False).answer

    def timeline(self, device_id: str) -> tuple[Asked, ...]:
        self._store.get(Device, device_id)
        return self._timelines.of(device_id)

    async def _learn_first(self, sighting: Sighting, decision: Decision) -> Answer:
        """Commit what was learnt, then answer; whoever comes second waits for the first and decides anew."""
        problem: ProvdError = Conflict("somebody else changes it")
        for pause_s in _PAUSES_S:
            learnt = decision.learnt
            if learnt is None or not learnt.changes:
                return self._done(decision)
            if learnt.who in self._making:
                waiting: Deferred[None] = Deferred()
                self._making[learnt.who].append(waiting)
                await waiting
            else:
                self._making[learnt.who] = []
                try:
                    await self._store.commit(
                        Commit(learnt.changes, f"phone:{sighting.ip}", f"learn.{learnt.made}")
                    )
                    self._learnt(sighting, decision)
                    return self._done(decision)
                except Conflict:
                    await self._pause(pause_s)
                except ProvdError as other:
                    problem = other
                    break
                finally:
                    for waiter in self._making.pop(learnt.who):
                        waiter.callback(None)
            decision = self._chain.decide(sighting, self._new_id(), keep=True)
        return self._not_stored(decision, problem)

    def _learnt(self, sighting: Sighting, decision: Decision) -> None:
        assert decision.learnt
        if decision.learnt.made == "new":
            self._around.admission.admitted(sighting.ip, decision.local, sighting.at)
            self._log.info(
                "New device created automatically from {ip}: {device}",
                ip=sighting.ip,
                device=decision.learnt.device.id,
            )

    def _not_stored(self, decision: Decision, problem: ProvdError) -> Answer:
        """A phone that is known is served all the same; a new one must come again."""
        self._log.warn("not stored for {ip}: {problem}", ip=decision.sighting.ip, problem=str(problem))
        if decision.learnt is None or decision.learnt.made != "new":
            return self._done(decision)
        step = Step("learn", "learn.not-stored", (str(problem),))
        return Answer("busy", (*decision.answer.steps, step), retry_s=_FULL_RETRY_S)

    def _done(self, decision: Decision) -> Answer:
        sighting, answer = decision.sighting, decision.answer
        if decision.learnt and decision.learnt.device.mac:
            self._nat.saw(sighting.ip, decision.learnt.device.mac, sighting.at)
        for presence in decision.notes:
            self._store.note(presence, at_once=sighting.protocol == "dhcp")
        if answer.device:
            file = evolve(answer.file, body=None) if answer.file else None
            asked = evolve(answer, file=file)
            self._timelines.add(
                answer.device, Asked(sighting.at, sighting.protocol, sighting.ip, sighting.path, asked)
            )
            for tell in self._watchers:
                tell(sighting, answer)
        return answer

    # --- administrators ------------------------------------------------------------------------------------

    def status(self, device: Device) -> Status:
        steps: list[Step] = []
        ignored: tuple[str, ...] = ()
        plugin = self._vendors.named(device.plugin)
        if plugin is None:
            steps.append(Step("choose", "choose.not-loaded", (device.plugin or "",)))
        try:
            settings = self._around.resolver.settings(config_of(device), self._home_url, self._get_config)
            if plugin:
                said = {name for name, value in settings.values.items() if value not in ({}, "")}
                ignored = tuple(sorted(said - plugin.honours))
        except (NotFound, Invalid) as problem:
            steps.append(refusal(device.config, problem))
        same_mac = self._store.find(Device, "mac", device.mac) if device.mac else ()
        twins = tuple(other.id for other in same_mac if other.id != device.id)
        return Status(not steps, tuple(steps), twins, ignored)

    def resync(self, device: Device) -> Notify | Call:
        plugin = self._vendors.named(device.plugin)
        if plugin is None:
            raise NotResynced("resync.not-loaded", f"its plugin {device.plugin or '-'} is not installed here")
        try:
            settings = self._around.resolver.settings(config_of(device), self._home_url, self._get_config)
        except (NotFound, Invalid) as problem:
            raise NotResynced("resync.not-configured", sentence(refusal(device.config, problem))) from None
        how = plugin.resync(device, settings)
        if how is None:
            raise NotResynced(
                "resync.by-hand", f"plugin {plugin.id} knows no way to tell it: restart it by hand"
            )
        return how

    def raw_config(self, config_id: str) -> Json:
        merged = self._around.resolver.merged(config_id, self._home_url, self._get_config)
        return Json(msgspec.json.encode(merged.raw))

    def autocreate(self, who: str, tenant: str = "") -> Deferred[str]:
        return Deferred.fromCoroutine(self._autocreate(who, tenant))

    async def _autocreate(self, who: str, tenant: str) -> str:
        template = autocreate_template(self._store)
        if template is None:
            raise Invalid("no config has the role autocreate")
        config = evolve(autoprov_config(template, template.id + self._new_id()), tenant=tenant)
        await self._store.commit(Commit((Put(config, 0),), who, "autocreate"))
        return config.id

    def change(self, commit: Commit) -> Deferred[Committed]:
        return Deferred.fromCoroutine(self._change(commit))

    async def _change(self, commit: Commit) -> Committed:
        for pause_s in _PAUSES_S:
            try:
                return await self._store.commit(completed(commit, self._store))
            except Conflict:
                if self._stale(commit):
                    raise
            await self._pause(pause_s)
        return await self._store.commit(completed(commit, self._store))

    def _stale(self, commit: Commit) -> bool:
        """Say whether a revision that was asked for is no longer the document's: to try again would not help."""
        for change in commit.changes:
            kind, doc_id = (
                (type(change.document), change.document.id)
                if isinstance(change, Put)
                else (change.kind, change.id)
            )
            document = found(self._store, kind, doc_id)
            if change.expected not in (None, document.rev if document else 0):
                return True
        return False
