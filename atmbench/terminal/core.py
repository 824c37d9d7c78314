"""The core of a terminal: inputs and time in, effects out. No wire, no clock, no device.

The core routes; what it routes to decides: `failover` which line, `outstanding` which reply, `transactions` with
`withdrawal` and `deposit` what a customer gets, `store_and_forward` what a host must be told, `recovery`
what a power failure has left behind. After every turn `_settle` does what only all of them together allow.

The driver must perform effects in order. Power may fail between any two of them.
"""

from collections.abc import Callable, Mapping, Set
from math import inf, nextafter
from random import Random
from typing import Any

from atmbench.errors import LocalError
from atmbench.facts import ReplyIgnored
from atmbench.messages.matching import ReplyKey
from atmbench.messages.records import ADVICES, MOVES_MONEY, NETWORK, Purpose, Reason, Request
from atmbench.security.key_ring import KeyLife
from atmbench.terminal import inputs, settlement
from atmbench.terminal.business_day import BusinessDay
from atmbench.terminal.cabinet import USUAL_HABITS, Cabinet, Habits, Response, usual_request_key
from atmbench.terminal.cassettes import Cassettes
from atmbench.terminal.defects import known
from atmbench.terminal.defects.answers import (
    DISPENSE_ON_LATE_REPLY,
    REVERSE_ON_DUPLICATE_REPLY,
)
from atmbench.terminal.defects.storage import REQUEST_BEFORE_REVERSAL, REVERSE_TWICE
from atmbench.terminal.deposit import Deposit
from atmbench.terminal.duty import Duty, LineDuty
from atmbench.terminal.effects import Dispense, Effect
from atmbench.terminal.failover import Failover
from atmbench.terminal.key_care import KeyCare
from atmbench.terminal.lines import Lines
from atmbench.terminal.memory import Intent, Memory, Stage
from atmbench.terminal.outstanding import APPROVALS, NEVER, Outstanding, Waiting
from atmbench.terminal.recovery import Recovery
from atmbench.terminal.session import Session
from atmbench.terminal.settings import TerminalSettings
from atmbench.terminal.states import State
from atmbench.terminal.store_and_forward import StoreAndForward
from atmbench.terminal.transactions import Transactions
from atmbench.terminal.transport import Transport
from atmbench.terminal.withdrawal import Withdrawal

CASCADE_MAX = 100
"""What is due at one instant may make more due at the same instant, but not for ever."""
PAYS = frozenset({State.RETURNING_CARD, State.DISPENSING, State.PRESENTING, State.RETRACTING})


class Terminal:
    """One terminal from power-up to power failure.

    `lines` are in order of preference. `memory` is what non-volatile memory holds: read here once, never changed.
    `clock_text` gives the local time of a moment as YYMMDDhhmmss, and `utc_text` the same in UTC (None: no difference);
    `responses` what a code means, `request_key` what the reply to a request will share with it, `habits` what else the
    lines want. With `key_life` it asks its hosts for working keys. `is_client`: a client of online or mobile banking,
    which has neither card, cash nor paper. `first_day` (YYMMDD) is the business day at first, where days will end.
    Raises LocalError for settings, defects or lines that make no sense.
    """

    def __init__(
        self,
        name: str,
        settings: TerminalSettings,
        lines: tuple[str, ...],
        currency: str,
        memory: Mapping[str, Any],
        rng: Random,
        clock_text: Callable[[float], str],
        *,
        responses: Callable[[str], Response],
        request_key: Callable[[Request], ReplyKey] = usual_request_key,
        utc_text: Callable[[float], str] | None = None,
        key_life: KeyLife | None = None,
        habits: Habits = USUAL_HABITS,
        defects: Set[str] = frozenset(),
        first_day: str = "",
        is_client: bool = False,
    ) -> None:
        if not lines or len(set(lines)) != len(lines):
            raise LocalError(f"{name} has the lines {', '.join(lines) or '(none)'}; name at least one, each once")
        self.name = name
        self.deadline: float | None = None
        self._memory = remembered = Memory(memory)
        self._cabinet = cabinet = Cabinet(
            name,
            settings,
            currency,
            stan=remembered.stan,
            rng=rng,
            clock_text=clock_text,
            utc_text=utc_text,
            responses=responses,
            request_key=request_key,
            habits=habits,
            defects=known(defects),
            is_client=is_client,
        )
        cabinet.business_day = remembered.business_day or first_day
        self._business_day = BusinessDay(cabinet)
        self._outstanding = outstanding = Outstanding(cabinet)
        all_lines = Lines(lines, remembered.lines_out)
        self._failover = Failover(cabinet, all_lines, outstanding, KeyCare(cabinet, key_life, remembered))
        self._stored = stored = StoreAndForward(cabinet, outstanding, remembered)
        self._session = session = Session(cabinet, outstanding, stored)
        self._cassettes = Cassettes(settings, currency, remembered.counters)
        self._transport = transport = Transport(cabinet, self._cassettes, remembered)
        self._withdrawal = withdrawal = Withdrawal(session, self._cassettes, transport)
        self._deposit = deposit = Deposit(session)
        self._transactions = Transactions(session, withdrawal, deposit, outstanding)
        self._recovery = Recovery(session, stored, withdrawal, deposit)
        self._duty = Duty(cabinet, session, self._failover, stored, remembered)
        self._line_duty = LineDuty(cabinet, session, self._failover, outstanding, all_lines)
        self._lacks_journal = False
        """The journal printer cannot print, and nobody may be served without."""
        self._routes = self._who_hears()

    def _who_hears(self) -> dict[type[inputs.Input], Callable[[Any, float], None]]:
        return {
            inputs.PoweredOn: self._on_powered_on,
            inputs.ServiceOrdered: lambda given, now: self._duty.order(given.open, given.because, now),
            inputs.LineOrdered: lambda given, now: self._line_duty.order(given.line, given.open, given.because, now),
            inputs.LinkUp: lambda given, now: self._failover.on_link_up(given.line, now),
            inputs.LinkLost: lambda given, now: self._failover.on_link_lost(given.line, given.because, now),
            inputs.DialFailed: lambda given, now: self._failover.on_link_lost(given.line, given.because, now),
            inputs.ReplyReceived: self._on_reply,
            inputs.ReplyUnreadable: self._on_unreadable,
            inputs.DayAnnounced: lambda given, now: self._business_day.on_announced(given.line, given.request, now),
            inputs.KeysLost: lambda given, now: self._failover.on_keys_lost(now),
            inputs.KeysLoaded: lambda given, now: self._failover.on_keys_loaded(given.line, given.because, now),
            inputs.TransactionAsked: self._on_asked,
            inputs.CustomerCancelled: lambda _, now: self._transactions.on_cancelled(now),
            inputs.CardTaken: self._on_card_taken,
            inputs.DispenseEnded: self._withdrawal.on_dispense_ended,
            inputs.NotesPurged: self._transport.on_purged,
            inputs.CashTaken: self._on_cash_taken,
            inputs.CashRetracted: self._on_cash_retracted,
            inputs.DispenserReported: self._recovery.on_dispenser_reported,
            inputs.DepositCounted: self._on_deposit_counted,
            inputs.DepositStored: lambda given, now: self._deposit.on_stored(given.key, now),
            inputs.DepositReturned: lambda given, now: self._deposit.on_returned(given.key, now),
            inputs.EscrowReported: self._recovery.on_escrow_reported,
            inputs.JournalPrinterChanged: self._on_journal_printer,
        }

    # --- the door -------------------------------------------------------------------------------

    def on_input(self, given: inputs.Input, now: float) -> list[Effect]:
        """What follows from an input. Raises LocalError, and changes nothing, for what can be no input."""
        route = self._routes.get(type(given))
        if route is None:
            raise LocalError(f"{type(given).__name__} is no input of a terminal")
        route(given, now)
        return self._settle(now)

    def on_time(self, now: float) -> list[Effect]:
        """What is due by now. Afterwards `deadline` is None or later than `now`."""
        for _ in range(CASCADE_MAX):
            self._expire(now)
            if self._failover.deadline <= now:
                self._failover.on_time(now)
            if self._session.deadline <= now:
                self._on_session_time(now)
            if self._transport.deadline <= now:
                self._transport.on_time(now)
            self._follow(now)
            if self._next_deadline() > now:
                break
        effects = self._settle(now)
        if self.deadline is not None and self.deadline <= now:
            self.deadline = nextafter(now, inf)
        return effects

    @property
    def state(self) -> State:
        """Where the customer's session is."""
        return self._session.state

    @property
    def is_free(self) -> bool:
        """Whether a customer could begin now: in service, nobody here, nothing to be told or to be purged first."""
        if self._session.state is not State.READY or not self._transport.is_clear:
            return False
        return not self._stored.queue or REQUEST_BEFORE_REVERSAL in self._cabinet.defects

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way: nobody is served, and nothing that was sent waits for its answer."""
        return self._session.is_idle and not self._outstanding

    @property
    def is_ordered_out(self) -> bool:
        """Whether an operator has taken this terminal out of service."""
        return self._duty.is_over

    @property
    def closed_because(self) -> str:
        """What an operator has customers told while nobody is served; empty for the usual words."""
        return self._session.told_because

    @property
    def active_line(self) -> str:
        """The line this terminal is signed on to for its customers; empty if none."""
        return self._failover.line

    def pending(self) -> tuple[str, ...]:
        """What is still open, in words; empty if nothing is."""
        words = self._stored.pending()
        if not self._session.is_idle:
            words.append(f"a customer's session is {self._session.state.replace('_', ' ')}")
        if not self._transport.is_clear:
            words.append("notes may lie in the dispenser's transport")
        if not self._failover.line and not (self._duty.is_over or self._line_duty.is_shut_out):
            words.append("it is not signed on to any host")
        return tuple(words)

    # --- routes ---------------------------------------------------------------------------------

    def _on_powered_on(self, given: inputs.PoweredOn, now: float) -> None:
        self._recovery.begin(self._memory.intent, now)
        self._duty.start(now)

    def _on_asked(self, given: inputs.TransactionAsked, now: float) -> None:
        if self.is_free:
            self._transactions.on_asked(given, self._failover.line, now)
        else:
            because = "it is out of service" if self._session.state is State.CLOSED else "it is busy"
            self._session.turn_away(because, given.service)

    def _on_reply(self, given: inputs.ReplyReceived, now: float) -> None:
        waiting = self._outstanding.match(given)
        if waiting is None:
            past = self._outstanding.late(given)
            if past is not None and given.reply.outcome in APPROVALS:
                self._on_late_approval(past, now)
            return
        purpose = waiting.request.purpose
        if purpose in ADVICES:
            self._stored.on_reply(given.reply, now)
        elif purpose not in NETWORK:
            self._business_day.on_reply(given.line, given.reply, now)
            self._transactions.on_reply(waiting, given.reply, now)
        self._failover.on_reply(waiting, given.reply, now)

    def _on_late_approval(self, past: Waiting, now: float) -> None:
        """The host has posted what this terminal had given up (1.8 rule 2: reverse it, unless that is on its way)."""
        intent, past.reversible = past.reversible, None
        if intent is not None:
            ending = settlement.reversed_fully("declined", Reason.LATE_ANSWER)
            self._stored.store(intent, ending, now)
        elif past.request.purpose in MOVES_MONEY:
            self._reverse_wrongly(past, now)
        if not past.answered and DISPENSE_ON_LATE_REPLY in self._cabinet.defects:
            request = past.request
            notes = self._cassettes.mix(request.amount_minor)
            if request.purpose is Purpose.WITHDRAWAL and notes is not None and self._session.state not in PAYS:
                self._withdrawal.take_off(notes, past.transaction)
                self._cabinet.ask(Dispense(key=past.transaction, notes=notes))

    def _reverse_wrongly(self, past: Waiting, now: float) -> None:
        """What a spoilt terminal does: the request was reversed already, or was answered and done."""
        if (REVERSE_ON_DUPLICATE_REPLY if past.answered else REVERSE_TWICE) in self._cabinet.defects:
            intent = Intent(key=past.transaction, stage=Stage.COMPLETED, request=past.request)
            self._stored.store(intent, settlement.reversed_fully("declined", Reason.LATE_ANSWER), now)

    def _on_unreadable(self, given: inputs.ReplyUnreadable, now: float) -> None:
        self._outstanding.spoil(given.line)
        self._cabinet.record(ReplyIgnored(line=given.line, reason="unreadable", nearest=given.because))

    def _on_card_taken(self, given: inputs.CardTaken, now: float) -> None:
        if self._session.state is State.RETURNING_CARD:
            self._withdrawal.on_card_taken(now)
        elif self._session.state is State.PARTING:
            self._session.on_card_taken()

    def _on_cash_taken(self, given: inputs.CashTaken, now: float) -> None:
        if self._session.state is State.RECOVERING:
            self._recovery.on_cash_taken(given, now)
        else:
            self._withdrawal.on_cash_taken(given, now)

    def _on_cash_retracted(self, given: inputs.CashRetracted, now: float) -> None:
        if self._session.state is State.RECOVERING:
            self._recovery.on_cash_retracted(given, now)
        else:
            self._withdrawal.on_cash_retracted(given, now)

    def _on_deposit_counted(self, given: inputs.DepositCounted, now: float) -> None:
        self._transactions.on_deposit_counted(given, self._failover.line, now)

    def _on_journal_printer(self, given: inputs.JournalPrinterChanged, now: float) -> None:
        """Whoever is in session is served to the end. Power takes this from memory: the printer is looked at then."""
        self._lacks_journal = not given.is_able and self._cabinet.settings.needs_journal_paper
        says = "JOURNAL PRINTER READY" if given.is_able else f"JOURNAL PRINTER FAILED {given.because}".upper()
        self._cabinet.journal(says, 0, now)

    # --- time -----------------------------------------------------------------------------------

    def _expire(self, now: float) -> None:
        if self._outstanding.deadline > now:
            return
        for waiting in self._outstanding.end_expired(now):
            self._give_up_waiting(waiting, now)
            self._failover.on_silence(waiting, now)

    def _give_up_waiting(self, waiting: Waiting, now: float) -> None:
        purpose = waiting.request.purpose
        if purpose in ADVICES:
            self._stored.on_silence(now)
        elif purpose not in NETWORK:
            self._transactions.on_silence(waiting, now)

    def _on_session_time(self, now: float) -> None:
        state = self._session.state
        if state is State.PARTING:
            self._session.on_time()
        elif state is State.RECOVERING:
            self._recovery.on_time(now)
        elif state is State.AUTHORISING:
            self._transactions.on_time(now)
        elif state in (State.COUNTING_DEPOSIT, State.STORING_DEPOSIT, State.RETURNING_DEPOSIT):
            self._deposit.on_time(now)
        else:
            self._withdrawal.on_time(now)

    # --- after every turn -----------------------------------------------------------------------

    def _follow(self, now: float) -> None:
        """What only all parts together allow: requests on lost lines end, the service opens, the queue moves."""
        failover, session, stored = self._failover, self._session, self._stored
        if failover.fallen:
            self._end_fallen(now)
        if failover.wants_back and self.is_quiet:
            failover.move_back(now)
        self._line_duty.follow(now)
        line = failover.line
        if line:
            self._transactions.on_line(line, now)
        if stored.queue:
            stored.pump(line, now)
        is_hindered = stored.is_full or self._transport.is_stuck or self._lacks_journal or self._line_duty.must_leave
        is_in_service = bool(line) and not (is_hindered or self._duty.is_over)
        if is_in_service is not session.is_in_service or session.state is State.CLOSED:
            session.follow_service(is_in_service)
        if self._duty.is_over:
            self._duty.follow(now)
            self._end_fallen(now)

    def _end_fallen(self, now: float) -> None:
        for line in self._failover.take_fallen():
            for waiting in self._outstanding.end_line(line):
                self._give_up_waiting(waiting, now)

    def _settle(self, now: float) -> list[Effect]:
        self._follow(now)
        deadline = self._next_deadline()
        self.deadline = None if deadline == NEVER else deadline
        return self._cabinet.take_effects()

    def _next_deadline(self) -> float:
        failover, stored = self._failover, self._stored
        sending_at = stored.deadline(failover.line) if stored.queue else NEVER
        return min(
            sending_at, self._outstanding.deadline, failover.deadline, self._session.deadline, self._transport.deadline
        )
