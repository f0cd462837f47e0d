"""What is common to all routes: order of checks, media types, errors, methods, bodies, clients that go away."""

import json
from collections.abc import Callable
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import AuthAway, Closed, ProvdError, StoreFull
from provserver.interfaces import IStore
from provserver.model import Commit, Committed, Config
from provserver.store.memory import MemoryStore
from tests.fakes.rest import HOUSE, MOST_BODY, TOKEN, Connection, RestOffice

JSON = "application/json"
DEVICE = {"device": {"id": "d1"}}


class SlowStore:
    """The office's store, but its commits wait until they are released, or fail."""

    def __init__(self) -> None:
        self.inner: IStore = MemoryStore((), Clock())  # until the office's takes its place
        self.held: list[tuple[Commit, Deferred[Committed]]] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        attribute: Callable[..., object] = getattr(self.inner, name)
        return attribute

    def commit(self, commit: Commit) -> Deferred[Committed]:
        waiting: Deferred[Committed] = Deferred()
        self.held.append((commit, waiting))
        return waiting

    def release(self) -> None:
        commit, waiting = self.held.pop()
        self.inner.commit(commit).chainDeferred(waiting)


class CommonTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.asks = self.office.asks

    def test_every_answer_has_cors_headers_and_a_request_id(self) -> None:
        """A browser shows nothing without the first, and a complaint is found in the log by the second."""
        seen = set()
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/nope", None),
            ("PUT", "/status", {}),
            ("POST", "/dev_mgr/devices", b"{"),
            ("POST", "/dev_mgr/devices", DEVICE),
            ("OPTIONS", "/whatever//x", None),
            ("POST", "/dev_mgr/devices", b"x" * (MOST_BODY + 1)),
        ):
            answer = self.asks(method, path, body)
            self.assertEqual(answer.headers["access-control-allow-origin"], "*")
            self.assertEqual(answer.headers["access-control-expose-headers"], "Location")
            self.assertEqual(answer.headers["access-control-allow-credentials"], "false")
            self.assertIn("X-Auth-Token", answer.headers["access-control-allow-headers"])
            self.assertIn("PUT", answer.headers["access-control-allow-methods"])
            seen.add(answer.headers["x-request-id"])
        self.assertEqual(len(seen), 7)

    def test_options_is_answered_everywhere_without_a_token(self) -> None:
        """A browser asks before it shows its token (contract 2.2)."""
        for path in ("", "/dev_mgr/devices/x", "/nope"):
            answer = self.asks("OPTIONS", path, token=None)
            self.assertEqual((answer.status, answer.body), (200, b""))

    def test_the_order_of_checks(self) -> None:
        """Route, method, token, media type, JSON, shape (contract 2.3): who fails one learns nothing of the next."""
        bad = {"Content-Type": "text/plain"}
        for method, path, body, token, headers, status in (
            ("POST", "/nope", b"{", None, bad, 404),
            ("POST", "/status", b"{", None, bad, 405),
            ("POST", "/dev_mgr/devices", b"{", None, bad, 401),
            ("POST", "/dev_mgr/devices", b"{", TOKEN, bad, 415),
            ("POST", "/dev_mgr/devices", b"{", TOKEN, {}, 400),
            ("POST", "/dev_mgr/devices", b"{}", TOKEN, {}, 500),
            ("POST", "/dev_mgr/devices", b"", TOKEN, {}, 400),
            ("GET", "/dev_mgr/devices", None, None, {"Accept": "text/html"}, 401),
            ("GET", "/dev_mgr/devices", None, TOKEN, {"Accept": "text/html"}, 406),
        ):
            answer = self.asks(method, path, body, token=token, headers=headers)
            self.assertEqual(answer.status, status, (method, path, body, token, headers))

    def test_methods(self) -> None:
        """What a route does not offer is 405 and says what it offers; HEAD is GET without the body."""
        answer = self.asks("DELETE", "/dev_mgr/devices", token=None)
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD, POST"))
        for method in ("PATCH", "PUT", "TRACE", "PROPFIND"):
            self.assertEqual(self.asks(method, "/status").status, 405)
        head, get = self.asks("HEAD", "/status"), self.asks("GET", "/status")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.headers["content-length"], get.headers["content-length"])
        self.assertEqual(self.asks("HEAD", "/status", token=None).status, 401)
        for method in ("get", "M-X", "\udcff"):
            self.assertEqual(self.asks(method, "/status").status, 400)

    def test_paths_that_are_no_routes(self) -> None:
        """Nothing outside the root, no trailing slash, no merging; none of them asks for a token."""
        for path in (
            "/",
            "/dev_mgr/",
            "/dev_mgr//devices",
            "/DEV_MGR",
            "/dev_mgr/devices/a/b",
            "/dev_mgr/devices/",
            "/cfg_mgr/configs/base/raw/",
            "/%2e%2e/etc/passwd",
            "/../../etc/passwd",
            "/dev_mgr%2Fdevices",
            "/" + "a/" * 2000,
        ):
            self.assertEqual(self.asks("GET", path, token=None).status, 404, path)
        for line in (
            b"GET / HTTP/1.1",
            b"GET /0.1 HTTP/1.1",
            b"GET http://h/0.2 HTTP/1.1",
            b"GET x HTTP/1.1",
        ):
            connection = Connection(self.office)
            connection.send(line + b"\r\nHost: provd\r\n\r\n")
            self.assertEqual(connection.answer().status, 404, line)

    def test_a_segment_is_one_segment_whatever_it_holds(self) -> None:
        """An id with a slash, a dot or odd bytes names no device; it must not name another route either."""
        for segment in (
            "a%2Fb",
            "..%2Fx",
            "%2E%2E",
            "%00",
            "%ff",
            "%E2%98%8E",
            "x" * 10_000,
            "%zz",
            "a%2Fraw",
        ):
            for path in (f"/dev_mgr/devices/{segment}", f"/cfg_mgr/configs/{segment}"):
                answer = self.asks("GET", path)
                self.assertEqual(answer.status, 404, path)
                self.assertLess(len(answer.body), 400)

    def test_any_spelling_of_a_path_is_the_same_path(self) -> None:
        """A client may quote what it need not quote."""
        self.assertEqual(self.asks("GET", "/%73tatus").status, 200)
        self.office.put(Config("a b"))
        for path in ("/cfg_mgr/configs/a%20b", "/cfg_mgr/configs/%61%20b"):
            self.assertEqual(self.asks("GET", path).json["config"]["id"], "a b")

    def test_a_host_that_is_none_is_not_looked_at(self) -> None:
        """Klein answers 400 for such a Host, and logs a traceback."""
        for host in ("\udcff", "a" * 300, "..", "[::1", "x:y"):
            self.assertEqual(self.asks("GET", "/status", headers={"Host": host}).status, 200, host)

    def test_media_types(self) -> None:
        """The house type both ways, `application/json` as well, parameters ignored (contract 2.3)."""
        for content_type in (HOUSE, JSON, f"{HOUSE}; charset=utf-8"):
            answer = self.asks(
                "POST", "/dev_mgr/devices", {"device": {}}, headers={"Content-Type": content_type}
            )
            self.assertEqual((answer.status, answer.headers["content-type"]), (201, HOUSE))
        for accept, media_type in ((None, HOUSE), ("*/*", HOUSE), (HOUSE, HOUSE), (JSON, JSON)):
            headers = {"Accept": accept} if accept else {}
            answer = self.asks("GET", "/dev_mgr/devices", headers=headers)
            self.assertEqual((answer.status, answer.headers["content-type"]), (200, media_type))
        answer = self.asks("GET", "/status", headers={"Accept": "text/html"})
        self.assertEqual(answer.text, f'You must accept the "{HOUSE}" MIME type.')
        answer = self.asks("PUT", "/cfg_mgr/configs/autoprov", {}, headers={"Content-Type": "text/plain"})
        self.assertEqual(answer.text, f'Entity must be in media type "{HOUSE}".')
        self.assertEqual(self.asks("DELETE", "/dev_mgr/devices/x", headers={"Content-Type": "x"}).status, 404)

    def test_errors_are_text_unless_json_is_asked_for(self) -> None:
        """The reference's clients get its text, others what a program can read."""
        bad = {"device": {"mac": "x"}}
        answer = self.asks("POST", "/dev_mgr/devices", bad)
        self.assertEqual(answer.headers["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(answer.text, "mac: expected a MAC address like 00:15:65:4a:a9:37, got 'x'")
        for accept in (JSON, HOUSE, "*/*"):
            answer = self.asks("POST", "/dev_mgr/devices", bad, headers={"Accept": accept})
            self.assertEqual(set(answer.json), {"message", "field", "reason_id"})
            self.assertEqual((answer.json["field"], answer.json["reason_id"]), ("mac", "invalid"))
        for path, reason_id in (("/nope", "not-found"), ("/dev_mgr/devices/x", "not-found")):
            answer = self.asks("GET", path, headers={"Accept": JSON})
            self.assertEqual((answer.json["reason_id"], "field" in answer.json), (reason_id, False))
        self.assertEqual(self.asks("GET", "/status", headers={"Accept": "text/plain"}).status, 406)

    def test_nothing_is_written_after_a_refusal(self) -> None:
        """Bad input changes nothing."""
        before = self.office.memory.seq
        for path in ("/dev_mgr/devices", "/cfg_mgr/configs", "/dev_mgr/dhcpinfo", "/dev_mgr/reconfigure"):
            for body in (
                b"",
                b"[]",
                b"null",
                b"5",
                b'"x"',
                b"{}",
                b"[" * 5000,
                b'{"device":5,"config":[]}',
                b"\xff",
            ):
                self.assertIn(self.asks("POST", path, body).status, (400, 500), (path, body))
        for path in ("/dev_mgr/devices/x", "/cfg_mgr/configs/autoprov", "/configure/provisioning_key"):
            for body in (b"", b"[]", b"null", b"{}", b'{"device":5,"config":[],"param":1}', b'{"param":{}}'):
                self.assertIn(self.asks("PUT", path, body).status, (400, 404, 500), (path, body))
        self.assertEqual(self.office.memory.seq, before)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_bug_is_logged_and_tells_the_client_nothing(self) -> None:
        """A traceback shows paths and values."""

        def bug(_: object) -> None:
            raise RuntimeError("secret")

        self.office.provisioner.status = bug  # type: ignore[method-assign,assignment]  # the fault is the point
        self.asks("POST", "/dev_mgr/devices", DEVICE)
        answer = self.asks("GET", "/dev_mgr/devices/d1")
        self.assertEqual((answer.status, answer.text), (500, "Internal Server Error"))
        answer = self.asks("GET", "/dev_mgr/devices/d1", headers={"Accept": JSON})
        self.assertEqual(answer.json, {"message": "Internal Server Error", "reason_id": "internal"})
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)
        self.assertEqual(self.asks("GET", "/status").status, 200)

    def test_a_refusal_is_one_line_in_the_log_without_a_secret(self) -> None:
        """Tokens and keys never reach a log, and a client's line break makes no line of its own."""
        events: list[LogEvent] = []
        observer = cast(ILogObserver, events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.asks("GET", "/explain?ip=wrong&key=Secret-key")
        self.asks("GET", "/status", token="Secret-token")
        raw = {"X": 1, "no\nsuch": 1}
        self.asks("POST", "/cfg_mgr/configs", {"config": {"parent_ids": [], "raw_config": raw}})
        lines = [formatEvent(event) for event in events if event["log_level"] is LogLevel.warn]
        self.assertEqual(len(lines), 3)
        for line, part in zip(
            lines, ("GET /0.2/explain: 400, ", "GET /0.2/status: 401, ", "400, "), strict=True
        ):
            self.assertIn(part, line)
            self.assertNotIn("Secret", line)
            self.assertNotIn("\n", line)

    def test_an_authenticator_that_is_away_is_503(self) -> None:
        """Nobody is let in, and nobody is told that the token is wrong."""
        self.office.use(self.office.tenants)
        self.office.tenants.problem = AuthAway("the authentication server does not answer")
        self.assertEqual(self.asks("GET", "/status").status, 503)


class BodyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()

    def test_a_large_config_is_taken(self) -> None:
        """The reference's suite sends 1,024 lines, which Twisted keeps in a file."""
        lines = {str(number): {"username": f"user{number}" * 12} for number in range(1, 1025)}
        body = {"config": {"id": "big", "parent_ids": [], "raw_config": {"sip_lines": lines}}}
        self.assertGreater(len(json.dumps(body)), 100_000)
        self.assertEqual(self.office.asks("POST", "/cfg_mgr/configs", body).status, 201)
        document = self.office.asks("GET", "/cfg_mgr/configs/big").json
        self.assertEqual(len(document["config"]["raw_config"]["sip_lines"]), 1024)

    def test_a_body_that_is_too_large_is_413_and_the_connection_goes_on(self) -> None:
        """It is read to its end, or the client would see a reset instead of the answer."""
        for size, status in ((MOST_BODY, 400), (MOST_BODY + 1, 413)):
            answer = self.office.asks("POST", "/dev_mgr/devices", b"x" * size)
            self.assertEqual(answer.status, status)
        connection = Connection(self.office)
        head = f"POST /0.2/dev_mgr/devices HTTP/1.1\r\nHost: provd\r\nContent-Length: {MOST_BODY * 2}\r\n\r\n"
        connection.send(head.encode())
        for _ in range(20):
            connection.send(b"x" * (MOST_BODY // 10))
        self.assertEqual(connection.answer().status, 413)
        connection.send(f"GET /0.2/status HTTP/1.1\r\nHost: provd\r\nX-Auth-Token: {TOKEN}\r\n\r\n".encode())
        self.assertEqual(connection.answer().status, 200)

    def test_a_body_of_unknown_length_is_limited_too(self) -> None:
        """`Transfer-Encoding: chunked` says nothing of its size."""
        connection = Connection(self.office)
        connection.send(
            b"POST /0.2/dev_mgr/devices HTTP/1.1\r\nHost: provd\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(4):
            connection.send(b"186A0\r\n" + b"x" * 100_000 + b"\r\n")
        connection.send(b"0\r\n\r\n")
        self.assertEqual(connection.answer().status, 413)

    def test_who_sends_without_end_is_cut_off(self) -> None:
        """Reading on is a courtesy, not a duty."""
        connection = Connection(self.office)
        connection.send(
            b"POST /0.2/dev_mgr/devices HTTP/1.1\r\nHost: provd\r\nContent-Length: 99999999999\r\n\r\n"
        )
        for _ in range(8):
            connection.send(b"x" * MOST_BODY)
        self.assertEqual(connection.transport.value().count(b"HTTP/1.1 413"), 1)
        self.assertTrue(connection.transport.disconnecting)

    def test_a_form_is_not_parsed(self) -> None:
        """Twisted would parse it before anybody asks for a token."""
        for form in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
            answer = self.office.asks("POST", "/dev_mgr/devices", b"--x\r\n", headers={"Content-Type": form})
            self.assertEqual(answer.status, 415)


class ChangingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.slow = SlowStore()
        self.office = RestOffice(store=cast(IStore, self.slow))
        self.slow.inner = self.office.memory

    def sent(self, line: str, body: object = None) -> Connection:
        connection = Connection(self.office)
        data = json.dumps(body).encode() if body else b""
        head = f"{line} HTTP/1.1\r\nHost: provd\r\nX-Auth-Token: {TOKEN}\r\nContent-Type: {HOUSE}\r\n"
        connection.send(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        return connection

    def test_nothing_is_acknowledged_before_it_is_durable(self) -> None:
        """A 201 that a crash takes back is a lie."""
        connection = self.sent("POST /0.2/dev_mgr/devices", DEVICE)
        self.assertEqual(connection.transport.value(), b"")
        self.slow.release()
        self.assertEqual(connection.answer().status, 201)

    def test_a_client_that_goes_away_does_not_cancel_its_change(self) -> None:
        """Klein cancels what it waits for: a commit half way must not be told so."""
        connection = self.sent("POST /0.2/dev_mgr/devices", DEVICE)
        connection.close()
        ((_, waiting),) = self.slow.held
        self.assertFalse(waiting.called)
        self.slow.release()
        self.assertEqual(self.office.asks("GET", "/dev_mgr/devices/d1").status, 200)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_disk_that_is_full_is_507_and_a_store_that_is_closed_503(self) -> None:
        """Clients can tell "not now" from "you are wrong"."""
        problem: ProvdError
        for problem, status in ((StoreFull("no space left"), 507), (Closed("provd stops"), 503)):
            connection = self.sent("POST /0.2/dev_mgr/devices", DEVICE)
            self.slow.held.pop()[1].errback(problem)
            answer = connection.answer()
            self.assertEqual((answer.status, answer.text), (status, str(problem)))

    def test_what_was_deleted_meanwhile_is_not_brought_back(self) -> None:
        """A PUT that names no revision replaces what is there, and only that."""
        self.office.put(Config("c1"))
        update = {"config": {"parent_ids": [], "raw_config": {"locale": "fr_FR"}}}
        connection = self.sent("PUT /0.2/cfg_mgr/configs/c1", update)
        deleting = self.sent("DELETE /0.2/cfg_mgr/configs/c1")
        self.slow.release()
        self.assertEqual(deleting.answer().status, 204)
        self.slow.release()
        self.assertEqual(connection.answer().status, 404)

    def test_of_two_who_replace_one_document_the_last_wins(self) -> None:
        """Neither asked for a revision, so neither is refused."""
        self.office.put(Config("c1"))
        connections = [
            self.sent("PUT /0.2/cfg_mgr/configs/c1", {"config": {"parent_ids": [name], "raw_config": {}}})
            for name in ("a", "b")
        ]
        while self.slow.held:
            self.slow.release()
            self.office.clock.advance(1)
        for connection in connections:
            self.assertEqual(connection.answer().status, 204)
        self.assertEqual(self.office.memory.get(Config, "c1").parents, ("a",))
