"""Security: no log, step, event, history, error, metric or traceback tells a secret."""

import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from attrs import evolve, fields
from twisted.internet.testing import StringTransport
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.secrets import is_secret
from provserver.logs import observer
from provserver.model import (
    NOTHING,
    Asked,
    Config,
    Device,
    Document,
    Line,
    Pairing,
    Parameter,
    Settings,
    Sighting,
    Slot,
    Tenant,
    Token,
)
from provserver.raw_config.fields import FIELDS, LINE
from provserver.store.codec import KINDS
from tests.fakes.office import MAC, json_of
from tests.fakes.rest import TOKEN, RestOffice

ROOT = Path(__file__).resolve().parent.parent.parent
CANARY = "c4n4ry"
FILE = MAC.replace(":", "") + ".cfg"
LINE_SECRETS = {name: CANARY for name, field in LINE.items() if field.secret}
RAW: dict[str, Any] = {
    **{
        name: [CANARY] if "list" in field.kind.expected else CANARY
        for name, field in FIELDS.items()
        if field.secret
    },
    "X_api_token": CANARY,
    "X_url": f"http://anna:{CANARY}@10.0.0.9/book",
    "sip_lines": {"1": {"username": "anna", **LINE_SECRETS}},
}
KEY = f"{CANARY}-key-of-master"


DOCUMENTS: tuple[Document, ...] = (
    Tenant("master", name="master", key=KEY),
    Config("c1", raw=json_of(RAW), other=json_of({"X_password": CANARY})),
    Device(
        "d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master",
        options=json_of({"secret": CANARY}), passwords=json_of({"admin_password": CANARY}),
    ),
    Line("l1", tenant="master", account=json_of(LINE_SECRETS), code=None, options=json_of({"X_token": CANARY})),
    Slot("ap1", password=CANARY),
    Token("k1", name="Anna", digest=CANARY, tenant="master"),
    Pairing("d1", token=CANARY),
    Parameter("http_proxy", value=f"http://anna:{CANARY}@proxy:3128"),
)  # fmt: skip


class SecretsInTheDebugLogTests(SynchronousTestCase):
    """One day of an office in which everything that can go wrong does, at every level of the log."""

    def setUp(self) -> None:
        self.events: list[LogEvent] = []
        keep = cast(ILogObserver, self.events.append)
        globalLogPublisher.addObserver(keep)
        self.addCleanup(globalLogPublisher.removeObserver, keep)
        self.office = RestOffice()
        self.office.put(*DOCUMENTS)
        channel = self.office.site.buildProtocol(None)
        assert channel
        self.stream = StringTransport()
        channel.makeConnection(self.stream)
        channel.dataReceived(
            f"GET /0.2/events HTTP/1.1\r\nHost: provd\r\nX-Auth-Token: {TOKEN}\r\n\r\n".encode()
        )
        self.office.clock.advance(0)
        self.answers: list[str] = []
        self.timelines: list[tuple[Asked, ...]] = []

    def ask(self, method: str, path: str, body: object = None) -> None:
        self.answers.append(self.office.asks(method, path, body).text)

    def boot(self) -> None:
        """Phones ask: with the key and without it, for what is there and what cannot be made."""
        for path in (
            FILE,
            f"{KEY}/{FILE}",
            f"{KEY}/common.cfg",
            f"{KEY}/none",
            f"another-key/{FILE}",
            "common.cfg",
        ):
            for ip in ("10.0.0.7", "203.0.113.9"):
                self.office.answer(path=path, ip=ip)
        self.office.answer(protocol="dhcp", mac=MAC, ip="10.0.0.7", user_agent="")
        self.office.answer(path=FILE, authorization=f'Digest username="x", response="{CANARY}"')
        self.timelines.append(self.office.provisioner.timeline("d1"))

    def break_it(self) -> None:
        """Values that no vendor's file can hold, a template that fails on a secret, and wrong documents."""
        good = json_of(RAW)
        for raw in (
            {"sip_lines": {"1": {"username": "anna", "password": f"{CANARY}\n"}}},
            {"admin_password": CANARY, "locale": 7},
        ):
            self.office.put(Config("c1", raw=json_of(raw)))
            self.boot()
            self.ask("GET", "/dev_mgr/devices/d1/status")
        self.office.put(Config("c1", raw=good))
        for template in (
            "{{ password | int(base=password) }}",
            "{{ password.nothing }}",
            "{{ settings[password] }}",
        ):
            self.office.files.templates["device.tpl"] = template
            self.boot()
        wrong: list[tuple[str, str, object]] = [
            ("PUT", "/cfg_mgr/configs/c1", {"config": {"id": "c1", "parent_ids": [], "raw_config": raw}})
            for raw in (
                {"admin_password": {"x": CANARY}},
                {"sip_lines": {"1": {"password": [CANARY]}}},
                {"sip_lines": [{"password": CANARY}]},
                {"sip_local_key": True, "sip_servers_root_and_intermediate_certificates": CANARY},
                {"password": CANARY},
            )
        ]
        for method, path, body in (
            *wrong,
            ("PUT", "/dev_mgr/devices/d1", {"device": {"options": [CANARY]}}),
            ("PUT", "/dev_mgr/devices/d1", {"device": {"mac": "x", "options": {"token": CANARY}}}),
            ("PUT", "/configure/http_proxy", {"param": {"value": f"http://anna:{CANARY}"}}),
            ("PUT", "/configure/http_proxy", {"param": {"value": f"http://anna:{CANARY}@[x"}}),
            ("PUT", "/configure/plugin_server", {"param": {"value": f"anna:{CANARY}@host/x"}}),
            ("PUT", "/configure/https_proxy", {"param": {"value": f"anna:{CANARY}@host:80"}}),
            ("PUT", "/configure/provisioning_key", {"param": {"value": CANARY}}),
            ("PUT", "/configure/provisioning_key", {"param": {"value": f"{CANARY}/{CANARY}"}}),
            ("GET", f"/explain?ip=10.0.0.7&path={FILE}&key={KEY}&user_agent=acme A60 2.1 {MAC}", None),
            ("GET", f"/explain?ip=203.0.113.9&path={KEY}/{FILE}&user_agent=acme", None),
            ("GET", "/dev_mgr/devices/d1/timeline", None),
            ("GET", "/dev_mgr/devices/d1/history", None),
            ("GET", "/cfg_mgr/configs/c1/history", None),
            ("GET", "/lines/l1/history", None),
            ("GET", "/metrics", None),
            ("GET", "/tokens", None),
            ("GET", "/tenants", None),
        ):
            self.ask(method, path.replace(" ", "%20"), body)

    def test_no_line_of_any_level_and_no_answer_tells_a_secret(self) -> None:
        """A log goes to other machines, into tickets and to consultants."""
        self.boot()
        self.ask("PUT", "/cfg_mgr/configs/c1", {"config": {"id": "c1", "parent_ids": [], "raw_config": RAW}})
        self.break_it()
        self.office.clock.advance(0)
        self.assertGreater(len(self.events), 10)
        self.assertGreater(len(self.stream.value()), 1000)
        for text in (*self.answers, self.stream.value().decode()):
            self.assertNotIn(CANARY, text)
        for event in self.events:
            whole = formatEvent(event) + repr(
                {name: value for name, value in event.items() if name != "log_logger"}
            )
            if failure := event.get("log_failure"):
                whole += failure.getTraceback()
            self.assertNotIn(CANARY, whole)
        for log_format in ("text", "json"):
            out = io.StringIO()
            write = observer(log_format, out)
            for event in self.events:
                write(event)
            self.assertNotIn(CANARY, out.getvalue())
            self.assertIn("\n", out.getvalue())

    def test_steps_and_timelines_have_none(self) -> None:
        """They are kept, and shown to whoever may look at a device."""
        self.break_it()
        kept = repr(self.timelines)
        self.assertIn("render.unfit", kept)
        self.assertIn("render.bad-template", kept)
        self.assertNotIn(CANARY, kept)

    def test_urls_with_passwords_are_masked_in_any_line(self) -> None:
        """Twisted and OpenSSL put URLs into their errors, and we log those."""
        for log_format in ("text", "json"):
            out = io.StringIO()
            event = {
                "log_time": 0.0, "log_level": LogLevel.error, "log_namespace": "twisted.web",
                "log_format": "cannot reach {url}", "url": f"http://anna:{CANARY}@proxy/",
                "log_failure": Failure(ValueError(f"https://a:{CANARY}@b: refused")),
            }  # fmt: skip
            observer(log_format, out)(event)
            self.assertNotIn(CANARY, out.getvalue())
            self.assertIn("anna:***@proxy", out.getvalue())


class SecretsInAReprTests(SynchronousTestCase):
    def test_a_document_in_a_traceback_or_an_assertion_tells_none(self) -> None:
        """`repr` is what everything falls back to that prints a value nobody thought of."""
        shown = [repr(document) for document in DOCUMENTS]
        shown.append(repr(Sighting("http", 0.0, "10.0.0.7", "http://x", key=CANARY, authorization=CANARY)))
        values = {"admin_password": CANARY}
        shown.append(repr(Settings(f"http://x/{CANARY}", values, {1: {"password": CANARY}}, {})))
        for text in shown:
            self.assertNotIn(CANARY, text)

    def test_every_kind_with_secrets_is_in_these_tests(self) -> None:
        """A new kind of document joins them."""
        for name, kind in KINDS.items():
            own = [
                field.name for field in fields(kind) if "secret" in field.metadata and field.name != "other"
            ]
            if own:
                self.assertIn(kind, {type(document) for document in DOCUMENTS}, name)


class SecretsInHistoryTests(SynchronousTestCase):
    def test_each_kind_of_document_is_masked(self) -> None:
        """The history outlives the password, and more people read it."""
        office = RestOffice()
        for document in DOCUMENTS:
            office.put(evolve(document, other=json_of({"X_secret": CANARY})))
            (committed,) = self.successResultOf(office.memory.history(type(document), document.id, 1))
            (change,) = committed.commit.changes
            for field in fields(type(document)):
                value = getattr(change.document, field.name)  # type: ignore[union-attr]  # it is a Put
                self.assertNotIn(CANARY, repr(value), f"{type(document).__name__}.{field.name}")
                if field.name == "raw":
                    self.assertNotEqual(value, NOTHING)


class LogCallsTests(SynchronousTestCase):
    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        for path in sorted((ROOT / "provserver").rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name) | ast.Name(id=name))):
                        if name in ("log", "_log"):
                            yield f"{path}:{node.lineno}", node

    def test_no_log_call_is_given_a_field_that_sounds_like_a_secret(self) -> None:
        """Formats are fixed texts, and what goes into them has a name: so a machine can look."""
        calls = list(self.calls())
        self.assertGreater(len(calls), 40)
        for place, call in calls:
            names = [keyword.arg for keyword in call.keywords if keyword.arg]
            names += [node.attr for keyword in call.keywords for node in ast.walk(keyword.value)
                      if isinstance(node, ast.Attribute)]  # fmt: skip
            for name in names:
                self.assertFalse(
                    is_secret(name) or name in ("key", "raw", "body", "authorization"), f"{place}: {name}"
                )
