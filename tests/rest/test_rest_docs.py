"""docs/rest.md: its examples are run, and every route has one."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import msgspec
from attrs import frozen
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.learn import discover
from provserver.model import Facts
from provserver.rest.codec import shapes
from provserver.rest.messages import ROOT, Route
from provserver.rest.openapi import refusals
from provserver.rest.site import all_routes
from tests.fakes.rest import RestOffice
from tests.vendors.making import ROOT as CHECKOUT
from tests.vendors.making import vendor, vendors

DOCS = (CHECKOUT / "docs/rest.md").read_text()
ANY = "…"
PHONE = {"path": "0015654aa937.cfg", "user_agent": "Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37"}


@frozen
class Example:
    method: str
    path: str  # under ROOT, as a client sends it
    sent: str
    status: int
    answer: str
    headers: dict[str, str]  # of both
    line: int


def examples() -> Iterator[Example]:
    for block in re.finditer(r"^```http\n(.*?)^```$", DOCS, re.DOTALL | re.MULTILINE):
        question, _, answer = block[1].partition("\n\n")
        first, *above = question.splitlines()
        method, path = first.split(" ", 1)
        status, *below = answer.splitlines()
        headers = dict(line.split(": ", 1) for line in (*above, *below) if re.match(r"[A-Z][\w-]+: ", line))
        rest = [[line for line in lines if not re.match(r"[A-Z][\w-]+: ", line)] for lines in (above, below)]
        yield Example(
            method,
            quote(path, safe="/?=&%:,").removeprefix(ROOT),
            "\n".join(rest[0]),
            int(status),
            "\n".join(rest[1]),
            headers,
            DOCS[: block.start()].count("\n") + 1,
        )


def fits(shown: object, got: object) -> bool:
    """Compare what the documentation shows; ANY is any value, as a list's last item any further ones."""
    if shown == ANY:
        return True
    if isinstance(shown, dict) and isinstance(got, dict):
        return shown.keys() == got.keys() and all(fits(shown[name], got[name]) for name in shown)
    if isinstance(shown, list) and isinstance(got, list):
        if shown and shown[-1] == ANY:
            shown, got = shown[:-1], got[: len(shown) - 1]
        return len(shown) == len(got) and all(map(fits, shown, got))
    return shown == got


class ExampleTests(SynchronousTestCase):
    def office(self) -> RestOffice:
        office = RestOffice()
        office.plugins.take(vendors())
        folder = Path(vendor("yealink").templates)
        office.files.templates = {path.name: path.read_text() for path in folder.glob("*.tpl")}
        return office

    def test_each_example_is_true(self) -> None:
        """An example that lies costs its reader an hour."""
        office = self.office()
        for example in examples():
            happen(office, example)
            body = example.sent.encode() if example.sent else None
            answer = office.asks(example.method, example.path, body, headers=sent_headers(example))
            where = f"docs/rest.md, line {example.line}: {answer.text}"
            self.assertEqual(answer.status, example.status, where)
            if "Location" in example.headers:
                self.assertEqual(answer.headers["location"], example.headers["Location"], where)
            if example.answer == ANY:
                self.assertTrue(answer.body, where)
            elif answer.headers.get("content-type", "").startswith(("text/plain", "text/event-stream")):
                self.assertEqual(answer.text.strip(), example.answer, where)
            elif example.answer or answer.body:
                self.assertTrue(fits(json.loads(example.answer), answer.json), where)

    def test_each_answer_is_what_its_route_says(self) -> None:
        """The described API is the one that runs: statuses, and the shapes of bodies and answers."""
        office = self.office()
        routes = all_routes(office.behind)
        for example in examples():
            happen(office, example)
            body = example.sent.encode() if example.sent else None
            headers = {**sent_headers(example), "Accept": "application/json"}
            answer = office.asks(example.method, example.path, body, headers=headers)
            path = unquote(urlsplit(example.path).path)
            route = next(route for route in routes if serves(route, example.method, path))
            where = (example.line, answer.text)
            if answer.status >= 400:
                self.assertIn(answer.status, refusals(route), where)
                msgspec.convert(answer.json, shapes.Error)
                continue
            self.assertEqual(answer.status, route.success, where)
            self.assertEqual(bool(answer.body), bool(route.gives or route.media_type), where)
            if route.takes:
                msgspec.convert(json.loads(example.sent), route.takes)
            if route.gives:
                msgspec.convert(answer.json, route.gives)

    def test_every_route_has_an_example(self) -> None:
        """A route that nobody can read about is not there."""
        office = self.office()
        routes = all_routes(office.behind)
        shown = [(example.method, unquote(urlsplit(example.path).path)) for example in examples()]
        for route in routes:
            self.assertTrue(any(serves(route, method, path) for method, path in shown), route)
        for method, path in shown:
            self.assertTrue(any(serves(route, method, path) for route in routes), (method, path))


def sent_headers(example: Example) -> dict[str, str]:
    return {name: value for name, value in example.headers.items() if name in ("Accept", "Content-Type")}


def happen(office: RestOffice, example: Example) -> None:
    """Let phones do what an example is about."""
    if example.path.endswith("/timeline"):
        assert office.answer(**PHONE).outcome == "file"
    elif example.path.startswith("/security/sources?"):
        office.answer(ip="203.0.113.9", path="0015654aa938.cfg", user_agent="")
    elif example.path.startswith("/security/pending?"):
        facts = Facts(mac="00:15:65:4a:a9:38", vendor="Yealink", model="T46S")
        learnt = discover(facts, "new-desk", "master", "yealink-v86", None)
        office.reception.pending.add(learnt, "10.0.0.8", office.clock.seconds())


def serves(route: Route, method: str, path: str) -> bool:
    pattern = re.sub(r"<\w+>", "[^/]+", route.path)
    return method == route.method and re.fullmatch(pattern, path) is not None
