"""Cassettes as the terminal believes them: how many notes each holds, and which to pay an amount with.

The dispenser knows better; this is the logical count that decides before anything is sent whether an
amount can be paid at all. A mix empties all cassettes at the same pace. No count ever goes below zero.
"""

from collections.abc import Iterator
from math import gcd

from atmbench import money
from atmbench.terminal.memory import Counters
from atmbench.terminal.settings import TerminalSettings

NEAR_AMOUNTS_TRIED_MAX = 50
"""Amounts tried below and above one that cannot be paid, in steps of what the notes allow."""

Notes = dict[str, int]


class Cassettes:
    """`counters` is what non-volatile memory holds, or None in a terminal that was never used.

    Raises LocalError if a cassette's value is no amount of the currency.
    """

    def __init__(self, settings: TerminalSettings, currency: str, counters: Counters | None) -> None:
        named = settings.named_cassettes()
        self._values = {name: money.parse(cassette.value, currency) for name, cassette in named.items()}
        self._capacity = {name: max(1, cassette.notes) for name, cassette in named.items()}
        self._notes_max = settings.notes_per_dispense_max
        self._unit = gcd(*self._values.values())
        full = {name: cassette.notes for name, cassette in named.items()}
        self.counters = counters if counters is not None else Counters(notes=full)

    def value_minor(self, notes: Notes) -> int:
        """What notes are worth."""
        return sum(self._values[name] * number for name, number in notes.items() if name in self._values)

    def mix(self, amount_minor: int) -> Notes | None:
        """The notes to pay an amount with, by cassette; None if it cannot be paid exactly.

        Each cassette gives its share of what all hold, the fullest first; where that does not come out
        even, counts near to it are tried, and in the end any exact mix will do.
        """
        if amount_minor <= 0 or self._unit <= 0 or amount_minor % self._unit:
            return None
        held = self.counters.notes
        capacity = self._capacity
        order = sorted([name for name in self._values if held.get(name, 0) > 0], key=lambda n: -held[n] / capacity[n])
        total_minor = sum([held[name] * self._values[name] for name in order])
        if amount_minor > total_minor:
            return None
        shares = {name: -(-held[name] * amount_minor // total_minor) for name in order}
        return self._fill(order, 0, amount_minor, self._notes_max, shares)

    def _fill(self, order: list[str], at: int, left_minor: int, notes_left: int, shares: Notes) -> Notes | None:
        if left_minor == 0:
            return {}
        if at == len(order):
            return None
        name = order[at]
        value = self._values[name]
        most = min(self.counters.notes[name], notes_left, left_minor // value)
        if at == len(order) - 1:
            return {name: left_minor // value} if most * value == left_minor else None
        best = max([self._values[each] for each in order[at + 1 :]])
        for number in _nearest_first(min(shares[name], most), most):
            rest_minor = left_minor - number * value
            if rest_minor > (notes_left - number) * best:
                continue
            rest = self._fill(order, at + 1, rest_minor, notes_left - number, shares)
            if rest is not None:
                if number:
                    rest[name] = number
                return rest
        return None

    def near(self, amount_minor: int) -> tuple[int, ...]:
        """Amounts that can be paid in place of one that cannot: the next below and the next above, if any."""
        if self._unit <= 0:
            return ()
        floor = amount_minor // self._unit
        most = sum(self.counters.notes.get(name, 0) * value for name, value in self._values.items()) // self._unit
        below = range(min(floor if floor * self._unit < amount_minor else floor - 1, most), 0, -1)
        above = range(floor + 1, most + 1)
        found = (self._first_payable(below), self._first_payable(above))
        return tuple(amount for amount in found if amount)

    def _first_payable(self, units: range) -> int:
        for number in units[:NEAR_AMOUNTS_TRIED_MAX]:
            if self.mix(number * self._unit) is not None:
                return number * self._unit
        return 0

    def take_off(self, notes: Notes, order: str) -> bool:
        """Take an order's notes off the counts, once. Returns whether anything changed."""
        if order == self.counters.order or not notes:
            return False
        left = dict(self.counters.notes)
        for name, number in notes.items():
            if name in left:
                left[name] = max(0, left[name] - number)
        self.counters = Counters(notes=left, order=order)
        return True


def _nearest_first(start: int, most: int) -> Iterator[int]:
    """All numbers from 0 to `most`, those near `start` first and the larger of two equally near ones before the other.

    `_nearest_first(1, 3)` gives 1, 2, 0, 3.
    """
    yield start
    for step in range(1, most + 1):
        if start + step <= most:
            yield start + step
        if start >= step:
            yield start - step
