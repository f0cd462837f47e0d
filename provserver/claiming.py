"""Claiming: a dialled code brings a line to the phone that waits, a dialled PIN takes a phone's lines off."""

import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from zope.interface import implementer

from provserver.core.claim import Phone, line_of, owner_of, phone_of
from provserver.core.guessing import Guesser, Guesses
from provserver.core.reading import found
from provserver.core.waiting import Waiting, ports_that_wait
from provserver.errors import NotClaimed, NotResynced, ProvdError
from provserver.interfaces import IAssociations, IPlugins, IProvisioner, IStore
from provserver.model import Device, Line
from provserver.pbx.interfaces import Calling, Claimed, Ended, IClaims, IResyncs

T = TypeVar("T")
_MOST_SPENT = 10_000  # codes that were used lately, kept to say so


@implementer(IClaims)
class Claiming:
    """The whole of a claim: which phone, which line, the association, and the resync when the call has ended."""

    _log = Logger()

    def __init__(
        self,
        store: IStore,
        provisioner: IProvisioner,
        plugins: IPlugins,
        associations: IAssociations,
        resyncs: IResyncs,
        waiting: Waiting,
        guesses: Guesses,
        is_nat: Callable[[str], bool],
        reset_pin: str,
        now: Callable[[], float],
        pause: Callable[[float], Deferred[None]],
    ) -> None:
        """`reset_pin` "": nobody can reset by dialling. `pause` fires after so many seconds."""
        self._store = store
        self._provisioner = provisioner
        self._plugins = plugins
        self._associations = associations
        self._resyncs = resyncs
        self._waiting = waiting
        self._guesses = guesses
        self._is_nat = is_nat
        self._reset_pin = reset_pin
        self._now = now
        self._pause = pause
        self._spent: OrderedDict[str, None] = OrderedDict()
        self._watchers: list[Callable[[Ended], None]] = []

    def claim(self, code: str, calling: Calling) -> Deferred[Claimed]:
        return Deferred.fromCoroutine(self._told("claim", self._claim(code, calling)))

    def reset(self, pin: str, calling: Calling) -> Deferred[Claimed]:
        return Deferred.fromCoroutine(self._told("reset", self._reset(pin, calling)))

    def give_back(self, device_id: str, who: str) -> Deferred[Claimed]:
        return Deferred.fromCoroutine(self._told("reset", self._given_back(device_id, who, Calling())))

    def hung_up(self, call: str) -> None:
        self._resyncs.hung_up(call)

    def watch(self, tell: Callable[[Ended], None]) -> None:
        self._watchers.append(tell)

    async def _told(self, kind: Literal["claim", "reset"], work: Awaitable[Claimed]) -> Claimed:
        ended = Ended(kind, reason_id="internal")
        try:
            done = await work
            ended = Ended(kind, done)
            return done
        except ProvdError as problem:
            ended = Ended(kind, reason_id=problem.reason_id)
            raise
        finally:
            for tell in self._watchers:
                tell(ended)

    # --- claim ---------------------------------------------------------------------------------------------

    async def _claim(self, code: str, calling: Calling) -> Claimed:
        """Without a phone that it could be for, nobody hears whether a code is one."""
        phone = self._phone(calling)
        line = await self._guessed(
            phone.device,
            calling,
            lambda: line_of(code, self._store, calling.tenants, self._spent.__contains__, self._now()),
        )
        phone = self._phone(calling)  # meanwhile another call may have been for it
        left = {seat.device for seat in line.seats}
        who = f"claim:{calling.pbx or '-'}"
        done = await self._associations.associate(line.id, phone.device.id, phone.position, who, spend=True)
        self._note_spent(line)
        for device_id in sorted(left - {done.device} - self._seats(line)):
            self._resync(device_id, "", calling.call)  # the line has moved from there
        resync = self._resync(done.device, calling.contact, calling.call)
        self._log.info(
            "line {line} was claimed for device {device}: resync {resync}",
            line=line.id,
            device=done.device,
            resync=resync,
        )
        return Claimed(done.device, resync, line.id)

    def _phone(self, calling: Calling) -> Phone:
        phone = phone_of(calling, self._store, self._waiting.marks, self._is_nat)
        if phone.position is None and self._ports(phone.device) == 1:
            return Phone(phone.device, 1)  # its user sits at the first line, and not beside another one
        return phone

    def _ports(self, device: Device) -> int:
        plugin_id = self._plugins.canonical(device.plugin) if device.plugin else ""
        return ports_that_wait(self._plugins.serving().get(plugin_id), device)

    def _seats(self, line: Line) -> set[str]:
        return {seat.device for seat in self._store.get(Line, line.id).seats}

    def _note_spent(self, line: Line) -> None:
        if line.code and not line.keeps_code:
            self._spent[line.code] = None
            if len(self._spent) > _MOST_SPENT:
                self._spent.popitem(last=False)

    # --- reset ---------------------------------------------------------------------------------------------

    async def _reset(self, pin: str, calling: Calling) -> Claimed:
        if not self._reset_pin:
            raise NotClaimed("claim.no-reset", "the setting claims.reset_pin is not set")
        device = owner_of(calling, self._store)
        await self._guessed(device, calling, lambda: self._check_pin(pin))
        return await self._given_back(device.id, f"reset:{calling.pbx or '-'}", calling)

    async def _given_back(self, device_id: str, who: str, calling: Calling) -> Claimed:
        await self._associations.reset(device_id, who)
        self._log.info("device {device} was given back by {who}", device=device_id, who=who)
        return Claimed(device_id, self._resync(device_id, calling.contact, calling.call))

    def _check_pin(self, pin: str) -> None:
        if not hmac.compare_digest(pin.encode(), self._reset_pin.encode()):
            raise NotClaimed("claim.wrong-pin", "the PIN is wrong")

    # --- both ----------------------------------------------------------------------------------------------

    async def _guessed(self, device: Device, calling: Calling, look: Callable[[], T]) -> T:
        """Look at what was dialled, late where there were mistakes before; what `look` raises was one."""
        who = Guesser(device.id, calling.ip, device.tenant)
        wait_s = self._guesses.begin(who, self._now())
        try:
            if wait_s:
                await self._pause(wait_s)
            found = look()
        except NotClaimed as wrong:
            self._log.warn(
                "a wrong code or PIN of device {device} at {ip}, asked by {pbx}: {reason_id}",
                device=device.id,
                ip=calling.ip or "-",
                pbx=calling.pbx or "-",
                reason_id=wrong.reason_id,
            )
            raise
        self._guesses.excuse(who)
        return found

    def _resync(self, device_id: str, contact: str, call: str) -> str:
        """Begin it, and say `started`, or why the phone must be restarted by hand. The lines sit where they should by
        now, so whatever goes wrong here does not make a failure of it."""
        device = found(self._store, Device, device_id)
        if device is None:
            return "resync.gone"
        try:
            self._provisioner.resync(device)
        except NotResynced as problem:
            return problem.reason_id
        except Exception:  # a plugin's bug
            self._log.failure("how to tell device {device} failed by a bug", device=device_id)
            return "internal"
        Deferred.fromCoroutine(self._watched(self._resyncs.begin(device_id, contact, call)))
        return "started"

    async def _watched(self, resync: Deferred[None]) -> None:
        """The call does not wait for it. Where it stops is logged by who told the phone."""
        with suppress(NotResynced):
            await resync
