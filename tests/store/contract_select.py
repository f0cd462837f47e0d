"""The contract of IStore: select."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from provserver.errors import Invalid
from provserver.model import (
    Delete,
    Device,
    Presence,
    Put,
)
from tests.store.contract_case import DEVICE, MAC, OTHER_MAC, StoreCase, json_of


def wire(device: Device) -> Mapping[str, object]:
    """Return a device as a client sees it."""
    known = {
        "id": device.id, "mac": device.mac, "sn": device.serial, "plugin": device.plugin, "config": device.config,
        "tenant_uuid": device.tenant,
    }  # fmt: skip
    return {name: value for name, value in known.items() if value is not None}


class SelectContract(StoreCase):
    def select(self, selector: object = None, sort: str = "", skip: int = 0, limit: int = 0) -> list[str]:
        """Return the ids of the devices."""
        asked = self.store.select(Device, json_of(selector or {}), wire, sort, skip, limit)
        return [device.id for device in self.successResultOf(asked)]

    def several(self) -> None:
        self.put(
            *(
                evolve(DEVICE, id=f"d{number}", mac=f"00:15:65:00:00:{number:02x}", serial=f"S{number}")
                for number in range(12)
            ),
            Device("bare"),
        )

    def test_a_selector_with_and_without_an_index_finds_the_same(self) -> None:
        """The index only says where to look."""
        self.several()
        for selector, found in (
            ({"mac": "00:15:65:00:00:03"}, ["d3"]),
            ({"mac": {"$in": ["00:15:65:00:00:03"], "$ne": "x"}}, ["d3"]),
            ({"mac": {"$contains": ":03"}}, ["d3"]),
            ({"id": "d3"}, ["d3"]),
            ({"id": {"$in": ["d4", "d3", "nobody"]}}, ["d3", "d4"]),
            ({"id": "d3", "sn": "S4"}, []),
            ({"plugin": "yealink-v86", "sn": "S4"}, ["d4"]),
            ({"plugin": "yealink-v86", "sn": {"$contains": "1"}}, ["d1", "d10", "d11"]),
            ({"sn": {"$in": ["S4", "S4", "S2"]}}, ["d2", "d4"]),
            ({"mac": None}, []),
            ({"sn": {"$exists": False}}, ["bare"]),
            ({"$or": 1}, []),
        ):
            self.assertEqual(sorted(self.select(selector)), found, selector)

    def test_pages_are_parts_of_one_whole(self) -> None:
        """Whoever pages through a list sees each document once."""
        self.several()
        for sort in ("", "sn", "-sn", "nothing"):
            whole = self.select(sort=sort)
            self.assertEqual(len(whole), 13)
            pages = [self.select(sort=sort, skip=skip, limit=5) for skip in (0, 5, 10, 15)]
            self.assertEqual([doc_id for page in pages for doc_id in page], whole)
            self.assertEqual(self.select(sort=sort, skip=-3, limit=-1), whole)

    def test_a_list_is_sorted_as_people_count(self) -> None:
        """9 before 10, and what lacks the key first; descending is the other way round."""
        self.several()
        ascending = ["bare", *(f"d{number}" for number in range(12))]
        self.assertEqual(self.select(sort="sn"), ascending)
        self.assertEqual(self.select(sort="-sn"), ascending[::-1])
        self.assertEqual(self.select(sort="-sn", limit=2), ["d11", "d10"])

    def test_a_long_list_is_sorted_as_a_whole(self) -> None:
        """It is sorted in runs, which nobody may notice."""
        numbers = [number * 7919 % 1000 for number in range(1000)]
        self.put(*(Device(f"d{number}", serial=f"S{number % 500}") for number in numbers))
        ascending = [f"d{number}" for number in sorted(numbers, key=lambda number: number % 500)]
        self.assertEqual(self.select(sort="other", limit=2), [f"d{number}" for number in numbers[:2]])
        self.assertEqual(
            self.select(sort="-other", skip=400, limit=2), [f"d{number}" for number in numbers[-401:-403:-1]]
        )
        for selector in ({}, {"id": {"$ne": "x"}}, {"id": {"$in": ascending}}):
            for sort, expected in (("sn", ascending), ("-sn", ascending[::-1])):
                self.assertEqual(self.select(selector, sort), expected)
                self.assertEqual(self.select(selector, sort, skip=300, limit=50), expected[300:350])
                self.assertEqual(self.select(selector, sort, skip=20, limit=50), expected[20:70])
        some = self.select({"sn": {"$in": ["S7", "S5", "S300"]}, "id": {"$gt": "d5"}}, sort="sn")
        self.assertEqual(some, ["d505", "d507", "d7", "d800"])

    def test_equal_ones_are_in_the_order_of_their_age(self) -> None:
        """A page must not depend on how the list was made; descending is the same the other way round."""
        self.several()
        ascending = ["bare", *(f"d{number}" for number in range(12))]
        for sort in ("plugin", "config"):
            for selector in ({}, {"id": {"$ne": "x"}}, {"id": {"$in": ascending}}):
                self.assertEqual(self.select(selector, sort), ascending)
                self.assertEqual(self.select(selector, f"-{sort}", limit=3), ["d11", "d10", "d9"])

    def test_a_guest_finds_what_it_may_see(self) -> None:
        """And nobody finds more, however many of the devices it may see."""
        for number, (tenant, guests) in enumerate((("a", ("b",)), ("a", ("b",)), ("c", ()), ("c", ("a",)))):
            self.put(Device(f"d{number}", tenant=tenant, guests=guests))
        for tenants, found in (
            (["a", "b"], ["d0", "d1", "d3"]), (["b"], ["d0", "d1"]), (["c", "x"], ["d2", "d3"]), (["x"], []),
        ):  # fmt: skip
            for sort in ("", "id", "plugin"):
                self.assertEqual(self.select({"tenant_uuid": {"$in": tenants}}, sort), found)
                self.assertEqual(self.select({"tenant_uuid": {"$in": tenants}}, sort, 1, 1), found[1:2])

    def test_a_sorted_list_follows_every_change(self) -> None:
        """Also those of what is only seen, and of a device that comes after its presence."""
        self.put(Presence("d2", ip="10.0.0.20"), Device("d1"), Device("d10"), Device("d2", mac=OTHER_MAC))
        self.store.note(Presence("d10", ip="10.0.0.9"))
        self.assertEqual(self.select(sort="ip"), ["d1", "d10", "d2"])
        self.store.note(Presence("d1", ip="10.0.0.10"))
        self.assertEqual(self.select(sort="ip"), ["d10", "d1", "d2"])
        self.assertEqual(self.select(sort="id"), ["d1", "d2", "d10"])
        self.put(Device("d1", mac=MAC), Device("d2"), Presence("d2", ip="10.0.0.8"))
        self.assertEqual(self.select(sort="mac"), ["d10", "d2", "d1"])
        self.assertEqual(self.select(sort="-ip"), ["d1", "d10", "d2"])
        self.commit(Delete(Presence, "d1"), Delete(Device, "d10"), Put(Device("d3"), 0))
        self.assertEqual(self.select(sort="ip"), ["d1", "d3", "d2"])
        self.commit(Delete(Presence, "d10"), Delete(Presence, "d2"), Delete(Device, "d2"))
        self.assertEqual(self.select(sort="ip"), ["d1", "d3"])

    def test_a_list_of_a_tenant_is_sorted_as_well_as_one_of_all(self) -> None:
        """Every list of devices is a tenant's: of few devices among many, of nearly all, and of all."""
        for few in (0, 1, 3, 40):
            tenants = ["few"] * few + ["many"] * (40 - few)
            macs = [f"00:15:65:00:00:{99 - number:02x}" for number in range(40)]
            numbered = enumerate(zip(macs, tenants, strict=True))
            self.put(*(Device(f"d{number}", mac=mac, tenant=tenant) for number, (mac, tenant) in numbered))
            for tenant, numbers in (("few", range(few)), ("many", range(few, 40)), ("none", range(0))):
                expected = [f"d{number}" for number in numbers][::-1]
                selector = {"tenant_uuid": {"$in": [tenant, "nobody"]}}
                self.assertEqual(self.select(selector, "mac"), expected)
                self.assertEqual(self.select(selector, "mac", skip=1, limit=2), expected[1:3])
                self.assertEqual(self.select(selector, "-mac", skip=2, limit=30), expected[::-1][2:32])
                self.assertEqual(self.select(selector), expected[::-1])
                some = {**selector, "mac": {"$gt": "00:15:65:00:00:50"}}
                self.assertEqual(self.select(some, "mac", limit=5), [
                    doc_id for doc_id in expected if 99 - int(doc_id[1:]) > 0x50
                ][:5])  # fmt: skip

    def test_a_wrong_selector_is_invalid_and_names_the_operator(self) -> None:
        """A 400 that says what to change."""
        self.several()
        for selector, word in (
            ({"sn": {"$eq": 1}}, "$eq"),
            ({"sn": {"$gt": 1}}, "$gt"),
            ({"sn": {"$in": 1}}, "$in"),
        ):
            asked = self.store.select(Device, json_of(selector), wire, "", 0, 0)
            self.assertIn(word, str(self.failureResultOf(asked, Invalid).value))

    def test_a_long_search_works_in_slices(self) -> None:
        """Phones are served between them; and it is about the documents of the moment it began."""
        self.several()

        for sort in ("", "mac", "config"):
            looked_at: list[str] = []

            def slow(device: Device, looked_at: list[str] = looked_at) -> Mapping[str, object]:
                self.clock.rightNow += 0.002
                looked_at.append(device.id)
                return wire(device)

            asked = self.store.select(Device, json_of({"id": {"$ne": "x"}}), slow, sort, 0, 0)
            self.assertNoResult(asked)
            self.assertEqual(len(looked_at), 3)  # the slice ended with the third, after 5 ms
            self.commit(Delete(Device, "d11"))
            self.clock.advance(0)
            self.assertEqual(len(self.successResultOf(asked)), 13)
            self.put(evolve(DEVICE, id="d11"))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_clock_that_goes_back_ends_a_slice_too(self) -> None:
        """Else the slice would last until the clock has caught up."""
        self.several()

        def view(device: Device) -> Mapping[str, object]:
            self.clock.rightNow -= 3600
            return wire(device)

        asked = self.store.select(Device, json_of({"id": {"$ne": "x"}}), view, "", 0, 0)
        self.assertNoResult(asked)
        while not asked.called:
            self.clock.rightNow += 3600
            self.clock.advance(0)
        self.assertEqual(len(self.successResultOf(asked)), 13)

    def test_a_search_that_nobody_waits_for_ends(self) -> None:
        """A client that hangs up must not cost more turns."""
        self.several()

        def slow(device: Device) -> Mapping[str, object]:
            self.clock.rightNow += 0.006
            return wire(device)

        asked = self.store.select(Device, json_of({"id": {"$ne": "x"}}), slow, "", 0, 0)
        asked.addErrback(lambda _: None)
        asked.cancel()
        self.clock.advance(0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_view_that_fails_in_a_later_slice_fails_the_search(self) -> None:
        """Who waits must hear of it."""
        self.several()

        def view(device: Device) -> Mapping[str, Any]:
            self.clock.rightNow += 0.006
            return {"mac": 1 / 0} if device.id == "d3" else wire(device)

        asked = self.store.select(Device, json_of({"id": {"$ne": "x"}}), view, "", 0, 0)
        for _ in range(20):
            self.clock.advance(0)
        self.failureResultOf(asked, ZeroDivisionError)
