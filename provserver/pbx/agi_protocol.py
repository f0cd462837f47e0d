"""
The words of FastAGI: what Asterisk says on a connection, and the commands that it takes.

A line `HANGUP` comes unasked, also between a command and its answer; it is skipped where a line starts an answer.
"""

import re
from collections.abc import Mapping

from attrs import field, frozen

from provserver.errors import Invalid

_MOST_LINE_BYTES = 8_191  # of one line from Asterisk
_MOST_LINES = 400  # of an environment, or of the usage of a command: 27 names and 127 arguments are sent
_MOST_COMMAND_BYTES = 2_047  # Asterisk before 20.16, 21.11 and 22.6 cuts what is longer
_RESULT = re.compile(r"([0-9]{3})(?: result=([^ ]*))?(?: \((.*)\))?(?: .*)?")
_USAGE, _USAGE_END = "520-", "520 End of proper usage."


@frozen
class Environment:
    """How a script was called."""

    values: Mapping[str, str] = field(factory=dict)  # `agi_callerid` -> `ap0017`

    def get(self, name: str) -> str:
        """Return a value without its `agi_`; what Asterisk does not know is `unknown` there, and "" here."""
        value = self.values.get(f"agi_{name}", "")
        return "" if value == "unknown" else value

    def argument(self, number: int) -> str:
        return self.values.get(f"agi_arg_{number}", "")


@frozen
class Answer:
    code: int  # 200, 510, 511, 520
    result: str = ""
    text: str = ""  # between the first ` (` and the last `)`

    @property
    def value(self) -> str:
        """Return a variable's value, which is "" where there is none."""
        return self.text if (self.code, self.result) == (200, "1") else ""


class AgiReader:
    """Takes bytes as they come."""

    def __init__(self) -> None:
        self.hung_up = False
        self._rest = b""
        self._environment: dict[str, str] | None = {}
        self._usage_lines = 0

    def fed(self, data: bytes) -> tuple[Environment | Answer, ...]:
        """Return what is whole. Raises: Invalid: nothing after it can be understood."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if max(map(len, (*lines, self._rest))) > _MOST_LINE_BYTES:
            raise Invalid(f"a line of over {_MOST_LINE_BYTES} bytes")
        said = (self._line(line.removesuffix(b"\r").decode("utf-8", "replace")) for line in lines)
        return tuple(each for each in said if each)

    def _line(self, line: str) -> Environment | Answer | None:
        if self._environment is not None:
            return self._environment_line(self._environment, line)
        if self._usage_lines:
            return self._usage_line(line)
        if line == "HANGUP":
            self.hung_up = True
            return None
        if line.startswith(_USAGE):
            self._usage_lines = 1
            return None
        found = _RESULT.fullmatch(line)
        if found is None:
            raise Invalid(f"not an answer: {line[:60]!r}")
        return Answer(int(found[1]), found[2] or "", found[3] or "")

    def _environment_line(self, values: dict[str, str], line: str) -> Environment | None:
        if not line:
            self._environment = None
            return Environment(values)
        name, colon, value = line.partition(":")
        if not colon or not name.startswith("agi_") or len(values) >= _MOST_LINES:
            raise Invalid(f"not a line of an environment: {line[:60]!r}")
        values[name] = value.removeprefix(" ")
        return None

    def _usage_line(self, line: str) -> Answer | None:
        self._usage_lines += 1
        if self._usage_lines > _MOST_LINES:
            raise Invalid(f"a usage of over {_MOST_LINES} lines")
        if line != _USAGE_END:
            return None
        self._usage_lines = 0
        return Answer(520)


def command(*words: str) -> bytes:
    """
    Return a command; its last word is quoted, so that it may be anything that fits on a line.

    Raises:
        Invalid: it does not.
    """
    *first, last = words
    if re.search(r"[\r\n\0]", last):
        raise Invalid(f"a value with a line break or NUL: {last[:60]!r}")
    escaped = re.sub(r'(["\\])', r"\\\1", last)
    data = f'{" ".join(first)} "{escaped}"\n'.encode("utf-8", "replace")
    if len(data) > _MOST_COMMAND_BYTES:
        raise Invalid(f"a command of {len(data)} bytes, the most is {_MOST_COMMAND_BYTES}")
    return data


def evaluate(expression: str) -> bytes:
    """Ask for the value of `CHANNEL(endpoint)` and the like."""
    return command("GET", "FULL", "VARIABLE", f"${{{expression}}}")


def set_variable(name: str, value: str) -> bytes:
    """Raises: Invalid."""
    return command("SET", "VARIABLE", name, value)
