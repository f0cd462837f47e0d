"""
One session with a PBX that is commanded over TCP: a greeting, a login, then one command at a time; what it tells
unasked is passed over. The words are a dialect's: `ami.py` is Asterisk's, `esl.py` FreeSWITCH's.
"""

from collections import deque
from typing import Protocol

from attrs import frozen

Fields = tuple[tuple[str, str], ...]

LOGIN_S = 10.0  # from the connection to the end of the login; Asterisk waits 1 s before it refuses one
ANSWER_S = 10.0
PING_EVERY_S = 30.0
_MOST_WAITING = 10_000


@frozen
class Reply:
    good: bool
    text: str


class Dialect(Protocol):
    """Bytes to blocks and back. Its methods raise Invalid for what no such PBX says, or cannot be told."""

    ping: Fields

    def read(self, data: bytes) -> tuple[Fields, ...]:
        """Take bytes as they come; return the blocks that are whole."""

    def login(self, block: Fields) -> bytes | None:
        """Return the login where a block is the greeting that asks for it."""

    def command(self, number: int, fields: Fields) -> bytes:
        """Write a command; `number` is not 0, which is the login's."""

    def reply(self, number: int, block: Fields) -> Reply | None:
        """Read the answer to this command; None is a block that is something else."""


# --- what the caller must do -----------------------------------------------------------------------------------


@frozen
class Send:
    data: bytes


@frozen
class Ready:
    """Logged in."""


@frozen
class Replied:
    token: int  # of the `ask`
    reply: Reply


@frozen
class End:
    """Close the connection. Of commands that have no reply nobody knows whether they were carried out."""

    reason_id: str  # `pbx.refused-login`, `pbx.no-answer`
    text: str


Do = Send | Ready | Replied | End


class Session:
    """Each method returns what the caller must do next, in order; `wake_at` is when `woken` is due (seconds, the
    caller's clock). The caller gives Invalid that comes out of `fed` as an End."""

    def __init__(self, dialect: Dialect, now: float) -> None:
        self._dialect = dialect
        self._state = "greeting"  # greeting, login, ready
        self._number = 0
        self._asked: deque[tuple[int | None, Fields]] = deque()  # the first is under way; None is a ping
        self.wake_at = now + LOGIN_S

    def fed(self, data: bytes, now: float) -> tuple[Do, ...]:
        """Raises: Invalid."""
        done: list[Do] = []
        for block in self._dialect.read(data):
            done += self._block(block, now)
        return tuple(done)

    def ask(self, token: int, fields: Fields, now: float) -> tuple[Do, ...]:
        """Raises: Invalid: the fields cannot be written."""
        self._dialect.command(1, fields)
        if len(self._asked) >= _MOST_WAITING:
            return (Replied(token, Reply(False, "too many wait for the PBX")),)
        self._asked.append((token, fields))
        return self._next(now) if len(self._asked) == 1 and self._state == "ready" else ()

    def woken(self, now: float) -> tuple[Do, ...]:
        if now < self.wake_at:
            return ()
        if self._state == "ready" and not self._asked:
            self._asked.append((None, self._dialect.ping))
            return self._next(now)
        return (
            End("pbx.no-answer", f"no answer for {LOGIN_S if self._state != 'ready' else ANSWER_S:.0f} s"),
        )

    def _block(self, block: Fields, now: float) -> tuple[Do, ...]:
        if self._state == "greeting":
            login = self._dialect.login(block)
            if login is None:
                return ()
            self._state = "login"
            return (Send(login),)
        reply = self._dialect.reply(self._number, block)
        if reply is None:
            return ()
        if self._state == "login":
            return self._logged_in(reply, now)
        return self._replied(reply, now)

    def _logged_in(self, reply: Reply, now: float) -> tuple[Do, ...]:
        if not reply.good:
            return (End("pbx.refused-login", reply.text),)
        self._state = "ready"
        return (Ready(), *self._next(now))

    def _replied(self, reply: Reply, now: float) -> tuple[Do, ...]:
        if not self._asked:
            return ()  # an answer to nothing
        token, _ = self._asked.popleft()
        told: tuple[Do, ...] = () if token is None else (Replied(token, reply),)
        return (*told, *self._next(now))

    def _next(self, now: float) -> tuple[Do, ...]:
        if not self._asked:
            self.wake_at = now + PING_EVERY_S
            return ()
        self._number += 1
        self.wake_at = now + ANSWER_S
        return (Send(self._dialect.command(self._number, self._asked[0][1])),)
