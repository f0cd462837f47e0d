"""Plugins that serve phones (contract section 8.5). Their ids are ours, or those that other servers gave them."""

from collections.abc import Iterator, Mapping

import msgspec

from provserver.core.surroundings import other_names
from provserver.errors import Invalid, NotFound
from provserver.interfaces import IPlugins, IStore
from provserver.model import Device
from provserver.rest.codec import shapes
from provserver.rest.codec.paths import quoted
from provserver.rest.codec.values import read_id
from provserver.rest.messages import DONE, ROOT, Question, Reply, Route

ONE = "/pg_mgr/plugins/<plugin_id>"
ACL = "provd.pg_mgr.plugins.{plugin_id}"


class Plugins:
    def __init__(self, plugins: IPlugins, store: IStore) -> None:
        self._plugins = plugins
        self._store = store

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "GET",
                "/pg_mgr/plugins",
                "provd.pg_mgr.plugins.read",
                self.list,
                summary="List the plugins that serve phones, also by other ids that devices name them by",
                gives=shapes.Plugins,
            ),
            Route(
                "GET",
                ONE,
                f"{ACL}.read",
                self.links,
                exists=self.serves,
                summary="Read what a plugin offers",
                gives=shapes.Links,
            ),
            Route(
                "GET",
                f"{ONE}/info",
                f"{ACL}.info.read",
                self.info,
                exists=self.serves,
                summary="Read what a plugin is, and which phones it serves",
                gives=shapes.PluginInfoAnswer,
            ),
            Route(
                "POST",
                "/pg_mgr/reload",
                "provd.pg_mgr.reload.create",
                self.reload,
                summary="Read the vendor folders anew; of one that is broken the code from before stays",
                takes=shapes.Named,
                success=204,
            ),
        )

    def serves(self, segments: Mapping[str, str]) -> bool:
        return self._plugins.canonical(segments["plugin_id"]) in self._plugins.serving()

    async def list(self, _question: Question) -> Reply:
        plugins = {
            name: {"links": [{"rel": "pg.plugin", "href": f"{ROOT}/pg_mgr/plugins/{quoted(name)}"}]}
            for name in self._names()
        }
        return Reply(200, {"plugins": plugins})

    async def links(self, question: Question) -> Reply:
        services = (("pg.info", "info"), ("srv.install", "install"))
        return Reply(
            200, {"links": [{"rel": rel, "href": f"{question.path}/{below}"} for rel, below in services]}
        )

    async def info(self, question: Question) -> Reply:
        plugin = self._plugins.serving().get(self._plugins.canonical(question.segments["plugin_id"]))
        if plugin is None:  # it went while the token was asked about
            raise NotFound("No such resource")
        return Reply(200, {"plugin_info": msgspec.Raw(plugin.info)})

    async def reload(self, question: Question) -> Reply:
        wanted = read_id(question.body)
        broken = await self._plugins.reload()
        plugin_id = self._plugins.canonical(wanted)
        folder = max((name for name in broken if plugin_id.startswith(f"{name}-")), key=len, default=None)
        if folder is not None:
            raise Invalid(broken[folder], "id")
        if plugin_id not in self._plugins.serving():
            raise Invalid(f"plugin {wanted[:60]} is not installed")
        return DONE

    def _names(self) -> Iterator[str]:
        """Clients check a device's plugin against these names: those that devices really have are among them."""
        for plugin_id, plugin in self._plugins.serving().items():
            yield plugin_id
            for name in other_names(plugin):
                if self._store.count(Device, "plugin", name):
                    yield name
