"""Metrics, for Prometheus and whatever reads its text format. They are ours."""

from collections.abc import Callable, Iterable

from provserver.core.metrics import MEDIA_TYPE, Metric, exposition
from provserver.rest.messages import Question, Reply, Route


class Metrics:
    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "GET",
                "/metrics",
                "provd.metrics.read",
                self.read,
                summary="Read what was counted, in Prometheus's text format",
                media_type=MEDIA_TYPE,
            ),
        )

    async def read(self, _question: Question) -> Reply:
        return Reply(200, media_type=MEDIA_TYPE, body=exposition(self._read()).encode())
