"""
The one decision, asked by every protocol (design section 2):

    sighting -> identify -> match -> access -> learn -> choose -> find -> render -> answer

`Chain.decide` looks and changes nothing, so *answer* and *explain* are the same function; what should change
is in the Decision.
"""

from functools import partial

from attrs import evolve, frozen

from provserver.core.access import DEFAULT, Access, Policy, access, split_key
from provserver.core.learn import (
    Learnt,
    autoprov_config,
    discover,
    fetched,
    fill,
    identity,
    moved_away,
    seen,
)
from provserver.core.match import match
from provserver.core.reading import autocreate_template, devices_at, found, master, rank, tenant_with
from provserver.core.refused import Refused
from provserver.core.serving import Asker, Serving
from provserver.core.support import PROBABLE, Support, best, is_open, known
from provserver.core.surroundings import Surroundings, Vendors
from provserver.interfaces import IVendorPlugin
from provserver.model import (
    Answer,
    Config,
    Device,
    Facts,
    File,
    Outcome,
    Presence,
    Proof,
    Sighting,
    Step,
    Tenant,
    Upload,
)


@frozen
class Decision:
    answer: Answer
    sighting: Sighting  # the key taken off its path
    local: bool  # from an allowed network
    learnt: Learnt | None = None
    notes: tuple[Presence, ...] = ()


class Chain:
    def __init__(self, vendors: Vendors, around: Surroundings) -> None:
        self._vendors = vendors
        self._around = around

    def decide(self, sighting: Sighting, new_id: str, keep: bool) -> Decision:
        """Decide one sighting. `new_id`: of the device, should one be made; `keep`: a rendered file may be kept
        for the next time."""
        return _Run(self._vendors, self._around, sighting, new_id, keep).decide()


class _Run:
    """One walk through the chain: each method is one arrow, and leaves its steps."""

    def __init__(
        self, vendors: Vendors, around: Surroundings, sighting: Sighting, new_id: str, keep: bool
    ) -> None:
        self._vendors = vendors
        self._around = around
        self._store = around.store
        full_path = f"{sighting.key}/{sighting.path}" if sighting.key else sighting.path
        self._key_of, path = split_key(full_path, partial(tenant_with, around.store))
        self._sighting = evolve(sighting, path=path, key=(self._key_of.key or "") if self._key_of else "")
        self._new_id = new_id
        self._steps: list[Step] = []
        self._local = sighting.ip in around.allowed and not sighting.unknown_proxy
        self._nat = not self._local or around.behind_nat(sighting.ip, sighting.at)
        self._learnt: Learnt | None = None
        self._device: Device | None = None
        self._presence: Presence | None = None
        self._written: Upload | None = None
        self._serving = Serving(around, self._get_config, keep)

    def decide(self) -> Decision:
        try:
            file = self._walk()
        except Refused as refused:
            self._steps.append(refused.step)
            return self._decision(refused.outcome, retry_s=refused.retry_s)
        return self._decision("file" if file else "noted", file)

    def _walk(self) -> File | None:
        facts, steps = self._vendors.dispatcher.identify(self._sighting)
        self._steps.extend(steps)
        ambiguous = self._match(facts)
        granted, policy, owner = self._access()
        version = self._presence.version if self._presence else None
        choosing = is_open(self._device, version, facts)
        facts = known(self._device, facts, version)
        support = best(self._vendors.vendors, facts) if choosing else None
        if granted.level == "all" and not ambiguous:
            self._learn(facts, support, owner, granted, policy)
        if self._sighting.protocol == "dhcp":
            return None
        plugin = self._choose(facts, support)
        served = self._serving.serve(
            Asker(self._sighting, self._device, facts, owner, self._key_of, granted, policy, self._local),
            plugin,
            self._steps,
        )
        self._written = served.upload
        if served.fetched and self._presence and self._sighting.method == "GET":
            self._presence = fetched(self._presence, *served.fetched)
        return served.file

    # --- the arrows ----------------------------------------------------------------------------------------

    def _match(self, facts: Facts) -> bool:
        matched = match(
            facts,
            () if self._nat else devices_at(self._store, self._sighting.ip),
            self._sighting.ip,
            partial(self._store.find, Device),
            partial(rank, self._store),
        )
        self._steps.extend(matched.steps)
        self._device = matched.device
        self._presence = found(self._store, Presence, matched.device.id) if matched.device else None
        return matched.ambiguous

    def _access(self) -> tuple[Access, Policy, Tenant]:
        owner = found(self._store, Tenant, self._device.tenant) if self._device else self._key_of
        owner = owner or master(self._store)
        policy = DEFAULT
        granted = access(self._sighting, self._local, owner, self._key_of, self._presence, policy)
        if granted.level == "none":
            raise Refused(granted.step)
        self._steps.append(granted.step)
        return granted, policy, owner

    def _learn(
        self, facts: Facts, support: Support | None, owner: Tenant, granted: Access, policy: Policy
    ) -> None:
        plugin = support.plugin.id if support and support.score >= PROBABLE else None
        if self._device:
            self._learnt = fill(self._device, facts, plugin, self._autoprov(self._device))
        elif identity(facts) is None:
            self._steps.append(Step("learn", "learn.no-identity"))
            return
        else:
            self._admit()
            self._learnt = discover(facts, self._new_id, owner.id, plugin, self._autoprov(None))
        self._device = self._learnt.device
        self._steps.extend(self._learnt.steps)
        self._see(facts, granted, policy)

    def _choose(self, facts: Facts, support: Support | None) -> IVendorPlugin:
        wanted = self._device.plugin if self._device else None
        if wanted and not support:
            plugin = self._vendors.named(wanted)
            if plugin is None:
                raise Refused(Step("choose", "choose.not-loaded", (wanted,)))
            self._steps.append(Step("choose", "choose.kept", (wanted,)))
            return plugin
        if support is None or support.score < PROBABLE:
            nearest = (support.plugin.id, support.word) if support else ("none", "none")
            raise Refused(
                Step("choose", "choose.no-plugin", (facts.vendor or "", facts.model or "", *nearest))
            )
        self._steps.append(Step("choose", "choose.chosen", (support.plugin.id, support.word)))
        return support.plugin

    # --- what they need ------------------------------------------------------------------------------------

    def _admit(self) -> None:
        template = autocreate_template(self._store)
        waiting = self._store.count(Config, "parent", template.id) if template else 0
        refused = self._around.admission.refusal(self._sighting.ip, self._local, waiting, self._sighting.at)
        if refused:
            reason_id, value, retry_s = refused
            raise Refused(Step("learn", reason_id, (value,)), "busy", retry_s)

    def _autoprov(self, device: Device | None) -> Config | None:
        template = autocreate_template(self._store)
        if template is None or (device and device.config):
            return None
        return autoprov_config(template, template.id + self._new_id)

    def _see(self, facts: Facts, granted: Access, policy: Policy) -> None:
        assert self._device
        proves = granted.proof >= Proof.KEY or self._sighting.protocol == "dhcp"
        follows = self._local and policy.local == Proof.NONE
        before = self._presence or Presence(self._device.id)
        self._presence = seen(before, self._sighting, facts.version, follows, proves)

    def _decision(self, outcome: Outcome, file: File | None = None, retry_s: int = 0) -> Decision:
        device_id = self._device.id if self._device else None
        answer = Answer(outcome, tuple(self._steps), device_id, file, self._written, retry_s)
        notes: tuple[Presence, ...] = ()
        if self._learnt and self._presence:
            proves = self._presence.proven_ip == self._sighting.ip
            moved = self._presence.ip == self._sighting.ip and not self._nat
            others = self._store.find(Presence, "ip", self._sighting.ip) if moved else ()
            notes = (self._presence, *moved_away(others, self._presence, proves))
        return Decision(answer, self._sighting, self._local, self._learnt, notes)

    def _get_config(self, config_id: str) -> Config | None:
        """Return a config, also one that is only about to be made."""
        for put in self._learnt.changes if self._learnt else ():
            if isinstance(put.document, Config) and put.document.id == config_id:
                return put.document
        return found(self._store, Config, config_id)
