"""Configs (contract section 7). They belong to nobody: each token with the ACL sees and changes all."""

from collections.abc import Callable

import msgspec
from attrs import evolve
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from provserver.core.reading import found
from provserver.errors import Conflict, Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Config, Delete, Put
from provserver.rest.changing import last_one_wins
from provserver.rest.codec.configs import config_document, read_config
from provserver.rest.codec.listing import read_listing
from provserver.rest.codec.values import Missing, enclosed, id_of
from provserver.rest.lists import page
from provserver.rest.messages import DONE, Question, Reply, Route, created


class Configs:
    _log = Logger()

    def __init__(
        self, provisioner: IProvisioner, store: IStore, new_id: Callable[[], str], clock: IReactorTime
    ) -> None:
        self._provisioner = provisioner
        self._store = store
        self._new_id = new_id
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        acl = "provd.cfg_mgr.configs"
        one = "/cfg_mgr/configs/<config_id>"
        return (
            Route("GET", "/cfg_mgr/configs", f"{acl}.read", self.list),
            Route(
                "POST",
                "/cfg_mgr/configs",
                f"{acl}.create",
                self.create,
                {Conflict: 400, Missing: 500},  # contract section 7: the id is taken; no `config`
            ),
            Route("GET", one, acl + ".{config_id}.read", self.read),
            Route("PUT", one, acl + ".{config_id}.update", self.update, {Invalid: 500}),  # contract section 7
            Route("DELETE", one, acl + ".{config_id}.delete", self.delete),
            Route("GET", f"{one}/raw", acl + ".{config_id}.raw.read", self.raw),
            Route("POST", "/cfg_mgr/autocreate", "provd.cfg_mgr.autocreate.create", self.autocreate),
        )

    async def list(self, question: Question) -> Reply:
        listing = read_listing(question.query)
        documents = await page(self._store, Config, listing, config_document, config_document, self._clock)
        return Reply(200, {"configs": documents})

    async def create(self, question: Question) -> Reply:
        document = enclosed(question.body, "config")
        config_id = id_of(document) or self._new_id()
        await self._put(question, read_config(document, config_id), 0)
        return created(question, config_id)

    async def read(self, question: Question) -> Reply:
        return Reply(200, {"config": config_document(self._named(question))})

    async def update(self, question: Question) -> Reply:
        config_id = self._named(question).id
        self._log.info(
            "Updating config {config_id}", config_id=config_id
        )  # clients' tests read it: section 12.3
        return await last_one_wins(lambda: self._update(question))

    async def delete(self, question: Question) -> Reply:
        config = self._named(question)
        await self._provisioner.change(question.commit(Delete(Config, config.id)))
        return DONE

    async def raw(self, question: Question) -> Reply:
        raw = self._provisioner.raw_config(self._named(question).id)
        return Reply(200, {"raw_config": msgspec.Raw(raw)})

    async def autocreate(self, question: Question) -> Reply:
        return created(question, await self._provisioner.autocreate(question.who))

    async def _update(self, question: Question) -> Reply:
        before = self._named(question)
        config = evolve(read_config(enclosed(question.body, "config"), before.id), rev=before.rev)
        if config != before:
            await self._put(question, config, before.rev)
        return DONE

    async def _put(self, question: Question, config: Config, expected: int) -> None:
        try:
            await self._provisioner.change(question.commit(Put(config, expected)))
        except Invalid as problem:  # its field is the raw config's, not the document's
            raise Invalid(problem.text, f"raw_config.{problem.field}") from None

    def _named(self, question: Question) -> Config:
        """Raises: NotFound."""
        config_id = question.segments["config_id"]
        config = found(self._store, Config, config_id)
        if config is None:
            raise NotFound(f"No such resource: config {config_id[:60]!r}")
        return config
