"""provd with every vendor folder, in memory, asked by simulated phones: what tests of whole boots share."""

import itertools
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from twisted.internet.task import Clock, deferLater

from provserver.address import Networks
from provserver.core.firmware import Firmware
from provserver.core.fitness import Fitness
from provserver.core.last_good import LastGood
from provserver.core.limits import Admission, Buckets, NatWatch
from provserver.core.render import Renderer
from provserver.core.resolve import Resolver
from provserver.core.surroundings import Surroundings, compiled
from provserver.core.timeline import Timelines
from provserver.core.waiting import Waiting
from provserver.model import Answer, Commit, Config, Device, Document, Json, Put, Sighting, Tenant
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Booted, Fetch, Fetched, Memory, Phone
from provserver.provisioner import Provisioner
from provserver.store.memory import MemoryStore
from provserver.vendors.files import LocalFiles
from provserver.vendors.loader import load

ROOT = Path(__file__).resolve().parents[2]
SERVER = "http://10.0.0.1:8667/"
KEY = "Key-of-master"
MARKED = "^Waiting [2-9A-HJ-NP-Z]{6}$"  # what a phone shows that waits for its user
LOADED = load([ROOT / "plugins"], None)
LINE = {
    "username": "u1001",
    "password": "pw",
    "display_name": "Alice",
    "number": "1001",
    "proxy_ip": "10.0.0.2",
}
KEYS = {"1": {"type": "blf", "value": "1010", "label": "Bob"}, "2": {"type": "park", "value": "701"}}
USERS = {
    "sip_lines": {str(at): {**LINE, "number": str(1000 + at)} for at in range(1, 21)},
    "funckeys": {str(at): KEYS[str(at % 2 + 1)] for at in range(1, 201)},
    "timezone": "America/New_York",
    "locale": "fr_CA",
}


class Provd:
    """The Provisioner over a store in memory and the vendor folders on disk."""

    def __init__(self, state: Path, upgrades: frozenset[str] = frozenset()) -> None:
        self.clock = Clock()
        self.clock.advance(1_800_000_000)
        autoprov = {
            "sip_lines": {
                "1": {
                    "username": "ap0017",
                    "password": "pw-slot",
                    "display_name": "Waiting",
                    "proxy_ip": "10.0.0.2",
                }
            }
        }
        self.store = MemoryStore(
            (
                Tenant("master", name="master", key=KEY),
                Config("defaultconfigdevice"),
                Config("autoprov", parents=("defaultconfigdevice",), raw=_json(autoprov), role="autocreate"),
                Config("users", parents=("defaultconfigdevice",), raw=_json(USERS)),
            ),
            clock=self.clock,
        )
        files = LocalFiles(state)
        files.refresh(LOADED)
        renderer = Renderer(files.template, 1_000_000, files.overridden)
        nat = NatWatch()
        resolver = Resolver({}, 69)
        around = Surroundings(
            store=self.store,
            files=files,
            renderer=renderer,
            fitness=Fitness(renderer, lambda: date(2027, 1, 15)),
            resolver=resolver,
            waiting=Waiting(self.store, resolver, b"key of marks", keep_s=86_400.0),
            allowed=Networks(["10.0.0.0/8"]),
            is_nat=nat.is_nat,
            admission=Admission(Buckets(1000, 60), Buckets(1000, 60), most_waiting=1000),
            advertised_url=None,
            http_port=8667,
            uploads_by=frozenset({"http"}),
            firmware=Firmware(files, upgrades),
            last_good=LastGood(1_000_000),
        )
        ids = itertools.count(1)
        self.provisioner = Provisioner(
            compiled(LOADED.vendors),
            around,
            nat,
            Timelines(20, 1_000_000),
            SERVER,
            new_id=lambda: f"{next(ids):032x}",
            pause=lambda seconds: deferLater(self.clock, seconds),
        )
        self.answers: list[Answer] = []

    def boot(
        self, phone: Phone, memory: Memory | None = None, ip: str = "10.0.0.7", server: str = SERVER
    ) -> tuple[Booted, Sequence[tuple[str, int]]]:
        """Return what the phone has become, and its files with how they were answered."""
        script = PROFILES[phone.vendor].boot(phone, server, memory or Memory())
        told = []
        fetch = next(script)
        while True:
            fetched = self.asked(fetch, ip)
            told.append((fetch.name.removeprefix(f"{KEY}/"), fetched.status))
            try:
                fetch = script.send(fetched)
            except StopIteration as done:
                booted: Booted = done.value
                return booted, told

    def device(self, phone: Phone) -> Device:
        (device,) = self.store.find(Device, "mac", phone.mac)
        return device

    def asked(self, fetch: Fetch, ip: str) -> Fetched:
        """Answer as the HTTP shell does."""
        self.clock.advance(1)
        sighting = Sighting(
            "http",
            self.clock.seconds(),
            ip,
            SERVER.rstrip("/"),
            fetch.url.removeprefix(SERVER),
            method=fetch.method or "GET",
            user_agent=fetch.headers["User-Agent"],
        )
        told: list[Answer] = []
        self.provisioner.answer(sighting).addCallback(told.append)
        (answer,) = told
        self.answers.append(answer)
        file = answer.file
        if file is None:
            return Fetched(204 if answer.outcome == "noted" else 404)
        if fetch.headers.get("If-None-Match") == file.etag:
            return Fetched(304)
        body = Path(file.place).read_bytes() if file.place else file.body
        assert body is not None
        return Fetched(200, {"etag": file.etag}, body)

    def put(self, document: Document) -> None:
        self.store.commit(Commit((Put(document, None),), "test", "set up"))


def _json(value: object) -> Json:
    return Json(json.dumps(value).encode())
