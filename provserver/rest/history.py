"""The history of a device, a config or a line: who changed it, when, how and why. It outlives what it is about."""

from collections.abc import Callable
from functools import partial

from provserver.core.ownership import may_see as may_see_config
from provserver.core.reading import found, master
from provserver.errors import NotFound
from provserver.interfaces import D, IStore
from provserver.model import Caller, Committed, Config, Device, Document, Line, Put
from provserver.rest.codec.configs import config_document
from provserver.rest.codec.devices import device_document
from provserver.rest.codec.history import Changes, change_document
from provserver.rest.codec.lines import line_document
from provserver.rest.devices import may_see
from provserver.rest.messages import Question, Reply, Route

_MOST = 20


class History:
    def __init__(self, store: IStore) -> None:
        self._store = store

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "GET",
                "/dev_mgr/devices/<device_id>/history",
                "provd.dev_mgr.devices.{device_id}.history.read",
                self.of_device,
                summary="Read who changed a device, when and how",
                gives=Changes,
            ),
            Route(
                "GET",
                "/cfg_mgr/configs/<config_id>/history",
                "provd.cfg_mgr.configs.{config_id}.history.read",
                self.of_config,
                summary="Read who changed a config, when and how",
                gives=Changes,
            ),
            Route(
                "GET",
                "/lines/<line_id>/history",
                "provd.lines.{line_id}.history.read",
                self.of_line,
                summary="Read who changed a line, when and how",
                gives=Changes,
            ),
        )

    async def of_device(self, question: Question) -> Reply:
        return await self._history(Device, question.segments["device_id"], question, may_see, self._device)

    async def of_config(self, question: Question) -> Reply:
        return await self._history(
            Config, question.segments["config_id"], question, self._may_see_config, config_document
        )

    async def of_line(self, question: Question) -> Reply:
        document = partial(line_document, with_secrets=True)  # there are none in the history
        return await self._history(Line, question.segments["line_id"], question, _may_see_line, document)

    async def _history(
        self,
        kind: type[D],
        doc_id: str,
        question: Question,
        may: Callable[[Caller, D], bool],
        document: Callable[[D], dict[str, object]],
    ) -> Reply:
        """
        Of a deleted document, who could see it last may see its history; and nobody sees what was another tenant's.

        Raises:
            NotFound.
        """
        caller, now = question.caller, found(self._store, kind, doc_id)
        history = await self._store.history(kind, doc_id, _MOST)
        shown: list[dict[str, object]] = []
        last: D | None = None
        for committed in reversed(history):
            version = _version(kind, committed)
            last = version or last
            if last and may(caller, last):
                shown.append(change_document(committed, document(version) if version else None))
        newest = now or last
        if newest is None or not may(caller, newest):
            raise NotFound(f"No such resource: {kind.__name__.lower()} {doc_id[:60]!r}")
        return Reply(200, {"history": shown[::-1]})

    def _may_see_config(self, caller: Caller, config: Config) -> bool:
        return may_see_config(self._store, caller, config)

    def _device(self, device: Device) -> dict[str, object]:
        return device_document(device, None, device.tenant == master(self._store).id)


def _may_see_line(caller: Caller, line: Line) -> bool:
    return line.tenant in caller.tenants


def _version(kind: type[D], committed: Committed) -> D | None:
    """Return the document as a commit left it, None where it was deleted."""
    documents: list[Document] = [
        change.document for change in committed.commit.changes if isinstance(change, Put)
    ]
    return next((document for document in documents if isinstance(document, kind)), None)
