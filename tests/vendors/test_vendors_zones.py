"""Time zones: the rules against the hard cases, and against this machine's own tz database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from twisted.trial.unittest import SynchronousTestCase

from provserver.vendors.zones import Date, Weekday, Zone, parse, zone
from provserver.vendors.zones.rules import DATED, RULES
from tests.vendors.system_zones import names, offset, posix_rule

HOUR = 3600
YEARS = (2026, 2027, 2028)
KNOWN = {name: rule for rule, zones in RULES.items() for name in zones.split()}


class ParseTests(SynchronousTestCase):
    def test_rules_mean_what_posix_says(self) -> None:
        """West is positive, the default time is 02:00, Sunday is 0, and the default saving is an hour."""
        for rule, expected in (
            ("UTC0", Zone(0)),
            ("<+0545>-5:45", Zone(5 * HOUR + 2700)),
            ("<-0930>9:30", Zone(-9 * HOUR - 1800)),
            (
                "CET-1CEST,M3.5.0,M10.5.0/3",
                Zone(HOUR, HOUR, Weekday(3, 5, 7, 2 * HOUR), Weekday(10, 5, 7, 3 * HOUR)),
            ),
            (
                "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                Zone(37800, 1800, Weekday(10, 1, 7, 2 * HOUR), Weekday(4, 1, 7, 2 * HOUR)),
            ),
            (
                "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                Zone(-2 * HOUR, HOUR, Weekday(3, 5, 7, -HOUR), Weekday(10, 5, 7, 0)),
            ),
        ):
            self.assertEqual(parse(rule), expected, rule)

    def test_negative_summer_time_is_turned_round(self) -> None:
        """Ireland's winter is the exception by law; a phone knows only summers that add an hour."""
        self.assertEqual(
            parse("IST-1GMT0,M10.5.0,M3.5.0/1"),
            Zone(0, HOUR, Weekday(3, 5, 7, HOUR), Weekday(10, 5, 7, 2 * HOUR)),
        )

    def test_what_is_no_rule_is_refused(self) -> None:
        """A table made wrong must not become a wrong clock."""
        for text in ("", "Europe/Paris", "CET-1CEST", "CET-1CEST,J60,J300", "CET-1,M3.5.0,M10.5.0", "UTC0 "):
            with self.assertRaisesRegex(ValueError, "not a POSIX"):
                parse(text)


class ZoneTests(SynchronousTestCase):
    def test_the_last_sunday_is_the_last_every_year(self) -> None:
        """The reference takes the week's number from this year's calendar: wrong as often as not."""
        ends = parse("CET-1CEST,M3.5.0,M10.5.0/3").ends
        assert ends
        self.assertEqual([ends.on(year).day for year in (2026, 2027, 2028, 2029)], [25, 31, 29, 28])

    def test_times_beyond_the_day_fall_on_another_one(self) -> None:
        """Jerusalem's Friday before the last Sunday is `Thursday 26:00`, Nuuk's Saturday is `Sunday -1:00`."""
        for name, start, end in (
            ("Asia/Jerusalem", datetime(2026, 3, 27, 2), datetime(2026, 10, 25, 2)),
            ("Africa/Cairo", datetime(2026, 4, 24, 0), datetime(2026, 10, 30, 0)),
            ("America/Santiago", datetime(2026, 9, 6, 0), datetime(2026, 4, 5, 0)),
            ("America/Nuuk", datetime(2026, 3, 28, 23), datetime(2026, 10, 25, 0)),
            ("Asia/Gaza", datetime(2026, 3, 28, 2), datetime(2026, 10, 24, 2)),
        ):
            found = zone(name, 2026)
            changes = [change for change in (found and found.starts, found and found.ends) if change]
            self.assertEqual([change.on(2026) for change in changes], [start, end], name)
            self.assertFalse(all(change.by_weekday for change in changes), name)

    def test_ramadan_is_a_pause_in_moroccos_summer(self) -> None:
        """No rule of weekdays tells it, so its dates are a table, and outside the table there is no change."""
        morocco = zone("Africa/Casablanca", 2026)
        self.assertEqual(
            morocco, Zone(0, HOUR, Date(datetime(2026, 3, 22, 2)), Date(datetime(2026, 2, 15, 3)))
        )
        self.assertEqual(zone("Africa/Casablanca", 2100), Zone(HOUR))

    def test_an_unknown_zone_is_none(self) -> None:
        """The reference's configs may name zones that are gone; the phone is then left alone."""
        for name in ("", "Mars/Olympus", "europe/paris"):
            self.assertIsNone(zone(name, 2026))


class SystemTests(SynchronousTestCase):
    def test_nearly_all_rules_are_those_of_this_machine(self) -> None:
        """The two databases may be some releases apart, which changes a few zones, never one in twenty."""
        here = names()
        different = [name for name in here if KNOWN.get(name) != posix_rule(name)]
        self.assertLess(len(different), len(here) / 20, different)

    def test_every_change_is_one_on_this_machine_too(self) -> None:
        """The clock of the standard library reads the same files in its own way: it must jump when we say."""
        for name in sorted(KNOWN.keys() & set(names())):
            if KNOWN[name] != posix_rule(name) or name in DATED:
                continue
            for year in YEARS:
                found = zone(name, year)
                assert found
                self._compare(name, year, found)

    def _compare(self, name: str, year: int, found: Zone) -> None:
        clock = ZoneInfo(name)
        winter, summer = timedelta(seconds=found.offset_s), timedelta(seconds=found.offset_s + found.save_s)
        if not found.starts or not found.ends:
            self.assertEqual(
                {offset(clock, datetime(year, month, 1, tzinfo=UTC)) for month in (1, 7)}, {winter}
            )
            return
        for change, before, after in ((found.starts, winter, summer), (found.ends, summer, winter)):
            moment = (change.on(year) - before).replace(tzinfo=UTC)
            seen = offset(clock, moment - timedelta(seconds=1)), offset(clock, moment)
            self.assertEqual(seen, (before, after), f"{name} {year}")
