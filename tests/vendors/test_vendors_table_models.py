"""What is said of a model by the tables of a vendor, and by those of one release."""

import json
from datetime import date

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Device, FileRule, Settings
from provserver.vendors.table import Model, Release, Vendor
from tests.vendors.test_vendors_table import DRAFTS, acme

RULE = FileRule("device", "x", "device.tpl")


def sold() -> Vendor:
    """Return Acme, whose A20 has no keys with its oldest firmware, and whose A60 an attendant may have."""
    vendor = acme()
    first, *others = vendor.releases
    models = {**vendor.models, "A60": evolve(vendor.models["A60"], switchboard=True)}
    older = Release(first.plugin, "*.1", first.firmware, first.honours, models={"A20": Model(lines=2)})
    return evolve(vendor, models=models, releases=(older, *others))


class ModelsTests(SynchronousTestCase):
    def capabilities(self, plugin: int, model: str) -> dict[str, object]:
        told = json.loads(sold().plugins[plugin].info)["capabilities"]
        found: dict[str, object] = next(each for key, each in told.items() if key.split(", ")[1] == model)
        return found

    def test_a_release_may_have_rows_of_its_own(self) -> None:
        """Keys came with a later firmware: what clients are told is what the files are made from."""
        self.assertEqual([self.capabilities(at, "A20")["function_keys"] for at in (0, 1)], [0, 4])
        for plugin, keys in zip(sold().plugins, (0, 4, 4), strict=True):
            plugin.values(RULE, Device("d", model="a20"), Settings("", {}, {}, {}), date(2026, 6, 1))
            model = DRAFTS[-1].model
            assert model
            self.assertEqual(model.keys, keys)

    def test_a_model_may_be_a_switchboard(self) -> None:
        """Clients offer it to attendants."""
        self.assertEqual(
            [self.capabilities(0, model)["switchboard"] for model in ("A20", "A60")], [False, True]
        )
