"""Cassettes as the terminal believes them: how many notes each holds, and which to pay an amount with.

The dispenser knows better; this is the logical count that decides before anything is sent whether an
amount can be paid at all. Cassettes empty at the same pace. No count ever goes below zero.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from math import gcd

from atmbench import money
from atmbench.terminal.memory import Counters
from atmbench.terminal.settings import TerminalSettings

NEAR_AMOUNTS_TRIED_MAX = 50
"""Amounts tried below and above one that cannot be paid, in steps of what the notes allow."""
MIXES_FOUND_MAX = 1_000
"""Exact mixes of one amount that are looked at, once for all terminals of a kind."""
MIXES_KEPT_MAX = 12
"""Of these, so many are kept to choose from each time: thin and thick bundles alike."""

Notes = dict[str, int]
Mix = tuple[tuple[int, int], ...]
"""Places of cassettes, and how many notes come from each: those that give none are not in here."""


class Cassettes:
    """`counters` is what non-volatile memory holds, or None in a terminal that was never used.

    Raises LocalError if a cassette's value is no amount of the currency.
    """

    def __init__(self, settings: TerminalSettings, currency: str, counters: Counters | None) -> None:
        named = settings.named_cassettes()
        self._names = tuple(named)
        self._values = tuple(money.parse(cassette.value, currency) for cassette in named.values())
        self._value_of = dict(zip(self._names, self._values, strict=True))
        self._capacities = tuple(max(1, cassette.notes) for cassette in named.values())
        self._notes_max = settings.notes_per_dispense_max
        self._unit = gcd(*self._values)
        full = {name: cassette.notes for name, cassette in named.items()}
        self.counters = counters if counters is not None else Counters(notes=full)

    def value_minor(self, notes: Notes) -> int:
        """What notes are worth."""
        value_minor = 0
        for name, number in notes.items():
            value_minor += self._value_of.get(name, 0) * number
        return value_minor

    def mix(self, amount_minor: int) -> Notes | None:
        """The notes to pay an amount with, by cassette; None if it cannot be paid exactly.

        Of the mixes that can be paid, the one that leaves the emptiest cassette fullest. If none of those
        at hand can be paid any more, any exact mix will do.
        """
        if amount_minor <= 0 or self._unit <= 0 or amount_minor % self._unit:
            return None
        best = self._evenest(amount_minor) or self._any(amount_minor)
        if best is None:
            return None
        return {self._names[at]: number for at, number in best}

    def _evenest(self, amount_minor: int) -> Mix | None:
        counts, capacities = self.counters.notes, self._capacities
        held = [counts.get(name, 0) for name in self._names]
        best: Mix | None = None
        best_fill = -1.0
        for mix in _mixes(self._values, amount_minor, self._notes_max):
            fill = 1.0
            for at, taken in mix:
                left = (held[at] - taken) / capacities[at]
                if left < fill:
                    fill = left
                    if fill <= best_fill:
                        break
            if fill >= 0.0 and fill > best_fill:
                best, best_fill = mix, fill
        return best

    def _any(self, amount_minor: int) -> Mix | None:
        """The exact mix of fewest notes from what is really there, cassette by cassette."""
        if amount_minor > min(self.value_minor(self.counters.notes), self._notes_max * max(self._values)):
            return None
        thinnest: dict[int, tuple[int, ...]] = {0: ()}
        for name, value in zip(self._names, self._values, strict=True):
            most = min(self.counters.notes.get(name, 0), self._notes_max)
            wider: dict[int, tuple[int, ...]] = {}
            for paid_minor, mix in thinnest.items():
                for number in range(min(most, (amount_minor - paid_minor) // value) + 1):
                    found = wider.get(paid_minor + number * value)
                    if found is None or sum(mix) + number < sum(found):
                        wider[paid_minor + number * value] = (*mix, number)
            thinnest = wider
        exact = thinnest.get(amount_minor)
        return _drawn(exact) if exact is not None and sum(exact) <= self._notes_max else None

    def near(self, amount_minor: int) -> tuple[int, ...]:
        """Amounts that can be paid in place of one that cannot: one below and one above, if there are any near."""
        unit = self._unit
        if unit <= 0:
            return ()
        bundle_minor = self._notes_max * max(self._values)
        most = min(self.value_minor(self.counters.notes), bundle_minor) // unit
        below = range(min((amount_minor - 1) // unit, most), 0, -1)
        above = range(amount_minor // unit + 1, most + 1)
        found = (self._first_payable(below), self._first_payable(above))
        return tuple(amount for amount in found if amount)

    def _first_payable(self, units: range) -> int:
        for number in units[:NEAR_AMOUNTS_TRIED_MAX]:
            if self._evenest(number * self._unit) is not None:
                return number * self._unit
        return 0

    def take_off(self, notes: Notes, order: str) -> bool:
        """Take an order's notes off the counts, once. Returns whether anything changed."""
        if order == self.counters.order or not notes:
            return False
        self._take_off(notes, order)
        return True

    def reject(self, notes: Notes) -> None:
        """Take off what an order has pulled and not moved to the exit. The order stays the one that was taken off."""
        self._take_off(notes, self.counters.order)

    def _take_off(self, notes: Notes, order: str) -> None:
        left = dict(self.counters.notes)
        for name, number in notes.items():
            if name in left:
                left[name] = max(0, left[name] - number)
        self.counters = Counters(notes=left, order=order)


@lru_cache(maxsize=4096)
def _mixes(values: tuple[int, ...], amount_minor: int, notes_max: int) -> tuple[Mix, ...]:
    """Exact mixes of an amount, from few notes to many; if there are too many, evenly picked ones."""
    order = sorted(range(len(values)), key=lambda at: -values[at])
    found = islice(_exact([values[at] for at in order], amount_minor, notes_max), MIXES_FOUND_MAX)
    mixes = [tuple(mix[order.index(at)] for at in range(len(values))) for mix in found]
    mixes.sort(key=lambda mix: (sum(mix), mix))
    step = max(1, len(mixes) / MIXES_KEPT_MAX)
    return tuple(_drawn(mixes[int(number * step)]) for number in range(min(len(mixes), MIXES_KEPT_MAX)))


def _drawn(numbers: tuple[int, ...]) -> Mix:
    """A mix from the number of notes of each cassette."""
    return tuple((at, number) for at, number in enumerate(numbers) if number)


def _exact(values: list[int], left_minor: int, notes_left: int) -> Iterator[tuple[int, ...]]:
    """All ways to make up an amount with so many notes at most; values from large to small."""
    value, rest = values[0], values[1:]
    most = min(notes_left, left_minor // value)
    if not rest:
        if most * value == left_minor:
            yield (most,)
        return
    for number in range(most, -1, -1):
        rest_minor = left_minor - number * value
        if rest_minor > (notes_left - number) * rest[0]:
            return  # the smaller notes cannot make up for even fewer large ones
        for mix in _exact(rest, rest_minor, notes_left - number):
            yield (number, *mix)
