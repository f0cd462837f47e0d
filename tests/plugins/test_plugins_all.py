"""Every vendor folder is held to the contract."""

import re

from twisted.trial.unittest import SynchronousTestCase

from tests.vendors.making import ROOT, loaded, vendors


def told_by_hand(readme: str) -> str:
    """Return the part of a vendor's README.md that says how a phone is brought here by hand."""
    match = re.search(r"(?ms)^## A phone onto this server\n(.*?)(?=^## |\Z)", readme)
    return match[1].strip() if match else ""


class EveryVendorTests(SynchronousTestCase):
    def test_every_vendor_folder_is_loaded(self) -> None:
        """One that is broken is left out by provd, and would be missed by nobody here."""
        self.assertEqual(loaded().broken, ())

    def test_no_vendor_folder_is_without_its_contract_test(self) -> None:
        """A vendor that nobody tests would look like one that works."""
        self.assertTrue(vendors())
        for vendor in vendors():
            name = vendor.id.replace("-", "_")
            path = ROOT / f"tests/plugins/{name}/test_{name}_contract.py"
            self.assertIn("contract.VendorContract", path.read_text())
            self.assertTrue((ROOT / f"plugins/{vendor.id}/README.md").is_file(), vendor.id)

    def test_every_vendor_says_what_to_type(self) -> None:
        """`provd-phone how MODEL` prints it: the reset to factory settings first, then the exact URL."""
        for vendor in vendors():
            told = told_by_hand((ROOT / f"plugins/{vendor.id}/README.md").read_text())
            self.assertRegex(told, "(?i)reset", vendor.id)
            self.assertRegex(told, "(?i)server", vendor.id)
