"""Every vendor folder is held to the contract."""

from twisted.trial.unittest import SynchronousTestCase

from tests.vendors.making import ROOT, vendors


class EveryVendorTests(SynchronousTestCase):
    def test_no_vendor_folder_is_without_its_contract_test(self) -> None:
        """A vendor that nobody tests would look like one that works."""
        self.assertTrue(vendors())
        for vendor in vendors():
            name = vendor.id.replace("-", "_")
            path = ROOT / f"tests/plugins/{name}/test_{name}_contract.py"
            self.assertIn("contract.VendorContract", path.read_text())
            self.assertTrue((ROOT / f"plugins/{vendor.id}/README.md").is_file(), vendor.id)
