"""
Operations in progress: what they have come to, and how a client reads it (contract section 9).

    op     := [label "|"] state [";" current ["/" end]] ( "(" op ")" )*
    state  := "waiting" | "progress" | "success" | "fail"

`install|progress(download|progress;10/100)` is an installation that consists of a download under way.
"""

import re
from typing import Literal

from attrs import evolve, field, frozen, validators

State = Literal["waiting", "progress", "success", "fail"]
ENDED: tuple[State, ...] = ("success", "fail")


@frozen
class Operation:
    """One moment of an operation. `parts` are operations that it consists of."""

    state: State = "waiting"
    label: str = field(default="", validator=validators.matches_re(re.compile(r"\w*", re.ASCII)))
    current: int | None = None
    end: int | None = None  # what `current` comes to; None or 0: not known
    parts: tuple["Operation", ...] = ()
    reason_id: str = ""  # of a failure; not in the grammar
    reason: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def status(self) -> str:
        """Write it by the grammar."""
        label = f"{self.label}|" if self.label else ""
        parts = "".join(f"({part.status})" for part in self.parts)
        return f"{label}{self.state}{self._counted()}{parts}"

    def _counted(self) -> str:
        if self.current is None:
            return ""
        return f";{self.current}/{self.end}" if self.end else f";{self.current}"

    def went_on(self, current: int | None = None, end: int | None = None) -> "Operation":
        """Return it under way; what has ended stays as it ended."""
        if self.ended:
            return self
        return evolve(
            self,
            state="progress",
            current=self.current if current is None else current,
            end=self.end if end is None else end,
        )

    def succeeded(self) -> "Operation":
        return self if self.ended else evolve(self, state="success")

    def failed(self, reason_id: str, reason: str) -> "Operation":
        """Return it failed, with those of its parts that had not ended; what has ended stays as it ended."""
        if self.ended:
            return self
        parts = tuple(part.failed(reason_id, reason) for part in self.parts)
        return evolve(self, state="fail", parts=parts, reason_id=reason_id, reason=reason)
