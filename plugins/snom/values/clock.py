"""
Time server and time zone.

A phone knows some countries' zones by a code, and their summer time with it. Every other zone is told by its offset
and its rule, with an empty code: so are those whose code stands for rules that were abolished.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from provserver.vendors.zones import Change, Weekday, zone

from .words import TIME_SERVER, Said, Setting, text

_DEFAULT_CODE = "GBR-0"
_BY_CODE: Mapping[str, str] = {
    "USA-9": "America/Anchorage America/Juneau America/Nome America/Sitka US/Alaska",
    "CAN-8": "America/Vancouver Canada/Pacific",
    "USA-8": "America/Los_Angeles US/Pacific",
    "CAN-7": "America/Edmonton Canada/Mountain",
    "USA2-7": "America/Phoenix US/Arizona",
    "USA-7": "America/Boise America/Denver US/Mountain",
    "CAN-6": "America/Winnipeg Canada/Central",
    "CAN2-6": "America/Regina Canada/Saskatchewan",
    "USA-6": "America/Chicago America/Menominee US/Central",
    "CAN-5": "America/Montreal America/Toronto Canada/Eastern",
    "USA-5": "America/Detroit America/New_York US/Eastern US/Michigan",
    "CAN-4": "America/Halifax Canada/Atlantic",
    "CAN-3.5": "America/St_Johns Canada/Newfoundland",
    "ESP-0": "Atlantic/Canary",
    "FRO-0": "Atlantic/Faroe Atlantic/Faeroe",
    "GBR-0": ("Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London GB GB-Eire"),
    "IRL-0": "Eire Europe/Dublin",
    "PRT-0": "Atlantic/Madeira Europe/Lisbon Portugal",
    "ALB+1": "Europe/Tirane",
    "AUT+1": "Europe/Vienna",
    "BEL+1": "Europe/Brussels",
    "CHE+1": "Europe/Vaduz Europe/Zurich",
    "CZE+1": "Europe/Prague",
    "DNK+1": "Europe/Copenhagen",
    "ESP+1": "Africa/Ceuta Europe/Madrid",
    "FRA+1": "Europe/Monaco Europe/Paris",
    "GER+1": "Europe/Berlin Europe/Busingen",
    "GIB+1": "Europe/Gibraltar",
    "HRV+1": "Europe/Zagreb",
    "HUN+1": "Europe/Budapest",
    "ITA+1": "Europe/Rome Europe/San_Marino Europe/Vatican",
    "LUX+1": "Europe/Luxembourg",
    "MAK+1": "Europe/Skopje",
    "NLD+1": "Europe/Amsterdam",
    "NOR+1": "Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Oslo",
    "POL+1": "Europe/Warsaw Poland",
    "SVK+1": "Europe/Bratislava",
    "SWE+1": "Europe/Stockholm",
    "YUG+1": "Europe/Belgrade",
    "BGR+2": "Europe/Sofia",
    "CYP+2": "Asia/Nicosia Europe/Nicosia",
    "EST+2": "Europe/Tallinn",
    "FIN+2": "Europe/Helsinki Europe/Mariehamn",
    "GRC+2": "Europe/Athens",
    "LVA+2": "Europe/Riga",
    "ROU+2": "Europe/Bucharest",
    "UKR+2": "Europe/Kiev Europe/Kyiv Europe/Uzhgorod Europe/Zaporozhye",
    "PAK+5": "Asia/Karachi",
    "IND+5.5": "Asia/Calcutta Asia/Kolkata",
    "THA+7": "Asia/Bangkok",
    "SGP+8": "Asia/Singapore Singapore",
    "JPN+9": "Asia/Tokyo Japan",
    "AUS+10": "Australia/ACT Australia/Canberra Australia/NSW Australia/Sydney",
    "NZL+12": "Antarctica/McMurdo Antarctica/South_Pole NZ Pacific/Auckland",
    "NZL+12.75": "NZ-CHAT Pacific/Chatham",
}
_CODES = {name: code for code, names in _BY_CODE.items() for name in names.split()}


def clock(said: Said, today: date) -> Iterator[Setting]:
    yield _server(said)
    name = text(said, "timezone")
    found = zone(name, today.year)
    if name in _CODES:
        yield Setting("timezone", _CODES[name])
    elif found is None:
        # Without any it asks its user when it starts, who then does not see which code to dial.
        yield Setting("timezone", _DEFAULT_CODE, perm="!")
    else:
        yield Setting("timezone")
        yield Setting("utc_offset", f"{found.offset_s:+d}")
        starts, ends = found.starts, found.ends
        if starts and ends:
            by_week = starts.by_weekday and ends.by_weekday
            changes = " ".join(_change(change, today.year, by_week) for change in (starts, ends))
            yield Setting("dst", f"{found.save_s} {changes}")
        else:
            yield Setting("dst")


def _server(said: Said) -> Setting:
    if said.get("ntp_enabled") is False:
        return Setting("ntp_server")
    given = text(said, "ntp_ip")
    return Setting("ntp_server", given) if given else Setting("ntp_server", TIME_SERVER, perm="!")


def _change(change: Change, year: int, by_week: bool) -> str:
    """Return `month.week.weekday time`, or `day.month time` of this year where a weekday cannot say it."""
    moment = change.on(year)
    if by_week and isinstance(change, Weekday):
        return f"{change.month:02}.{change.week:02}.{change.weekday:02} {moment:%H:%M:%S}"
    return f"{moment:%d.%m %H:%M:%S}"
