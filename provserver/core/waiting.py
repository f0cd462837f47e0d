"""Waiting: what the files of a phone say for as long as it, or one of its ports, waits for a user."""

from collections import OrderedDict
from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from provserver.core.association.ports import ports_of
from provserver.core.mark import Marks
from provserver.core.reading import autocreate_template, found, is_waiting, waiting_devices
from provserver.core.resolve import Resolver
from provserver.core.slots import SlotPool
from provserver.errors import Invalid
from provserver.interfaces import IStore, IVendorPlugin
from provserver.model import Committed, Config, Device, Put, Settings, Slot, Step

MOST_PORTS = (
    48  # of one device that wait at a time: a DECT system may have 1,000, and the pool is everybody's
)
_OF_MANY = frozenset(
    {"ata", "gateway", "dect"}
)  # kinds of devices whose ports and handsets have users of their own
_REMEMBERED = 2_000
GetConfig = Callable[[str], Config | None]
Line = Mapping[str, object]
Slots = tuple[Slot, ...]


@frozen
class Dressed:
    """The settings with slots and mark in them; `puts` must be committed before they are used."""

    settings: Settings
    puts: tuple[Put, ...] = ()
    steps: tuple[Step, ...] = ()


class Waiting:
    """The phones that wait: their slots and their marks."""

    def __init__(self, store: IStore, resolver: Resolver, mark_key: bytes, keep_s: float) -> None:
        """`mark_key` is of this installation; `keep_s` as in `SlotPool`."""
        self._store = store
        self._resolver = resolver
        self.slots = SlotPool(store, keep_s)
        self.marks = Marks(mark_key, waiting_devices(store))
        for slot in store.find(Slot, "all", ""):
            if slot.device:
                self.marks.add(slot.device)
        self._dressed: OrderedDict[str, tuple[Settings, Slots, Settings]] = OrderedDict()
        store.watch(store.seq, self._committed)

    def dress(
        self, device: Device, plugin: IVendorPlugin, settings: Settings, get: GetConfig, at: float
    ) -> Dressed:
        """Put slots and mark into the settings of a device, if it or one of its ports waits. `get` also gives a
        config that is only about to be made."""
        if not is_waiting(self._store, get(device.config) if device.config else None):
            slots = self._store.find(Slot, "device", device.id)
            return Dressed(self._with(device, settings, slots, settings.lines, get) if slots else settings)
        ports = ports_that_wait(plugin, device)
        given = self.slots.give(device.id, ports, at)
        shared = self._store.find(Slot, "shared", "")[:1] if given.lacking else ()
        own = {slot.position: slot for slot in given.slots}
        common = {port: evolve(slot, position=port) for slot in shared for port in range(1, ports + 1)}
        slots = tuple(slot for _, slot in sorted({**common, **own}.items()))
        steps = self._steps(given.slots, bool(given.puts), given.lacking, shared)
        return Dressed(self._with(device, settings, slots, {}, get), given.puts, steps)

    def _with(
        self, device: Device, settings: Settings, slots: Slots, own: Mapping[int, Line], get: GetConfig
    ) -> Settings:
        """Return the same object for the same settings and slots: what was rendered of it is found again by it."""
        known = self._dressed.get(device.id)
        if known and known[0] is settings and known[1] == slots:
            self._dressed.move_to_end(device.id)
            return known[2]
        base = self._base(settings, get) if own else settings.lines.get(1, {})
        waiting = {slot.position: line_of(slot, base) for slot in slots} if slots else settings.lines
        name = f"Waiting {self.marks.of(device.id)}"
        named = {port: {**line, "display_name": name} for port, line in waiting.items()}
        dressed = evolve(settings, lines=dict(sorted({**named, **own}.items())))
        self._dressed[device.id] = (settings, slots, dressed)
        if len(self._dressed) > _REMEMBERED:
            self._dressed.popitem(last=False)
        return dressed

    def _base(self, settings: Settings, get: GetConfig) -> Line:
        """Return the line of waiting phones, for a port of a device that has users on others."""
        template = autocreate_template(self._store)
        try:
            return (
                self._resolver.settings(template.id, settings.base_url, get).lines.get(1, {})
                if template
                else {}
            )
        except Invalid:  # it is the waiting phones' trouble: this one's settings are valid
            return {}

    def _steps(self, slots: Slots, new: bool, lacking: int, shared: Slots) -> tuple[Step, ...]:
        steps = []
        if slots:
            steps.append(Step("slots", "slots.given" if new else "slots.kept", (_named(slots),)))
        if shared:
            steps.append(Step("slots", "slots.shared", (shared[0].id,)))
        elif lacking and self._store.count(Slot, "all", ""):
            steps.append(Step("slots", "slots.exhausted", (str(lacking),)))
        return tuple(steps)

    def _committed(self, committed: Committed) -> None:
        for change in committed.commit.changes:
            self.slots.changed(change)
            if isinstance(change, Put):
                if isinstance(change.document, Device):
                    self._mark(change.document)
            elif change.kind is Device:
                self.marks.drop(change.id)

    def _mark(self, device: Device) -> None:
        has_slots = self._store.count(Slot, "device", device.id)
        if has_slots or is_waiting(self._store, found(self._store, Config, device.config)):
            self.marks.add(device.id)
        else:
            self.marks.drop(device.id)


def ports_that_wait(plugin: IVendorPlugin | None, device: Device) -> int:
    """Say how many users a waiting device is for: one, unless its ports or handsets are for different people; none
    where it does not speak SIP, and so can dial no code."""
    ports = ports_of(plugin, device)
    if not ports.sip:
        return 0
    return min(ports.most, MOST_PORTS) if ports.shared else 1


def line_of(slot: Slot, base: Line) -> Line:
    """Return the account of a port that waits: the line of waiting phones with the slot's user. Where that line says
    no server, it is the pool's."""
    account = {"username": slot.id, "auth_username": slot.id, "password": slot.password}
    if "proxy_ip" in base or not slot.registrar:
        return {**base, **account}
    port = {"proxy_port": slot.port, "registrar_port": slot.port} if slot.port else {}
    return {"proxy_ip": slot.registrar, "registrar_ip": slot.registrar, **port, **base, **account}


def _named(slots: Slots) -> str:
    if len(slots) == 1:
        return slots[0].id
    return ", ".join(f"{slot.id} for port {slot.position}" for slot in slots)
