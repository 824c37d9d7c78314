"""Recovery: after a power failure, find out what became of the open transaction, and close its books.

The stage that was remembered says what can have happened; the devices' own memories say what did. Nothing
is ever dispensed here: a customer who was waiting has gone. Power may fail again at any point of this, so
every step is remembered before it is taken, as in a session.
"""

from atmbench.messages.records import Purpose, Reason
from atmbench.terminal import screens, settlement
from atmbench.terminal.defects.recovery import (
    DISPENSE_AT_POWER_UP,
    INTENT_LOST_AT_POWER_UP,
    INTERRUPTED_TAKEN_FOR_PAID,
    INTERRUPTED_TAKEN_FOR_UNPAID,
)
from atmbench.terminal.deposit import Deposit
from atmbench.terminal.effects import Dispense, Forget, QueryDispenser, QueryEscrow, RetractNotes
from atmbench.terminal.inputs import CashRetracted, CashTaken, DispenserReported, EscrowReported
from atmbench.terminal.memory import INTENT, Intent, Stage
from atmbench.terminal.session import Card, Session
from atmbench.terminal.settlement import SUSPECT_DISPENSE, Ending
from atmbench.terminal.states import Move, State
from atmbench.terminal.store_and_forward import StoreAndForward
from atmbench.terminal.withdrawal import Withdrawal

MOVED_NOTHING = frozenset({"idle", "refused"})
"""What a dispenser reports if it did not get the order, or could not do it."""


class Recovery:
    """Works in state RECOVERING only. Inputs that it did not ask for change nothing."""

    def __init__(self, session: Session, stored: StoreAndForward, withdrawal: Withdrawal, deposit: Deposit) -> None:
        self._session = session
        self._cabinet = session.cabinet
        self._stored = stored
        self._withdrawal = withdrawal
        self._deposit = deposit
        self._was_queried = False
        self._is_retracting = False

    def begin(self, intent: Intent | None, now: float) -> None:
        """Power is back. `intent` is the transaction that was open when it went."""
        session = self._session
        self._stored.recover()
        self._withdrawal.transport.recover(now)
        self._cabinet.show(screens.STARTING)
        self._cabinet.resume_stans()
        if intent is not None and INTENT_LOST_AT_POWER_UP in self._cabinet.defects:
            intent = None
            self._cabinet.ask(Forget(INTENT))
        if intent is None:
            self._cabinet.show(session.no_service)
            return
        session.move(Move.INTERRUPTION_FOUND)
        session.intent = intent
        session.journal(f"POWER RESTORED DURING {intent.request.purpose} ({intent.stage})".upper(), now)
        session.card = Card.INSIDE if self._card_may_be_inside(intent) else Card.GONE
        stored = self._stored.find(intent.key)
        if intent.request.purpose is Purpose.DEPOSIT:
            self._recover_deposit(intent, stored.outcome if stored is not None else "", now)
        elif stored is not None:
            self._close_again(stored.outcome, now)
        elif intent.stage is Stage.COMPLETED:
            self._close_again("approved", now)
        elif intent.stage is Stage.AUTHORISING:
            self._end(settlement.reversed_fully("interrupted", Reason.INTERRUPTED), now)
        else:
            self._recover_dispense(intent, now)

    def _recover_dispense(self, intent: Intent, now: float) -> None:
        """Notes may have moved: the dispenser knows."""
        session, defects = self._session, self._cabinet.defects
        if INTERRUPTED_TAKEN_FOR_PAID in defects:
            self._end(Ending(outcome="approved"), now)
            return
        if INTERRUPTED_TAKEN_FOR_UNPAID in defects:
            self._end(settlement.reversed_fully("interrupted", Reason.INTERRUPTED), now)
            return
        if DISPENSE_AT_POWER_UP in defects:
            self._cabinet.ask(Dispense(key=intent.key, notes=intent.notes))
        self._was_queried = True
        session.deadline = now + session.timers.dispense_s
        self._cabinet.ask(QueryDispenser(intent.key))

    def _card_may_be_inside(self, intent: Intent) -> bool:
        if self._cabinet.is_client:
            return False
        cash_is_first = not self._session.settings.card_before_cash
        return cash_is_first or intent.stage not in (Stage.DISPENSING, Stage.PRESENTED)

    def _close_again(self, outcome: str, now: float) -> None:
        """The host has been told; only the history or the forgetting was missed."""
        because = "power failed while this was being noted" if outcome == "suspect" else ""
        key = self._session.open_intent().key
        self._session.write_off(Ending(outcome=outcome, exception=because, kind=SUSPECT_DISPENSE))
        self._session.part(Move.RECOVERED, key, now)

    def _end(self, ending: Ending, now: float) -> None:
        intent = self._session.close(ending, now)
        self._session.part(Move.RECOVERED, intent.key, now)

    # --- cash -----------------------------------------------------------------------------------

    def on_dispenser_reported(self, given: DispenserReported, now: float) -> None:
        """What the dispenser remembers of the order."""
        session = self._session
        if not self._is_recovering(given.key) or not self._was_queried:
            return
        self._was_queried = False
        intent = session.open_intent()
        session.journal(f"DISPENSER REPORTS {given.stage}".upper(), now)
        if given.stage in MOVED_NOTHING and intent.stage is Stage.DISPENSING:
            self._withdrawal.transport.purge(intent, now, is_counted=False)
            self._end(settlement.reversed_fully("not_dispensed", Reason.NOT_DISPENSED), now)
            return
        if given.stage in ("presented", "taken") and given.notes:
            intent = session.remember_stage(Stage.PRESENTED, given.notes)
        self._withdrawal.take_off(intent.notes, intent.key)
        self._withdrawal.transport.purge(intent, now, is_counted=intent.stage is not Stage.PRESENTED)
        moved_minor = self._withdrawal.cassettes.value_minor(intent.notes)
        if intent.stage is not Stage.PRESENTED or not 0 < moved_minor <= intent.approved_minor:
            self._withdrawal.end_suspect("power failed while notes moved", now)
        elif given.stage == "taken":
            self._withdrawal.end_taken(moved_minor, now)
        elif given.stage == "presented":
            self._is_retracting = True
            session.deadline = now + session.timers.dispense_s
            self._cabinet.ask(RetractNotes(intent.key))
        else:
            self._withdrawal.end_suspect(f"after a power failure the dispenser reports {given.stage}", now)

    def on_cash_taken(self, given: CashTaken, now: float) -> None:
        """The customer was faster than the retract."""
        if self._is_recovering(given.key) and self._is_retracting:
            moved_minor = self._withdrawal.cassettes.value_minor(self._session.open_intent().notes)
            self._withdrawal.end_taken(moved_minor, now)

    def on_cash_retracted(self, given: CashRetracted, now: float) -> None:
        """What lay in the exit was drawn back."""
        if self._is_recovering(given.key) and self._is_retracting:
            counted = given.notes_counted
            self._withdrawal.end_retracted(
                None if counted is None else self._withdrawal.cassettes.value_minor(counted), now
            )

    # --- deposits -------------------------------------------------------------------------------

    def _recover_deposit(self, intent: Intent, stored_outcome: str, now: float) -> None:
        """Not approved for certain: the notes go back. Approved: they are the bank's, unless they came back."""
        session = self._session
        if intent.stage is Stage.STORING and stored_outcome:
            self._close_again(stored_outcome, now)
            return
        if intent.stage is Stage.STORING:
            self._was_queried = True
            session.deadline = now + session.timers.dispense_s
            self._cabinet.ask(QueryEscrow(intent.key))
            return
        outcome = intent.outcome or stored_outcome or "interrupted"
        if intent.stage is Stage.AUTHORISING and not stored_outcome:
            session.tell_host(settlement.reversed_fully(outcome, Reason.INTERRUPTED), now)
        self._deposit.return_notes(outcome, now)

    def on_escrow_reported(self, given: EscrowReported, now: float) -> None:
        """What the escrow remembers of an approved deposit. What is or may be in it goes into the bin."""
        if not self._is_recovering(given.key) or not self._was_queried:
            return
        self._was_queried = False
        self._session.journal(f"ESCROW REPORTS {given.stage}".upper(), now)
        if given.stage == "stored":
            self._deposit.on_stored(given.key, now)
        elif given.stage == "returned":
            self._deposit.on_returned(given.key, now)
        elif given.stage in ("held", "moving"):
            self._deposit.store(now)
        else:
            self._deposit.end_suspect(f"after a power failure the escrow reports {given.stage}", now)

    # --- silence --------------------------------------------------------------------------------

    def on_time(self, now: float) -> None:
        """A device has kept the terminal waiting long enough."""
        intent = self._session.open_intent()
        if intent.request.purpose is Purpose.DEPOSIT:
            self._deposit.end_suspect("the escrow did not answer after a power failure", now)
        else:
            self._withdrawal.take_off(intent.notes, intent.key)
            self._withdrawal.transport.purge(intent, now, is_counted=True)
            self._withdrawal.end_suspect("the dispenser did not answer after a power failure", now)

    def _is_recovering(self, key: str) -> bool:
        session = self._session
        return session.state is State.RECOVERING and session.open_intent().key == key
