"""Where a process spends its time: looks which function runs each time that it has used some CPU. Unlike cProfile it
costs the functions nothing, so cheap ones that are called often do not look dear."""

import signal
from collections import Counter
from types import FrameType

_EVERY_S = 0.001  # of CPU time; the kernel looks at its ticks only


class Sampler:
    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_S, _EVERY_S)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        if frame:
            module = frame.f_globals.get("__name__", "")
            self._seen[f"{module}.{frame.f_code.co_qualname}"] += 1

    def top(self, many: int) -> str:
        """Stop, and return the functions that took most, with their share; what they call in C is theirs."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        total = max(self._seen.total(), 1)
        lines = (f"{100 * count / total:5.1f} %  {name}" for name, count in self._seen.most_common(many))
        return "\n".join((f"{total} samples", *lines))
