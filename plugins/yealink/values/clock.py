"""Time server and time zone."""

from collections.abc import Iterator
from datetime import date

from provserver.vendors.formats import UNSET
from provserver.vendors.zones import Change, Weekday, zone

from ..parameters import Pair
from .words import Said, said_or_unset

_DEFAULT_SERVER = "pool.ntp.org"  # the phone's own is one for China


def clock(said: Said, today: date) -> Iterator[Pair]:
    off = said.get("ntp_enabled") is False
    server = said_or_unset(said, "ntp_ip", not off)
    given = server is not UNSET
    yield "local_time.manual_time_enable", 1 if off else UNSET
    yield "local_time.manual_ntp_srv_prior", 1 if given else UNSET  # prior to the server that DHCP names
    yield "local_time.ntp_server1", server if given or off else _DEFAULT_SERVER
    yield from _zone(str(said.get("timezone", "")), today.year)


def _zone(name: str, year: int) -> Iterator[Pair]:
    found = zone(name, year)
    if found is None:
        yield "local_time.time_zone", UNSET
        yield "local_time.time_zone_name", UNSET
        yield "local_time.summer_time", UNSET
        return
    yield "local_time.time_zone", _offset(found.offset_s)
    yield "local_time.summer_time", int(found.save_s > 0)
    if found.starts and found.ends:
        by_week = found.starts.by_weekday and found.ends.by_weekday
        yield "local_time.dst_time_type", int(by_week)
        yield "local_time.start_time", _change(found.starts, year, by_week)
        yield "local_time.end_time", _change(found.ends, year, by_week)
        yield "local_time.offset_time", found.save_s // 60


def _offset(offset_s: int) -> str:
    """Return `+1`, `-3:30`."""
    hours, minutes = divmod(abs(offset_s) // 60, 60)
    return f"{'-' if offset_s < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def _change(change: Change, year: int, by_week: bool) -> str:
    """Return `month/week/weekday/hour`, or `month/day/hour` of this year where a weekday cannot say it."""
    moment = change.on(year)
    hour = moment.hour + (moment.minute >= 30)  # it knows whole hours only; Chatham's are 2:45 and 3:45
    if by_week and isinstance(change, Weekday):
        return f"{change.month}/{change.week}/{change.weekday}/{hour}"
    return f"{moment:%m/%d}/{hour:02}"
