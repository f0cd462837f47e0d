"""When to send again: RFC 1123 4.2.3.2 asks for an adaptive timeout, RFC 6298 says how."""

FIRST_S = 0.25  # before anything is measured
LEAST_S = 0.04  # phones pause for a scheduler's tick now and then
MOST_S = 4.0


class Pace:
    """
    The time to wait for one peer's answer, in `wait_s`.

    `fixed_s` is what the timeout option agreed on: then nothing is measured. `jitter`, 0 to 1, spreads phones that
    all lost a packet at the same moment.
    """

    __slots__ = ("_deviation", "_fixed", "_mean", "_spread", "wait_s")

    def __init__(self, fixed_s: float | None = None, jitter: float = 0.0) -> None:
        self._fixed = fixed_s is not None
        self._spread = 1 + jitter / 4
        self._mean = self._deviation = 0.0
        self.wait_s = fixed_s if fixed_s is not None else FIRST_S * self._spread

    def measured(self, trip_s: float) -> None:
        """Take the round trip of a packet that was sent once (Karn's rule: of others nobody knows)."""
        if self._fixed:
            return
        mean = self._mean
        if mean:
            error = trip_s - mean
            self._mean = mean = mean + error / 8
            self._deviation += ((error if error > 0 else -error) - self._deviation) / 4
        else:
            self._mean = mean = trip_s
            self._deviation = trip_s / 2
        wait_s = mean + 4 * self._deviation
        self.wait_s = (LEAST_S if wait_s < LEAST_S else min(wait_s, MOST_S)) * self._spread

    def missed(self) -> None:
        """Wait twice as long for the next answer."""
        if not self._fixed:
            self.wait_s = min(2 * self.wait_s, MOST_S * self._spread)
