"""How a phone asks for files, whoever made it: conditions, redirects, a server that says "later"."""

import re
from collections.abc import Generator, Mapping
from urllib.parse import quote, urljoin, urlsplit

from attrs import evolve

from provserver.errors import Invalid
from provserver.phone.values import Fetch, Fetched, Kept, Unreachable

_PORTS = {"http": 80, "tftp": 69}
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 3
_MOST_WAITS = 3
_LONGEST_WAIT_S = 60


def resolve(base: str, reference: str) -> str:
    """
    Return the URL that a phone asks for where it reads `reference` in a file from `base`.

    Raises:
        Invalid: it is neither plain HTTP nor TFTP, has no host, or holds a user name or password.
    """
    try:
        url = _joined(base, quote(reference, safe="/:?#[]@!$&'()*+,;=%~"))
        parts = urlsplit(url)
        if parts.scheme in _PORTS and parts.hostname and parts.port != 0 and "@" not in parts.netloc:
            return url
    except ValueError:
        pass
    shown = reference.rpartition("@")[2][:80]  # what stands before an @ is a password
    raise Invalid(f"not an http:// or tftp:// URL that a phone can ask for: {shown!r}")


def _joined(base: str, reference: str) -> str:
    """`urljoin` for TFTP too, of which it does not know that its URLs have paths."""
    if base.startswith("tftp:") and not urlsplit(reference).scheme:
        return "tftp" + urljoin("http" + base.removeprefix("tftp"), reference).removeprefix("http")
    return urljoin(base, reference)


def origin(url: str) -> str:
    """Return scheme, host and port of a URL: what may be shown where the path may hold a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


def wait_s(fetched: Fetched) -> int | None:
    """Return how long a busy server asks to wait (RFC 9110 section 10.2.3), None where it asks for nothing."""
    seconds = re.fullmatch("[0-9]{1,9}", fetched.headers.get("retry-after", ""))
    return int(seconds[0]) if seconds and fetched.status == 503 else None


class Files:
    """The files of one boot. `kept` and `problems` are for the profile to read when it is done."""

    def __init__(self, base: str, user_agent: str, kept: Mapping[str, Kept]) -> None:
        self.kept = dict(kept)
        self.problems: list[str] = []
        self._base = base
        self._user_agent = user_agent
        self._answered = False

    def get(self, reference: str) -> Generator[Fetch, Fetched, bytes | None]:
        """
        Ask for a file; return its bytes, those kept from before where it has not changed, None where it is not
        to be had.

        Raises:
            Unreachable: nobody answers, and nobody has in this boot.
        """
        try:
            url = resolve(self._base, reference)
            kept = self.kept.get(url)
            fetched = yield from self._answer(self._fetch(url, kept))
        except Invalid as problem:
            self.problems.append(problem.text)
            return None
        except Unreachable as problem:
            if not self._answered:
                raise
            self.problems.append(str(problem))
            return None
        if fetched.problem:
            self.complain(reference, fetched.problem)
        elif fetched.status == 304 and kept:
            return kept.body
        elif fetched.status == 200:
            headers = fetched.headers
            self.kept[url] = Kept(fetched.body, headers.get("etag", ""), headers.get("last-modified", ""))
            return fetched.body
        return None

    def put(self, reference: str, body: bytes) -> Generator[Fetch, Fetched, None]:
        """Write a file, whatever the server says: a phone goes on without. Not by TFTP."""
        try:
            url = resolve(self._base, reference)
            if url.startswith("http:"):
                name = f"PUT {self._name(url)}"
                yield from self._answer(evolve(self._fetch(url, None), name=name, body=body, method="PUT"))
        except (Invalid, Unreachable) as problem:
            self.problems.append(str(problem))

    def complain(self, reference: str, text: str) -> None:
        """Note what is wrong with a file that was got."""
        self.problems.append(f"{self._name(resolve(self._base, reference))}: {text}")

    def _answer(self, fetch: Fetch) -> Generator[Fetch, Fetched, Fetched]:
        redirects = waits = 0
        while True:
            fetched = yield fetch
            self._answered = True
            delay_s = wait_s(fetched)
            if fetched.status in _REDIRECTS and redirects < _MOST_REDIRECTS:
                redirects += 1
                url = resolve(fetch.url, fetched.headers.get("location", ""))
                fetch = Fetch(self._name(url), url, fetch.headers)
            elif fetched.status in _REDIRECTS:
                return evolve(fetched, problem=f"redirected more than {_MOST_REDIRECTS} times")
            elif delay_s is not None and waits < _MOST_WAITS:
                waits += 1
                fetch = evolve(fetch, after_s=float(min(delay_s, _LONGEST_WAIT_S)))
            else:
                return fetched

    def _fetch(self, url: str, kept: Kept | None) -> Fetch:
        headers = {"User-Agent": self._user_agent} if self._user_agent else {}
        if kept and kept.etag:
            headers["If-None-Match"] = kept.etag
        if kept and kept.modified:
            headers["If-Modified-Since"] = kept.modified
        return Fetch(self._name(url), url, headers)

    def _name(self, url: str) -> str:
        """Return what is shown of a URL. Of one elsewhere only the ends: between them may be a tenant's key."""
        if url.startswith(self._base):
            return url.removeprefix(self._base)
        return f"{origin(url)}/…/{urlsplit(url).path.rpartition('/')[2]}"
