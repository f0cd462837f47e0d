"""docs/templates.md: its templates do what it says, and what it says of the sandbox is so."""

import re
from collections.abc import Mapping

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.render import Renderer
from provserver.core.templates.filters import filters
from provserver.model import Device, Facts
from tests.vendors.making import ROOT, TODAY, settings_of, vendor
from tests.vendors.making import _template as own_template

DOCS = (ROOT / "docs/templates.md").read_text()
MORE, BLOCK, ELSE = re.findall(r"^```jinja\n(.*?)^```$", DOCS, re.DOTALL | re.MULTILINE)
LINE = {
    "username": "u1",
    "password": "pw",
    "display_name": "Anna & Co",
    "number": "1001",
    "proxy_ip": "192.0.2.10",
}


def made(plugin_id: str, path: str, device: Device, overrides: Mapping[str, str]) -> str:
    """Return a phone's file as an administrator's templates make it."""
    plugin = next(one for one in vendor(plugin_id.partition("-")[0]).plugins if one.id == plugin_id)

    def template(plugin_id: str, name: str) -> str | None:
        return overrides.get(name) or own_template(plugin_id, name.removeprefix("plugin/"))

    rule = plugin.file_for(path, "GET", Facts(), device)
    assert rule
    renderer = Renderer(template, 0, lambda _: overrides.keys())
    body = renderer.render(plugin, rule, device, settings_of({"sip_lines": {"1": LINE}}), TODAY, 0.0).body
    assert body is not None
    return body.decode()


class ExampleTests(SynchronousTestCase):
    yealink = Device("d1", mac="00:15:65:4a:a9:37", vendor="Yealink", model="T46S")
    snom = Device("d2", mac="00:04:13:aa:bb:cc", vendor="Snom", model="D785")

    def test_something_more(self) -> None:
        """The plugin's lines, all of them, and two more."""
        own = made("yealink-v86", "0015654aa937.cfg", self.yealink, {})
        text = made("yealink-v86", "0015654aa937.cfg", self.yealink, {"device.tpl": MORE})
        self.assertEqual(
            text,
            f"{own}screensaver.wait_time = 600\nscreensaver.upload_url = http://192.0.2.1:8667/logo.png\n",
        )

    def test_something_more_in_xml(self) -> None:
        """In its place, and only for the model that it is for."""
        named = re.search(r"`(snom-[\d.]+)`", DOCS)
        assert named
        plugin = named[1]
        more = '    <display_method perm="R">display_name_number</display_method>\n'
        light = '    <backlight_idle perm="R">10</backlight_idle>\n'
        for model, wanted in (("D785", more + light), ("D735", more)):
            device = evolve(self.snom, model=model)
            own = made(plugin, "000413AABBCC.xml", device, {})
            text = made(plugin, "000413AABBCC.xml", device, {"device.tpl": BLOCK})
            self.assertEqual(text, own.replace("  </phone-settings>", f"{wanted}  </phone-settings>"))

    def test_something_else(self) -> None:
        """Two lines are gone, and one has come."""
        own = made("yealink-v86", "0015654aa937.cfg", self.yealink, {}).splitlines()
        text = made("yealink-v86", "0015654aa937.cfg", self.yealink, {"T46S.tpl": ELSE}).splitlines()
        gone = ("static.usb.power.enable = ", "account.1.label = ")
        self.assertEqual(
            text, [*(line for line in own if not line.startswith(gone)), "account.1.label = 1001 ANNA & CO"]
        )

    def test_all_filters_are_named(self) -> None:
        """A reader must not have to try."""
        said = re.search(r"the filters `([a-z \n]+)`", DOCS)
        assert said
        self.assertEqual(set(said[1].split()), {name for name in filters() if " " not in name})
