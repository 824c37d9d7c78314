"""Many durations in little room: counted in steps of one per cent, so that any share of them can be told.

It keeps no single duration, and its memory does not grow with their number.
"""

from math import ceil, floor, log

STEP = 1.01
"""Two durations within one step are not told apart."""
SHORTEST_S = 1e-4
"""Anything shorter counts as nothing."""
LONGEST_S = 1e6

_LOG_STEP = log(STEP)


class Durations:
    """Durations in seconds, counted."""

    def __init__(self) -> None:
        self.count = 0
        self.longest_s = 0.0
        self._steps: dict[int, int] = {}

    def add(self, duration_s: float) -> None:
        """One more."""
        self.count += 1
        self.longest_s = max(self.longest_s, duration_s)
        step = 0 if duration_s < SHORTEST_S else 1 + floor(log(min(duration_s, LONGEST_S) / SHORTEST_S) / _LOG_STEP)
        self._steps[step] = self._steps.get(step, 0) + 1

    def share_s(self, share: float) -> float | None:
        """So long took this share of them at most (0.99: all but one in a hundred), within a step; None of none."""
        if not self.count:
            return None
        left = ceil(share * self.count)
        for step in sorted(self._steps):
            left -= self._steps[step]
            if left <= 0:
                return min(self.longest_s, SHORTEST_S * STEP**step) if step else 0.0
        return self.longest_s
