"""An office in memory: a Provisioner over a MemoryStore, the vendor Acme, and a clock."""

import itertools
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater

from provserver.address import Networks
from provserver.core.access.digests import Digests
from provserver.core.access.policy import DEFAULT, Policy
from provserver.core.firmware import Firmware
from provserver.core.fitness import Fitness
from provserver.core.last_good import LastGood
from provserver.core.limits import Admission, Buckets, NatWatch
from provserver.core.pending import PendingDevices
from provserver.core.reception import Reception
from provserver.core.render import Renderer
from provserver.core.resolve import Resolver
from provserver.core.sources import Sources
from provserver.core.surroundings import Surroundings, compiled
from provserver.core.timeline import Timelines
from provserver.core.waiting import Waiting
from provserver.interfaces import IStore
from provserver.model import Answer, Commit, Config, Device, Document, Json, Protocol, Put, Sighting, Tenant
from provserver.provisioner import Provisioner
from provserver.store.memory import MemoryStore
from tests.fakes.files import MemoryFiles
from tests.fakes.vendors import TEMPLATES, Acme

MAC = "00:ac:ed:00:00:01"
KEY = "Key-of-master"
OTHER_KEY = "Key-of-anna"


def json_of(value: object) -> Json:
    return Json(json.dumps(value).encode())


def own_config(config_id: str, parents: tuple[str, ...] = ()) -> Config:
    """Return the config of a user's phone."""
    line = {"username": "anna", "password": "s3cret", "display_name": "Anna", "proxy_ip": "10.0.0.2"}
    return Config(config_id, parents=parents, raw=json_of({"sip_lines": {"1": line}}))


SEEDS: tuple[Document, ...] = (
    Tenant("master", name="master"),
    Config("defaultconfigdevice"),
    Config(
        "autoprov",
        parents=("defaultconfigdevice",),
        raw=json_of({"sip_lines": {"1": {"username": "waiting", "password": "autoprov-secret"}}}),
        role="autocreate",
    ),
)


class Office:
    """Where phones boot. `commit` goes to the store as it is, past the Provisioner's checks."""

    def __init__(
        self,
        burst: int = 100,
        store: IStore | None = None,
        uploads_by: frozenset[Protocol] = frozenset(),
        upgrades: frozenset[str] = frozenset(),
        last_good: LastGood | None = None,
        policy: Policy = DEFAULT,
        reception: Reception | None = None,
        new_passwords: Callable[[], Json] | None = None,
    ) -> None:
        self.clock = Clock()
        self.clock.advance(1_800_000_000)
        self.memory = MemoryStore(SEEDS, clock=self.clock)
        self.store: IStore = store or self.memory
        self.files = MemoryFiles(templates=TEMPLATES)
        self.nat = NatWatch()
        self.resolver = Resolver({}, 69)
        self.reception = reception or Reception(Sources(), PendingDevices())
        self.waiting = Waiting(self.memory, self.resolver, b"key of marks", keep_s=86_400.0)
        renderer = Renderer(self.files.template, 1_000_000, self.files.overridden)
        around = self.around = Surroundings(
            store=self.store,
            files=self.files,
            renderer=renderer,
            fitness=Fitness(renderer, lambda: date(2027, 1, 15)),
            resolver=self.resolver,
            waiting=self.waiting,
            allowed=Networks(["10.0.0.0/8"]),
            is_nat=self.nat.is_nat,
            admission=Admission(Buckets(burst, 60), Buckets(burst, 60), most_waiting=1000),
            advertised_url=None,
            http_port=8667,
            uploads_by=uploads_by,
            firmware=Firmware(self.files, upgrades),
            last_good=last_good or LastGood(0),
            policy=policy,
            digests=Digests(b"key of the office"),
            sources=self.reception.sources,
            new_passwords=new_passwords,
        )
        ids = itertools.count(1)
        self.provisioner = Provisioner(
            compiled((Acme(),)),
            around,
            self.nat,
            Timelines(20, 1_000_000),
            "http://10.0.0.1:8667",
            new_id=lambda: f"{next(ids):032x}",
            pause=lambda seconds: deferLater(self.clock, seconds),
            reception=self.reception,
        )

    def sighting(self, **fields: Any) -> Sighting:
        """Return a request of the phone MAC, an Acme A60 in the office, but for the fields given."""
        known = {
            "protocol": "http",
            "at": self.clock.seconds(),
            "ip": "10.0.0.7",
            "base": "http://10.0.0.1:8667",
            "user_agent": f"acme A60 2.1 {MAC}",
        }
        return Sighting(**{**known, **fields})

    def asked(self, **fields: Any) -> Deferred[Answer]:
        return self.provisioner.answer(self.sighting(**fields))

    def answer(self, **fields: Any) -> Answer:
        """Return the answer to a request; it must not have to wait."""
        answers: list[Answer] = []
        self.asked(**fields).addCallback(answers.append)
        (answer,) = answers
        return answer

    def put(self, *documents: Document) -> None:
        self.memory.commit(Commit(tuple(Put(document, None) for document in documents), "test", "set up"))

    def devices(self) -> list[Device]:
        found: list[tuple[Device, ...]] = []
        self.memory.select(Device, json_of({}), lambda device: {"id": device.id}, "", 0, 0).addCallback(
            found.append
        )
        return list(found[0]) if found else []

    def locale(self, path: str) -> object:
        """Return the locale in the settings that the phone's file is made from."""
        answer = self.answer(path=path)
        device = self.store.get(Device, answer.device or "")
        assert device.config
        return json.loads(self.provisioner.raw_config(device.config)).get("locale")
