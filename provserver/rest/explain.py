"""Why a phone is answered as it is: explain, and a device's timeline and status. These are ours."""

from twisted.internet.interfaces import IReactorTime

from provserver.core.reading import found
from provserver.core.support import better, known
from provserver.errors import NotFound
from provserver.interfaces import IPlugins, IProvisioner, IStore
from provserver.model import Device, Facts, Presence
from provserver.rest.codec import explained
from provserver.rest.codec.explaining import (
    asked_document,
    explain_document,
    read_sighting,
    status_document,
)
from provserver.rest.devices import may_see, visible
from provserver.rest.messages import Query, Question, Reply, Route

_ASKED = (
    Query("ip", "the phone's address", required=True),
    Query("protocol", "`http`, `tftp`, `dhcp` or `sip`"),
    Query("mac", "of a lease"),
    Query("path", "as the phone asks for it"),
    Query("user_agent", "as the phone sends it"),
    Query("key", "a provisioning key"),
    Query("method", "`GET`, `HEAD`, `POST` or `PUT`"),
    Query("certificate", "the names in a client certificate that has verified: `CN=00:15:65:4a:a9:38`"),
)


class Explain:
    def __init__(
        self, provisioner: IProvisioner, store: IStore, plugins: IPlugins, base: str, clock: IReactorTime
    ) -> None:
        self._provisioner = provisioner
        self._plugins = plugins
        self._store = store
        self._base = base
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        one = "/dev_mgr/devices/<device_id>"
        acl = "provd.dev_mgr.devices.{device_id}"
        return (
            Route(
                "GET",
                "/explain",
                "provd.explain.read",
                self.explain,
                {NotFound: 404},
                summary="Say how a phone would be answered, and why",
                gives=explained.Explanation,
                query=_ASKED,
            ),
            Route(
                "GET",
                f"{one}/timeline",
                f"{acl}.timeline.read",
                self.timeline,
                summary="Read the last answers of a device, and why they were given",
                gives=explained.Timeline,
            ),
            Route(
                "GET",
                f"{one}/status",
                f"{acl}.status.read",
                self.status,
                summary="Ask whether a device's files can be made, and what was seen of it",
                gives=explained.Status,
            ),
        )

    async def explain(self, question: Question) -> Reply:
        answer = self._provisioner.explain(read_sighting(question.query, self._clock.seconds(), self._base))
        device = found(self._store, Device, answer.device)
        if device and not may_see(question.caller, device):
            raise NotFound("No such resource: the phone is another tenant's")
        return Reply(200, {"explain": explain_document(answer, device.id if device else None)})

    async def timeline(self, question: Question) -> Reply:
        device = visible(self._store, question)
        return Reply(
            200, {"timeline": [asked_document(asked) for asked in self._provisioner.timeline(device.id)]}
        )

    async def status(self, question: Question) -> Reply:
        device = visible(self._store, question)
        status = self._provisioner.status(device)
        presence = found(self._store, Presence, device.id)
        others = (found(self._store, Device, twin) for twin in status.twins)
        better_plugin = self._better(device, presence)
        twins = [other.id for other in others if other and may_see(question.caller, other)]
        return Reply(200, {"status": status_document(status, twins, better_plugin, presence)})

    def _better(self, device: Device, presence: Presence | None) -> str | None:
        """Return the plugin that is made for just this phone's firmware, where its own is not."""
        facts = known(device, Facts(), presence.version if presence else None)
        serving = self._plugins.serving()
        own = serving.get(self._plugins.canonical(device.plugin or ""))
        plugin = better(serving.values(), own, facts)
        return plugin.id if plugin else None
