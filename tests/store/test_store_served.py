"""a store that the disk has left: what phones and clients of REST still get, and what they are told."""

import errno

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Device
from tests.fakes.disk import FakeDisk
from tests.fakes.office import MAC, SEEDS
from tests.fakes.rest import RestOffice
from tests.store.contract_case import putting
from tests.store.pairs import opened

KNOWN = "00aced000001.cfg"
NEW = {"path": "00aced000002.cfg", "user_agent": "acme A60 2.1 00:ac:ed:00:00:02"}


class ServedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.disk = FakeDisk()
        self.store = opened(self.disk, self.clock)
        self.successResultOf(self.store.commit(putting(*SEEDS)))
        self.office = RestOffice(store=self.store)
        self.assertEqual(self.office.answer(path=KNOWN).outcome, "file")
        (device,) = self.store.find(Device, "mac", MAC)
        self.one = f"/dev_mgr/devices/{device.id}"
        self.changed = {"device": {"mac": MAC, "description": "x"}}

    def fail_with(self, operation: str, number: int) -> None:
        def before(doing: str, name: str) -> None:
            if doing == operation:
                raise OSError(number, "failed on purpose")

        self.disk.before = before

    def test_known_phones_are_served_new_ones_wait_and_changes_are_507(self) -> None:
        """Whatever is wrong with the disk; and all of it ends when the disk is well again, without a restart."""
        for operation, number in (
            ("write", errno.ENOSPC), ("write", errno.EIO), ("write", errno.EROFS), ("sync", errno.EIO),
        ):  # fmt: skip
            self.setUp()
            self.fail_with(operation, number)
            for _ in range(2):
                refused = self.office.asks("PUT", self.one, self.changed)
                self.assertEqual(refused.status, 507)
                self.assertIn("the disk takes nothing more", refused.text)
                self.assertEqual(self.office.answer(path=KNOWN).outcome, "file")
                answer = self.office.answer(**NEW)
                self.assertEqual((answer.outcome, answer.steps[-1].reason_id), ("busy", "learn.not-stored"))
                self.assertGreater(answer.retry_s, 0)
                shown = self.office.asks("GET", self.one).json["device"]
                self.assertNotIn("description", shown)
                self.assertEqual(self.office.asks("GET", "/dev_mgr/devices").status, 200)
            self.disk.before = lambda operation, name: None
            self.clock.advance(8)
            self.assertEqual(self.office.asks("PUT", self.one, self.changed).status, 204)
            self.assertEqual(self.office.answer(**NEW).outcome, "file")
            self.assertEqual(self.office.asks("GET", self.one).json["device"]["description"], "x")

    def test_a_history_that_cannot_be_read_is_an_answer_too(self) -> None:
        """A bad sector under a file of it must not make the request hang; nor does it harm anything else."""
        self.fail_with("read", errno.EIO)
        answer = self.office.asks("GET", f"{self.one}/history")
        self.assertEqual(answer.status, 500)
        self.assertEqual(self.office.asks("GET", self.one).status, 200)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_a_list_is_of_the_same_order_by_whatever_way(self) -> None:
        """REST asks for a tenant's devices: a page by mac comes from an order, one by a client's field is sorted."""
        self.successResultOf(
            self.store.commit(
                putting(
                    *(
                        Device(f"d{at}", mac=f"00:15:65:00:00:{99 - at:02x}", tenant="master")
                        for at in range(30)
                    )
                )
            )
        )
        for sort in ("mac", "id", "ip", "description"):
            whole = self.office.asks("GET", f"/dev_mgr/devices?sort={sort}&fields=id").json["devices"]
            self.assertEqual(len(whole), 31)
            page = self.office.asks("GET", f"/dev_mgr/devices?sort={sort}&fields=id&skip=5&limit=7").json[
                "devices"
            ]
            self.assertEqual(page, whole[5:12])
            down = self.office.asks("GET", f"/dev_mgr/devices?sort={sort}&sort_ord=DESC&fields=id").json[
                "devices"
            ]
            self.assertEqual(down, whole[::-1])
