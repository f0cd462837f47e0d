"""Time zones by name, for phones that know nothing else."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.vendors.zones import zone
from provserver.vendors.zones.rules import RULES
from provserver.vendors.zones.windows import NAMES, windows_name


class WindowsNamesTests(SynchronousTestCase):
    def test_a_zone_has_the_name_with_its_clock(self) -> None:
        """The offset and the summer time of the name are the zone's; the blanks at an end are part of it."""
        for name, expected in (
            ("Europe/Paris", "Central Europe Standard/Daylight Time"),
            ("Europe/Berlin", "Central Europe Standard/Daylight Time"),
            ("Europe/Dublin", "GMT Standard/Daylight Time"),
            ("Europe/Bucharest", "E. Europe Standard/Daylight Time"),
            ("Europe/Istanbul", "Saudi Arabia Standard Time"),
            ("UTC", "Greenwich Standard Time"),
            ("Africa/Johannesburg", "South Africa Standard Time "),
            ("Africa/Cairo", "Egypt Standard/Daylight Time"),
            ("Asia/Jerusalem", "Jerusalem Standard/Daylight Time"),
            ("Asia/Kolkata", "India Standard Time"),
            ("Asia/Shanghai", "Taipei Standard Time"),
            ("America/New_York", "Eastern Standard/Daylight Time"),
            ("America/Phoenix", "US Mountain Standard Time"),
            ("America/St_Johns", "Newfoundland Standard/Daylight Time"),
            ("America/Bogota", "US Eastern Standard Time"),
            ("Australia/Sydney", "AUS Eastern Standard/Daylight Time"),
            ("Australia/Adelaide", "Cen. Australia Standard/Daylight Time"),
            ("Australia/Darwin", "AUS Central Standard Time"),
            ("Pacific/Auckland", "New Zealand Standard/Daylight Time"),
        ):
            self.assertEqual(windows_name(name, 2026), expected, name)

    def test_a_summer_time_that_was_abolished_is_not_chosen(self) -> None:
        """The phone's own rule is older: `Mexico Standard/Daylight Time` is an hour wrong from April on."""
        for name, expected in (
            ("America/Mexico_City", "Canada Central Standard Time"),
            ("America/Sao_Paulo", "SA Eastern Standard Time"),
            ("Europe/Moscow", "Saudi Arabia Standard Time"),
        ):
            self.assertEqual(windows_name(name, 2026), expected, name)

    def test_without_such_a_name_the_clock_is_wrong_as_little_as_can_be(self) -> None:
        """By the time over the year: a quarter of an hour in Kathmandu, an hour in the winters of Lagos."""
        for name, expected in (
            ("Asia/Kathmandu", "India Standard Time"),
            ("Africa/Lagos", "GMT Standard/Daylight Time"),
            ("America/Santiago", "SA Eastern Standard Time"),
            ("America/Havana", "Eastern Standard/Daylight Time"),
            ("Pacific/Chatham", "New Zealand Standard/Daylight Time"),
            ("Pacific/Kiritimati", "New Zealand Standard/Daylight Time"),
            ("Australia/Lord_Howe", "AUS Eastern Standard/Daylight Time"),
            ("Africa/Casablanca", "GMT Standard/Daylight Time"),
        ):
            self.assertEqual(windows_name(name, 2026), expected, name)

    def test_every_zone_has_a_name_and_most_a_right_one(self) -> None:
        """Nine of ten have one with exactly their rule; no zone is without any."""
        right = 0
        for names in RULES.values():
            for name in names.split():
                found = windows_name(name, 2026)
                assert found
                right += zone(NAMES[found], 2026) == zone(name, 2026)
        self.assertGreater(right, 530)

    def test_a_name_that_is_none_has_none(self) -> None:
        """The tables may be older than a config."""
        for name in ("", "Mars/Olympus", "Central Europe Standard/Daylight Time"):
            self.assertIsNone(windows_name(name, 2026), name)

    def test_every_name_is_its_own_zones(self) -> None:
        """A row that another one always beats would be dead."""
        for name, example in NAMES.items():
            self.assertEqual(windows_name(example, 2026), name)
