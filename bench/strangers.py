"""
One face to strangers: `python bench/strangers.py` measures whether the time of an answer tells what the answer does not.

A provd of its own is asked for files that it refuses, each for another reason, 2,000 times each and in turns, over
connections that stay open and over TFTP. The answers must be the same but for date and nonce, and the medians of their
times within 5 % of each other. `--write` writes the table to bench/RESULTS.md; the status is 1 where one is missed.
"""

import argparse
import json
import random
import re
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

from attrs import frozen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.results import write  # noqa: E402 - the checkout is no package
from tests.e2e.server import FREE_PORTS, Provd  # noqa: E402 - the same

TURNS = 2_000
PHONES = 20  # of each sort
MOST_APART = 0.05
ANNA, BERT = (f"{letter * 8}-{letter * 4}-4{letter * 3}-8{letter * 3}-{letter * 12}" for letter in "ab")
UA = "Yealink SIP-T46S 66.86.0.15"
KNOWN = [f"0015654a{number:04x}" for number in range(PHONES)]  # Anna's
UNKNOWN = [f"0015654b{number:04x}" for number in range(PHONES)]


@frozen
class Case:
    """One reason to be refused; `ask` gives one request for one of its phones."""

    name: str
    ask: Callable[[int], bytes]


@frozen
class Group:
    name: str
    network: str
    policy: dict[str, str]  # of the master tenant
    cases: tuple[Case, ...]
    tftp: bool = False


def http(target: str, method: str = "GET", agent: str = UA, *headers: str) -> bytes:
    lines = (f"{method} {target} HTTP/1.1", "Host: provd", f"User-Agent: {agent}", *headers, "", "")
    return "\r\n".join(lines).encode()


def rrq(name: str) -> bytes:
    return b"\0\1" + name.encode() + b"\0octet\0"


def login(user: str) -> str:
    """Return credentials that are wrong: the work is the same as for right ones."""
    pairs = (
        f'username="{user}", realm="provd", nonce="6b49d200.0000000000000000.{"0" * 32}", uri="/{user}.cfg"'
    )
    return f'Authorization: Digest {pairs}, response="{"0" * 64}", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="c"'


def colons(mac: str) -> str:
    return ":".join(mac[at : at + 2] for at in range(0, 12, 2))


ELSEWHERE, LOCAL = 'allowed = ["10.0.0.0/8"]', 'allowed = ["127.0.0.0/8"]'


def in_path(method: str = "GET") -> tuple[Case, ...]:
    return (
        Case("refused: a phone that is known", lambda i: http(f"/{KNOWN[i]}.cfg", method)),
        Case("unknown: a phone that nobody knows", lambda i: http(f"/{UNKNOWN[i]}.cfg", method)),
        Case("wrong tenant: another's key", lambda i: http(f"/Key-of-bert/{KNOWN[i]}.cfg", method)),
        Case("a key that is none", lambda i: http(f"/Key-of-b3rt/{KNOWN[i]}.cfg", method)),
        Case(
            "the same, for a phone that nobody knows",
            lambda i: http(f"/Key-of-b3rt/{UNKNOWN[i]}.cfg", method),
        ),
    )


def by_agent(path: str) -> tuple[Case, ...]:
    return (
        Case("said by a phone that is known", lambda i: http(path, "GET", f"{UA} {colons(KNOWN[i])}")),
        Case("said by one that nobody knows", lambda i: http(path, "GET", f"{UA} {colons(UNKNOWN[i])}")),
    )


def logged_in(phone: list[str], user: list[str]) -> Callable[[int], bytes]:
    return lambda i: http(f"/{phone[i]}.cfg", "GET", UA, login(user[i]))


KEYS, TOKENS, ADDRESSES = {"elsewhere": "key"}, {"elsewhere": "token"}, {"local": "address"}
GROUPS = (
    Group("elsewhere, 404", ELSEWHERE, KEYS, in_path()),
    Group("elsewhere, 404 to HEAD", ELSEWHERE, KEYS, in_path("HEAD")),
    Group("elsewhere, a file that does not exist", ELSEWHERE, KEYS, by_agent("/x.cfg")),
    Group(
        "elsewhere, a key in the query",
        ELSEWHERE,
        KEYS,
        (
            Case("a phone that is known", lambda i: http(f"/{KNOWN[i]}.cfg?key=Key-of-anna")),
            Case("one that nobody knows", lambda i: http(f"/{UNKNOWN[i]}.cfg?key=Key-of-anna")),
        ),
    ),
    Group("elsewhere, a challenge", ELSEWHERE, TOKENS, in_path()),
    Group(
        "elsewhere, a wrong password",
        ELSEWHERE,
        TOKENS,
        (
            Case("of a user that is known", logged_in(KNOWN, KNOWN)),
            Case("of one that nobody knows", logged_in(UNKNOWN, UNKNOWN)),
            Case("of one that nobody knows, for a phone that is known", logged_in(KNOWN, UNKNOWN)),
        ),
    ),
    Group("an allowed network that asks for an address, 404", LOCAL, ADDRESSES, in_path()[:2]),
    Group("the same, an open file", LOCAL, ADDRESSES, by_agent("/y000000000066.cfg")),
    Group(
        "elsewhere, TFTP",
        ELSEWHERE,
        KEYS,
        (
            Case("refused: a phone that is known", lambda i: rrq(f"{KNOWN[i]}.cfg")),
            Case("unknown: a phone that nobody knows", lambda i: rrq(f"{UNKNOWN[i]}.cfg")),
            Case("wrong tenant: another's key", lambda i: rrq(f"Key-of-bert/{KNOWN[i]}.cfg")),
            Case("a key that is none", lambda i: rrq(f"Key-of-b3rt/{KNOWN[i]}.cfg")),
        ),
        tftp=True,
    ),
)


class HttpAsker:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        received = b""
        while True:
            received += self._socket.recv(65_536)
            head, found, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head)
            if found and (request.startswith(b"HEAD") or (length and len(body) >= int(length[1]))):
                return received


class TftpAsker:
    """Each request from a port of its own: one that comes twice from the same is taken for a copy."""

    def __init__(self, port: int) -> None:
        self._address = ("127.0.0.1", port)

    def ask(self, request: bytes) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.settimeout(5)
            phone.sendto(request, self._address)
            return phone.recv(65_536)


def seen(answer: bytes) -> bytes:
    """Return an answer without what is another one each time."""
    return re.sub(rb'nonce="[0-9a-f.]+"', b"nonce", re.sub(rb"Date: [^\r]+", b"Date", answer))


def prepare(provd: Provd, policy: dict[str, str]) -> None:
    def rest(method: str, path: str, body: object, tenant: str | None = None) -> Any:
        headers = {
            "X-Auth-Token": provd.token,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        url = f"http://127.0.0.1:{provd.listening['rest']}/0.2{path}"
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(
            url, data, headers | ({"Wazo-Tenant": tenant} if tenant else {}), method=method
        )
        with urllib.request.urlopen(request) as response:
            return json.loads(response.read() or b"null")

    for tenant, name in ((ANNA, "anna"), (BERT, "bert")):
        rest("POST", "/tenants", {"tenant": {"id": tenant, "name": name}})
        rest("PUT", "/configure/provisioning_key", {"param": {"value": f"Key-of-{name}"}}, tenant)
    for mac in KNOWN:
        device = {"mac": colons(mac), "vendor": "Yealink", "model": "T46S", "plugin": "yealink-v86"}
        made = rest("POST", "/dev_mgr/devices", {"device": device}, ANNA)
        rest("POST", f"/dev_mgr/devices/{made['id']}/pairing", {"pairing": {"seconds": 1}}, ANNA)
    for one in rest("GET", "/tenants", None)["tenants"]:
        if one["parent_id"] is None:
            rest("PUT", f"/tenants/{one['id']}", {"tenant": {"policy": policy}})


def drain(provd: Provd) -> None:
    """Read what it logs: it would stand still when the pipe is full."""
    with suppress(ValueError):  # closed at the end
        for _ in provd.process.stdout or ():
            pass


def measured(group: Group, turns: int) -> tuple[dict[str, list[float]], bool]:
    """Return the times of each case, and whether all answers were the same."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = folder / "provd.toml"
        limits = "\n".join(
            f"unknown_phones_{what}_{where} = 1000000"
            for what in ("slowed", "refused")
            for where in ("local", "elsewhere")
        )
        settings.write_text(f"[network]\n{group.network}\n[limits]\n{limits}\n")
        provd = stack.enter_context(Provd(folder / "state", "--config", str(settings), *FREE_PORTS))
        Thread(target=drain, args=(provd,), daemon=True).start()
        prepare(provd, group.policy)
        kind, port = (TftpAsker, "tftp") if group.tftp else (HttpAsker, "http")
        asker = kind(provd.listening[port])
        times: dict[str, list[float]] = {case.name: [] for case in group.cases}
        answers = set()
        chance = random.Random(7)
        for turn in range(turns + 200):
            for case in chance.sample(group.cases, len(group.cases)):
                request = case.ask(chance.randrange(PHONES))
                began = time.perf_counter()
                answer = asker.ask(request)
                took = time.perf_counter() - began
                answers.add(seen(answer))
                if turn >= 200:  # before that it warms up
                    times[case.name].append(took * 1e6)
        return times, len(answers) == 1


def rows(turns: int) -> Iterator[tuple[str, bool]]:
    for group in GROUPS:
        times, same = measured(group, turns)
        medians = {name: statistics.median(all_of) for name, all_of in times.items()}
        middle = statistics.median(medians.values())
        for name, median in medians.items():
            apart, nine = median / middle - 1, statistics.quantiles(times[name], n=10)[8]
            good = abs(apart) <= MOST_APART and same
            words = "met" if good else "missed" if same else "answers differ"
            line = f"| {group.name} | {name} | {median:.1f} | {nine:.1f} | {apart * 100:+.1f} % | {words} |"
            print(line, flush=True)
            yield line, good


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the table to bench/RESULTS.md")
    parser.add_argument(
        "--turns", type=int, default=TURNS, help="requests of each sort; default: %(default)s"
    )
    options = parser.parse_args()
    found = list(rows(options.turns))
    if options.write:
        write("strangers", section("\n".join(line for line, _ in found), options.turns))
    raise SystemExit(0 if all(good for _, good in found) else 1)


def section(table: str, turns: int) -> str:
    return f"""## Strangers

`python bench/strangers.py`, {date.today().isoformat()}. {turns:,} requests of each sort in turns, one connection; the last
column but one is how far the median is from the middle one of its group, of which the target is 5 %. All answers of a group
have the same bytes, but for date and nonce.

| asked | for | median, us | 90 %, us | apart |  |
| --- | --- | --- | --- | --- | --- |
{table}
"""


if __name__ == "__main__":
    main()
