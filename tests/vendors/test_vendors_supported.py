"""The page of supported devices."""

import json

from twisted.trial.unittest import SynchronousTestCase

from tests.vendors.confusion import confusion, naming
from tests.vendors.making import vendors
from tests.vendors.supported import PAGE, page


class ConfusionTests(SynchronousTestCase):
    def test_no_folder_takes_anothers_phone_for_its_own(self) -> None:
        """And every folder knows all of its own: with all of them loaded there is nothing to outvote."""
        table = confusion()
        for vendor in vendors():
            for (of, by), taken in table.items():
                if of == vendor.id:
                    self.assertEqual(taken, naming(vendor) if by == of else 0, (of, by))


class SupportedTests(SynchronousTestCase):
    def test_the_page_is_not_stale(self) -> None:
        """`python -m tests.vendors.supported` writes it anew."""
        self.assertEqual(PAGE.read_text(), page(), "stale: python -m tests.vendors.supported")

    def test_every_model_is_on_it(self) -> None:
        """Whoever looks for a phone finds it, with its plugin."""
        text = page()
        for vendor in vendors():
            for plugin in vendor.plugins:
                (row,) = (line for line in text.splitlines() if f"| `{plugin.id}` |" in line)
                for key in json.loads(plugin.info)["capabilities"]:
                    self.assertIn(key.split(", ")[1], row.replace("*", ""))
