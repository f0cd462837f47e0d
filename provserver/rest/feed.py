"""
The feed: what has happened to devices and lines lately, in memory, for those who follow it.

It listens to the store, so that it also has what others wrote, and to the Provisioner for what phones were answered.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen
from twisted.internet.interfaces import IReactorTime

from provserver.interfaces import IProvisioner, IStore
from provserver.model import Answer, Committed, Delete, Device, Line, Put, Sighting, Tenant
from provserver.pbx.interfaces import Ended

_MOST = 10_000  # events kept
_MANY = 100  # lines of one commit that are told one by one: more would push all else out


@frozen
class Event:
    number: int
    name: str  # device-added, -updated, -deleted, -fetched, -refused, -claimed, …; line-added, -updated, -deleted, …
    at: float
    device: str  # "" where it is about none
    tenant: str
    more: Mapping[str, str]


class Feed:
    def __init__(
        self, store: IStore, provisioner: IProvisioner, clock: IReactorTime, most: int = _MOST
    ) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._events: dict[int, Event] = {}
        self._listeners: list[Callable[[], None]] = []
        # Of a deleted device the store no longer says whose it was, and only its tenant may hear of it.
        self._tenants = {
            device.id: device.tenant  # the index has its guests too
            for tenant in _tenants(store)
            for device in store.find(Device, "tenant", tenant)
        }
        self._line_tenants = {
            line.id: tenant for tenant in _tenants(store) for line in store.find(Line, "tenant", tenant)
        }
        self.first = 1  # number of the oldest event kept
        self.next = 1  # number that the next event gets
        store.watch(store.seq, self._committed)
        provisioner.watch_answers(self.answered)

    def event(self, number: int) -> Event:
        """Return an event from `first` to before `next`."""
        return self._events[number]

    def listen(self, wake: Callable[[], None]) -> None:
        """Call it after each event. It must be quick: a phone waits."""
        self._listeners.append(wake)

    def resynced(self, device: Device) -> None:
        """Say that a phone was told to fetch its files again."""
        self._add("device-resynced", device.id, device.tenant)

    def resync_ended(self, device: str, reason_id: str) -> None:
        """Say that a phone has fetched what it was told of, or why it is waited for no longer."""
        more = {"outcome": "stopped", "reason_id": reason_id} if reason_id else {"outcome": "fetched"}
        self._add("device-resync-ended", device, self._tenants.get(device), more)

    def claimed(self, ended: Ended) -> None:
        """Say that a phone has got a user, or lost it. Whose a refused claim is nobody knows: the log has it."""
        if ended.done:
            done = ended.done
            name, line = ("device-claimed", {"line": done.line}) if done.line else ("device-reset", {})
            self._add(name, done.device, self._tenants.get(done.device), {**line, "resync": done.resync})

    def _committed(self, committed: Committed) -> None:
        for change in committed.commit.changes:
            if isinstance(change, Put) and isinstance(change.document, Device):
                self._put(change.document)
            elif isinstance(change, Delete) and change.kind is Device:
                self._add("device-deleted", change.id, self._tenants.pop(change.id, ""))
        self._lines_changed(
            [event for change in committed.commit.changes if (event := self._of_line(change))]
        )

    def _of_line(self, change: Put | Delete) -> tuple[str, str, str] | None:
        """Return what happened to which line of which tenant, None where it is no line."""
        if isinstance(change, Delete):
            tenant = self._line_tenants.pop(change.id, None) if change.kind is Line else None
            return ("line-deleted", change.id, tenant) if tenant is not None else None
        if not isinstance(change.document, Line):
            return None
        line = change.document
        name = "line-updated" if line.id in self._line_tenants else "line-added"
        self._line_tenants[line.id] = line.tenant
        return name, line.id, line.tenant

    def _lines_changed(self, events: Sequence[tuple[str, str, str]]) -> None:
        if len(events) <= _MANY:
            for name, line_id, tenant in events:
                self._add(name, "", tenant, {"line": line_id})
        else:
            for tenant, count in Counter(tenant for _, _, tenant in events).items():
                self._add("lines-changed", "", tenant, {"count": str(count)})

    def _put(self, device: Device) -> None:
        """To those whom a device leaves it is gone, to those whom it comes to it is new."""
        before = self._tenants.get(device.id)
        if before not in (None, device.tenant):
            self._add("device-deleted", device.id, before)
        self._add("device-updated" if before == device.tenant else "device-added", device.id, device.tenant)
        self._tenants[device.id] = device.tenant

    def answered(self, sighting: Sighting, answer: Answer) -> None:
        """Say what a phone was given."""
        device = answer.device or ""
        more = {"protocol": sighting.protocol, "ip": sighting.ip}
        if answer.outcome == "file" and answer.file:
            more["file"] = answer.file.name
            self._add("device-fetched", device, self._tenants.get(device), more)
        elif answer.outcome != "noted":
            more["reason_id"] = answer.steps[-1].reason_id if answer.steps else ""
            self._add("device-refused", device, self._tenants.get(device), more)

    def _add(self, name: str, device: str, tenant: str | None, more: Mapping[str, str] | None = None) -> None:
        if tenant is None:  # it was deleted meanwhile: nobody's
            return
        self._events[self.next] = Event(self.next, name, self._clock.seconds(), device, tenant, more or {})
        self.next += 1
        if len(self._events) > self._most:
            del self._events[self.first]
            self.first += 1
        for wake in self._listeners:
            wake()


def _tenants(store: IStore) -> Iterator[str]:
    """Yield all tenants, from the master down."""
    known: set[str] = set()
    todo = [""]
    while todo:
        for tenant in store.find(Tenant, "parent", todo.pop()):
            if tenant.id not in known:
                known.add(tenant.id)
                todo.append(tenant.id)
                yield tenant.id
