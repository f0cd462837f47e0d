"""Every vendor folder is held to the contract."""

import re

from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.how import section
from tests.vendors.making import ROOT, loaded, vendors

_POINTS = ("*Reset it first*", "*Plug and play*", "*By hand*")


def points_of(readme: str) -> list[str]:
    """Return what a vendor's README.md says of a phone that comes onto this server, point by point."""
    return re.split(r"(?m)^\d\. ", section(readme))[1:]


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
        """`provd-phone how MODEL` prints it: reset to factory settings first, then the exact URL, with its key where
        the phone's protocol has a place for one."""
        for vendor in vendors():
            points = points_of((ROOT / f"plugins/{vendor.id}/README.md").read_text())
            self.assertEqual(
                [point[: len(start)] for point, start in zip(points, _POINTS, strict=True)], [*_POINTS]
            )
            _, plug_and_play, by_hand = points
            self.assertRegex(plug_and_play, r"`(http://)?SERVER(:8667)?[/`]", vendor.id)
            self.assertRegex(by_hand, "`SERVER`|SERVER:8667/", vendor.id)
            self.assertRegex(by_hand, "SERVER/KEY/`|no place for a key", vendor.id)
