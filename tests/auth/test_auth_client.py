"""The calls of the external server's API: what is understood, and what is taken for nothing."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from provserver.auth.answers import Known, ServiceKey, read_service_key, read_tenants
from provserver.auth.cache import Believed
from provserver.errors import AuthAway, Invalid, Unauthorized
from provserver.model import Tenant
from tests.auth.fake_wazo_auth import MASTER, SERVICE, Answering
from tests.auth.wired import TIMEOUT_S, Wired

ACL = "provd.status.read"


def started(question: Awaitable[Any]) -> Deferred[Any]:
    return Deferred.fromCoroutine(cast(Any, question))


class AuthServerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.wired = Wired()
        self.auth, self.server, self.clock = self.wired.auth, self.wired.server, self.wired.office.clock
        self.auth.issue("good", MASTER, ["provd.#"])
        self.events: list[LogEvent] = []
        observer = cast(ILogObserver, self.events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

    def questions(self) -> dict[str, Callable[[], Awaitable[Any]]]:
        return {
            "GET /token/good": lambda: self.server.token("good"),
            "HEAD /token/good": lambda: self.server.check("good", ACL, None),
            "POST /token": lambda: self.server.own_token(ServiceKey(*SERVICE)),
            "GET /tenants": lambda: self.server.tenants("good", None),
            "GET /tenants/x": lambda: self.server.has_tenant("good", "x"),
        }

    def test_it_understands_what_it_asks_for(self) -> None:
        """All five questions."""
        results = {name: self.successResultOf(started(ask())) for name, ask in self.questions().items()}
        own = results.pop("POST /token")
        self.assertEqual((own.token, own.tenant), ("own-1", MASTER))
        self.assertEqual(
            results,
            {
                "GET /token/good": Known("anna", MASTER, ("provd.#",)),
                "HEAD /token/good": None,
                "GET /tenants": (Tenant(MASTER, name=f"name of {MASTER}"),),
                "GET /tenants/x": False,
            },
        )
        self.assertTrue(self.successResultOf(started(self.server.has_tenant("good", MASTER))))

    def test_no_is_no(self) -> None:
        """401, 403 and 404; and 400, for what cannot be a token there."""
        for status in (400, 401, 403, 404):
            for name, ask in self.questions().items():
                self.auth.instead[name] = Answering(status)
                if name != "GET /tenants/x":
                    self.failureResultOf(started(ask()), Unauthorized)

    def test_anything_else_is_no_answer(self) -> None:
        """Neither yes nor no may be made of it."""
        odd = [Answering(status) for status in (201, 202, 301, 302, 402, 405, 429, 500, 502, 503)]
        bodies = (
            b"",
            b"{}",
            b"[]",
            b"\xff",
            b"{",
            b'{"data": {}}',
            b'{"items": [{}]}',
            b"[" * 100_000,
            b"null",
        )
        for name, ask in self.questions().items():
            for instead in (*odd, *(Answering(200, body) for body in bodies)):
                if name == "GET /tenants/x" and instead.status == 200:
                    continue
                self.auth.instead[name] = instead
                self.failureResultOf(started(ask()), AuthAway)

    def test_silence_ends(self) -> None:
        """A server that takes the question and never answers holds up nobody for long."""
        self.auth.instead[""] = Answering(silent=True)
        asked = started(self.server.token("good"))
        self.clock.advance(TIMEOUT_S - 0.1)
        self.assertNoResult(asked)
        self.clock.advance(0.1)
        self.failureResultOf(asked, AuthAway)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_who_cannot_be_reached_is_left_alone_for_a_second(self) -> None:
        """A thousand requests a second must not each knock at a door that is shut."""
        self.wired.line.cut = True
        self.failureResultOf(started(self.server.token("good")), AuthAway)
        self.wired.line.cut = False
        self.failureResultOf(started(self.server.token("good")), AuthAway)
        self.assertEqual(self.auth.asked, [])
        self.clock.advance(1)
        self.successResultOf(started(self.server.token("good")))

    def test_only_so_many_are_asked_at_once_and_wait(self) -> None:
        """Neither their server nor our memory is anybody's to fill."""
        self.auth.instead[""] = Answering(silent=True)
        waiting = [started(self.server.token(f"t{number}")) for number in range(2020)]
        self.assertEqual(len(self.auth.asked), 20)
        self.failureResultOf(started(self.server.token("one-more")), AuthAway)
        self.clock.advance(TIMEOUT_S)
        for one in waiting:
            self.failureResultOf(one, AuthAway)
        self.assertEqual(len(self.auth.asked), 20)

    def test_an_endless_answer_is_cut_off(self) -> None:
        """Eight megabytes of tenants are not."""
        self.auth.instead["GET /tenants"] = Answering(200, b"x" * (9 << 20))
        self.failureResultOf(started(self.server.tenants("good", None)), AuthAway)

    def test_no_log_line_holds_a_token_or_the_key(self) -> None:
        """Logs are read by many."""
        self.wired.line.cut = True
        self.failureResultOf(started(self.server.token("good-secret")), AuthAway)
        self.wired.line.cut = False
        self.clock.advance(1)
        self.auth.instead[""] = Answering(500)
        self.failureResultOf(started(self.server.own_token(ServiceKey("id", "good-secret"))), AuthAway)
        self.failureResultOf(started(self.server.check("good-secret", ACL, None)), AuthAway)
        text = "".join(formatEvent(event) for event in self.events) + repr(self.events)
        self.assertIn("ConnectionRefusedError", text)
        self.assertIn("500", text)
        self.assertNotIn("good-secret", text)


class AnswersTests(SynchronousTestCase):
    def test_the_key_file(self) -> None:
        """As wazo-auth writes it, and as people do."""
        for text in (
            "service_id: provd\nservice_key: s3cret\n",
            "---\nservice_key:   's3cret'\r\nservice_id: \"provd\"\r\n# end\n",
        ):
            self.assertEqual(read_service_key(text), ServiceKey("provd", "s3cret"))
        for text in (
            "",
            "service_id: provd\n",
            "service_key: x\n",
            "service_id:\nservice_key: x",
            "a: service_id: b",
        ):
            problem = self.assertRaises(Invalid, read_service_key, text)
            self.assertNotIn(": x", str(problem))
        self.assertNotIn("s3cret", repr(ServiceKey("provd", "s3cret")))

    def test_tenants(self) -> None:
        """The root is its own parent there; here it has none. What else is told of them is not ours."""
        body = b'{"items": [{"uuid": "a", "name": null, "parent_uuid": "a", "slug": "x"}, {"uuid": "b"}]}'
        self.assertEqual(read_tenants(body), (Tenant("a"), Tenant("b")))


class BelievedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.now = 0.0
        self.asked: list[Deferred[str]] = []
        self.believed = Believed[str](5.0, 3, lambda: self.now)

    def ask(self) -> Deferred[str]:
        self.asked.append(Deferred())
        return self.asked[-1]

    def get(self, key: object = "key") -> Deferred[str]:
        return started(self.believed.get(cast(Any, key), self.ask))

    def test_all_who_wait_get_the_one_answer(self) -> None:
        """And those who come later, for a while."""
        waiting = [self.get() for _ in range(3)]
        self.asked[0].callback("yes")
        self.assertEqual([self.successResultOf(one) for one in waiting], ["yes"] * 3)
        self.now = 4.9
        self.assertEqual(self.successResultOf(self.get()), "yes")
        self.now = 5.0
        self.assertNoResult(self.get())
        self.assertEqual(len(self.asked), 2)

    def test_all_who_wait_get_the_one_failure_and_it_is_not_kept(self) -> None:
        """What is refused now may be right in a second."""
        waiting = [self.get() for _ in range(3)]
        self.asked[0].errback(AuthAway("away"))
        for one in waiting:
            self.failureResultOf(one, AuthAway)
        self.assertNoResult(self.get())
        self.assertEqual(len(self.asked), 2)

    def test_the_oldest_makes_room(self) -> None:
        """Whoever sends ever new tokens fills nothing."""
        for key in range(4):
            self.get(key)
            self.asked[-1].callback(f"of {key}")
        self.assertEqual(self.successResultOf(self.get(3)), "of 3")
        self.assertNoResult(self.get(0))

    def test_with_no_time_nothing_is_believed(self) -> None:
        """`cache_s = 0` asks each time; those who wait at once still share."""
        self.believed = Believed[str](0.0, 3, lambda: self.now)
        first = self.get()
        self.asked[0].callback("yes")
        self.assertEqual(self.successResultOf(first), "yes")
        self.assertNoResult(self.get())
