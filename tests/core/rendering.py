"""What tests of rendering share: a plugin that says what it is told, and a Renderer with templates in memory."""

from collections.abc import Mapping
from datetime import date

from attrs import evolve, field, frozen
from zope.interface import implementer

from provserver.core.render import Renderer
from provserver.interfaces import IVendorPlugin
from provserver.model import NOTHING, Call, Device, Facts, File, FileRule, Json, Notify, Settings
from tests.fakes.files import MemoryFiles

TODAY = date(2026, 11, 24)
DEVICE = Device("d1", mac="00:ac:ed:00:00:01", vendor="Acme", model="A60", tenant="t1", rev=7)
SETTINGS = Settings(
    "http://10.0.0.1:8667/Key-of-anna",
    {"locale": "fr_FR", "admin_password": "s3cret", "X_tags": ["a", "b"]},
    {1: {"display_name": "Anna & Co", "password": "hush"}, 2: {"display_name": "Bob"}},
    {3: {"type": "blf", "value": "101", "label": "Carl"}},
)
RULE = FileRule("device", "a.cfg", "a.tpl", proves_config=True)


@implementer(IVendorPlugin)
@frozen(eq=False)
class Plugin:
    """Puts `said`, the first display name and the password into its templates."""

    id: str = "acme-1"
    said: Mapping[str, object] = field(factory=dict)
    root: str = ""
    info: Json = NOTHING
    honours: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    asked: list[date] = field(factory=list)

    def support(self, facts: Facts) -> int:
        return 600

    def file_for(self, path: str, method: str, facts: Facts, device: Device | None) -> FileRule | None:
        return None

    def own_files(self, device: Device) -> tuple[FileRule, ...]:
        return (RULE,)

    def values(
        self, rule: FileRule, device: Device | None, settings: Settings, today: date
    ) -> Mapping[str, object]:
        self.asked.append(today)
        line = settings.lines[1]
        return {"name": line["display_name"], "password": line["password"], "table": {}, **self.said}

    def resync(self, device: Device, settings: Settings) -> Notify | Call | None:
        return None


class Desk:
    """A Renderer, its templates, and one plugin."""

    def __init__(self, *, most_bytes: int = 1_000_000, **templates: str) -> None:
        self.files = MemoryFiles({f"{name}.tpl": text for name, text in templates.items()})
        self.renderer = Renderer(self.files.template, most_bytes, self.files.overridden)
        self.plugin = Plugin()

    def file(
        self,
        rule: FileRule = RULE,
        device: Device | None = DEVICE,
        settings: Settings = SETTINGS,
        today: date = TODAY,
        now: float = 1.0,
        keep: bool = True,
    ) -> File:
        return self.renderer.render(self.plugin, rule, device, settings, today, now, keep)

    def text(
        self, rule: FileRule = RULE, device: Device | None = DEVICE, settings: Settings = SETTINGS
    ) -> str:
        body = self.file(rule, device, settings).body
        assert body is not None
        return body.decode()


def named(display_name: str) -> Settings:
    return evolve(SETTINGS, lines={1: {"display_name": display_name, "password": "hush"}})
