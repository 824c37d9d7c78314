"""What the core of one site has not heard yet, and how much of the limits in stand-in is used. Part of a book.

The switch of a site knows its journal at all times. Its core keeps the accounts, and hears of nothing while it is away.
A key in here is a transaction whose money must not move at this site yet.
"""

from collections.abc import Iterator
from copy import copy

import msgspec

from atmbench.host.journal import Transaction


class CardUse(msgspec.Struct, gc=False):
    """Cash that one card has drawn on one day."""

    amount_minor: int = 0
    count: int = 0

    def change(self, before_minor: int, after_minor: int) -> None:
        """A withdrawal comes to another amount than before; to nothing, it is none."""
        self.amount_minor += after_minor - before_minor
        self.count += (after_minor > 0) - (before_minor > 0)


NOT_USED = CardUse()
"""Only to be read."""


class Unheard:
    """Transactions in the order in which the switch learned of them, and what stand-in has cost so far."""

    def __init__(self) -> None:
        self.core_is_up = True
        self.at_risk_minor = 0
        """Approved in stand-in, less what was reversed, and told to no core."""
        self._waiting: dict[str, int] = {}
        """What happened while the core was away, with a number that rises."""
        self._unadvised: dict[str, int] = {}
        """Approvals in stand-in of which no core has heard."""
        self._uses: dict[tuple[str, str], CardUse] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._unadvised)

    def __contains__(self, key: str) -> bool:
        return key in self._waiting or key in self._unadvised

    def used(self, pan: str, day: str) -> CardUse:
        """What a card has drawn in stand-in on a business day. Only to be read."""
        return self._uses.get((pan, day), NOT_USED)

    def must_wait(self, key: str, transaction: Transaction) -> bool:
        """Whether the money of a transaction, of which something new is known, must not move yet. It is noted then."""
        if transaction.is_unadvised:
            self._note(key, self._unadvised)
            return True
        self._unadvised.pop(key, None)
        if self.core_is_up and key not in self._waiting:
            return False
        self._note(key, self._waiting)
        return True

    def told(self, key: str) -> None:
        """The core has heard of what happened while it was away."""
        self._waiting.pop(key, None)

    def forget(self, key: str) -> None:
        """No core will hear of it. Only a planted defect does so."""
        self._unadvised.pop(key, None)

    def next(self, *, advises: bool) -> str | None:
        """What the core is to hear next; what was approved in stand-in only if this site `advises` of it."""
        firsts = [self._waiting, self._unadvised] if advises else [self._waiting]
        found = [(number, key) for each in firsts for key, number in _first(each)]
        return min(found)[1] if found else None

    def count(self, transaction: Transaction, card_and_day: tuple[str, str], left_minor: int) -> None:
        """Keep the use of the limits in stand-in: `left_minor` is what a withdrawal comes to now."""
        stood_in_minor = left_minor if transaction.stands_in else 0
        if stood_in_minor != transaction.stood_in_minor:
            use = self._uses.setdefault(card_and_day, CardUse())
            use.change(transaction.stood_in_minor, stood_in_minor)
            transaction.stood_in_minor = stood_in_minor
        at_risk_minor = stood_in_minor if transaction.is_unadvised else 0
        self.at_risk_minor += at_risk_minor - transaction.at_risk_minor
        transaction.at_risk_minor = at_risk_minor

    def become_like(self, other: "Unheard") -> None:
        """Know what another site knows. Whether the core is there is this site's own."""
        self.at_risk_minor, self._number = other.at_risk_minor, other._number
        self._waiting, self._unadvised = dict(other._waiting), dict(other._unadvised)
        self._uses = {card_and_day: copy(use) for card_and_day, use in other._uses.items()}

    def _note(self, key: str, where: dict[str, int]) -> None:
        if key not in where:
            self._number += 1
            where[key] = self._number


def _first(numbers: dict[str, int]) -> Iterator[tuple[str, int]]:
    for each in numbers.items():
        yield each
        return
