"""Choices out of bytes: the same bytes, the same choices, whoever has drawn them.

Bytes and nothing else come from Hypothesis. It mixes constants of all modules that happen to be loaded into the numbers
it draws, so a search in one process and in eight would not be the same; it has none of such lengths. This module must
never ask any other source.
"""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

OPTIONS_MAX = 256
"""What one byte can tell apart."""


class Dice:
    """Bytes, used up from the first to the last. Where none is left, the first option is chosen."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def below(self, number: int) -> int:
        """A whole number from 0, for at most 256 of them."""
        assert 0 < number <= OPTIONS_MAX, f"{number} options cannot be told apart by a byte"
        return next(self._data, 0) % number

    def of(self, options: Sequence[T]) -> T:
        """One of these. The first is what a byte of 0 says, so the simplest stands first."""
        return options[self.below(len(options))]

    def one_in(self, number: int) -> bool:
        """True once in so many."""
        return self.below(number) == number - 1

    def moment(self, from_s: float, to_s: float) -> float:
        """A time between two, to a tenth of a second. `from_s` if there is nothing between them."""
        tenths = max(0, int((to_s - from_s) * 10))
        return round(from_s + (256 * self.below(256) + self.below(256)) % (tenths + 1) / 10, 1)
