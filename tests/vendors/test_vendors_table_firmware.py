"""Which firmware a phone may be told of, and what else a row of a model tells."""

import json
from collections.abc import Mapping
from datetime import date

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Device, FileRule, Settings
from provserver.raw_config import to_settings
from provserver.raw_config.reading import read
from provserver.vendors.table import FIRMWARE, MULTICELL, Draft, Model, Release, TablePlugin, Vendor, names

A60 = "firmware/A60(A61)-7.1.rom"


def values(draft: Draft) -> Mapping[str, object]:
    model = draft.device.model if draft.device else None
    return {"image": draft.image(model or "")}


ACME = Vendor(
    id="acme",
    name="Acme",
    version="1.0",
    folder="/vendors/acme",
    fingerprints=(),
    models={
        "A60": Model(lines=2, keys=4, memory_keys=10),
        "B1": Model(lines=8, kind="dect"),
        "B9": Model(lines=100, kind="dect", traits=frozenset({MULTICELL})),
    },
    releases=(
        Release(
            "acme-1",
            "*.1",
            {"A60": "7.1", "B1": "8.1", "B9": "9.1"},
            names("locale"),
            images={"A60": A60, "B9": "firmware/B9-9.1.rom"},
        ),
    ),
    files=(),
    values=values,
    resync=None,
)


class ImageTests(SynchronousTestCase):
    def image(self, model: str, here: object) -> object:
        settings = Settings("http://192.0.2.1", {} if here is None else {FIRMWARE: here}, {}, {})
        rule, today = FileRule("device", "x"), date(2026, 6, 1)
        return ACME.plugins[0].values(rule, Device("d", model=model), settings, today)["image"]

    def test_firmware_is_left_alone_unless_it_is_allowed(self) -> None:
        """An upgrade that nobody asked for may end with a dead phone."""
        for model, here, expected in (
            ("A60", None, None),
            ("A60", (), None),
            ("A60", (A60,), A60),
            ("A60", ("firmware/B9-9.1.rom",), None),
            ("B1", (A60,), None),
            ("A60", A60, None),  # not as the chain gives it
        ):
            self.assertEqual(self.image(model, here), expected, (model, here))

    def test_a_plugin_says_which_images_it_could_tell_of(self) -> None:
        """Whoever looks whether they are here must know what to look for."""
        (plugin,) = ACME.plugins
        assert isinstance(plugin, TablePlugin)
        self.assertEqual(plugin.images, {A60, "firmware/B9-9.1.rom"})

    def test_no_client_can_allow_it(self) -> None:
        """What the chain puts there is no name of a setting, so none comes from a raw config."""
        _, problems = read({FIRMWARE: [A60]})
        self.assertEqual([problem.field for problem in problems], [FIRMWARE])
        self.assertNotIn(FIRMWARE, to_settings({"X_firmware": [A60]}, "http://192.0.2.1").values)


class CapabilitiesTests(SynchronousTestCase):
    def test_all_keys_of_a_phone_are_told(self) -> None:
        """Memory keys are numbered after the others, and are function keys like them."""
        told = json.loads(ACME.plugins[0].info)["capabilities"]
        self.assertEqual(told["Acme, A60, 7.1"]["function_keys"], 14)

    def test_only_bases_are_of_one_cell_or_many(self) -> None:
        """Clients show a base of many cells otherwise."""
        told = json.loads(ACME.plugins[0].info)["capabilities"]
        self.assertNotIn("multicell", told["Acme, A60, 7.1"])
        self.assertIs(told["Acme, B1, 8.1"]["multicell"], False)
        self.assertIs(told["Acme, B9, 9.1"]["multicell"], True)
