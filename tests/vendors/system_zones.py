"""
The time zones of this machine's tz database, read with the standard library alone.

`python -m tests.vendors.system_zones` prints `provserver/vendors/zones/rules.py` anew.
"""

import textwrap
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

_YEARS = range(2026, 2038)
_NOT_ZONES = {"Factory", "localtime", "posixrules"}
_HEAD = '''"""
The zones of the tz database {version}, by their POSIX rule. Made by `python -m tests.vendors.system_zones`.

DATED has the zones that change by no rule, for some years: when summer starts and ends, wall time before the
change. Morocco goes back an hour for Ramadan; where a year has three such changes the last is left out.
"""

from collections.abc import Mapping
'''


def names() -> list[str]:
    return sorted(zoneinfo.available_timezones() - _NOT_ZONES)


def posix_rule(name: str) -> str:
    """Return the footer of a TZif file (RFC 8536 section 3.3)."""
    for folder in zoneinfo.TZPATH:
        if (path := Path(folder, name)).is_file():
            return path.read_bytes().rsplit(b"\n", 2)[-2].decode()
    raise FileNotFoundError(name)


def changes(name: str, year: int) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """Yield each change of a year: wall time before it, offset before, offset after. It looks every hour."""
    clock = zoneinfo.ZoneInfo(name)
    moment = datetime(year, 1, 1, tzinfo=UTC)
    before = offset(clock, moment)
    while moment.year == year:
        after = offset(clock, moment)
        if after != before:
            yield (moment + before).replace(tzinfo=None), before, after
        before, moment = after, moment + timedelta(hours=1)


def offset(clock: zoneinfo.ZoneInfo, moment: datetime) -> timedelta:
    found = moment.astimezone(clock).utcoffset()
    assert found is not None
    return found


def dated() -> dict[str, dict[int, tuple[str, str]]]:
    found: dict[str, dict[int, tuple[str, str]]] = {}
    for name in names():
        clock = zoneinfo.ZoneInfo(name)
        begins = datetime(_YEARS[0], 1, 1, tzinfo=UTC)
        if (
            "," in posix_rule(name)
            or len({offset(clock, begins + timedelta(days=at)) for at in range(366)}) == 1
        ):
            continue
        for year in _YEARS:
            seen = list(changes(name, year))
            starts = [str(moment) for moment, before, after in seen if after > before]
            ends = [str(moment) for moment, before, after in seen if after < before]
            if starts and ends:
                found.setdefault(name, {})[year] = (starts[0], ends[0])
    return found


def table() -> str:
    rules: dict[str, list[str]] = {}
    for name in names():
        rules.setdefault(posix_rule(name), []).append(name)
    version = next(Path(folder, "tzdata.zi") for folder in zoneinfo.TZPATH if Path(folder).is_dir())
    lines = [_HEAD.format(version=version.read_text().split(maxsplit=3)[2]), "RULES: Mapping[str, str] = {"]
    for rule, zones in sorted(rules.items()):
        wrapped = textwrap.wrap(" ".join(zones), 100, break_on_hyphens=False)
        if len(wrapped) == 1 and len(rule) + len(wrapped[0]) < 95:
            lines.append(f'    "{rule}": "{wrapped[0]}",')
        else:
            lines.append(f'    "{rule}": (')
            lines += [f'        "{line} "' for line in wrapped[:-1]] + [f'        "{wrapped[-1]}"', "    ),"]
    lines += ["}", "", "DATED: Mapping[str, Mapping[int, tuple[str, str]]] = {"]
    for name, years in dated().items():
        lines.append(f'    "{name}": {{')
        lines += [f'        {year}: ("{starts}", "{ends}"),' for year, (starts, ends) in years.items()]
        lines.append("    },")
    return "\n".join([*lines, "}", ""])


if __name__ == "__main__":
    print(table(), end="")  # noqa: T201 - its output is the table
