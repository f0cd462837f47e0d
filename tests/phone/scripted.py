"""A server that is a table: it answers the script of a boot without any network."""

from collections.abc import Mapping, Sequence

from twisted.internet.task import Clock

from provserver.phone.profiles import PROFILES
from provserver.phone.values import Booted, Fetch, Fetched, Memory, Phone, Script

BASE = "http://127.0.0.1:8667/"
T46S = Phone("yealink", "T46S", "00:15:65:4a:a9:37", "66.86.0.15")
NOT_FOUND = Fetched(404)


def config(*lines: str) -> bytes:
    """Return a Yealink file of these lines."""
    return "\n".join(["#!version:1.0.0.1", *lines, ""]).encode()


def ok(body: bytes, **headers: str) -> Fetched:
    return Fetched(200, headers, body)


def play(script: Script, answers: Mapping[str, Fetched]) -> tuple[Booted, list[Fetch]]:
    """Run a script to its end against a table by file name; what is not in it is not found."""
    asked = [next(script)]
    while True:
        try:
            asked.append(script.send(answers.get(asked[-1].name, NOT_FOUND)))
        except StopIteration as done:
            booted: Booted = done.value
            return booted, asked


def boot_yealink(
    answers: Mapping[str, Fetched], phone: Phone = T46S, memory: Memory | None = None
) -> tuple[Booted, list[Fetch]]:
    return play(PROFILES["yealink"].boot(phone, BASE, memory or Memory()), answers)


class TableServer:
    """The same for code that wants an asynchronous fetcher; every answer takes 2 ms of its clock."""

    def __init__(self, clock: Clock, answers: Mapping[str, Fetched | Exception]) -> None:
        self._clock = clock
        self._answers = answers

    async def fetch(self, fetch: Fetch) -> Fetched:
        self._clock.advance(0.002)
        answer = self._answers.get(fetch.name, NOT_FOUND)
        if isinstance(answer, Exception):
            raise answer
        return answer


def names(asked: Sequence[Fetch]) -> list[str]:
    """Return what was asked for; not what was written."""
    return [fetch.name for fetch in asked if fetch.method != "PUT"]
