"""
Yealink's files: `key = value` lines behind a fixed first line (Yealink's administration guides).

There is no quoting: a value is what stands between the `=` and the end of the line, without blanks around it.
"""

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from provserver.errors import Invalid

_FIRST_LINE = "#!version:1.0.0.1"
_KEY = re.compile(r"[A-Za-z0-9_.]+")
_RESET = "%NULL%"  # "back to the factory default"
_MOST_INCLUDES = 20


@frozen
class Config:
    """The settings of a configuration file; None resets one. `problem` names lines that the phone skips by their
    number only: such a line may be half of a password."""

    values: Mapping[str, str | None]
    problem: str


@frozen
class BootFile:
    """Which configuration files to fetch, and whether an empty value in them resets (else it says nothing)."""

    includes: tuple[str, ...]
    overwrite: bool


def read_config(body: bytes) -> Config:
    """
    Read a `.cfg`; of a repeated key the last line wins.

    Raises:
        Invalid: the phone would take nothing of it.
    """
    values: dict[str, str | None] = {}
    skipped = []
    for number, line in _lines(body):
        key, equals, value = (part.strip() for part in line.partition("="))
        if equals and _KEY.fullmatch(key):
            values[key] = None if value == _RESET else value
        else:
            skipped.append(number)
    problem = f"{len(skipped)} lines are not `key = value`, the first is line {skipped[0]}" if skipped else ""
    return Config(values, problem)


def read_boot_file(body: bytes) -> BootFile:
    """
    Read a `.boot`: lines `include:config <file or URL>`, in order, and `overwrite_mode = 1`.

    Raises:
        Invalid: the phone would take nothing of it.
    """
    includes = []
    overwrite = False
    for _, line in _lines(body):
        if line.startswith("include:config"):
            includes.append(line.removeprefix("include:config").strip(' \t<>"'))
        elif re.fullmatch(r"overwrite_mode\s*=\s*1", line):
            overwrite = True
    if not 0 < len(includes) <= _MOST_INCLUDES:
        raise Invalid(f"{len(includes)} include:config lines, expected 1 to {_MOST_INCLUDES}")
    return BootFile(tuple(includes), overwrite)


def changed(settings: Mapping[str, str], config: Config, overwrite: bool) -> dict[str, str]:
    """Return a phone's settings after a configuration file: what the file does not name stays as it was."""
    after = dict(settings)
    for key, value in config.values.items():
        if value:
            after[key] = value
        elif value is None or overwrite:
            after.pop(key, None)
    return after


def without_unknown(config: Config, knows_prefix: bool) -> Config:
    """Return what a phone takes notice of: old firmware knows no `static.`."""
    if knows_prefix:
        return config
    known = {key: value for key, value in config.values.items() if not key.startswith("static.")}
    return Config(known, config.problem)


def _lines(body: bytes) -> Iterator[tuple[int, str]]:
    try:
        lines = body.decode().split("\n")
    except UnicodeDecodeError as problem:
        raise Invalid(f"not UTF-8 at byte {problem.start}") from None
    if lines[0].strip() != _FIRST_LINE:
        raise Invalid(f"the first line is {lines[0][:40]!r}, expected {_FIRST_LINE!r}")
    for number, line in enumerate(lines[1:], 2):
        text = line.strip()
        if text and not text.startswith("#"):
            yield number, text
