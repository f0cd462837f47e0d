"""core.ignored: what a phone will never see is told, with the reason."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.explain import sentence
from provserver.core.ignored import ignored
from provserver.model import Device, Settings, Step
from tests.core.rendering import Plugin
from tests.fakes.office import json_of

INFO = json_of(
    {
        "capabilities": {
            "Acme, A60, 2.1": {"lines": 2, "function_keys": 4, "expansion_modules": 0},
            "Acme, A80, 2.1": {"lines": 2, "function_keys": 4, "expansion_modules": 3},
            "Acme, GW, 2.1": {"lines": 0, "function_keys": 0, "expansion_modules": 0},
        }
    }
)
KNOWS_ALL = Plugin("acme-2", info=INFO, honours=frozenset({"locale", "sip_lines", "funckeys"}))
SETTINGS = Settings("", {"locale": "fr_FR"}, {1: {}, 2: {}, 3: {}}, {1: {}, 4: {}, 5: {}})


class IgnoredTests(SynchronousTestCase):
    def told(
        self, model: str | None, settings: Settings = SETTINGS, plugin: Plugin = KNOWS_ALL
    ) -> list[Step]:
        return list(ignored(plugin, Device("d1", model=model), settings))

    def test_settings_without_a_place_are_told(self) -> None:
        """By their names, in order; what says nothing is none."""
        settings = Settings(
            "", {"syslog_ip": "x", "exten_dnd": "*25", "locale": "fr_FR", "dns_ip": ""}, {}, {}
        )
        steps = self.told("A60", settings)
        self.assertEqual([step.values for step in steps], [("exten_dnd", "acme-2"), ("syslog_ip", "acme-2")])
        self.assertEqual(sentence(steps[0]), "exten_dnd: the files of plugin acme-2 have no place for it")

    def test_lines_and_keys_beyond_the_last_are_told(self) -> None:
        """A user who has the fifth key of a phone with four looks for it in vain."""
        self.assertEqual(
            [(step.reason_id, *step.values) for step in self.told("a60")],
            [("render.no-such-line", "sip_lines.3", "2"), ("render.no-such-key", "funckeys.5", "4")],
        )

    def test_where_nobody_knows_how_many_there_are_nothing_is_said(self) -> None:
        """Expansion modules add keys; a gateway may have no lines of its own; a new model is in no table."""
        for model, lines in (("A80", 1), ("GW", 0), ("Z99", 0), (None, 0)):
            found = [step.reason_id for step in self.told(model)]
            self.assertEqual(found.count("render.no-such-line"), lines, model)
            self.assertEqual(found.count("render.no-such-key"), 3 if model == "GW" else 0, model)
        plugin = evolve(KNOWS_ALL, info=json_of({}))
        self.assertEqual(self.told("A60", plugin=plugin), [])

    def test_keys_are_told_once(self) -> None:
        """Where a plugin knows no keys at all, that is enough."""
        plugin = evolve(KNOWS_ALL, honours=frozenset({"locale", "sip_lines"}))
        settings = evolve(SETTINGS, values={"funckeys": {"5": {}}})
        self.assertEqual(
            [step.reason_id for step in self.told("A60", settings, plugin)],
            ["render.ignored", "render.no-such-line"],
        )
