"""Configs (contract section 7). Whose they are is `core/ownership.py`'s to say."""

from collections.abc import Callable
from functools import partial

import msgspec
from attrs import evolve
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from provserver.core.ownership import check_config, may_see, owner_of, sees_all
from provserver.core.reading import found
from provserver.core.secrets import masked_json
from provserver.errors import Conflict, Forbidden, Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Config, Delete, Put
from provserver.rest.changing import IF_MATCH, check_match, etag, last_one_wins
from provserver.rest.codec import shapes
from provserver.rest.codec.configs import config_document, read_config
from provserver.rest.codec.listing import read_listing
from provserver.rest.codec.values import Missing, enclosed, id_of
from provserver.rest.lists import LISTING, page
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
            Route(
                "GET",
                "/cfg_mgr/configs",
                f"{acl}.read",
                self.list,
                summary="List configs",
                gives=shapes.Configs,
                query=LISTING,
                secrets=True,
            ),
            Route(
                "POST",
                "/cfg_mgr/configs",
                f"{acl}.create",
                self.create,
                {
                    Conflict: 400,
                    Missing: 500,
                    Forbidden: 403,
                },  # contract section 7: the id is taken; no `config`
                summary="Make a config",
                takes=shapes.OneConfig,
                gives=shapes.Created,
                secrets=True,
            ),
            Route(
                "GET",
                one,
                acl + ".{config_id}.read",
                self.read,
                summary="Read a config",
                gives=shapes.OneConfig,
                secrets=True,
            ),
            Route(
                "PUT",
                one,
                acl + ".{config_id}.update",
                self.update,
                {Invalid: 500, Forbidden: 403},  # contract section 7
                summary="Replace a config",
                takes=shapes.OneConfig,
                query=(IF_MATCH,),
                secrets=True,
            ),
            Route(
                "DELETE",
                one,
                acl + ".{config_id}.delete",
                self.delete,
                {Forbidden: 403},
                summary="Delete a config",
                query=(IF_MATCH,),
            ),
            Route(
                "GET",
                f"{one}/raw",
                acl + ".{config_id}.raw.read",
                self.raw,
                summary="Read what a config comes to, with all it inherits",
                gives=shapes.RawConfig,
                secrets=True,
            ),
            Route(
                "POST",
                "/cfg_mgr/autocreate",
                "provd.cfg_mgr.autocreate.create",
                self.autocreate,
                summary="Make a config for a phone that waits for its user",
                takes=shapes.Anything,
                gives=shapes.Created,
            ),
        )

    async def list(self, question: Question) -> Reply:
        listing = read_listing(question.query)
        caller = question.caller
        is_shown = None if sees_all(self._store, caller) else partial(may_see, self._store, caller)
        # Who may not see a secret may not ask for it either: a selector would guess it letter by letter.
        view = partial(_seen, question)
        documents = await page(self._store, Config, listing, view, view, self._clock, is_shown)
        return Reply(200, {"configs": documents})

    async def create(self, question: Question) -> Reply:
        document = enclosed(question.body, "config")
        config_id = id_of(document) or self._new_id()
        owner = owner_of(self._store, question.caller)
        config = question.meant(evolve(read_config(document, config_id), tenant=owner), None)
        check_config(self._store, question.caller, None, config)
        rev = await self._put(question, config, 0)
        return created(question, config_id, etag(rev))

    async def read(self, question: Question) -> Reply:
        config = self._named(question)
        return Reply(200, {"config": _seen(question, config)}, headers=(etag(config.rev),))

    async def update(self, question: Question) -> Reply:
        config_id = self._named(question).id
        self._log.info(
            "Updating config {config_id}", config_id=config_id
        )  # clients' tests read it: section 12.3
        return await last_one_wins(lambda: self._update(question))

    async def delete(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._delete(question))

    async def raw(self, question: Question) -> Reply:
        raw = self._provisioner.raw_config(self._named(question).id)
        shown = raw if question.sees_secrets else masked_json(raw)
        return Reply(200, {"raw_config": msgspec.Raw(shown)})

    async def autocreate(self, question: Question) -> Reply:
        owner = owner_of(self._store, question.caller)
        return created(question, await self._provisioner.autocreate(question.who, owner))

    async def _delete(self, question: Question) -> Reply:
        config = self._named(question)
        check_match(question, config)
        await self._provisioner.change(question.commit(Delete(Config, config.id, config.rev)))
        return DONE

    async def _update(self, question: Question) -> Reply:
        before = self._named(question)
        check_match(question, before)
        config = read_config(enclosed(question.body, "config"), before.id)
        config = question.meant(evolve(config, tenant=before.tenant, rev=before.rev), before)
        check_config(self._store, question.caller, before, config)
        rev = await self._put(question, config, before.rev) if config != before else before.rev
        return Reply(204, headers=(etag(rev),))

    async def _put(self, question: Question, config: Config, expected: int) -> int:
        """Return the new revision."""
        try:
            return (await self._provisioner.change(question.commit(Put(config, expected)))).seq
        except Invalid as problem:  # its field is the raw config's, not the document's
            raise Invalid(problem.text, f"raw_config.{problem.field}") from None

    def _named(self, question: Question) -> Config:
        """Raises: NotFound, also where the caller does not see it."""
        config_id = question.segments["config_id"]
        config = found(self._store, Config, config_id)
        if config is None or not may_see(self._store, question.caller, config):
            raise NotFound(f"No such resource: config {config_id[:60]!r}")
        return config


def _seen(question: Question, config: Config) -> dict[str, object]:
    return config_document(question.shown(config))
