"""The targets of issue 4, and the table that goes to RESULTS.md."""

import math
import statistics
from typing import NamedTuple

from bench.tftp.servers import ATFTPD, DNSMASQ, OURS, WHOLE

BEST = "best"

Runs = dict[tuple[str, str], list[dict[str, float]]]  # load, server -> what each round said


class Target(NamedTuple):
    load: str
    figure: str
    unit: str
    against: str  # whom it is compared with; "": nobody
    value: float
    more_is_better: bool = False
    ours: str = OURS

    def is_met(self, own: float) -> bool:
        return own >= self.value if self.more_is_better else own <= self.value


TARGETS = (
    Target("4 KB, 1,000 at once", "rate", "transfers/s", BEST, 4.0, more_is_better=True),
    Target("4 KB, 1,000 at once", "p99", "p99, s", "", 0.3),
    Target("4 KB, 1,000 at once", "errors", "errors", "", 0),
    Target("4 KB, 1,000 at once", "again", "sent again", "", 0),
    Target("4 KB, 100 at once", "cpu", "CPU us a transfer, TFTP alone", DNSMASQ, 1.4),
    Target("4 KB, 100 at once", "cpu", "CPU us a transfer, TFTP alone", ATFTPD, 1.0),
    Target("100 known phones", "cpu", "CPU us a transfer, whole chain", DNSMASQ, 1.4, ours=WHOLE),
    Target("100 known phones", "cpu", "CPU us a transfer, whole chain", ATFTPD, 1.0, ours=WHOLE),
    Target("20 MB, window 16, 1 client", "mb", "MB/s", BEST, 1.2, more_is_better=True),
    Target("20 MB, window 16, 20 clients", "mb", "MB/s", BEST, 2.5, more_is_better=True),
    Target("20 MB, 20 clients", "mb", "MB/s", DNSMASQ, 0.8, more_is_better=True),
    Target("1 % lost, 1,000 x 4 KB", "wall", "s", ATFTPD, round(1 / 3.5, 3)),
    Target("1 % lost, 20 MB, window 16", "wall", "s", ATFTPD, 0.1),
)


def median(runs: Runs, load: str, server: str, figure: str) -> float:
    """Return NaN for what was not measured: whatever it is compared with is missed."""
    return statistics.median([run[figure] for run in runs.get((load, server), ())] or [math.nan])


def table(runs: Runs) -> str:
    lines = [
        "| load | | provd | dnsmasq | atftpd | ratio | target | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_row(target, runs) for target in TARGETS if (target.load, target.ours) in runs]
    return "\n".join(lines)


def _row(target: Target, runs: Runs) -> str:
    servers = (target.ours, DNSMASQ, ATFTPD)
    figures = [median(runs, target.load, server, target.figure) for server in servers]
    own, ratio = figures[0], ""
    if target.against:
        best = max(figures[1:]) if target.more_is_better else min(figures[1:])
        base = best if target.against == BEST else figures[servers.index(target.against)]
        own = figures[0] / base if base else 0.0
        ratio = f"{own:.2f} x {target.against}"
    failed = [median(runs, target.load, server, "errors") > 0 for server in servers]
    shown = [f"{figure:.4g}{'*' if bad else ''}" for figure, bad in zip(figures, failed, strict=True)]
    sign = "≥" if target.more_is_better else "≤"
    met = "met" if target.is_met(own) else "missed"
    cells = (target.load, target.unit, *shown, ratio, f"{sign} {target.value}", met)
    return f"| {' | '.join(cells)} |"
