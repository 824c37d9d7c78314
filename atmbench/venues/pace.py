"""A clock that runs, at a pace that can be changed meanwhile: seconds of the run are longer or shorter than the wall's.

It must never jump: what is in the kernel, and a person who looks on, would be left behind.
"""

from typing import TYPE_CHECKING

import trio

from atmbench.errors import LocalError

if TYPE_CHECKING:
    from trio.testing import MockClock

RATE_MAX = 100.0
"""Beyond this, what a kernel takes for a round trip looks like a slow line."""
RATE_MIN = 0.01


class Pace:
    """`rate` seconds of the run pass in one second. Raises LocalError if that is out of bounds."""

    def __init__(self, rate: float) -> None:
        self.rate = _checked(rate)
        self._clock: MockClock | None = None

    def clock(self) -> trio.abc.Clock:
        """A fresh clock that runs at this pace."""
        from trio.testing import MockClock  # costs as much as the rest of trio, and only clocks that run need it

        self._clock = MockClock(rate=self.rate)
        return self._clock

    def set(self, rate: float) -> None:
        """Go on at another pace from now on. Raises LocalError, and changes nothing, if it is out of bounds."""
        self.rate = _checked(rate)
        if self._clock is not None:
            self._clock.rate = rate


def _checked(rate: float) -> float:
    if not RATE_MIN <= rate <= RATE_MAX:
        raise LocalError(f"a clock cannot run at {rate:g} times real time; expected {RATE_MIN:g} to {RATE_MAX:g}")
    return rate
