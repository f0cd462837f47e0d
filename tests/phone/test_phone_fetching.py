"""How a phone asks: redirects, a server that says "later", nobody there, and what may be shown of a URL."""

import contextlib
from collections.abc import Generator

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.fetching import Files, host_and_port, resolve, wait_s
from provserver.phone.values import Fetch, Fetched, Unreachable
from tests.phone.scripted import ok

KEY = "s3cret-key"
BASE = f"http://127.0.0.1:8667/{KEY}/"

RESOLVED = {
    "y000000000066.cfg": f"{BASE}y000000000066.cfg",
    f"{BASE}lang/a.lang": f"{BASE}lang/a.lang",
    "http://192.0.2.9": "http://192.0.2.9",
    "/top.cfg": "http://127.0.0.1:8667/top.cfg",
    "T46S(T48S,T42S) é.rom": f"{BASE}T46S(T48S,T42S)%20%C3%A9.rom",
    "http://[fd00::1]:8667/x": "http://[fd00::1]:8667/x",
}

NOT_URLS = (
    *("ftp://192.0.2.9/x", "tftp:///x", "file:///etc/passwd", "https://192.0.2.9/x"),
    *("http://h:99999/x", "http://h:0/x", "http://h:port/x", "http://[fd00::1/x", "javascript:alert(1)"),
)

WAITS = {
    "5": 5,
    "0": 0,
    "": None,
    "-1": None,
    "1.5": None,
    "٣": None,
    "9" * 5000: None,
    "Sat, 01 Aug 2026": None,
}


def redirect(location: str) -> Fetched:
    return Fetched(302, {"location": location})


def busy(seconds: str) -> Fetched:
    return Fetched(503, {"retry-after": seconds})


def run(
    script: Generator[Fetch, Fetched, bytes | None], *answers: Fetched | Unreachable
) -> tuple[bytes | None, list[Fetch]]:
    """Answer a script in order; it must ask exactly as often as there are answers."""
    asked = [next(script)]
    for at, answer in enumerate(answers, 1):
        try:
            fetch = script.throw(answer) if isinstance(answer, Unreachable) else script.send(answer)
        except StopIteration as done:
            assert at == len(answers), f"asked only {at} times"
            body: bytes | None = done.value
            return body, asked
        asked.append(fetch)
    raise AssertionError(f"asked once more: {asked[-1]}")


class FilesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.files = Files(BASE, "Phone 1.0", {})

    def test_redirects_are_followed(self) -> None:
        """A hosted server may send its phones elsewhere, and relative to where they have come."""
        body, asked = run(
            self.files.get("a.cfg"), redirect("http://192.0.2.9/x/b.cfg"), redirect("c.cfg"), ok(b"c")
        )
        self.assertEqual(body, b"c")
        self.assertEqual(
            [fetch.url for fetch in asked],
            [f"{BASE}a.cfg", "http://192.0.2.9/x/b.cfg", "http://192.0.2.9/x/c.cfg"],
        )
        self.assertEqual(asked[2].headers["User-Agent"], "Phone 1.0")

    def test_after_three_redirects_it_gives_up(self) -> None:
        """Two servers that point at each other must not keep a phone busy for ever."""
        body, _ = run(self.files.get("a.cfg"), *[redirect("a.cfg")] * 4)
        self.assertIsNone(body)
        self.assertEqual(self.files.problems, ["a.cfg: redirected more than 3 times"])

    def test_a_redirect_to_what_is_no_url_ends_it(self) -> None:
        """A phone can ask by HTTP only; what the server said is noted."""
        body, _ = run(self.files.get("a.cfg"), redirect("ftp://192.0.2.9/a.cfg"))
        self.assertIsNone(body)
        self.assertEqual(
            self.files.problems,
            ["not an http:// or tftp:// URL that a phone can ask for: 'ftp://192.0.2.9/a.cfg'"],
        )

    def test_a_busy_server_is_asked_again(self) -> None:
        """503 with Retry-After is provd's answer to a storm: the phone waits as long as it is told."""
        body, asked = run(self.files.get("a.cfg"), busy("2"), busy("3"), ok(b"a"))
        self.assertEqual(body, b"a")
        self.assertEqual([fetch.after_s for fetch in asked], [0.0, 2.0, 3.0])

    def test_waiting_is_bounded(self) -> None:
        """At most three times, and a minute each: a phone must become usable."""
        body, asked = run(self.files.get("a.cfg"), *[busy("86400")] * 4)
        self.assertIsNone(body)
        self.assertEqual([fetch.after_s for fetch in asked], [0.0, 60.0, 60.0, 60.0])

    def test_busy_without_a_time_is_not_waited_for(self) -> None:
        """Only a number of seconds is understood."""
        for seconds, expected in WAITS.items():
            with self.subTest(seconds=seconds[:20]):
                self.assertEqual(wait_s(busy(seconds)), expected)
        self.assertIsNone(wait_s(Fetched(200, {"retry-after": "5"})))

    def test_an_answer_that_came_in_part_is_not_kept(self) -> None:
        """Half a configuration would be worse than none."""
        body, _ = run(self.files.get("a.cfg"), Fetched(200, {"etag": "x"}, problem="cut off"))
        self.assertIsNone(body)
        self.assertEqual((self.files.kept, self.files.problems), ({}, ["a.cfg: cut off"]))

    def test_nobody_there_ends_the_boot(self) -> None:
        """The first request finds it out; the other files need not be tried."""
        self.assertRaises(Unreachable, run, self.files.get("a.cfg"), Unreachable("cannot reach it"))

    def test_another_host_that_is_not_there_does_not(self) -> None:
        """A language file on a dead server costs the language, not the account."""
        run(self.files.get("a.cfg"), Fetched(404))
        body, _ = run(self.files.get("http://192.0.2.9/x"), Unreachable("cannot reach http://192.0.2.9"))
        self.assertIsNone(body)
        self.assertEqual(self.files.problems, ["cannot reach http://192.0.2.9"])

    def test_what_cannot_be_written_is_no_end(self) -> None:
        """A phone whose log nobody takes makes its calls all the same; to a server that is gone it says so."""
        for reference, answer, problems in (
            ("a.log", Fetched(404), []),
            ("a.log", Unreachable("cannot reach it"), ["cannot reach it"]),
            ("ftp://h/x", None, ["not an http:// or tftp:// URL that a phone can ask for: 'ftp://h/x'"]),
        ):
            files = Files(BASE, "X", {})
            script = files.put(reference, b"a log")
            asked = list(script) if answer is None else [next(script)]
            with contextlib.suppress(StopIteration):
                if isinstance(answer, Unreachable):
                    script.throw(answer)
                elif answer:
                    script.send(answer)
            self.assertEqual(files.problems, problems)
            self.assertEqual([fetch.method for fetch in asked], ["PUT"] if answer else [])

    def test_a_key_is_asked_for_but_never_shown(self) -> None:
        """The key of a tenant opens its phones' passwords: names and errors do without it."""
        _, asked = run(self.files.get("a.cfg"), redirect(f"http://192.0.2.9/{KEY}/b.cfg"), ok(b"", etag="x"))
        self.files.complain("http://192.0.2.9/x/b.cfg", "is odd")
        self.assertEqual([fetch.name for fetch in asked], ["a.cfg", "http://192.0.2.9/…/b.cfg"])
        self.assertNotIn(KEY, repr(asked) + repr(self.files.problems))


class ResolveTests(SynchronousTestCase):
    def test_tftp_urls_have_paths_too(self) -> None:
        """Phones that fetch by TFTP read the same kinds of references; the standard library knows only HTTP's."""
        for reference, url in {
            "SEP001B54123456.cnf.xml": "tftp://h:6969/key/SEP001B54123456.cnf.xml",
            "/top.cfg": "tftp://h:6969/top.cfg",
            "../x": "tftp://h:6969/x",
            "tftp://192.0.2.9": "tftp://192.0.2.9",
            "http://192.0.2.9/x": "http://192.0.2.9/x",
        }.items():
            with self.subTest(reference=reference):
                self.assertEqual(resolve("tftp://h:6969/key/", reference), url)
        self.assertEqual(resolve(BASE, "tftp://192.0.2.9/x"), "tftp://192.0.2.9/x")

    def test_each_scheme_has_its_port(self) -> None:
        """Unless the URL says another."""
        self.assertEqual(host_and_port("tftp://h/x"), ("h", 69))
        self.assertEqual(host_and_port("http://[::1]/x"), ("::1", 80))
        self.assertEqual(host_and_port("tftp://h:6969/x"), ("h", 6969))

    def test_references_as_phones_understand_them(self) -> None:
        """Firmware names have parentheses, commas and blanks."""
        for reference, url in RESOLVED.items():
            with self.subTest(reference=reference):
                self.assertEqual(resolve(BASE, reference), url)

    def test_what_is_no_http_url_is_refused(self) -> None:
        """The error shows the text, so that whoever wrote the template finds it."""
        for reference in NOT_URLS:
            with self.subTest(reference=reference):
                self.assertIn(repr(reference), str(self.assertRaises(Invalid, resolve, BASE, reference)))

    def test_a_password_in_a_url_is_refused_unseen(self) -> None:
        """Phones are not given accounts of web servers; what stands before the @ is not repeated."""
        problem = self.assertRaises(Invalid, resolve, BASE, "http://admin:hunter2@192.0.2.9/x")
        self.assertNotIn("hunter2", str(problem))
