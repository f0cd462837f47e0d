"""All limits: docs/limits.md has each with its default, its metric and a test that exists."""

import re
from pathlib import Path

from attrs import fields
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.metrics import Metric
from provserver.model import Slot
from provserver.pbx.interfaces import Calling
from provserver.settings import Limits, ServerSettings
from provserver.tap import watching
from tests.fakes.rest import RestOffice
from tests.http.wire import Site
from tests.tftp.lab import Lab

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = (ROOT / "docs/limits.md").read_text()


def table(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without the first two lines."""
    section = re.split(r"^## ", DOCS.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def metrics() -> tuple[watching.Metrics, RestOffice, Site, Lab]:
    settings = ServerSettings()
    reception = watching.reception(settings)
    office, site, lab = RestOffice(reception=reception), Site(), Lab()
    found = watching.Metrics(
        reception,
        office.store,
        (site.factory,),
        lab.server,
        office.clock.seconds,
        office.waiting.slots,
        office.claims,
        office.resyncs,
    )
    return found, office, site, lab


def values(found: watching.Metrics) -> dict[str, Metric]:
    return {metric.name: metric for metric in found.read()}


class TableTests(SynchronousTestCase):
    def test_every_limit_is_in_the_table_with_its_default(self) -> None:
        """Who reads it must find all there is."""
        shown = {}
        for setting, defaults, *_ in table("All limits"):
            name = setting.strip("`")
            ends = ("local", "elsewhere") if name.endswith("_*") else ("",)
            for end, default in zip(ends, defaults.split(", "), strict=True):
                shown[name.removesuffix("*") + end] = int(default)
        self.assertEqual(shown, {one.name: one.default for one in fields(Limits)})

    def test_the_tests_that_it_names_exist(self) -> None:
        """A limit without a test is a promise."""
        sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
        for setting, *_, test in table("All limits"):
            self.assertIn(f"def {test.strip('`')}(", sources, setting)

    def test_the_metrics_that_it_names_are_there(self) -> None:
        """And no other."""
        found, *_ = metrics()
        rows = table("Metrics")
        self.assertEqual(
            {name.strip("`"): kind for name, kind, _ in rows},
            {name: metric.kind for name, metric in values(found).items()},
        )


class MetricsTests(SynchronousTestCase):
    def test_claims_and_resyncs_are_counted(self) -> None:
        """By how they ended; and the slots that are left."""
        found, office, _, _ = metrics()
        office.put(Slot("ap0000", password="x"), Slot("ap0001", password="x"))
        office.claims.claim("111111", Calling()).addErrback(lambda _: None)
        office.resyncs.begin("d1")
        office.resyncs.end("d1")
        office.resyncs.end("d2", "resync.not-fetched")
        told = values(found)
        self.assertEqual(told["provd_claims_total"].values, {("claim", "phone.none"): 1})
        self.assertEqual(told["provd_resyncs"].values, {("waiting",): 1})
        self.assertEqual(
            told["provd_resyncs_ended_total"].values, {("fetched",): 1, ("resync.not-fetched",): 1}
        )
        self.assertEqual(told["provd_slots"].values, {("given",): 0, ("free",): 2})

    def test_what_phones_ask_is_counted(self) -> None:
        """By protocol and outcome, with the devices that it made, and the commits that this took."""
        found, office, _, _ = metrics()
        office.answer(path="00aced000001.cfg")
        office.answer(path="00aced000001.cfg")
        office.answer(path="00aced000002.cfg", ip="203.0.113.9", user_agent="", protocol="tftp")
        told = values(found)
        self.assertEqual(told["provd_requests_total"].values, {("http", "file"): 2, ("tftp", "nothing"): 1})
        self.assertEqual(told["provd_devices_made_total"].values, {(): 1})
        self.assertEqual(told["provd_devices_waiting"].values, {(): 1})
        self.assertEqual(told["provd_sources"].values, {("watched",): 1, ("slowed",): 0, ("refused",): 0})
        self.assertEqual(told["provd_store_commits_total"].values, {(): 1})

    def test_what_http_refuses_is_counted_by_its_limit(self) -> None:
        """Also what ends because a phone is slow."""
        found, _, site, _ = metrics()
        site.ask(b"GET /a HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")
        site.ask(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n", method="POST")
        site.phone().send(b"GET /slow HT")
        self.assertEqual(values(found)["provd_http_connections"].values, {(): 3})
        site.clock.advance(3)
        for _ in range(12):
            site.clock.advance(3)
        told = values(found)
        self.assertEqual(told["provd_http_refused_total"].values, {("431",): 1, ("413",): 1, ("408",): 1})
        hits = told["provd_limit_hits_total"].values
        self.assertEqual((hits["http_header_bytes",], hits["phone_body_bytes",]), (1, 1))
        self.assertGreaterEqual(hits["http_idle_s",], 1)

    def test_what_tftp_does_is_counted(self) -> None:
        """As its own counters have it."""
        found, _, _, lab = metrics()
        lab.phone().asks("nothing.cfg")
        told = values(found)
        self.assertEqual(told["provd_tftp_requests_total"].values, {(): 1})
        self.assertEqual(told["provd_tftp_refused_total"].values, {(): 1})
        self.assertEqual(told["provd_limit_hits_total"].values, {("tftp_transfers",): 0})
