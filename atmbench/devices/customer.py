"""The customer in front of one terminal: when a hand takes card and cash, and when it does not.

This module must never know how much money it is.
"""

from collections.abc import Callable
from random import Random

import msgspec

from atmbench.devices.agenda import Act
from atmbench.devices.times import DeviceTimes, Range
from atmbench.drill.commands import CustomerDoes, DisturbCustomer, HandDoes
from atmbench.errors import LocalError

_WHAT = {HandDoes.TAKES_CARD: "card lies in the slot", HandDoes.TAKES_CASH: "cash lies in the exit"}


class _Within(msgspec.Struct, frozen=True):
    """Something within the reach of a hand: how to take it, and whether it is still there."""

    take: Act
    lies: Callable[[], bool]


class Customer:
    """One hand after another. A habit that was ordered is used up when it first matters."""

    def __init__(self, times: DeviceTimes, rng: Random) -> None:
        self._times = times
        self._rng = rng
        self._ordered = dict.fromkeys(CustomerDoes, 0)
        self._within: dict[HandDoes, _Within] = {}
        self.is_by_hand = False
        """Whether the customer who is here does nothing by himself: his hands are told."""

    def disturb(self, command: DisturbCustomer) -> None:
        """The next `times` customers to whom it can happen behave so."""
        self._ordered[command.does] += command.times

    def takes_cash_after_s(self, take: Act, lies: Callable[[], bool]) -> float | None:
        """Notes lie in the exit now: how long, or None if the customer leaves them there.

        `take` takes them, which does nothing if they are gone; `lies` says whether they are still there.
        """
        self._within[HandDoes.TAKES_CASH] = _Within(take, lies)
        return self._by_himself(CustomerDoes.LEAVES_CASH, self._times.customer_takes_cash_s)

    def takes_card_after_s(self, take: Act, lies: Callable[[], bool]) -> float | None:
        """The card lies in the slot now: the same as for cash."""
        self._within[HandDoes.TAKES_CARD] = _Within(take, lies)
        return self._by_himself(CustomerDoes.LEAVES_CARD, self._times.customer_takes_card_s)

    def take_by_hand(self, does: HandDoes, now: float) -> None:
        """A hand takes card or cash now. Raises LocalError if there is none."""
        within = self._within.get(does)
        if within is None or not within.lies():
            raise LocalError(f"no {_WHAT[does]}, so that there is nothing for a hand to take")
        within.take(now)

    def goes_unserved(self) -> None:
        """The customer goes, and takes the card along if he gets it: nobody leaves one for which nothing was done."""
        self.is_by_hand = False

    def _by_himself(self, habit: CustomerDoes, range_s: Range) -> float | None:
        return None if self.is_by_hand else self._unless(habit, range_s)

    def cancels_after_s(self) -> float | None:
        """How soon the customer presses cancel; None if not at all."""
        if not self._does(CustomerDoes.CANCELS):
            return None
        return self._rng.uniform(*self._times.customer_cancels_s)

    def types_pin_after_s(self) -> float | None:
        """How long it takes to the first key of a PIN; None if the customer types none."""
        return self._unless(CustomerDoes.TYPES_NO_PIN, self._times.customer_types_pin_s)

    def types_no_pin(self) -> bool:
        """Whether the customer walks away from the PIN pad."""
        return self._does(CustomerDoes.TYPES_NO_PIN)

    def holds_copied_chip(self) -> bool:
        """Whether the card in the reader is a copy of one that was used before."""
        return self._does(CustomerDoes.REPLAYS_CHIP)

    def replays_pin_key(self) -> bool:
        """Whether the PIN is sealed under a key that has served before."""
        return self._does(CustomerDoes.REPLAYS_PIN_KEY)

    def _unless(self, habit: CustomerDoes, range_s: Range) -> float | None:
        return None if self._does(habit) else self._rng.uniform(*range_s)

    def _does(self, habit: CustomerDoes) -> bool:
        if not self._ordered[habit]:
            return False
        self._ordered[habit] -= 1
        return True
