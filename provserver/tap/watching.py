"""What keeps watch over a running provd: who asks for too much, and the metrics."""

from collections.abc import Callable, Iterable, Sequence

from attrs import asdict

from provserver.core.metrics import Counts, Kind, Metric
from provserver.core.pending import PendingDevices
from provserver.core.reading import autocreate_template
from provserver.core.reception import Reception, Slowing
from provserver.core.slots import SlotPool
from provserver.core.sources import Bounds, Sources
from provserver.http.phones import PhoneSite
from provserver.interfaces import IStore
from provserver.model import Config
from provserver.pbx.interfaces import IClaims, IResyncs
from provserver.settings import ServerSettings
from provserver.tftp.server import TftpServer

_STATUS_LIMITS = {
    "408": "http_idle_s",
    "413": "phone_body_bytes",
    "414": "http_header_bytes",
    "431": "http_header_bytes",
}
_GONE_LIMITS = {"idle": "http_idle_s", "made room": "http_connections", "no room": "http_connections"}


def reception(settings: ServerSettings) -> Reception:
    limits = settings.limits
    sources = Sources(
        Bounds(limits.unknown_phones_slowed_local, limits.unknown_phones_refused_local),
        Bounds(limits.unknown_phones_slowed_elsewhere, limits.unknown_phones_refused_elsewhere),
        limits.unknown_phones_s,
        limits.refused_s,
        limits.unknown_phones_slowed_all,
    )
    pending = PendingDevices(limits.pending_devices, limits.pending_s)
    return Reception(sources, pending, Slowing(limits.slowed_by_s, limits.slowed_answers))


class Metrics:
    """Gathers, when it is asked, what the parts have counted."""

    def __init__(
        self,
        watch: Reception,
        store: IStore,
        sites: Sequence[PhoneSite],
        tftp: TftpServer,
        seconds: Callable[[], float],
        slots: SlotPool,
        claims: IClaims,
        resyncs: IResyncs,
    ) -> None:
        self._watch = watch
        self._store = store
        self._sites = sites
        self._tftp = tftp
        self._seconds = seconds
        self._commits = Counts()
        store.watch(store.seq, lambda _: self._commits.add())
        self._slots = slots
        self._claims = Counts()
        claims.watch(lambda ended: self._claims.add(ended.kind, ended.reason_id or "ok"))
        self._resyncs = resyncs
        self._resynced = Counts()
        resyncs.watch(lambda _, reason_id: self._resynced.add(reason_id or "fetched"))

    def read(self) -> tuple[Metric, ...]:
        return (*self._of_phones(), *self._of_http(), *self._of_tftp(), *self._of_store(), *self._of_claims())

    def _of_phones(self) -> tuple[Metric, ...]:
        watch = self._watch
        return (
            Metric(
                "provd_requests_total",
                "counter",
                "Requests of phones that were decided, and leases.",
                ("protocol", "outcome"),
                watch.requests.values,
            ),
            Metric(
                "provd_limit_hits_total",
                "counter",
                "Times that a limit was reached, by its setting.",
                ("limit",),
                self._limits(),
            ),
            _one(
                "provd_devices_made_total", "counter", "Devices made of phones that nobody knew.", watch.made
            ),
            _one("provd_devices_pending", "gauge", "New phones beyond the limits.", len(watch.pending)),
            Metric(
                "provd_sources",
                "gauge",
                "Sources that asked for unknown phones.",
                ("state",),
                _labelled(watch.sources.tally(self._seconds()).items()),
            ),
            _one("provd_answers_held_back", "gauge", "Answers to slowed sources that wait now.", watch.held),
        )

    def _limits(self) -> dict[tuple[str, ...], float]:
        hits: dict[tuple[str, ...], float] = dict(self._watch.limits.values)
        for site in self._sites:
            told = ((_STATUS_LIMITS, site.refused.values), (_GONE_LIMITS, site.connections.counts.values))
            for names, counts in told:
                for (what,), count in counts.items():
                    if what in names:
                        hits[names[what],] = hits.get((names[what],), 0) + count
        hits["tftp_transfers",] = self._tftp.counters.limited
        return hits

    def _of_http(self) -> tuple[Metric, ...]:
        refused: dict[tuple[str, ...], float] = {}
        for site in self._sites:
            for status, count in site.refused.values.items():
                refused[status] = refused.get(status, 0) + count
        return (
            _one(
                "provd_http_connections",
                "gauge",
                "Phones that are connected.",
                sum(len(site.connections) for site in self._sites),
            ),
            Metric(
                "provd_http_refused_total",
                "counter",
                "Requests wrong in themselves; status 0: no TLS.",
                ("status",),
                refused,
            ),
        )

    def _of_tftp(self) -> tuple[Metric, ...]:
        counted = asdict(self._tftp.counters)
        outcomes = counted.pop("outcomes")
        return (
            _one("provd_tftp_transfers", "gauge", "Transfers under way.", self._tftp.active),
            Metric(
                "provd_tftp_ended_total",
                "counter",
                "Transfers that have ended.",
                ("outcome",),
                _labelled(outcomes.items()),
            ),
            *(
                _one(f"provd_tftp_{name}_total", "counter", f"TFTP: {name.replace('_', ' ')}.", value)
                for name, value in counted.items()
            ),
        )

    def _of_store(self) -> tuple[Metric, ...]:
        template = autocreate_template(self._store)
        waiting = self._store.count(Config, "parent", template.id) if template else 0
        return (
            Metric("provd_store_commits_total", "counter", "Commits.", (), self._commits.values or {(): 0.0}),
            _one("provd_devices_waiting", "gauge", "Devices that wait for their first user.", waiting),
        )

    def _of_claims(self) -> tuple[Metric, ...]:
        return (
            Metric(
                "provd_slots",
                "gauge",
                "Slots that waiting phones have, and that none has.",
                ("state",),
                _labelled(self._slots.tally().items()),
            ),
            Metric(
                "provd_claims_total",
                "counter",
                "Claims and resets that have ended.",
                ("kind", "outcome"),
                self._claims.values,
            ),
            Metric(
                "provd_resyncs",
                "gauge",
                "Resyncs under way.",
                ("state",),
                _labelled(self._resyncs.tally().items()),
            ),
            Metric(
                "provd_resyncs_ended_total",
                "counter",
                "Resyncs that have ended.",
                ("outcome",),
                self._resynced.values,
            ),
        )


def _one(name: str, kind: Kind, what: str, value: float) -> Metric:
    return Metric(name, kind, what, (), {(): value})


def _labelled(counts: Iterable[tuple[str, int]]) -> dict[tuple[str, ...], float]:
    return {(label,): count for label, count in counts}
