"""Yealink's time zone settings in words (Yealink's administration guides)."""

import re
from collections.abc import Mapping


def _counted(words: str) -> dict[int, str]:
    return dict(enumerate(words.split(), 1))


_MONTHS = _counted("January February March April May June July August September October November December")
_WEEKDAYS = _counted("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_WEEKS = _counted("first second third fourth last")


def describe(settings: Mapping[str, str]) -> str:
    """Return a phone's time zone: `UTC+1, summer time from …`; empty where none is set."""
    zone = settings.get("local_time.time_zone", "")
    if not zone:
        return ""
    summer = settings.get("local_time.summer_time", "")
    if summer == "2":
        return f"UTC{zone}, summer time automatic"
    if summer != "1":
        return f"UTC{zone}"
    by_week = settings.get("local_time.dst_time_type") == "1"
    start, end = (
        _moment(settings.get(f"local_time.{which}_time", ""), by_week) for which in ("start", "end")
    )
    minutes = settings.get("local_time.offset_time", "60")
    saving = "" if minutes == "60" else f" of {minutes} min"
    return f"UTC{zone}, summer time{saving} from {start} to {end}"


def _moment(text: str, by_week: bool) -> str:
    """Put `3/5/7/2` (month, week, weekday, hour) or `03/21/02` (month, day, hour) into words."""
    numbers = [int(part) for part in text.split("/") if re.fullmatch("[0-9]{1,2}", part)]
    try:
        if by_week:
            month, week, weekday, hour = numbers
            day = f"the {_WEEKS[week]} {_WEEKDAYS[weekday]} of {_MONTHS[month]}"
        else:
            month, date, hour = numbers
            day = f"{date} {_MONTHS[month]}"
    except (ValueError, KeyError):
        return f"an unreadable {text!r}"
    return f"{day}, {hour}:00"
