"""Series: a figure over the whole run in a bounded number of bins. Dry.

When the bins are used up, each two become one and a bin is twice as long. So a run of a minute and one of a week take
the same memory, and both are shown from their beginning.
"""

from collections.abc import Callable

BINS_MAX = 240
FIRST_BIN_S = 1.0


class Series:
    """Values over time. `join` makes one value of two that fall into one bin: addition for counts, max for levels."""

    def __init__(self, join: Callable[[float, float], float], *, keeps: bool = False) -> None:
        self.bin_s = FIRST_BIN_S
        self.bins: list[float] = []
        self._join = join
        self._keeps = keeps
        """Whether a bin in which nothing was told is like the one before, as with a level."""
        self._last = 0.0

    def add(self, t: float, value: float) -> None:
        """A value at a time in seconds of the run. Times do not go back by more than a bin."""
        at = self._reach(t)
        self.bins[at] = self._join(self.bins[at], value)
        self._last = value

    def reach(self, t: float) -> None:
        """Let time pass without a value."""
        self._reach(t)

    def _reach(self, t: float) -> int:
        while int(t / self.bin_s) >= BINS_MAX:
            self._halve()
        at = int(max(t, 0.0) / self.bin_s)
        while len(self.bins) <= at:
            self.bins.append(self._last if self._keeps else 0.0)
        return at

    def _halve(self) -> None:
        if len(self.bins) % 2:
            self.bins.append(self._last if self._keeps else 0.0)
        pairs = zip(self.bins[::2], self.bins[1::2], strict=True)
        self.bins = [self._join(first, second) for first, second in pairs]
        self.bin_s *= 2

    def per_s(self) -> list[float]:
        """A count as a rate."""
        return [each / self.bin_s for each in self.bins]


def counts() -> Series:
    """How often something happened in each bin."""
    return Series(lambda first, second: first + second)


def peaks() -> Series:
    """The highest value of each bin, 0 where there was none."""
    return Series(max)


def levels() -> Series:
    """The highest level of each bin; a level stays until it is told otherwise."""
    return Series(max, keeps=True)


def means(sums: Series, numbers: Series) -> list[float]:
    """What came on the average in each bin; 0 where nothing came. Both must be series of counts."""
    pairs = zip(sums.bins, numbers.bins, strict=False)
    return [total / number if number else 0.0 for total, number in pairs]
