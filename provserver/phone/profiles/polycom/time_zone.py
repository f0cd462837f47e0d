"""Polycom's time zone parameters in words (*Administrators' Guide*, "tcpIpApp.sntp")."""

import re
from collections.abc import Mapping


def _counted(words: str) -> dict[str, str]:
    return {str(number): word for number, word in enumerate(words.split(), 1)}


_SNTP = "tcpIpApp.sntp."
_MONTHS = _counted("January February March April May June July August September October November December")
_WEEKDAYS = _counted("Sunday Monday Tuesday Wednesday Thursday Friday Saturday")
_WEEKS = {"1": "first", "8": "second", "15": "third", "22": "fourth"}


def describe(settings: Mapping[str, str]) -> str:
    """Return a phone's time zone: `UTC+1, summer time from …`; empty where DHCP says it."""
    said = {name.removeprefix(_SNTP): value for name, value in settings.items() if name.startswith(_SNTP)}
    if said.get("gmtOffset.overrideDHCP") != "1":
        return ""
    zone = _zone(said.get("gmtOffset", "0"))
    if said.get("daylightSavings.enable") != "1":
        return zone
    fixed = said.get("daylightSavings.fixedDayEnable") == "1"
    start, stop = (_moment(said, f"daylightSavings.{which}.", fixed) for which in ("start", "stop"))
    return f"{zone}, summer time from {start} to {stop}"


def _zone(offset: str) -> str:
    if not re.fullmatch("-?[0-9]{1,5}", offset):
        return f"an unreadable {offset!r}"
    hours, minutes = divmod(abs(int(offset)) // 60, 60)
    return f"UTC{'-' if offset.startswith('-') else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def _moment(said: Mapping[str, str], which: str, fixed: bool) -> str:
    def own(name: str) -> str:
        return said.get(f"{which}{name}", "")

    try:
        month = _MONTHS[own("month")]
        if fixed:
            day = f"{int(own('date'))} {month}"
        else:
            week = "last" if own("dayOfWeek.lastInMonth") == "1" else _WEEKS[own("date")]
            day = f"the {week} {_WEEKDAYS[own('dayOfWeek')]} of {month}"
        return f"{day}, {int(own('time'))}:00"
    except (KeyError, ValueError):
        return "an unreadable day"
