"""Administrators' templates: put, read, listed, deleted, and tried. These are ours."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from provserver.core.override_names import check_override
from provserver.core.ownership import sees_all
from provserver.core.previews import Previews
from provserver.core.reading import found
from provserver.errors import BadTemplate, Conflict, Forbidden, Invalid, NotFound, ProvdError, Unfit
from provserver.interfaces import IOverrides, IPlugins, IStore, IVendorPlugin
from provserver.model import Device
from provserver.rest.changing import IF_MATCH
from provserver.rest.codec import templates as shapes
from provserver.rest.codec.listing import read_listing
from provserver.rest.codec.templates import (
    Order,
    previewed_document,
    read_order,
    read_text,
    template_document,
)
from provserver.rest.codec.values import enclosed
from provserver.rest.lists import LISTING
from provserver.rest.messages import DONE, Query, Question, Reply, Route

_TEXT = "text/plain"
_PAGE = tuple(query for query in LISTING if query.name in ("skip", "limit"))
_STATUSES: Mapping[type[ProvdError], int] = {Forbidden: 403, BadTemplate: 400, Unfit: 400, Conflict: 412}


@frozen
class TemplateParts:
    """What stands behind templates."""

    overrides: IOverrides
    previews: Previews
    in_thread: Callable[..., Deferred[Any]]


class Templates:
    _log = Logger()

    def __init__(self, parts: TemplateParts, plugins: IPlugins, store: IStore) -> None:
        self._overrides = parts.overrides
        self._previews = parts.previews
        self._in_thread = parts.in_thread
        self._plugins = plugins
        self._store = store

    def routes(self) -> tuple[Route, ...]:
        one = "/templates/<plugin_id>/<name>"
        acl = "provd.templates.{plugin_id}.{name}"
        return (
            Route(
                "GET",
                "/templates",
                "provd.templates.read",
                self.list,
                {Forbidden: 403},
                summary="List the administrator's templates",
                gives=shapes.TemplateList,
                query=(Query("plugin", "only those of this plugin"), *_PAGE),
            ),
            Route(
                "POST",
                "/templates/preview",
                "provd.templates.preview.create",
                self.preview,
                _STATUSES,
                summary="Make a file with a template that is stored nowhere",
                takes=shapes.PreviewOrder,
                gives=shapes.PreviewAnswer,
                success=200,
                secrets=True,
            ),
            Route(
                "GET",
                one,
                f"{acl}.read",
                self.read,
                {Forbidden: 403, Invalid: 400},
                summary="Read an administrator's template",
                media_type=_TEXT,
            ),
            Route(
                "PUT",
                one,
                f"{acl}.update",
                self.update,
                _STATUSES,
                summary="Put a template in the place of a plugin's own, or of none",
                takes_type=_TEXT,
                query=(IF_MATCH,),
            ),
            Route(
                "DELETE",
                one,
                f"{acl}.delete",
                self.delete,
                _STATUSES,
                summary="Delete an administrator's template: the plugin's own holds again",
                query=(IF_MATCH,),
            ),
        )

    async def list(self, question: Question) -> Reply:
        self._check(question)
        listing = read_listing(question.query)
        wanted = question.query.get("plugin")
        canonical = self._plugins.canonical(wanted) if wanted else None
        found = [one for one in await self._overrides.listed() if canonical in (None, one.plugin)]
        end = listing.skip + listing.limit if listing.limit else None
        return Reply(200, {"templates": [template_document(one) for one in found[listing.skip : end]]})

    async def read(self, question: Question) -> Reply:
        override, text = await self._overrides.read(*self._named(question))
        return Reply(
            200, headers=(_etag(override.etag),), body=text.encode(), media_type=f"{_TEXT}; charset=utf-8"
        )

    async def update(self, question: Question) -> Reply:
        plugin_id, name = self._named(question)
        check_override(plugin_id, name)
        self._plugin(plugin_id)
        text = read_text(question.body)
        override = await self._overrides.write(plugin_id, name, text, _expected(question))
        self._tell(question, "written", plugin_id, name)
        return Reply(204, headers=(_etag(override.etag),))

    async def delete(self, question: Question) -> Reply:
        plugin_id, name = self._named(question)
        await self._overrides.delete(plugin_id, name, _expected(question))
        self._tell(question, "deleted", plugin_id, name)
        return DONE

    async def preview(self, question: Question) -> Reply:
        self._check(question)
        order = read_order(enclosed(question.body, "preview"))
        device, plugin = self._previewed(order, question)
        make = self._previews.prepare(plugin, device, order.file, order.draft, question.sees_secrets)
        return Reply(200, {"preview": previewed_document(await self._in_thread(make))})

    def _previewed(self, order: Order, question: Question) -> tuple[Device, IVendorPlugin]:
        """Raises: Invalid."""
        device = found(self._store, Device, order.device)
        if order.device is not None and (device is None or device.tenant not in question.caller.tenants):
            raise Invalid(f"there is no device {order.device[:60]!r}", "preview.device")
        plugin_id = order.plugin or (device.plugin if device else None) or ""
        try:
            plugin = self._plugin(self._plugins.canonical(plugin_id))
        except NotFound as problem:
            raise Invalid(str(problem), "preview.plugin") from None
        return device or self._previews.sample(plugin, order.model or ""), plugin

    def _plugin(self, plugin_id: str) -> IVendorPlugin:
        """Raises: NotFound."""
        plugin = self._plugins.here().get(plugin_id)
        if plugin is None:
            raise NotFound(f"No such resource: plugin {plugin_id[:60]!r}")
        return plugin

    def _named(self, question: Question) -> tuple[str, str]:
        """Raises: Forbidden."""
        self._check(question)
        return self._plugins.canonical(question.segments["plugin_id"]), question.segments["name"]

    def _check(self, question: Question) -> None:
        if not sees_all(self._store, question.caller):
            raise Forbidden("only a token of the master tenant may: a template is for all tenants' phones")

    def _tell(self, question: Question, what: str, plugin_id: str, name: str) -> None:
        self._log.info(
            "template {plugin}/{name} {what} by {who}",
            plugin=plugin_id,
            name=name,
            what=what,
            who=question.who,
        )


def _etag(etag: str) -> tuple[str, str]:
    return "ETag", f'"{etag}"'


def _expected(question: Question) -> str | None:
    wanted = question.headers.get("if-match")
    return wanted.strip().strip('"') if wanted is not None else None
