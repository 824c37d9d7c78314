"""What the clock on somebody's wall shows at a moment of the run: local time, and Universal Time for DE7.

A wall clock may be wrong, and may be set. Nobody may measure an age by it: for that there are the moments of the run,
which only go forward. Source: iso8583 facts 1.5 (DE7 is in GMT, DE12 and DE13 are local) and 7.2 (clock step). Pure.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from math import floor

TEXTS_KEPT = 64
"""Seconds whose text is remembered: terminals with one time and one zone share it."""
OFFSET_S_MAX = 14 * 3600
"""No zone is further from Universal Time than this."""
YEAR_S = 366 * 86_400
SET_S_MAX = YEAR_S
"""So far a clock can be set ahead or back in all: one that is off by more than a year would name other transactions by
the same date."""


class WallClock:
    """The clock of a site or a terminal.

    `starts_at` is what Universal Time is at the beginning of the run, `offset_s` how far local time is ahead of it.
    """

    def __init__(self, starts_at: datetime, offset_s: int = 0) -> None:
        self._starts_at = starts_at
        self._offset_s = offset_s
        self._wrong_s = 0
        self.set_s = 0
        """How far it was set ahead in all, of whatever kind."""

    def local(self, now: float) -> str:
        """Local date and time of a moment, YYMMDDhhmmss."""
        return _text(self._starts_at, floor(now) + self._wrong_s + self._offset_s)

    def universal(self, now: float) -> str:
        """Date and time in UTC, YYMMDDhhmmss."""
        return _text(self._starts_at, floor(now) + self._wrong_s)

    def step(self, by_s: int, *, is_local: bool = False) -> None:
        """The clock is set ahead, or back: by who sets it, or (`is_local`) because summer time begins or ends."""
        self.set_s += by_s
        if is_local:
            self._offset_s += by_s
        else:
            self._wrong_s += by_s


@lru_cache(maxsize=TEXTS_KEPT)
def _text(starts_at: datetime, second: int) -> str:
    return (starts_at + timedelta(seconds=second)).strftime("%y%m%d%H%M%S")
