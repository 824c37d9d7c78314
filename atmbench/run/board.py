"""What facts tell of a running bench at this moment, for those who look at it: screens, journals, faults, ledgers.

Everything is bounded. The board is a reader of facts; it must never ask an actor anything.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from atmbench import facts
from atmbench.audit.cases import cash_of
from atmbench.drill.records import STEPS_MAX
from atmbench.facts import TESTER, AnyFact

JOURNAL_LINES_MAX = 50
"""So many lines of a terminal's journal are at hand; all are in the run directory."""
ACTS_MAX = 2 * STEPS_MAX + 2
"""Facts about testers that are kept. Of more, no drill could be made."""


class FaultSeen(msgspec.Struct):
    """A fault that is active."""

    kind: str
    detail: dict[str, Any]
    started: float
    touched: int = 0
    """Frames that it has disturbed."""


class TerminalSeen(msgspec.Struct):
    """What a terminal has shown and written, and where it is signed on."""

    screen: str = ""
    screen_lines: tuple[str, ...] = ()
    journal: deque[str] = msgspec.field(default_factory=lambda: deque(maxlen=JOURNAL_LINES_MAX))
    signed_on: set[str] = msgspec.field(default_factory=set)


class LedgerSeen(msgspec.Struct):
    """What a site has posted."""

    cash_minor: int = 0
    """Paid out at terminals less what they took in."""
    entries: int = 0


class Board:
    """Call it with every fact of a history, in order."""

    def __init__(self) -> None:
        self.faults: dict[str, FaultSeen] = {}
        """Those that are active, by name."""
        self.ledgers: dict[str, LedgerSeen] = {}
        self.acts: list[AnyFact] = []
        """What testers did, up to ACTS_MAX, and the beginning of the healing: what a saved session is made of."""
        self._terminals: dict[str, TerminalSeen] = {}
        self._handlers: dict[type, Callable[[Any], None]] = {
            facts.ScreenShown: self._screen_shown,
            facts.JournalWritten: lambda fact: self.terminal(fact.actor).journal.append(fact.line),
            facts.SignedOn: lambda fact: self.terminal(fact.actor).signed_on.add(fact.line),
            facts.SignedOff: self._line_left,
            facts.LineLost: self._line_left,
            facts.PowerFailed: self._power_failed,
            facts.FaultStarted: self._fault_started,
            facts.FaultEnded: self._fault_ended,
            facts.FrameDisturbed: self._disturbed,
            facts.RecordDisturbed: self._disturbed,
            facts.EntryPosted: self._entry_posted,
            facts.EntryLost: self._entry_lost,
            facts.StepPerformed: self._keep_act,
            facts.HealStarted: self.acts.append,
        }

    def __call__(self, fact: AnyFact) -> None:
        """Take one fact in."""
        handler = self._handlers.get(type(fact))
        if handler is not None:
            handler(fact)

    def terminal(self, name: str) -> TerminalSeen:
        """What is known of a terminal."""
        seen = self._terminals.get(name)
        if seen is None:
            seen = self._terminals[name] = TerminalSeen()
        return seen

    def _screen_shown(self, fact: facts.ScreenShown) -> None:
        seen = self.terminal(fact.actor)
        seen.screen, seen.screen_lines = fact.screen, fact.lines

    def _line_left(self, fact: facts.SignedOff | facts.LineLost) -> None:
        self.terminal(fact.actor).signed_on.discard(fact.line)

    def _power_failed(self, fact: facts.PowerFailed) -> None:
        seen = self.terminal(fact.actor)
        seen.screen, seen.screen_lines = "", ()
        seen.signed_on.clear()

    def _fault_started(self, fact: facts.FaultStarted) -> None:
        self.faults[fact.name] = FaultSeen(fact.kind, fact.detail, fact.t)
        self._keep_act(fact)

    def _fault_ended(self, fact: facts.FaultEnded) -> None:
        self.faults.pop(fact.name, None)

    def _disturbed(self, fact: facts.FrameDisturbed | facts.RecordDisturbed) -> None:
        fault = self.faults.get(fact.name)
        if fault is not None:
            fault.touched += 1

    def _entry_posted(self, fact: facts.EntryPosted) -> None:
        ledger = self.ledgers.setdefault(fact.actor, LedgerSeen())
        ledger.entries += 1
        ledger.cash_minor += cash_of(fact.legs)

    def _entry_lost(self, fact: facts.EntryLost) -> None:
        ledger = self.ledgers.setdefault(fact.actor, LedgerSeen())
        ledger.entries -= 1
        ledger.cash_minor -= cash_of(fact.legs)

    def _keep_act(self, fact: facts.StepPerformed | facts.FaultStarted) -> None:
        if fact.actor == TESTER and len(self.acts) < ACTS_MAX:
            self.acts.append(fact)
