"""The contract of IStore: select."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from provserver.errors import Invalid
from provserver.model import (
    Delete,
    Device,
)
from tests.store.contract_case import DEVICE, StoreCase, json_of


def wire(device: Device) -> Mapping[str, object]:
    """Return a device as a client sees it."""
    known = {"id": device.id, "mac": device.mac, "sn": device.serial, "plugin": device.plugin}
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
        for descending in (False, True):
            expected = sorted(numbers, key=lambda number: number % 500, reverse=descending)
            found = self.select(sort="-sn" if descending else "sn")
            self.assertEqual(found, [f"d{number}" for number in expected])
            page = self.select(sort="-sn" if descending else "sn", skip=300, limit=50)
            self.assertEqual(page, found[300:350])
        some = self.select({"sn": {"$in": ["S7", "S5", "S300"]}, "id": {"$gt": "d5"}}, sort="sn")
        self.assertEqual(some, ["d505", "d507", "d7", "d800"])

    def test_equal_ones_stay_in_their_order(self) -> None:
        """Also descending: a page must not depend on how many others there are."""
        self.several()
        self.assertEqual(self.select(sort="-plugin", limit=3), ["d0", "d1", "d2"])
        self.assertEqual(self.select(sort="plugin", limit=3), ["bare", "d0", "d1"])

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

        for sort in ("", "mac"):
            looked_at: list[str] = []

            def slow(device: Device, looked_at: list[str] = looked_at) -> Mapping[str, object]:
                self.clock.rightNow += 0.002
                looked_at.append(device.id)
                return wire(device)

            asked = self.store.select(Device, json_of({}), slow, sort, 0, 0)
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

        asked = self.store.select(Device, json_of({}), view, "", 0, 0)
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

        asked = self.store.select(Device, json_of({}), slow, "", 0, 0)
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

        asked = self.store.select(Device, json_of({}), view, "", 0, 0)
        for _ in range(20):
            self.clock.advance(0)
        self.failureResultOf(asked, ZeroDivisionError)
