"""
The one decision, asked by every protocol (design section 2):

    sighting -> identify -> match -> access -> learn -> choose -> find -> render -> answer

`Chain.decide` looks and changes nothing, so *answer* and *explain* are the same function; what should change
is in the Decision.
"""

from functools import partial
from typing import Literal

from attrs import field, frozen

from provserver.core.access import Access
from provserver.core.access.digests import Use
from provserver.core.access.judging import Judged, Place, by_token, challenges, judge, likelihood, paired
from provserver.core.access.policy import Policy
from provserver.core.access.proofs import certified, shown
from provserver.core.learn import (
    Learnt,
    autoprov_config,
    discover,
    fetched,
    fill,
    identity,
    moved_away,
    seen,
    with_passwords,
    with_slots,
)
from provserver.core.match import match
from provserver.core.reading import autocreate_template, devices_at, found, rank
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
    Upload,
)

Before = Literal["unknown", "waiting", "settled"]  # what the phone was: a settled one has a config of its own


@frozen
class Decision:
    answer: Answer
    sighting: Sighting  # the key taken off its path
    local: bool  # from an allowed network
    learnt: Learnt | None = None
    notes: tuple[Presence, ...] = ()
    pending: Learnt | None = None  # what a limit did not let be learnt
    facts: Facts = field(factory=Facts)
    granted: Access | None = None  # None: it was turned away
    before: Before = "unknown"
    use: Use | None = None  # of a nonce of HTTP digest, to be spent


class Chain:
    def __init__(self, vendors: Vendors, around: Surroundings) -> None:
        self._vendors = vendors
        self._around = around

    def decide(
        self, sighting: Sighting, new_id: str, keep: bool, new_token: str = "", own: Use | None = None
    ) -> Decision:
        """Decide one sighting. `new_id` and `new_token`: of the device, should one be made; `keep`: a rendered file
        may be kept for the next time; `own`: what was spent for this sighting already."""
        return _Run(self._vendors, self._around, sighting, new_id, keep, new_token, own).decide()


class _Run:
    """One walk through the chain: each method is one arrow, and leaves its steps."""

    def __init__(
        self,
        vendors: Vendors,
        around: Surroundings,
        sighting: Sighting,
        new_id: str,
        keep: bool,
        new_token: str,
        own: Use | None,
    ) -> None:
        self._vendors = vendors
        self._around = around
        self._store = around.store
        self._sighting, self._shown = shown(sighting, around.store, around.digests, own)
        self._new_id, self._new_token = new_id, new_token
        self._steps: list[Step] = []
        self._local = sighting.ip in around.allowed and not sighting.unknown_proxy
        self._nat = not self._local or around.behind_nat(sighting.ip, sighting.at)
        self._learnt: Learnt | None = None
        self._device: Device | None = None
        self._named: Device | None = None  # in vain: no answer may tell of it
        self._presence: Presence | None = None
        self._written: Upload | None = None
        self._facts = Facts()
        self._granted: Access | None = None
        self._before: Before = "unknown"
        self._pending: Learnt | None = None
        self._keep = keep

    def decide(self) -> Decision:
        try:
            file = self._walk()
        except Refused as refused:
            self._steps.append(refused.step)
            return self._decision(refused.outcome, retry_s=refused.retry_s)
        return self._decision("file" if file else "noted", file)

    def _walk(self) -> File | None:
        facts, steps = self._vendors.dispatcher.identify(self._sighting)
        facts = certified(facts, self._shown)
        self._facts = facts
        self._steps.extend(steps)
        ambiguous = self._match(facts)
        judged = self._access(facts)
        granted = judged.granted
        self._check_source(granted)
        version = self._presence.version if self._presence else None
        choosing = is_open(self._device, version, facts)
        facts = known(self._device, facts, version)
        support = best(self._vendors.vendors, facts) if choosing else None
        if granted.level == "all" and not ambiguous:
            self._learn(facts, support, judged)
        if self._sighting.protocol == "dhcp":
            return None
        plugin = self._choose(facts, support)
        # Not kept: it holds `_get_config`, and so this run, and a cycle is work for the garbage collector.
        served = Serving(self._around, self._get_config, self._keep).serve(
            Asker(self._sighting, self._device, facts, self._shown, judged, self._local),
            plugin,
            self._steps,
        )
        self._written = served.upload
        if self._learnt:
            self._learnt = with_slots(self._learnt, served.given)
        if served.fetched and self._presence and self._sighting.method == "GET":
            self._presence = fetched(self._presence, *served.fetched)
        return served.file

    # --- the arrows ----------------------------------------------------------------------------------------

    def _match(self, facts: Facts) -> bool:
        matched = by_token(self._store, self._shown) or match(
            facts,
            () if self._nat else devices_at(self._store, self._sighting.ip),
            self._sighting.ip,
            partial(self._store.find, Device),
            likelihood(self._store, self._shown),
        )
        self._steps.extend(matched.steps)
        self._device = matched.device
        self._presence = found(self._store, Presence, matched.device.id) if matched.device else None
        return matched.ambiguous

    def _access(self, facts: Facts) -> Judged:
        judged = judge(
            self._around,
            self._sighting,
            self._shown,
            facts,
            self._device,
            self._presence,
            Place(self._local, self._nat),
        )
        if judged.granted.level == "none":
            raise Refused(judged.granted.step)
        self._steps.append(judged.granted.step)
        if self._device and judged.granted.level == "all":
            self._before = "settled" if rank(self._store, self._device)[0] else "waiting"
        if judged.granted.level == "open" and judged.granted.proof == Proof.NONE:
            self._named, self._device, self._presence = self._device, None, None
        return judged

    def _learn(self, facts: Facts, support: Support | None, judged: Judged) -> None:
        plugin = support.plugin.id if support and support.score >= PROBABLE else None
        if self._device:
            self._learnt = fill(self._device, facts, plugin, self._autoprov(self._device))
        elif identity(facts) is None:
            self._steps.append(Step("learn", "learn.no-identity"))
            return
        else:
            learnt = discover(facts, self._new_id, judged.owner.id, plugin, self._autoprov(None))
            self._admit(learnt)
            self._learnt = learnt
        self._learnt = paired(
            self._learnt, self._around, self._sighting, self._shown, judged.policy, self._new_token
        )
        self._learnt = with_passwords(self._learnt, self._around.new_passwords)
        self._device = self._learnt.device
        self._steps.extend(self._learnt.steps)
        self._see(facts, judged.granted, judged.policy)

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

    def _check_source(self, granted: Access) -> None:
        """Of a source that asked for too many unknown phones only those are served whose proof nobody can guess."""
        at, ip = self._sighting.at, self._sighting.ip
        at_home = self._presence is not None and self._presence.proven_ip == ip
        guessed = granted.proof < Proof.TOKEN and not at_home and self._sighting.protocol != "dhcp"
        if guessed and self._around.sources.refuses(ip, self._sighting.protocol, at):
            raise Refused(Step("access", "access.source-refused", (ip,)))
        self._granted = granted

    def _admit(self, learnt: Learnt) -> None:
        template = autocreate_template(self._store)
        waiting = self._store.count(Config, "parent", template.id) if template else 0
        ip, at = self._sighting.ip, self._sighting.at
        refused = self._around.admission.refusal(ip, self._local, waiting, at)
        if refused:
            reason_id, value, retry_s = refused
            self._pending = learnt
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
        device = self._device or self._named
        asked = self._challenges() if outcome == "nothing" else ()
        answer = Answer(
            "challenge" if asked else outcome,
            tuple(self._steps),
            device.id if device else None,
            file,
            self._written,
            retry_s,
            asked,
        )
        notes: tuple[Presence, ...] = ()
        if self._learnt and self._presence:
            proves = self._presence.proven_ip == self._sighting.ip
            moved = self._presence.ip == self._sighting.ip and not self._nat
            others = self._store.find(Presence, "ip", self._sighting.ip) if moved else ()
            notes = (self._presence, *moved_away(others, self._presence, proves))
        return Decision(
            answer,
            self._sighting,
            self._local,
            self._learnt,
            notes,
            self._pending,
            self._facts,
            self._granted,
            self._before,
            self._shown.use,
        )

    def _challenges(self) -> tuple[str, ...]:
        if self._granted and self._granted.level == "all":
            return ()
        return challenges(self._around, self._sighting, self._shown, self._local, self._new_id)

    def _get_config(self, config_id: str) -> Config | None:
        """Return a config, also one that is only about to be made."""
        for put in self._learnt.changes if self._learnt else ():
            if isinstance(put.document, Config) and put.document.id == config_id:
                return put.document
        return found(self._store, Config, config_id)
