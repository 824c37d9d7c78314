"""Sightings: what customers saw and got in hand, which the audit has no use for. Remembers, and judges nothing.

A screen belongs to the customer whose transaction began last at that terminal, until the terminal is ready for the
next one or closes; a receipt says itself whose it is.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from atmbench import facts
from atmbench.facts.statements import Statement
from atmbench.facts.terminal import DOORS_SHUT

VISITS_MAX = 200_000
"""Customers whose screens and receipts are kept; of more it is said how many they were."""
TURNED_AWAY_MAX = 200_000
"""Customers turned away who are kept; the rest are counted."""
SCREENS_MAX = 8
"""Screens that one customer saw and that are kept: the first ones, and the last."""
TEXTS_MAX = 50_000
"""Different texts of screens that are kept once for all who saw them."""
DARK = "dark"
BETWEEN_CUSTOMERS = frozenset({"ready", "closed"})
"""States in which nobody is served."""


class Shown(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One screen or receipt. `lines` is its text, `states` what of it can be true or false."""

    t: float
    screen: str
    """Its name; DARK where the power failed, "receipt" on paper."""
    lines: tuple[str, ...] = ()
    states: Statement | None = None


class Visit(msgspec.Struct, gc=False):
    """One customer at one terminal, as he saw it."""

    card: str = ""
    """Masked PAN."""
    screens: tuple[Shown, ...] = ()
    receipt: Shown | None = None
    card_taken: bool = False


class TurnedAway(msgspec.Struct, frozen=True, gc=False):
    """A customer who could not begin. His card is not known: no machine has read it."""

    t: float
    terminal: str
    service: str
    because: str
    number: int
    """Of the fact."""
    screen: Shown | None
    """What the terminal showed then."""


class Sightings:
    """Keeps what was seen in one run."""

    def __init__(self) -> None:
        self.visits: dict[str, Visit] = {}
        """By transaction key."""
        self.visits_beyond = 0
        self.turned_away: list[TurnedAway] = []
        self.turned_away_beyond = 0
        self.after_closing = 0
        """Customers who came when the drill let nobody begin any more: no bank has turned them away."""
        self._at: dict[str, str] = {}
        """Terminal to the key of who stands there."""
        self._screens: dict[str, Shown] = {}
        """Terminal to what it shows."""
        self._texts: dict[tuple[str, ...], tuple[str, ...]] = {}

    def handlers(self, number: Callable[[], int]) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it. `number` gives that of the present fact."""
        return {
            facts.TransactionStarted: self._started,
            facts.ScreenShown: self._screen_shown,
            facts.ReceiptPrinted: self._receipt_printed,
            facts.StateChanged: self._state_changed,
            facts.PowerFailed: self._power_failed,
            facts.CardTaken: self._card_taken,
            facts.CustomerTurnedAway: lambda fact: self._turned_away(fact, number()),
        }

    def _started(self, fact: facts.TransactionStarted) -> None:
        self._at[fact.actor] = fact.key
        if len(self.visits) < VISITS_MAX:
            self.visits[fact.key] = Visit(fact.card)
        else:
            self.visits_beyond += 1

    def _state_changed(self, fact: facts.StateChanged) -> None:
        if fact.new in BETWEEN_CUSTOMERS:
            self._at.pop(fact.actor, None)

    def _screen_shown(self, fact: facts.ScreenShown) -> None:
        shown = Shown(fact.t, fact.screen, self._once(fact.lines), fact.states)
        self._screens[fact.actor] = shown
        self._see(fact.actor, shown)

    def _receipt_printed(self, fact: facts.ReceiptPrinted) -> None:
        visit = self.visits.get(fact.key)
        if visit is not None:
            visit.receipt = Shown(fact.t, "receipt", fact.lines, fact.states)

    def _power_failed(self, fact: facts.PowerFailed) -> None:
        shown = self._screens[fact.actor] = Shown(fact.t, DARK)
        self._see(fact.actor, shown)

    def _card_taken(self, fact: facts.CardTaken) -> None:
        visit = self.visits.get(fact.key)
        if visit is not None:
            visit.card_taken = True

    def _turned_away(self, fact: facts.CustomerTurnedAway, number: int) -> None:
        if fact.because == DOORS_SHUT:
            self.after_closing += 1
        elif len(self.turned_away) < TURNED_AWAY_MAX:
            screen = self._screens.get(fact.actor)
            self.turned_away.append(TurnedAway(fact.t, fact.actor, fact.service, fact.because, number, screen))
        else:
            self.turned_away_beyond += 1

    def _see(self, terminal: str, shown: Shown) -> None:
        visit = self.visits.get(self._at.get(terminal, ""))
        if visit is not None:
            visit.screens = (*visit.screens[: SCREENS_MAX - 1], shown)

    def _once(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        known = self._texts.get(lines)
        if known is not None:
            return known
        if len(self._texts) < TEXTS_MAX:
            self._texts[lines] = lines
        return lines
