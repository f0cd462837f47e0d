"""The vendor of docs/writing-a-vendor.md: what the page shows is taken out of it, loaded and held to the contract."""

import re
import unittest
from pathlib import Path
from types import ModuleType

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.identify import Dispatcher
from provserver.core.support import best
from provserver.model import Sighting
from provserver.vendors.loader import load
from tests.plugins.test_plugins_all import points_of
from tests.vendors import making

_BLOCK = re.compile(
    r"`(plugins/acme/[\w./]+|tests/plugins/acme/\w+\.py)`(?:(?!```).)*?```\w+\n(.*?)```", re.DOTALL
)
PAGE = making.ROOT / "docs/writing-a-vendor.md"


class WritingAVendorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.files = dict(_BLOCK.findall(PAGE.read_text()))
        self.folder = Path(self.mktemp())
        for name, text in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        loaded = load([making.ROOT / "plugins", self.folder / "plugins"], None)
        self.assertNotIn("acme", [broken.folder for broken in loaded.broken], loaded.broken)
        self.patch(making, "loaded", lambda: loaded)

    def test_the_page_shows_every_file(self) -> None:
        """Who follows it must not have to guess one."""
        names = {
            *("__init__.py", "identify.py", "models.py", "releases.py", "files.py", "values.py", "README.md"),
            *("templates/device.tpl", "templates/common.tpl"),
        }
        self.assertEqual(
            set(self.files),
            {*(f"plugins/acme/{name}" for name in names), "tests/plugins/acme/test_acme_contract.py"},
        )

    def test_its_vendor_keeps_the_contract(self) -> None:
        """With the test that the page shows, and beside all other vendors."""
        module = ModuleType("acme_contract")
        exec(self.files["tests/plugins/acme/test_acme_contract.py"], module.__dict__)
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(module.AcmeContractTests)
        result = unittest.TestResult()
        suite.run(result)
        self.assertGreater(result.testsRun, 12)
        self.assertEqual([text for _, text in (*result.errors, *result.failures)], [])

    def test_its_phones_are_recognised_and_served(self) -> None:
        """By the plugin of their firmware."""
        for version, plugin in (("2.1.9", "acme-2.1"), ("2.0.5", "acme-2.0"), ("3.0", "acme-2.1")):
            seen = Sighting("http", 0.0, "192.0.2.7", "http://192.0.2.1", "00ac3e123456.xml")
            user_agent = f"Acme A20/{version} 00:ac:3e:12:34:56"
            facts, _ = Dispatcher(making.vendors()).identify(
                Sighting("http", 0.0, seen.ip, seen.base, seen.path, user_agent=user_agent)
            )
            support = best(making.vendors(), facts)
            assert support
            self.assertEqual(support.plugin.id, plugin, version)

    def test_its_readme_says_what_to_type(self) -> None:
        """`provd-phone how A20` prints that part."""
        reset, _, by_hand = points_of(self.files["plugins/acme/README.md"])
        self.assertIn("Reset", reset)
        self.assertIn("https://SERVER/KEY/", by_hand)
