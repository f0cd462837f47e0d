"""Metrics: what was counted, in the text format of Prometheus (exposition format 0.0.4)."""

from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import field, frozen

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Kind = Literal["counter", "gauge"]  # a counter only grows, until provd is started anew


@frozen
class Metric:
    """One metric with its values, by the values of its labels: `{("http", "file"): 17}`; `()` where it has none."""

    name: str
    kind: Kind
    what: str  # for the reader
    labels: tuple[str, ...] = ()
    values: Mapping[tuple[str, ...], float] = field(factory=dict)


class Counts:
    """Counters of one metric."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, ...], int] = {}

    def add(self, *labels: str) -> None:
        self._counts[labels] = self._counts.get(labels, 0) + 1

    @property
    def values(self) -> Mapping[tuple[str, ...], float]:
        return dict(self._counts)


def exposition(metrics: Iterable[Metric]) -> str:
    lines = []
    for metric in metrics:
        lines.append(f"# HELP {metric.name} {metric.what}")
        lines.append(f"# TYPE {metric.name} {metric.kind}")
        for labels, value in sorted(metric.values.items()):
            pairs = ",".join(
                f'{name}="{_escaped(text)}"' for name, text in zip(metric.labels, labels, strict=True)
            )
            lines.append(f"{metric.name}{{{pairs}}} {value}" if pairs else f"{metric.name} {value}")
    return "\n".join((*lines, ""))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
