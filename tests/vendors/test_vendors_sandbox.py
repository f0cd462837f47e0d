"""Vendors' templates in the sandbox of administrators: they must be the same there, and cost little."""

from functools import partial

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.render import Renderer
from provserver.core.templates import Templates
from provserver.core.templates.meter import MOST_TURNS
from provserver.interfaces import IVendorPlugin
from provserver.model import Device, FileRule
from provserver.vendors.table import TablePlugin
from tests.vendors.making import TODAY, _template, settings_of, vendors

RAW = {
    "sip_lines": {
        str(number): {
            "username": f"u{number}",
            "password": "pw",
            "display_name": "A & B",
            "proxy_ip": "192.0.2.10",
        }
        for number in range(1, 13)
    },
    "funckeys": {str(number): {"type": "blf", "value": "1010", "label": "C < D"} for number in range(1, 41)},
    "timezone": "Europe/Paris",
    "locale": "fr_FR",
}


def body(
    plugin: IVendorPlugin, rule: FileRule, device: Device, overridden: frozenset[str]
) -> tuple[bytes, int]:
    templates = Templates(partial(_template, plugin.id), overridden)
    made = Renderer(_template, 0).body(plugin, rule, device, settings_of(RAW), TODAY, templates)
    return made, templates.turns


class SandboxTests(SynchronousTestCase):
    def test_each_vendors_files_are_the_same_in_it(self) -> None:
        """Whoever includes a plugin's template gets just what the phone had, for a fifth of what is allowed."""
        files = 0
        for vendor in vendors():
            for plugin in vendor.plugins:
                assert isinstance(plugin, TablePlugin)
                models = {**plugin.vendor.models, **plugin.release.models}
                model = max(plugin.release.firmware, key=lambda name: models[name].lines + models[name].keys)
                device = Device("d1", mac="00:15:65:4a:a9:37", vendor=plugin.vendor.name, model=model)
                for rule in plugin.own_files(device):
                    plain, _ = body(plugin, rule, device, frozenset())
                    counted, turns = body(plugin, rule, device, frozenset({rule.template}))
                    self.assertEqual(counted, plain, (plugin.id, rule.name))
                    self.assertTrue(0 < turns < MOST_TURNS / 5, (plugin.id, rule.name, turns))
                    files += 1
        self.assertGreater(files, 30)
