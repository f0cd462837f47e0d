"""Locales (`fr_CA`): what follows from them for every vendor, and how a vendor's table is looked up."""

from collections.abc import Mapping
from typing import Literal, TypeVar

T = TypeVar("T")
DateOrder = Literal["day-month-year", "month-day-year", "year-month-day"]

# Countries whose short dates are not day-month-year (Unicode CLDR 45, the short pattern of the main language).
_MONTH_FIRST = frozenset({"AS", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "US", "VI"})
_YEAR_FIRST = frozenset({"BT", "CA", "CN", "HU", "IR", "JP", "KP", "KR", "LT", "MN", "SE", "TW", "ZA"})


def pick(table: Mapping[str, T], locale: str) -> T | None:
    """Return the entry of the locale (`fr_CA`), else of its language (`fr`)."""
    return table.get(locale, table.get(locale.partition("_")[0]))


def country(locale: str) -> str:
    """Return the country, upper-case, or "" where the locale names none."""
    return locale.partition("_")[2][:2]


def date_order(locale: str) -> DateOrder:
    if country(locale) in _MONTH_FIRST:
        return "month-day-year"
    return "year-month-day" if country(locale) in _YEAR_FIRST else "day-month-year"
