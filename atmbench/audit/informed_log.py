"""The log of what customers were told: what screens and receipts stated, of which transaction, and in which state.

Remembers and counts. Whether it was true is said by `informed`, when all witnesses have been heard.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from atmbench import facts
from atmbench.facts.statements import Stated, Statement

STATEMENTS_MAX = 400_000
"""Statements that are kept; the rest are counted, and leave the check unsure."""
AT_ONCE_S = 1.0
"""The facts of one turn have one time in virtual time only: by then the screen must have followed the state."""
CARD_READER = "card_reader"
CLOSED = "closed"
READY = "ready"


class Said(msgspec.Struct, frozen=True, gc=False):
    """One statement, and where it stood. `key` is that of the transaction of whoever read it."""

    number: int
    """Of the fact."""
    t: float
    terminal: str
    key: str
    states: Statement
    is_paper: bool
    in_outage: bool


class Welcomed(msgspec.Struct, frozen=True):
    """A terminal asked customers to begin while it served nobody, or let them read so when it had closed."""

    terminal: str
    from_t: float
    facts: tuple[int, ...]
    """Number of the screen that it could be told by; none if no other screen was shown to the end."""


class Seen(msgspec.Struct):
    """One terminal, as whoever stands there sees it."""

    key: str = ""
    """Of the last transaction that began."""
    state: str = ""
    closed_t: float | None = None
    """Since when it is closed and has shown nothing that says so."""
    invites: bool = False
    """The screen asks customers to begin."""
    is_cut_off: bool = False
    """The last that was heard of its lines was bad."""


class InformedLog:
    """What was told to customers in one run."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.said_beyond = 0
        self.welcomed: list[Welcomed] = []
        self.screens = self.receipts = self.in_outages = 0
        self.ejected: set[str] = set()
        """Keys of transactions whose card came out of the reader."""
        self.kept: set[str] = set()
        self.excused: set[str] = set()
        """Keys of those during which the reader or the power failed: nobody can say where the card is."""
        self._seen: dict[str, Seen] = {}

    @property
    def is_used(self) -> bool:
        """Whether anything was told that can be true or false."""
        return bool(self.screens or self.receipts)

    def handlers(self, number: Callable[[], int]) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it, beside others. `number` gives that of the present fact."""
        return {
            facts.ScreenShown: lambda fact: self._screen_shown(fact, number()),
            facts.ReceiptPrinted: lambda fact: self._receipt_printed(fact, number()),
            facts.StateChanged: self._state_changed,
            facts.TransactionStarted: self._started,
            facts.CardEjected: lambda fact: self.ejected.add(fact.key),
            facts.CardRetained: lambda fact: self.kept.add(fact.key),
            facts.DeviceFailed: self._device_failed,
            facts.PowerFailed: self._power_failed,
            facts.LineLost: self._cut_off,
            facts.DialFailed: self._cut_off,
            facts.LineSuspected: self._cut_off,
            facts.SignedOn: self._back,
        }

    def still_welcoming(self, now: float) -> list[Welcomed]:
        """All that asked customers to begin in vain, with those that do so to this moment."""
        since = {name: _untold_since(seen, now) for name, seen in self._seen.items()}
        return [*self.welcomed, *(Welcomed(name, from_t, ()) for name, from_t in since.items() if from_t is not None)]

    def _of(self, terminal: str) -> Seen:
        seen = self._seen.get(terminal)
        if seen is None:
            seen = self._seen[terminal] = Seen()
        return seen

    def _started(self, fact: facts.TransactionStarted) -> None:
        self._of(fact.actor).key = fact.key

    def _state_changed(self, fact: facts.StateChanged) -> None:
        seen = self._of(fact.actor)
        seen.state = fact.new
        seen.closed_t = fact.t if fact.new == CLOSED else None

    def _screen_shown(self, fact: facts.ScreenShown, number: int) -> None:
        seen, states = self._of(fact.actor), fact.states
        from_t = _untold_since(seen, fact.t)
        if from_t is not None:
            self.welcomed.append(Welcomed(fact.actor, from_t, (number,)))
        seen.invites = states is not None and states.how == Stated.INVITED
        if states is None:
            return
        self.screens += 1
        self.in_outages += seen.is_cut_off
        if seen.invites:
            if seen.state not in ("", READY):
                self.welcomed.append(Welcomed(fact.actor, fact.t, (number,)))
            return
        seen.closed_t = None
        self._keep(Said(number, fact.t, fact.actor, seen.key, states, is_paper=False, in_outage=seen.is_cut_off))

    def _receipt_printed(self, fact: facts.ReceiptPrinted, number: int) -> None:
        if fact.states is None:
            return
        seen = self._of(fact.actor)
        self.receipts += 1
        self.in_outages += seen.is_cut_off
        self._keep(Said(number, fact.t, fact.actor, fact.key, fact.states, is_paper=True, in_outage=seen.is_cut_off))

    def _keep(self, said: Said) -> None:
        if len(self.said) < STATEMENTS_MAX:
            self.said.append(said)
        else:
            self.said_beyond += 1

    def _device_failed(self, fact: facts.DeviceFailed) -> None:
        if fact.device == CARD_READER:
            self.excused.add(fact.key or self._of(fact.actor).key)

    def _power_failed(self, fact: facts.PowerFailed) -> None:
        seen = self._of(fact.actor)
        self.excused.add(seen.key)
        self._seen[fact.actor] = Seen(key=seen.key)

    def _cut_off(self, fact: facts.LineLost | facts.DialFailed | facts.LineSuspected) -> None:
        self._of(fact.actor).is_cut_off = True

    def _back(self, fact: facts.SignedOn) -> None:
        self._of(fact.actor).is_cut_off = False


def _untold_since(seen: Seen, now: float) -> float | None:
    """Since when a terminal is closed whose screen still asks customers to begin; None if it is not so."""
    closed_t = seen.closed_t
    return closed_t if seen.invites and closed_t is not None and now > closed_t + AT_ONCE_S else None
