"""The Provisioner: strings the chain together, and alone writes devices, presences, configs and tenants."""

from collections.abc import Callable
from functools import partial

import msgspec
from attrs import evolve
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger, LogLevel
from zope.interface import implementer

from provserver.core.access.digests import Use
from provserver.core.access.pairing import new_token
from provserver.core.chain import Chain, Decision
from provserver.core.edits import checks, completed
from provserver.core.explain import sentence
from provserver.core.ignored import ignored
from provserver.core.learn import autoprov_config
from provserver.core.limits import NatWatch
from provserver.core.pending import PendingDevices
from provserver.core.reading import autocreate_template, found
from provserver.core.reception import Reception
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
    Settings,
    Sighting,
    Slot,
    Status,
    Step,
)

_PAUSES_S = (0.01, 0.02, 0.04, 0.08, 0.16)  # after each conflict, before it is tried again
_FULL_RETRY_S = 30
_BREATH = 500  # changes: about 5 ms' work
_NOBODY = ""  # who has a timeline too: an answer must not take longer because there is a device


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
        reception: Reception | None = None,
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
        self._reception = reception or Reception(around.sources, PendingDevices())
        self._watchers: list[Callable[[Sighting, Answer], None]] = []
        self._making: dict[str, list[Deferred[None]]] = {}  # identity -> who waits for its commit
        self.use(vendors)

    def use(self, vendors: Vendors) -> None:
        """Serve with these vendors from now on."""
        self._vendors = vendors
        self._chain = Chain(vendors, self._around)

    # --- phones --------------------------------------------------------------------------------------------

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        decision = self._decide(sighting)
        if decision.use and self._around.digests:
            self._around.digests.spend(decision.use)
        if decision.learnt is None or not decision.learnt.changes:
            answer = self._done(decision)
            return self._held_back(answer) if self._reception.slows(decision) else succeed(answer)
        return Deferred.fromCoroutine(self._learn_first(sighting, decision))

    def _decide(self, sighting: Sighting, own: Use | None = None) -> Decision:
        token = new_token(self._new_id) if sighting.protocol == "dhcp" else ""
        return self._chain.decide(sighting, self._new_id(), keep=True, new_token=token, own=own)

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
                self._admitted(decision)
                try:
                    with self._around.waiting.slots.leaving(learnt.changes):
                        await self._store.commit(
                            Commit(learnt.changes, f"phone:{sighting.ip}", f"learn.{learnt.made}")
                        )
                    self._tell_new(decision)
                    return self._done(decision)
                except Conflict:
                    await self._pause(pause_s)
                except ProvdError as other:
                    problem = other
                    break
                finally:
                    for waiter in self._making.pop(learnt.who):
                        waiter.callback(None)
            decision = self._decide(sighting, decision.use)
        return self._not_stored(decision, problem)

    def _admitted(self, decision: Decision) -> None:
        """Count a new phone when it is let in, not when it is stored: many may be on their way."""
        if decision.learnt and decision.learnt.made == "new":
            sighting = decision.sighting
            self._around.admission.admitted(sighting.ip, decision.local, sighting.at)

    def _tell_new(self, decision: Decision) -> None:
        if decision.learnt and decision.learnt.made == "new":
            self._log.info(
                "New device created automatically from {ip}: {device}",
                ip=decision.sighting.ip,
                device=decision.learnt.device.id,
            )

    def _not_stored(self, decision: Decision, problem: ProvdError) -> Answer:
        """A phone that is known is served all the same; one that is new, or was to get a slot, must come again."""
        self._log.warn("not stored for {ip}: {problem}", ip=decision.sighting.ip, problem=str(problem))
        learnt = decision.learnt
        if learnt is None or not (
            learnt.made == "new" or any(isinstance(put.document, Slot) for put in learnt.changes)
        ):
            return self._done(decision)
        step = Step("learn", "learn.not-stored", (str(problem),))
        return Answer("busy", (*decision.answer.steps, step), retry_s=_FULL_RETRY_S)

    def _done(self, decision: Decision) -> Answer:
        sighting, answer = decision.sighting, decision.answer
        for line in self._reception.decided(decision):
            self._log.emit(LogLevel.levelWithName(line.level), line.text, ip=line.ip, value=line.value)
        if decision.learnt and decision.learnt.device.mac:
            self._nat.saw(sighting.ip, decision.learnt.device.mac, sighting.at)
        for presence in decision.notes:
            self._store.note(presence, at_once=sighting.protocol == "dhcp")
        file = evolve(answer.file, body=None) if answer.file else None
        asked = Asked(sighting.at, sighting.protocol, sighting.ip, sighting.path, evolve(answer, file=file))
        self._timelines.add(answer.device or _NOBODY, asked)
        for tell in self._watchers:
            tell(sighting, answer)
        return answer

    def _held_back(self, answer: Answer) -> Deferred[Answer]:
        """Let who guesses wait. Only so many wait at a time: the others are told at once to come again."""
        slowing = self._reception.slowing
        if self._reception.held >= slowing.most:
            self._reception.limits.add("slowed_answers")
            return succeed(Answer("busy", answer.steps, retry_s=slowing.by_s))
        self._reception.held += 1

        def over(_: None) -> Answer:
            self._reception.held -= 1
            return answer

        return self._pause(slowing.by_s).addCallback(over)

    # --- administrators ------------------------------------------------------------------------------------

    def status(self, device: Device) -> Status:
        steps: list[Step] = []
        unseen: tuple[Step, ...] = ()
        plugin = self._vendors.named(device.plugin)
        if plugin is None:
            steps.append(Step("choose", "choose.not-loaded", (device.plugin or "",)))
        try:
            settings = self._settings_of(device)
            if plugin:
                unseen = tuple(ignored(plugin, device, settings))
                unfit = self._around.fitness.problem(plugin, device, settings)
                steps.extend([unfit] if unfit else [])
        except (NotFound, Invalid) as problem:
            steps.append(refusal(device.config, problem))
        same_mac = self._store.find(Device, "mac", device.mac) if device.mac else ()
        twins = tuple(other.id for other in same_mac if other.id != device.id)
        return Status(not steps, tuple(steps), twins, unseen)

    def resync(self, device: Device) -> Notify | Call:
        plugin = self._vendors.named(device.plugin)
        if plugin is None:
            raise NotResynced("resync.not-loaded", f"its plugin {device.plugin or '-'} is not installed here")
        try:
            settings = self._settings_of(device)
        except (NotFound, Invalid) as problem:
            raise NotResynced("resync.not-configured", sentence(refusal(device.config, problem))) from None
        how = plugin.resync(device, settings)
        if how is None:
            raise NotResynced(
                "resync.by-hand", f"plugin {plugin.id} knows no way to tell it: restart it by hand"
            )
        return how

    def _settings_of(self, device: Device) -> Settings:
        """Raises: NotFound, Invalid."""
        return self._around.resolver.settings(
            config_of(device), self._home_url, self._get_config, device.passwords
        )

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
                return await self._store.commit(await self._completed(commit))
            except Conflict:
                if self._stale(commit):
                    raise
            await self._pause(pause_s)
        return await self._store.commit(await self._completed(commit))

    async def _completed(self, commit: Commit) -> Commit:
        """Phones are answered while the changes of a large commit are looked at."""
        for number, _ in enumerate(checks(commit, self._store), 1):
            if not number % _BREATH:
                await self._pause(0)
        return completed(commit, self._store, self._new_id)

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
