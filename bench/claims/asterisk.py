"""An Asterisk's two sides towards provd, played by asyncio: scripts that ask over AGI, and a Manager that takes orders."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress

from attrs import define, field, frozen

_ASKED = re.compile(r'GET FULL VARIABLE "\$\{(.*)\}"')
_TOLD = re.compile(r'SET VARIABLE (\w+) "(.*)"')


@frozen
class Call:
    number: int
    slot: str
    code: str
    ip: str

    @property
    def contact(self) -> str:
        return f"sip:{self.slot}@{self.ip}:5060"


async def script(port: int, name: str, call: Call) -> dict[str, str]:
    """Run one; return the variables that it sets."""
    channel = {
        "CHANNEL(endpoint)": call.slot,
        "CHANNEL(pjsip,remote_addr)": f"{call.ip}:5060",
        "CHANNEL(pjsip,target_uri)": call.contact,
    }
    environment = {
        "network_script": name,
        "type": "PJSIP",
        "uniqueid": f"{call.number}.0",
        "callerid": call.slot,
        "arg_1": call.code,
    }
    found = {}
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("".join(f"agi_{key}: {value}\n" for key, value in environment.items()).encode() + b"\n")
    while line := await reader.readline():
        command = line.decode().strip()
        if asked := _ASKED.fullmatch(command):
            writer.write(f"200 result=1 ({channel[asked[1]]})\n".encode())
        elif told := _TOLD.fullmatch(command):
            found[told[1]] = told[2]
            writer.write(b"200 result=1\n")
    writer.close()
    return found


@define
class Manager:
    """Says `NOTIFY sent` to anything, and keeps when it was asked."""

    at: list[float] = field(factory=list)
    contacts: set[str] = field(factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError, ConnectionError):  # the end of the part, or of provd
            await self._take_orders(reader, writer)

    async def _take_orders(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        block: dict[str, str] = {}
        while line := await reader.readline():
            name, _, value = line.decode().strip().partition(": ")
            if name:
                block[name] = value
                continue
            if block["Action"] == "PJSIPNotify":
                self.at.append(time.perf_counter())
                self.contacts.add(block.get("URI", block.get("Endpoint", "")))
            writer.write(f"Response: Success\r\nActionID: {block['ActionID']}\r\n\r\n".encode())
            block = {}

    def most_in(self, seconds: float) -> int:
        """Return the most orders in any span of so many seconds."""
        most = first = 0
        for last, at in enumerate(self.at):
            while at - self.at[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most


@frozen
class Claimed:
    count: int
    refused: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


async def claims(port: int, calls: Iterable[Call], per_s: float, at_once: int) -> Claimed:
    """Dial one code after the other at this rate, with at most so many calls at a time; each then ends."""
    lines = asyncio.Semaphore(at_once)
    took: list[float] = []
    refused = 0

    async def one(call: Call) -> None:
        nonlocal refused
        async with lines:
            began = time.perf_counter()
            said = await script(port, "provision", call)
            took.append(time.perf_counter() - began)
            refused += said.get("PROVD_OUTCOME") != "ok"
            await script(port, "hangup", call)

    seconds = await at_rate(one, calls, per_s)
    took.sort()
    return Claimed(
        len(took), refused, seconds, took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
    )


async def at_rate(
    work: Callable[[Call], Coroutine[None, None, None]], calls: Iterable[Call], per_s: float
) -> float:
    """Return the seconds until all is done."""
    began = time.perf_counter()
    under_way: set[asyncio.Task[None]] = set()
    for number, call in enumerate(calls):
        pause_s = began + number / per_s - time.perf_counter()
        if pause_s > 0:
            await asyncio.sleep(pause_s)
        under_way.add(asyncio.create_task(work(call)))
    await asyncio.gather(*under_way)
    return time.perf_counter() - began
