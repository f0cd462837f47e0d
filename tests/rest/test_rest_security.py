"""/security and /metrics: an administrator sees who is kept out, and lets in whom the limits did not."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.pending import PendingDevices
from provserver.core.reception import Reception
from provserver.core.sources import Bounds, Sources
from provserver.model import Config, Device, Tenant
from tests.fakes.office import MAC
from tests.fakes.rest import RestOffice

ELSEWHERE = "203.0.113.9"
FILE = "00aced000001.cfg"


def path_of(number: int) -> str:
    return f"00aced{number:06x}.cfg"


class SourcesTests(SynchronousTestCase):
    def setUp(self) -> None:
        reception = Reception(Sources(elsewhere=Bounds(slowed=2, refused=3)), PendingDevices())
        self.office = RestOffice(reception=reception)

    def guess(self, count: int, ip: str = ELSEWHERE) -> None:
        for number in range(count):
            self.office.asked(ip=ip, path=path_of(number), user_agent="")
            self.office.clock.advance(3)

    def test_a_source_is_shown_with_why(self) -> None:
        """Who looks must see whether it is an attack or a wrong key."""
        self.guess(4)
        self.guess(1, "2001:db8::7")
        answer = self.office.asks("GET", "/security/sources")
        self.assertEqual(answer.status, 200)
        watched, refused = answer.json["sources"]
        self.assertEqual((watched["address"], watched["state"]), ("2001:db8::", "watched"))
        self.assertEqual(
            refused,
            {
                "address": ELSEWHERE,
                "transport": "tcp",
                "state": "refused",
                "phones": 3,
                "oui": "00:ac:ed",
                "requests": 4,
                "since": "2027-01-15T08:00:00.000Z",
                "last": "2027-01-15T08:00:09.000Z",
                "until": "2027-01-15T08:10:06.000Z",
            },
        )

    def test_lists_have_pages(self) -> None:
        """As all lists of this API."""
        for number in range(3):
            self.guess(number + 1, f"192.0.2.{number}")
        for query, expected in (
            ("", [2, 1, 0]),
            ("?limit=1", [2]),
            ("?skip=1", [1, 0]),
            ("?sort=phones", [0, 1, 2]),
            ("?sort=phones&sort_ord=DESC&skip=1&limit=1", [1]),
            ("?sort=until", [1, 0, 2]),
            ("?sort=nothing", [2, 1, 0]),
        ):
            answer = self.office.asks("GET", f"/security/sources{query}")
            found = [source["address"] for source in answer.json["sources"]]
            self.assertEqual(found, [f"192.0.2.{number}" for number in expected], query)

    def test_it_is_cleared(self) -> None:
        """One by any of its addresses, or all; what is not there is 404, what is no address 400."""
        self.guess(4)
        self.guess(4, "2001:db8::7")
        self.assertEqual(self.office.asks("DELETE", "/security/sources/2001:db8::8").status, 204)
        self.assertEqual(self.office.asks("DELETE", "/security/sources/2001:db8::8").status, 404)
        self.assertEqual(self.office.asks("DELETE", "/security/sources/nobody").status, 400)
        self.assertEqual(self.office.asks("DELETE", "/security/sources").status, 204)
        self.assertEqual(self.office.asks("GET", "/security/sources").json, {"sources": []})

    def test_only_the_master_tenant_sees_them(self) -> None:
        """An address may be any tenant's."""
        self.office.put(Tenant("anna", parent="master"))
        self.office.use(self.office.tenants)
        for method, path in (
            ("GET", "/security/sources"),
            ("DELETE", "/security/sources"),
            ("DELETE", "/security/sources/10.0.0.7"),
        ):
            self.assertEqual(self.office.asks(method, path, token="anna").status, 403)
        self.assertEqual(self.office.asks("GET", "/security/sources", token="master").status, 200)

    def test_each_route_asks_for_an_acl_of_its_own(self) -> None:
        """A program that watches must not be able to forgive."""
        self.office.use(self.office.tenants)
        for method, path in (
            ("GET", "/security/sources"),
            ("DELETE", "/security/sources/2001:db8::1"),
            ("POST", "/security/pending/p1/approve"),
            ("GET", "/metrics"),
        ):
            self.office.asks(method, path, {} if method == "POST" else None, token="master")
        self.assertEqual(
            [acl for _, acl, _ in self.office.tenants.asked],
            [
                "provd.security.sources.read",
                "provd.security.sources.2001:db8::1.delete",
                "provd.security.pending.p1.approve.create",
                "provd.metrics.read",
            ],
        )


class PendingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice(burst=0)

    def come(self, number: int = 1, **fields: object) -> None:
        mac = f"00:ac:ed:00:00:{number:02x}"
        answer = self.office.answer(user_agent=f"acme A60 2.1 {mac}", path=path_of(number), **fields)
        self.assertEqual((answer.outcome, answer.device), ("busy", None))
        self.office.clock.advance(1)

    def pending(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self.office.asks("GET", "/security/pending").json["pending"]
        return found

    def test_a_phone_beyond_the_limits_waits_and_is_made_as_discovery_would_have(self) -> None:
        """The same device, with the same config and plugin; then it is served at once."""
        self.come()
        (pending,) = self.pending()
        self.assertEqual(
            {name: pending[name] for name in ("mac", "vendor", "model", "plugin", "tenant_uuid", "ip", "sn")},
            {
                "mac": MAC,
                "vendor": "Acme",
                "model": "A60",
                "plugin": "acme-2",
                "tenant_uuid": "master",
                "ip": "10.0.0.7",
                "sn": None,
            },
        )
        self.assertEqual(
            self.office.asks("GET", f"/security/pending/{pending['id']}").json, {"pending": pending}
        )
        answer = self.office.asks("POST", f"/security/pending/{pending['id']}/approve", {})
        self.assertEqual((answer.status, answer.json), (201, {"id": pending["id"]}))
        self.assertEqual(answer.headers["location"], f"/0.2/dev_mgr/devices/{pending['id']}")
        self.assertEqual(self.pending(), [])
        served = self.office.answer(path=FILE)
        self.assertEqual((served.outcome, served.device), ("file", pending["id"]))

        free = RestOffice()
        made = free.store.get(Device, free.answer(path=FILE).device or "")
        approved = self.office.store.get(Device, str(pending["id"]))
        self.assertEqual(evolve(approved, id="", rev=0, config=None), evolve(made, id="", rev=0, config=None))
        configs = [
            office.store.get(Config, device.config or "")
            for office, device in ((self.office, approved), (free, made))
        ]
        self.assertEqual(*(evolve(config, id="", rev=0) for config in configs))

    def test_it_is_dropped(self) -> None:
        """One, or all; nothing is made of it."""
        for number in (1, 2, 3):
            self.come(number)
        first, *others = self.pending()
        self.assertEqual(self.office.asks("DELETE", f"/security/pending/{first['id']}").status, 204)
        self.assertEqual(self.pending(), others)
        for method, path in (("DELETE", ""), ("GET", ""), ("POST", "/approve")):
            body: object = {} if method == "POST" else None
            answer = self.office.asks(method, f"/security/pending/{first['id']}{path}", body)
            self.assertEqual(answer.status, 404)
        self.assertEqual(self.office.asks("DELETE", "/security/pending").status, 204)
        self.assertEqual((self.pending(), self.office.devices()), ([], []))

    def test_one_that_is_a_device_by_now_is_not_made_twice(self) -> None:
        """Somebody has made it by hand meanwhile."""
        self.come()
        (pending,) = self.pending()
        self.office.put(Device("by-hand", mac=MAC, tenant="master"))
        answer = self.office.asks("POST", f"/security/pending/{pending['id']}/approve", {})
        self.assertEqual((answer.status, "by-hand" in answer.text), (409, True))
        self.assertEqual((self.pending(), len(self.office.devices())), ([], 1))

    def test_a_tenant_sees_its_own(self) -> None:
        """And the master tenant those beneath it, if it asks for them."""
        self.office.put(Tenant("anna", parent="master", key="Key-of-anna"))
        self.office.use(self.office.tenants)
        self.come(1)
        answer = self.office.answer(
            user_agent="acme A60 2.1 00:ac:ed:00:00:02", path=f"Key-of-anna/{path_of(2)}", ip=ELSEWHERE
        )
        self.assertEqual(answer.outcome, "busy")
        mine = self.office.asks("GET", "/security/pending", token="anna").json["pending"]
        self.assertEqual([one["tenant_uuid"] for one in mine], ["anna"])
        masters = self.office.asks("GET", "/security/pending", token="master").json["pending"]
        self.assertEqual([one["tenant_uuid"] for one in masters], ["master"])
        both = self.office.asks("GET", "/security/pending?recurse=true", token="master").json["pending"]
        self.assertEqual(len(both), 2)
        other = f"/security/pending/{masters[0]['id']}"
        self.assertEqual(self.office.asks("GET", other, token="anna").status, 404)
        self.assertEqual(self.office.asks("DELETE", "/security/pending", token="anna").status, 204)
        self.assertEqual(len(self.office.reception.pending), 1)


class MetricsTests(SynchronousTestCase):
    def test_they_are_text(self) -> None:
        """What Prometheus reads, whatever it says that it accepts."""
        answer = RestOffice().asks("GET", "/metrics", headers={"Accept": "application/openmetrics-text"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertEqual(answer.text.splitlines()[-1], "provd_devices_made_total 1")
