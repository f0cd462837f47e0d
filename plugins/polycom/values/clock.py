"""Time server and time zone."""

from collections.abc import Iterator
from datetime import date, timedelta

from provserver.vendors.zones import Change, Weekday, Zone, zone

from .words import Pair, Said, text

_POOL = "pool.ntp.org"  # where nobody names one, and DHCP does not: without the time there is no TLS
_HOUR_S = 3600
_LAST = 5


def clock(said: Said, today: date) -> Iterator[Pair]:
    off = said.get("ntp_enabled") is False
    server = "" if off else text(said, "ntp_ip")
    yield "tcpIpApp.sntp.address.overrideDHCP", int(off or bool(server))
    yield "tcpIpApp.sntp.address", server if server or off else _POOL
    found = zone(text(said, "timezone"), today.year)
    yield "tcpIpApp.sntp.gmtOffset.overrideDHCP", int(found is not None)
    if found:
        yield "tcpIpApp.sntp.gmtOffset", found.offset_s
        for name, value in _summer_time(found, today.year):
            yield f"tcpIpApp.sntp.daylightSavings.{name}", value


def _summer_time(found: Zone, year: int) -> Iterator[Pair]:
    """The phone's is one hour. Where it is less (Lord Howe) the phone has none, which is as near."""
    changes = {"start": found.starts, "stop": found.ends}
    if found.save_s < _HOUR_S:
        yield "enable", 0
        return
    fixed = not all(change and change.by_weekday for change in changes.values())
    yield "enable", 1
    yield "fixedDayEnable", int(fixed)  # for both at once
    for which, change in changes.items():
        assert change  # of a zone with summer time
        for name, value in _change(change, year, fixed):
            yield f"{which}.{name}", value


def _change(change: Change, year: int, fixed: bool) -> Iterator[Pair]:
    """By weekday, or as a day of this year where a weekday cannot say it."""
    moment = change.on(year) + timedelta(minutes=30)  # it knows whole hours only; Chatham's are 2:45 and 3:45
    yield "time", moment.hour
    if fixed or not isinstance(change, Weekday):
        yield "month", moment.month
        yield "date", moment.day
        return
    yield "month", change.month
    yield "dayOfWeek", change.weekday % 7 + 1  # from Sunday = 1
    yield "dayOfWeek.lastInMonth", int(change.week == _LAST)
    if change.week != _LAST:
        yield "date", 7 * change.week - 6  # the first such day on or after it
