"""Withdrawal: from the approval to cash in the customer's hand, and every way in which that can fail.

The order is remembered before the dispenser gets it, and its result before anything is concluded from it.
Nothing is dispensed here but for the open transaction, once. Rows of iso8583 facts 1.10 end in `settlement`.
"""

from msgspec.structs import replace

from atmbench.facts.statements import Stated, Statement
from atmbench.messages.records import Reason
from atmbench.terminal import screens, settlement
from atmbench.terminal.cassettes import Cassettes
from atmbench.terminal.defects.cash import (
    CARD_LEFT_NOT_REVERSED,
    DISPENSE_AGAIN_ON_DOUBT,
    DROP_SUSPECT,
    REFUSAL_NOT_REVERSED,
    RETRACT_TAKEN_FOR_PAID,
    REVERSE_MISSING_AMOUNT,
    SHORT_NOT_REVERSED,
    SHORT_REVERSED_FULLY,
)
from atmbench.terminal.defects.told import RECEIPT_AS_IF_PAID, RECEIPT_OF_APPROVED
from atmbench.terminal.effects import Dispense, Remember, RetractNotes, ShowScreen
from atmbench.terminal.inputs import CashRetracted, CashTaken, DispenseEnded
from atmbench.terminal.memory import COUNTERS, Intent, Stage
from atmbench.terminal.session import Card, Session
from atmbench.terminal.settlement import Ending
from atmbench.terminal.states import Move, State
from atmbench.terminal.transport import Transport


class Withdrawal:
    """Pays out what was approved. `cassettes` is the terminal's own count, `transport` where notes can get stuck."""

    def __init__(self, session: Session, cassettes: Cassettes, transport: Transport) -> None:
        self.cassettes = cassettes
        self.transport = transport
        self._session = session
        self._cabinet = session.cabinet
        self._notes: dict[str, int] = {}
        """What will be paid with; nothing is taken from the cassettes between the wish and the approval."""
        self._retracting_key = ""
        self._is_settled = False
        """The books are closed, and only the exit must be cleared yet."""

    def can_pay(self, amount_minor: int) -> bool:
        """Whether the notes make up this amount. They are kept in mind for the approval."""
        self._notes = self.cassettes.mix(amount_minor) or {}
        return bool(self._notes)

    # --- paying out -----------------------------------------------------------------------------

    def on_approved(self, now: float) -> None:
        """The host said yes: the card goes first, or the cash does."""
        session = self._session
        intent = session.open_intent()
        if intent.approved_minor != intent.request.amount_minor:
            self._notes = self.cassettes.mix(intent.approved_minor) or {}
        if not self._notes:
            self._end(
                settlement.reversed_fully("not_dispensed", Reason.NOT_DISPENSED),
                Move.NOT_DISPENSED,
                now,
                session.screens.not_dispensed(),
            )
            return
        if session.settings.card_before_cash:
            session.move(Move.CARD_FIRST)
            session.show(screens.TAKE_CARD)
            session.eject_card(intent.key, now)
        else:
            session.move(Move.CASH_FIRST)
            self._dispense(now)

    def on_card_taken(self, now: float) -> None:
        """The card is out of the way: the cash may come."""
        session = self._session
        session.card = Card.GONE
        session.move(Move.CARD_TAKEN)
        self._dispense(now)

    def on_card_left(self, now: float) -> None:
        """The card was not taken, so no cash comes (1.10: card not taken before cash)."""
        session = self._session
        session.journal("CARD NOT TAKEN", now)
        ending = settlement.reversed_fully("not_dispensed", Reason.CARD_NOT_TAKEN)
        if CARD_LEFT_NOT_REVERSED in self._cabinet.defects:
            ending = Ending(outcome=ending.outcome)
        intent = session.close(ending, now)
        session.part(
            Move.CARD_LEFT, intent.key, now, session.screens.card_not_taken(), keep_card="the card was not taken"
        )

    def _dispense(self, now: float) -> None:
        session = self._session
        intent = session.remember_stage(Stage.DISPENSING, self._notes)
        self._is_settled = False
        session.deadline = now + session.timers.dispense_s
        self._cabinet.ask(Dispense(key=intent.key, notes=self._notes))

    # --- what the dispenser says ----------------------------------------------------------------

    def on_dispense_ended(self, given: DispenseEnded, now: float) -> None:
        """The dispenser's answer. What it counted is believed, whatever word it gives it."""
        session = self._session
        if session.state is not State.DISPENSING:
            return
        intent = session.open_intent()
        if given.key != intent.key:
            return
        moved_minor = self.cassettes.value_minor(given.notes)
        if given.status == "refused" and not moved_minor:
            session.journal(f"NOT DISPENSED {given.because}".rstrip().upper(), now)
            self._end_undispensed(now)
        elif given.status in ("presented", "short") and 0 < moved_minor <= intent.approved_minor:
            self._present(given.notes, moved_minor, now)
            if given.status == "short":
                self.transport.purge(session.open_intent(), now, is_counted=False)
        elif given.status == "short" and not moved_minor:
            self._end_undispensed(now)
        elif DISPENSE_AGAIN_ON_DOUBT in self._cabinet.defects:
            self._dispense_again(now)
        else:
            self._clear_exit(given.because or f"the dispenser said {given.status}", now)

    def _dispense_again(self, now: float) -> None:
        """What a spoilt terminal does with an order of which it does not know the end."""
        intent = self._session.open_intent()
        self.transport.purge(intent, now, is_counted=False)
        self._dispense(now)

    def _present(self, notes: dict[str, int], moved_minor: int, now: float) -> None:
        session = self._session
        intent = session.remember_stage(Stage.PRESENTED, notes)
        self.take_off(notes, intent.key)
        session.move(Move.PRESENTED)
        session.deadline = now + session.timers.cash_taken_s
        bundle = " ".join([f"{name}:{number}" for name, number in notes.items()])
        session.journal(f"PRESENTED {session.screens.amount(moved_minor)} ({bundle})", now)
        session.show(session.screens.take_cash(moved_minor, intent.request.amount_minor))

    def _end_undispensed(self, now: float) -> None:
        session = self._session
        self.transport.purge(session.open_intent(), now, is_counted=False)
        ending = settlement.reversed_fully("not_dispensed", Reason.NOT_DISPENSED)
        if REFUSAL_NOT_REVERSED in self._cabinet.defects:
            ending = Ending(outcome=ending.outcome)
        self._end(ending, Move.NOT_DISPENSED, now, session.screens.not_dispensed())

    def _clear_exit(self, because: str, now: float) -> None:
        """Nobody knows what moved: close the books as suspect, and draw back what may lie in the exit."""
        session = self._session
        session.journal(f"DISPENSE UNKNOWN {because}".upper(), now)
        self.take_off(session.open_intent().notes, session.open_intent().key)
        self.transport.purge(session.open_intent(), now, is_counted=True)
        intent = session.close(self._suspect(because), now)
        self._is_settled = True
        screen = session.screens.not_known()
        session.show(screen)
        session.receipt(intent, now, *screen.lines, states=screen.states)
        session.move(Move.DISPENSE_UNKNOWN)
        self._retract(intent.key, now)

    def _retract(self, key: str, now: float) -> None:
        self._retracting_key = key
        self._session.deadline = now + self._session.timers.dispense_s
        self._cabinet.ask(RetractNotes(key))

    # --- what the customer does -----------------------------------------------------------------

    def on_cash_taken(self, given: CashTaken, now: float) -> None:
        """A hand emptied the exit."""
        session = self._session
        if session.state not in (State.PRESENTING, State.RETRACTING):
            return
        if self._is_settled:
            if given.key == self._retracting_key:
                session.part(Move.CASH_TAKEN, given.key, now, session.screens.not_known())
            return
        intent = session.open_intent()
        if given.key != intent.key:
            return
        session.journal("CASH TAKEN", now)
        self.end_taken(self.cassettes.value_minor(intent.notes), now)

    def on_cash_retracted(self, given: CashRetracted, now: float) -> None:
        """Notes were drawn back."""
        session = self._session
        if session.state is not State.RETRACTING or given.key != self._retracting_key:
            return
        if self._is_settled:
            session.part(Move.RETRACTED, given.key, now, session.screens.not_known())
        else:
            counted = given.notes_counted
            self.end_retracted(None if counted is None else self.cassettes.value_minor(counted), now)

    # --- endings, also of recovery --------------------------------------------------------------

    def end_taken(self, moved_minor: int, now: float) -> None:
        """The customer has these notes."""
        session = self._session
        intent = session.open_intent()
        ending = self._short(intent, settlement.taken(intent, moved_minor, session.settings.confirm))
        session.close(ending, now)
        shown_minor = moved_minor
        if moved_minor != intent.approved_minor and RECEIPT_OF_APPROVED in self._cabinet.defects:
            shown_minor = intent.approved_minor
        self._receipt_of_paid(intent, shown_minor, now)
        session.part(Move.CASH_TAKEN, intent.key, now)

    def _receipt_of_paid(self, intent: Intent, paid_minor: int, now: float) -> None:
        paid, approved = f"Paid {self._session.screens.amount(paid_minor)}", f"Approved {intent.approval_code}".rstrip()
        states = Statement(how=Stated.DONE, paid_minor=paid_minor)
        self._session.receipt(intent, now, paid, approved, states=states)

    def _short(self, intent: Intent, ending: Ending) -> Ending:
        """How a dispense ends that may have been short, where that is planted to go wrong."""
        defects = self._cabinet.defects
        if ending.reason is not Reason.PARTLY_DISPENSED or ending.actual_minor is None:
            return ending
        if SHORT_NOT_REVERSED in defects:
            return Ending(outcome=ending.outcome)
        if SHORT_REVERSED_FULLY in defects:
            return replace(ending, actual_minor=None)
        if REVERSE_MISSING_AMOUNT in defects:
            return replace(ending, actual_minor=intent.request.amount_minor - ending.actual_minor)
        return ending

    def _retracted(self, ending: Ending) -> Ending:
        """How a withdrawal ends whose notes were drawn back uncounted, where that is planted to go wrong."""
        if ending.exception and RETRACT_TAKEN_FOR_PAID in self._cabinet.defects:
            return Ending(outcome="approved")
        return ending

    def end_retracted(self, counted_minor: int | None, now: float) -> None:
        """Notes were drawn back, counted or not."""
        session = self._session
        intent = session.open_intent()
        session.journal("CASH RETRACTED " + ("UNCOUNTED" if counted_minor is None else str(counted_minor)), now)
        moved_minor = self.cassettes.value_minor(intent.notes)
        ending = self._retracted(settlement.retracted(intent, moved_minor, counted_minor, session.settings.confirm))
        self._end(ending, Move.RETRACTED, now, session.screens.retracted())

    def end_suspect(self, because: str, now: float) -> None:
        """Nobody knows what came out, and nothing more can be asked."""
        session = self._session
        session.journal(f"SUSPECT {because}".upper(), now)
        self._end(self._suspect(because), Move.RETRACTED, now, session.screens.not_known())

    def _suspect(self, because: str) -> Ending:
        if DROP_SUSPECT in self._cabinet.defects:
            return Ending(outcome="suspect")
        return settlement.suspect(because)

    def _end(self, ending: Ending, move: Move, now: float, screen: ShowScreen) -> None:
        session = self._session
        intent = session.close(ending, now)
        is_unpaid = ending.outcome == "not_dispensed" and intent.approved_minor
        if is_unpaid and RECEIPT_AS_IF_PAID in self._cabinet.defects:
            self._receipt_of_paid(intent, intent.approved_minor, now)
        else:
            session.receipt(intent, now, *screen.lines, states=screen.states)
        session.part(move, intent.key, now, screen)

    def take_off(self, notes: dict[str, int], order: str) -> None:
        """Take an order's notes off the terminal's count, once."""
        if self.cassettes.take_off(notes, order):
            self._cabinet.ask(Remember(COUNTERS, self.cassettes.counters))

    # --- silence --------------------------------------------------------------------------------

    def on_time(self, now: float) -> None:
        """Card, dispenser or customer have kept the terminal waiting long enough."""
        session = self._session
        if session.state is State.RETURNING_CARD:
            self.on_card_left(now)
        elif session.state is State.DISPENSING:
            self._clear_exit("the dispenser did not answer", now)
        elif session.state is State.PRESENTING:
            intent = session.open_intent()
            session.journal("CASH NOT TAKEN", now)
            session.move(Move.CASH_LEFT)
            self._retract(intent.key, now)
        elif self._is_settled:
            session.part(Move.RETRACTED, self._retracting_key, now, session.screens.not_known())
        else:
            self.end_suspect("the dispenser did not say whether it drew the notes back", now)
