"""
Time zones by the names of old Windows versions, which Cisco's phones know and no others.

A name brings its offset and its summer time with it; neither can be told apart from it.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from provserver.vendors.zones import zone

# Name -> a zone that keeps the clock which the phone keeps under it. The blanks at an end are part of the name.
# Left out are names whose summer time was abolished (Mexico, South America, Russian, Caucasus, China): the phone
# still has it. Of equal ones the first is taken.
NAMES: Mapping[str, str] = {
    "Dateline Standard Time": "Etc/GMT+12",
    "Samoa Standard Time ": "Pacific/Samoa",
    "Hawaiian Standard Time ": "US/Hawaii",
    "Alaskan Standard/Daylight Time": "US/Alaska",
    "Pacific Standard/Daylight Time": "US/Pacific",
    "Mountain Standard/Daylight Time": "US/Mountain",
    "US Mountain Standard Time": "Etc/GMT+7",
    "Central Standard/Daylight Time": "US/Central",
    "Canada Central Standard Time": "America/Regina",
    "Eastern Standard/Daylight Time": "US/Eastern",
    "US Eastern Standard Time": "Etc/GMT+5",
    "Atlantic Standard/Daylight Time": "Canada/Atlantic",
    "SA Western Standard Time": "Etc/GMT+4",
    "Newfoundland Standard/Daylight Time": "Canada/Newfoundland",
    "SA Eastern Standard Time": "Etc/GMT+3",
    "Mid-Atlantic Standard/Daylight Time": "America/Nuuk",
    "Azores Standard/Daylight Time": "Atlantic/Azores",
    "GMT Standard/Daylight Time": "Europe/London",
    "Greenwich Standard Time": "Etc/GMT",
    "Central Europe Standard/Daylight Time": "Europe/Paris",
    "E. Europe Standard/Daylight Time": "Europe/Athens",
    "Egypt Standard/Daylight Time": "Egypt",
    "Jerusalem Standard/Daylight Time": "Asia/Jerusalem",
    "South Africa Standard Time ": "Africa/Johannesburg",
    "Saudi Arabia Standard Time": "Asia/Riyadh",
    "Iran Standard/Daylight Time": "Iran",  # abolished as well, but there is no other name at +3:30
    "Arabian Standard Time": "Etc/GMT-4",
    "Afghanistan Standard Time ": "Asia/Kabul",
    "West Asia Standard Time": "Etc/GMT-5",
    "India Standard Time": "Asia/Calcutta",
    "Central Asia Standard Time ": "Etc/GMT-6",
    "SE Asia Standard Time": "Etc/GMT-7",
    "Taipei Standard Time": "Asia/Taipei",
    "Tokyo Standard Time": "Asia/Tokyo",
    "AUS Central Standard Time": "Australia/Darwin",
    "Cen. Australia Standard/Daylight Time": "Australia/Adelaide",
    "West Pacific Standard Time": "Etc/GMT-10",
    "AUS Eastern Standard/Daylight Time": "Australia/Sydney",
    "Central Pacific Standard Time": "Etc/GMT-11",
    "Fiji Standard Time": "Etc/GMT-12",
    "New Zealand Standard/Daylight Time": "Pacific/Auckland",
}


@lru_cache
def windows_name(name: str, year: int) -> str | None:
    """
    Return the name whose clock differs the least over the year from that of a zone of the tz database; None where
    there is no such zone.
    """
    wanted = zone(name, year)
    if wanted is None:
        return None

    def unlike(phones: str) -> tuple[int, bool]:
        pairs = zip(_offsets(NAMES[phones], year), _offsets(name, year), strict=True)
        return sum(abs(theirs - ours) for theirs, ours in pairs), zone(NAMES[phones], year) != wanted

    return min(NAMES, key=unlike)


@lru_cache
def _offsets(name: str, year: int) -> tuple[int, ...]:
    """Return the offsets from Greenwich in the middle of each month, in seconds."""
    found = zone(name, year)
    assert found
    if found.starts is None or found.ends is None:
        return (found.offset_s,) * 12
    starts, ends = found.starts.on(year), found.ends.on(year)
    middles = [datetime(year, month, 15) for month in range(1, 13)]
    northern = starts < ends
    summers = [starts <= at < ends if northern else not ends <= at < starts for at in middles]
    return tuple(found.offset_s + found.save_s * summer for summer in summers)
