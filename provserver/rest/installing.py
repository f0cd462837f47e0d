"""
Installing plugins, and packages of one plugin (contract sections 8.1 to 8.5).

The bundled plugins are *installable*, and *installed* unless somebody uninstalled them: there is nothing to fetch, so
that their operations have ended when the answer is there. No plugin has packages of its own yet.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from provserver.core.operations import Operation
from provserver.core.ownership import check_sees_all
from provserver.core.reading import found
from provserver.errors import Conflict, Forbidden, Invalid, ProvdError
from provserver.interfaces import ICatalogue, IPlugins, IProvisioner, IStore, IVendorPlugin
from provserver.model import Delete, Parameter, Put, Uninstalled
from provserver.rest.codec import shapes
from provserver.rest.codec.values import read_id
from provserver.rest.messages import DONE, Question, Reply, Route
from provserver.rest.operations import Operations, Tell

_PATH = "/pg_mgr/install"
_ACL = "provd.pg_mgr.install"
_Answer = Callable[[Question], Awaitable[Reply]]
OPERATIONS = tuple(f"{_PATH}/{name}" for name in ("install", "upgrade", "update"))


class NoServer(ProvdError):
    """Somebody has set that there is no plugin server."""

    reason_id = "no-plugin-server"

    def __init__(self) -> None:
        super().__init__("'server' has no value set")


class UnderWay(ProvdError):
    """It is being done already."""

    reason_id = "under-way"


class Installing:
    def __init__(
        self,
        plugins: IPlugins,
        provisioner: IProvisioner,
        store: IStore,
        catalogue: ICatalogue,
        operations: Operations,
    ) -> None:
        self._plugins = plugins
        self._provisioner = provisioner
        self._store = store
        self._catalogue = catalogue
        self._operations = operations
        self._updating = False

    def routes(self) -> tuple[Route, ...]:
        def post(name: str, answer: _Answer, summary: str, **more: Any) -> Route:
            async def for_all(question: Question) -> Reply:
                check_sees_all(self._store, question.caller, "plugins are for all tenants' phones")
                return await answer(question)

            statuses = {Forbidden: 403, **more.pop("statuses", {})}
            path, acl = f"{_PATH}/{name}", f"{_ACL}.{name}.create"
            return Route("POST", path, acl, for_all, statuses, summary=summary, **more)

        return (
            post("install", self.install, "Install a plugin", takes=shapes.Named, statuses={Conflict: 400}),
            post("upgrade", self.upgrade, "Upgrade a plugin", takes=shapes.Named),
            post(
                "uninstall",
                self.uninstall,
                "Uninstall a plugin; its devices keep its name",
                takes=shapes.Named,
                success=204,
                statuses={Conflict: 400},
            ),
            post(
                "update",
                self.update,
                "Ask the plugin server what there is",
                takes=shapes.Anything,
                statuses={NoServer: 500, UnderWay: 500},  # contract section 8.1
            ),
            Route(
                "GET",
                f"{_PATH}/installed",
                f"{_ACL}.installed.read",
                self.installed,
                summary="List the installed plugins",
                gives=shapes.Packages,
            ),
            Route(
                "GET",
                f"{_PATH}/installable",
                f"{_ACL}.installable.read",
                self.installable,
                summary="List the plugins that can be installed, or are",
                gives=shapes.Packages,
            ),
        )

    async def installed(self, _question: Question) -> Reply:
        return Reply(200, {"pkgs": {name: _info(plugin) for name, plugin in self._plugins.serving().items()}})

    async def installable(self, _question: Question) -> Reply:
        """None of them has to be fetched: no bytes, and no sum of them."""
        bundled = {"dsize": 0, "sha1sum": ""}
        return Reply(
            200, {"pkgs": {name: _info(plugin) | bundled for name, plugin in self._plugins.here().items()}}
        )

    async def install(self, question: Question) -> Reply:
        wanted = read_id(question.body)
        plugin_id = self._plugins.canonical(wanted)
        if plugin_id in self._plugins.serving():
            raise Invalid(f"plugin {wanted} is already installed")
        if plugin_id not in self._plugins.here():
            raise Invalid(repr(wanted[:60]))
        await self._provisioner.change(question.commit(Delete(Uninstalled, plugin_id)))
        return self._operations.ended(question, Operation("success", "install"))

    async def upgrade(self, question: Question) -> Reply:
        """The newest that there is, is what is here."""
        wanted = read_id(question.body)
        plugin_id = self._plugins.canonical(wanted)
        if plugin_id not in self._plugins.here():
            raise Invalid(repr(wanted[:60]))
        if plugin_id not in self._plugins.serving():
            raise Invalid(f"plugin {wanted} is not already installed")
        return self._operations.ended(question, Operation("success", "install"))

    async def uninstall(self, question: Question) -> Reply:
        plugin_id = self._plugins.canonical(read_id(question.body))
        if plugin_id not in self._plugins.serving():
            raise Invalid("plugin not found")
        await self._provisioner.change(question.commit(Put(Uninstalled(plugin_id), 0)))
        return DONE

    async def update(self, question: Question) -> Reply:
        server = found(self._store, Parameter, "plugin_server")
        start = Operation(label="update")
        if server is None:  # nobody has said otherwise: the bundled plugins are all there are, and up to date
            return self._operations.ended(question, start.succeeded())
        if server.value is None:
            raise NoServer
        if self._updating:
            raise UnderWay("an update is under way")
        url = server.value
        return self._operations.started(question, start, lambda tell: self._update(url, start, tell))

    async def _update(self, url: str, start: Operation, tell: Tell) -> Operation:
        operation = start.went_on()

        def told(size: int) -> None:
            nonlocal operation
            operation = operation.went_on(current=size)
            tell(operation)

        tell(operation)
        self._updating = True
        try:
            await self._catalogue.fetch(url, told)
        finally:
            self._updating = False
        return operation.succeeded()


def _info(plugin: IVendorPlugin) -> dict[str, object]:
    info: dict[str, object] = msgspec.json.decode(plugin.info)
    return info
