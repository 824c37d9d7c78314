"""Terminals as the facts tell them: state, line, screen, journal, cassettes and stored messages. Dry and bounded."""

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from atmbench import facts
from atmbench.messages.records import Outcome
from atmbench.terminal.states import State

TERMINALS_MAX = 20_000
JOURNAL_LINES_MAX = 50
STORED_MAX = 500
"""Stored messages of one terminal that are listed. The number that is shown is theirs."""
DEVICES_MAX = 16

APPROVED = Outcome.APPROVED.value
DECLINED = "declined"
IDLE_STATES = frozenset({State.READY.value})
NOT_SERVED = frozenset({"no_answer", "not_dispensed", "short", "retracted", "suspect", "interrupted"})
"""Outcomes in which a customer did not get what the bank had not refused."""


class Stored(msgspec.Struct, frozen=True):
    """A message in store-and-forward."""

    purpose: str
    key: str
    stan: int
    amount_minor: int
    queued_t: float


class Terminal(msgspec.Struct):
    """One terminal. Amounts are in minor units, times in seconds of the run."""

    name: str
    state: str = State.CLOSED.value
    state_t: float = 0.0
    because: str = ""
    has_power: bool = False
    line: str = ""
    """The line that it has chosen."""
    lines_up: set[str] = msgspec.field(default_factory=set)
    signed_on: set[str] = msgspec.field(default_factory=set)
    missed: int = 0
    """Replies in a row that were missing on its line; 0 again with the next one."""
    screen: str = ""
    screen_lines: tuple[str, ...] = ()
    journal: deque[str] = msgspec.field(default_factory=lambda: deque(maxlen=JOURNAL_LINES_MAX))
    stored: dict[int, Stored] = msgspec.field(default_factory=dict)
    """By STAN, the oldest first."""
    cassettes: dict[str, int] = msgspec.field(default_factory=dict)
    """Notes by cassette: as counted, less what was presented since."""
    values_minor: dict[str, int] = msgspec.field(default_factory=dict)
    rejected_minor: int = 0
    retracted_minor: int = 0
    deposited_minor: int = 0
    devices: dict[str, str] = msgspec.field(default_factory=dict)
    """Device to its state, where one was told."""
    card_is_out: bool = False
    """It lies in the slot, to be taken."""
    cash_out_minor: int = 0
    """Notes in the exit."""
    key: str = ""
    """The transaction under way."""
    service: str = ""
    amount_minor: int = 0
    card: str = ""
    outcome: str = ""
    """Of the last transaction."""
    outcome_t: float = 0.0
    code: str = ""
    last_key: str = ""
    approved: int = 0
    declined: int = 0
    not_served: int = 0
    turned_away: int = 0
    exceptions: int = 0

    @property
    def is_in_service(self) -> bool:
        """Whether a customer may come, or one is there."""
        return self.has_power and self.state != State.CLOSED

    @property
    def is_busy(self) -> bool:
        """Whether a customer is there."""
        return self.is_in_service and self.state not in IDLE_STATES


class Terminals:
    """All terminals by name, in the order of their first fact."""

    def __init__(self) -> None:
        self.by_name: dict[str, Terminal] = {}
        self.stored = 0
        """Messages in store-and-forward, of all of them."""
        self.handlers: dict[type, Callable[[Any], None]] = {
            facts.CassettesCounted: self._counted,
            facts.PowerRestored: self._power_restored,
            facts.PowerFailed: self._power_failed,
            facts.StateChanged: self._state_changed,
            facts.ScreenShown: self._screen_shown,
            facts.JournalWritten: self._journal_written,
            facts.LineUp: self._line_up,
            facts.LineLost: self._line_lost,
            facts.LineSuspected: self._line_suspected,
            facts.LineChosen: self._line_chosen,
            facts.SignedOn: self._signed_on,
            facts.SignedOff: self._signed_off,
            facts.TransactionStarted: self._started,
            facts.TransactionEnded: self._ended,
            facts.CustomerTurnedAway: self._turned_away,
            facts.AdviceQueued: self._queued,
            facts.AdviceAccepted: self._accepted,
            facts.ExceptionOpened: self._exception,
            facts.CardEjected: self._card_ejected,
            facts.CardTaken: self._card_gone,
            facts.CardRetained: self._card_gone,
            facts.CashPresented: self._presented,
            facts.CashTaken: self._cash_taken,
            facts.CashRetracted: self._retracted,
            facts.CashPurged: self._purged,
            facts.CashAccepted: self._deposited,
            facts.DeviceStateChanged: self._device,
            facts.DeviceFailed: self._device_failed,
        }

    def of(self, actor: str) -> Terminal:
        """The terminal that an actor is or belongs to; a new one if nothing was known of it."""
        name = actor.partition("/")[0]
        found = self.by_name.get(name)
        if found is None:
            found = Terminal(name)
            if len(self.by_name) < TERMINALS_MAX:
                self.by_name[name] = found
        return found

    def _counted(self, fact: facts.CassettesCounted) -> None:
        terminal = self.of(fact.actor)
        terminal.cassettes = dict(fact.cassettes)
        terminal.values_minor = dict(fact.values_minor)

    def _power_restored(self, fact: facts.PowerRestored) -> None:
        terminal = self.of(fact.actor)
        terminal.has_power = True
        terminal.state_t = fact.t
        terminal.state = State.CLOSED.value

    def _power_failed(self, fact: facts.PowerFailed) -> None:
        terminal = self.of(fact.actor)
        terminal.has_power = False
        terminal.state_t = fact.t
        terminal.because = f"power failed: {fact.during}"
        terminal.lines_up.clear()
        terminal.signed_on.clear()
        terminal.screen, terminal.screen_lines = "", ()
        terminal.key = ""

    def _state_changed(self, fact: facts.StateChanged) -> None:
        terminal = self.of(fact.actor)
        terminal.state, terminal.state_t, terminal.because = fact.new, fact.t, fact.because

    def _screen_shown(self, fact: facts.ScreenShown) -> None:
        terminal = self.of(fact.actor)
        terminal.screen, terminal.screen_lines = fact.screen, fact.lines

    def _journal_written(self, fact: facts.JournalWritten) -> None:
        self.of(fact.actor).journal.append(fact.line)

    # --- lines ------------------------------------------------------------------------------------

    def _line_up(self, fact: facts.LineUp) -> None:
        terminal = self.of(fact.actor)
        terminal.lines_up.add(fact.line)
        terminal.line = terminal.line or fact.line

    def _line_lost(self, fact: facts.LineLost) -> None:
        terminal = self.of(fact.actor)
        terminal.lines_up.discard(fact.line)
        terminal.signed_on.discard(fact.line)

    def _line_suspected(self, fact: facts.LineSuspected) -> None:
        self.of(fact.actor).missed = fact.missed

    def _line_chosen(self, fact: facts.LineChosen) -> None:
        terminal = self.of(fact.actor)
        terminal.line, terminal.missed = fact.line, 0

    def _signed_on(self, fact: facts.SignedOn) -> None:
        terminal = self.of(fact.actor)
        terminal.signed_on.add(fact.line)
        terminal.line = terminal.line or fact.line

    def _signed_off(self, fact: facts.SignedOff) -> None:
        self.of(fact.actor).signed_on.discard(fact.line)

    def answered(self, terminal: str, line: str) -> None:
        """A reply came over a line: what was suspected of it is forgotten."""
        found = self.by_name.get(terminal)
        if found is not None and found.line == line:
            found.missed = 0

    # --- customers --------------------------------------------------------------------------------

    def _started(self, fact: facts.TransactionStarted) -> None:
        terminal = self.of(fact.actor)
        terminal.key, terminal.last_key = fact.key, fact.key
        terminal.service, terminal.amount_minor, terminal.card = fact.service, fact.amount_minor, fact.card

    def _ended(self, fact: facts.TransactionEnded) -> None:
        terminal = self.of(fact.actor)
        terminal.key = ""
        terminal.last_key = fact.key
        terminal.outcome, terminal.outcome_t, terminal.code = fact.outcome, fact.t, fact.code
        terminal.approved += fact.outcome == APPROVED
        terminal.declined += fact.outcome == DECLINED
        terminal.not_served += fact.outcome in NOT_SERVED

    def _turned_away(self, fact: facts.CustomerTurnedAway) -> None:
        self.of(fact.actor).turned_away += 1

    # --- store-and-forward ------------------------------------------------------------------------

    def _queued(self, fact: facts.AdviceQueued) -> None:
        stored = self.of(fact.actor).stored
        if fact.stan not in stored and len(stored) < STORED_MAX:
            stored[fact.stan] = Stored(fact.purpose, fact.key, fact.stan, fact.amount_minor, fact.t)
            self.stored += 1

    def _accepted(self, fact: facts.AdviceAccepted) -> None:
        self.stored -= self.of(fact.actor).stored.pop(fact.stan, None) is not None

    def _exception(self, fact: facts.ExceptionOpened) -> None:
        if fact.terminal not in self.by_name:
            return
        terminal = self.by_name[fact.terminal]
        terminal.exceptions += 1
        if fact.kind in ("advice_given_up", "memory_lost"):
            gone = [stan for stan, each in terminal.stored.items() if fact.key in ("", each.key)]
            for stan in gone:
                del terminal.stored[stan]
            self.stored -= len(gone)

    # --- devices ----------------------------------------------------------------------------------

    def _card_ejected(self, fact: facts.CardEjected) -> None:
        self.of(fact.actor).card_is_out = True

    def _card_gone(self, fact: facts.CardTaken | facts.CardRetained) -> None:
        self.of(fact.actor).card_is_out = False

    def _cash_taken(self, fact: facts.CashTaken) -> None:
        self.of(fact.actor).cash_out_minor = 0

    def _presented(self, fact: facts.CashPresented) -> None:
        terminal = self.of(fact.actor)
        terminal.cash_out_minor = fact.amount_minor
        cassettes = terminal.cassettes
        for name, notes in fact.notes.items():
            if name in cassettes:
                cassettes[name] -= notes

    def _retracted(self, fact: facts.CashRetracted) -> None:
        terminal = self.of(fact.actor)
        terminal.cash_out_minor = 0
        terminal.retracted_minor += fact.amount_minor

    def _purged(self, fact: facts.CashPurged) -> None:
        self.of(fact.actor).rejected_minor += fact.amount_minor

    def _deposited(self, fact: facts.CashAccepted) -> None:
        self.of(fact.actor).deposited_minor += fact.amount_minor

    def _device(self, fact: facts.DeviceStateChanged) -> None:
        devices = self.of(fact.actor).devices
        if fact.device in devices or len(devices) < DEVICES_MAX:
            devices[fact.device] = fact.state

    def _device_failed(self, fact: facts.DeviceFailed) -> None:
        devices = self.of(fact.actor).devices
        if len(devices) < DEVICES_MAX:
            devices.setdefault(fact.device, fact.error)
