"""The session: one customer at a time, from the inserted card to the closed books.

Here is what all services share: state, deadline, the open transaction in memory, how it is closed and how
card and customer leave. What is particular to cash, deposits and the rest stands in files of their own.
The order in `close` is the safety of the house: what the host must be told is remembered first, then the
history is told, and only then the transaction is forgotten.
"""

from enum import Enum, auto

from msgspec.structs import replace

from atmbench.facts import CustomerTurnedAway, ExceptionOpened, StateChanged, TransactionEnded
from atmbench.facts.statements import Statement
from atmbench.messages.records import MOVES_MONEY, Purpose, Reason
from atmbench.terminal import screens
from atmbench.terminal.cabinet import Cabinet
from atmbench.terminal.defects import told as planted
from atmbench.terminal.defects.sessions import RETURN_WANTED_CARD
from atmbench.terminal.defects.storage import COMPLETE_ASKED_AMOUNT, COMPLETE_UNPAID, FORGET_COMPLETION, FORGET_REVERSAL
from atmbench.terminal.effects import EjectCard, Forget, Remember, RetainCard, ShowScreen
from atmbench.terminal.memory import INTENT, Intent, Stage
from atmbench.terminal.outstanding import NEVER, Outstanding, Waiting
from atmbench.terminal.screens import Screens
from atmbench.terminal.settings import Confirm
from atmbench.terminal.settlement import Ending
from atmbench.terminal.states import Move, State, after
from atmbench.terminal.store_and_forward import StoreAndForward

HOST_SAYS = frozenset({Move.DECLINED, Move.NOTES_RETURNED})
"""Ends of a session in which a card is kept because the host wants it."""
UNANSWERED = frozenset({Reason.NO_ANSWER, Reason.INVALID_ANSWER})


class Card(Enum):
    """Where the customer's card is."""

    INSIDE = auto()
    IN_SLOT = auto()
    GONE = auto()


class Session:
    """State of the customer's session. `intent` is the open transaction; `waiting` its request, while it waits."""

    def __init__(self, cabinet: Cabinet, outstanding: Outstanding, stored: StoreAndForward) -> None:
        self.cabinet = cabinet
        self.settings = cabinet.settings
        self.timers = cabinet.settings.timers
        self.screens = Screens(cabinet.settings.identity, cabinet.currency)
        self.state = State.CLOSED
        self.deadline = NEVER
        self.intent: Intent | None = None
        self.waiting: Waiting | None = None
        self.code = ""
        """Response code of the host, once it has answered the open transaction."""
        self.card = Card.GONE
        self.is_in_service = False
        """Kept by the core: a host is there and so is room for a reversal."""
        self.is_ordered_out = False
        """Kept by `duty`: nobody is to be served, whatever else is there."""
        self.closed_because = ""
        """Kept by `duty`: what the operator wants customers to be told of it."""
        self.no_line_because: str | None = None
        """Kept by `duty`: the same of the lines if all are out of service by order; None if one is not."""
        self._outstanding = outstanding
        self._stored = stored
        self._parting_key = ""

    # --- states ---------------------------------------------------------------------------------

    def move(self, move: Move) -> None:
        """Make a move of the table. Raises LocalError, and changes nothing, if it is not in there."""
        new = after(self.state, move)
        self.cabinet.record(StateChanged(old=self.state, new=new, because=move))
        self.state = new
        self.deadline = NEVER

    def follow_service(self, is_in_service: bool) -> None:
        """Open or close the terminal between two customers."""
        self.is_in_service = is_in_service
        if is_in_service and self.state is State.CLOSED:
            self.move(Move.SERVICE_OPENED)
            self.show(screens.WELCOME)
        elif not is_in_service and self.state is State.READY:
            self._close()

    def _close(self) -> None:
        is_by_order = self.is_ordered_out or self.no_line_because is not None
        self.move(Move.ORDERED_OUT if is_by_order else Move.SERVICE_CLOSED)
        said = self.no_service
        if planted.WELCOME_WHILE_CLOSED in self.cabinet.defects:
            said = screens.WELCOME
        self.show(said)

    @property
    def no_service(self) -> ShowScreen:
        """The screen of a terminal that serves nobody: it says why if that is by order."""
        if self.is_ordered_out:
            return self.screens.closed(self.closed_because)
        if self.no_line_because is not None:
            return self.screens.closed(self.no_line_because)
        if planted.NO_WAY_OUT in self.cabinet.defects:
            return self.screens.bare_out_of_service
        return self.screens.out_of_service

    @property
    def told_because(self) -> str:
        """What an operator has customers told while nobody is served; empty for the usual words."""
        return self.closed_because if self.is_ordered_out else self.no_line_because or ""

    @property
    def is_idle(self) -> bool:
        """Whether no customer is here and nothing is open."""
        return self.state is State.READY or self.state is State.CLOSED

    # --- the open transaction -------------------------------------------------------------------

    def remember(self, intent: Intent) -> None:
        """Take this as the open transaction, before the act that it speaks of."""
        self.intent = intent
        self.cabinet.ask(Remember(INTENT, intent))

    def remember_stage(self, stage: Stage, notes: dict[str, int] | None = None, outcome: str = "") -> Intent:
        """The open transaction has come to another stage."""
        intent = self.open_intent()
        intent = replace(intent, stage=stage, notes=intent.notes if notes is None else notes, outcome=outcome)
        self.remember(intent)
        return intent

    def open_intent(self) -> Intent:
        """The open transaction; there must be one."""
        assert self.intent is not None
        return self.intent

    def stop_waiting(self) -> None:
        """The reply is of no more use: whatever comes is late."""
        if self.waiting is not None:
            self._outstanding.end(self.waiting)
            self.waiting = None

    def tell_host(self, ending: Ending, now: float) -> None:
        """Store what the host must be told of the open transaction, if anything."""
        intent = self.open_intent()
        if ending.advice is None or intent.request.purpose not in MOVES_MONEY:
            return
        told = self._as_spoilt(ending)
        if told is not None:
            self._stored.store(intent, told, now)

    def _as_spoilt(self, ending: Ending) -> Ending | None:
        """What is told of an ending where that is planted to go wrong; None for nothing."""
        defects = self.cabinet.defects
        if ending.reason in UNANSWERED and FORGET_REVERSAL in defects:
            return None
        if ending.advice is Purpose.COMPLETION:
            if FORGET_COMPLETION in defects:
                return None
            if ending.actual_minor is not None and COMPLETE_ASKED_AMOUNT in defects:
                return replace(ending, actual_minor=None)
        is_unpaid = ending.reason is Reason.NOT_DISPENSED and self.settings.confirm is Confirm.ALWAYS
        if is_unpaid and COMPLETE_UNPAID in defects:
            return replace(ending, advice=Purpose.COMPLETION, reason=None)
        return ending

    def close(self, ending: Ending, now: float) -> Intent:
        """Close the books: tell the host (stored), tell the history, forget. Gives back what was open."""
        intent = self.open_intent()
        self.tell_host(ending, now)
        self.write_off(ending)
        return intent

    def write_off(self, ending: Ending) -> None:
        """The second half of `close`: the host has been told already, or need not be."""
        intent = self.open_intent()
        cabinet = self.cabinet
        if ending.exception:
            cabinet.record(
                ExceptionOpened(kind=ending.kind, key=intent.key, terminal=cabinet.name, because=ending.exception)
            )
        service = intent.request.purpose
        day = intent.request.business_day
        cabinet.record(
            TransactionEnded(key=intent.key, outcome=ending.outcome, service=service, code=self.code, day=day)
        )
        cabinet.ask(Forget(INTENT))
        self.intent = None
        self.code = ""

    # --- screens, paper, card -------------------------------------------------------------------

    def show(self, screen: ShowScreen) -> None:
        """Show a screen, unless nobody stands there: after a power failure the customer is gone."""
        if self.state is not State.RECOVERING:
            self.cabinet.show(screen)

    def receipt(self, intent: Intent, now: float, *says: str, states: Statement | None) -> None:
        """Print a receipt that says and states so, unless nobody stands there, or there is no paper."""
        if self.state is not State.RECOVERING and not self.cabinet.is_client:
            self.cabinet.ask(self.screens.receipt(intent, self.cabinet.local_time(now), says, states))

    def journal(self, text: str, now: float) -> None:
        """A line about the open transaction."""
        intent = self.open_intent()
        self.cabinet.journal(text, intent.request.stan, now, intent.key)

    def eject_card(self, key: str, now: float) -> None:
        """Give the card back; the session's deadline is how long it may lie there."""
        self.cabinet.ask(EjectCard(key))
        self.card = Card.IN_SLOT
        self.deadline = now + self.timers.card_taken_s

    def retain_card(self, because: str, key: str) -> None:
        """Keep the card: the host said so, or nobody took it."""
        self.cabinet.ask(RetainCard(because, key))
        self.card = Card.GONE

    def part(self, move: Move, key: str, now: float, screen: ShowScreen | None = None, keep_card: str = "") -> None:
        """The books are closed: show how it ended and let card and customer go.

        `screen` None means that there is nothing left to read.
        """
        if screen is not None:
            self.show(screen)
        self._parting_key = key
        was_recovering = self.state is State.RECOVERING
        self.move(Move.RECOVERED if was_recovering else move)
        if keep_card and not (move in HOST_SAYS and RETURN_WANTED_CARD in self.cabinet.defects):
            self.retain_card(keep_card, key)
        if self.card is Card.INSIDE:
            self.eject_card(key, now)
        elif self.card is Card.IN_SLOT:
            self.deadline = now + self.timers.card_taken_s
        elif screen is not None and not was_recovering:
            self.deadline = now + self.timers.result_s
        else:
            self._leave()

    def on_card_taken(self) -> None:
        """The customer has the card at the end of the session, and goes."""
        self.card = Card.GONE
        self._leave()

    def on_time(self) -> None:
        """The customer has read the screen, or has gone without the card."""
        if self.card is Card.IN_SLOT:
            self.retain_card("the card was not taken", self._parting_key)
        self._leave()

    def _leave(self) -> None:
        if self.is_in_service:
            self.move(Move.CUSTOMER_LEFT)
            self.show(screens.WELCOME)
        else:
            self._close()

    def turn_away(self, because: str, service: Purpose) -> None:
        """A customer cannot be served at all."""
        self.cabinet.record(CustomerTurnedAway(because=because, service=service))
