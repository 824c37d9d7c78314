"""Deposit: notes in the escrow until the host has decided, then into the bin or back to the customer.

A deposit that is not approved is first told to the host (if it may have been posted), then remembered as
being returned, and only then do the notes move. Notes are never stored without an approval. Where the acceptor is
sure that an approved deposit is back with the customer, the host has to undo what it posted.
"""

from atmbench.facts.statements import Stated, Statement
from atmbench.messages.records import Purpose, Reason
from atmbench.terminal import settlement
from atmbench.terminal.defects.sessions import KEEP_UNAPPROVED_NOTES, RETURNED_NOTES_CREDITED
from atmbench.terminal.effects import ReturnDeposit, StoreDeposit
from atmbench.terminal.memory import Stage
from atmbench.terminal.session import Session
from atmbench.terminal.settlement import Ending
from atmbench.terminal.states import Move, State

CANCELLED = Statement(how=Stated.CANCELLED)
RETURNED = "returned"
"""How a deposit ends that was approved, and whose notes came back: the terminal could not complete it."""


class Deposit:
    """Stores or returns what lies in the escrow."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cabinet = session.cabinet
        self._keep_card = ""
        self._says: tuple[str, ...] = ()
        self._states: Statement | None = None
        """What these words state."""

    def on_approved(self, now: float) -> None:
        """The host said yes: the notes are the bank's."""
        self._session.move(Move.NOTES_APPROVED)
        self.store(now)

    def store(self, now: float) -> None:
        """Move the notes into the bin."""
        session = self._session
        intent = session.remember_stage(Stage.STORING)
        session.deadline = now + session.timers.dispense_s
        self._cabinet.ask(StoreDeposit(intent.key))

    def give_back(
        self, move: Move, ending: Ending, now: float, *says: str, states: Statement | None, keep_card: str = ""
    ) -> None:
        """The deposit is not done: tell the host if need be, then return the notes."""
        session = self._session
        session.tell_host(ending, now)
        self._keep_card, self._says, self._states = keep_card, says, states
        session.move(move)
        session.show(session.screens.returning_notes(says, states))
        self.return_notes(ending.outcome, now)

    def return_notes(self, outcome: str, now: float) -> None:
        """Give the notes back. The host has been told."""
        session = self._session
        intent = session.remember_stage(Stage.RETURNING, outcome=outcome)
        session.deadline = now + session.timers.dispense_s
        is_kept = KEEP_UNAPPROVED_NOTES in self._cabinet.defects
        self._cabinet.ask(StoreDeposit(intent.key) if is_kept else ReturnDeposit(intent.key))

    def on_stored(self, key: str, now: float) -> None:
        """The notes are in the bin: the deposit is done."""
        session = self._session
        intent = session.intent
        if intent is None or intent.key != key:
            return
        if intent.stage is Stage.RETURNING and KEEP_UNAPPROVED_NOTES in self._cabinet.defects:
            session.write_off(Ending(outcome=intent.outcome))
            self._part(Move.NOTES_RETURNED, key, now)
            return
        if intent.stage is not Stage.STORING:
            return
        session.journal("NOTES STORED", now)
        session.write_off(Ending(outcome="approved"))
        amount = session.screens.amount(intent.request.amount_minor)
        screen = session.screens.deposited(intent.request.amount_minor)
        approved = f"Approved {intent.approval_code}".rstrip()
        session.receipt(intent, now, f"Received {amount}", approved, states=screen.states)
        session.part(Move.NOTES_STORED, key, now, screen)

    def on_returned(self, key: str, now: float) -> None:
        """The notes are with the customer."""
        session = self._session
        intent = session.intent
        if intent is None or intent.key != key:
            return
        if intent.stage is Stage.RETURNING:
            session.journal("NOTES RETURNED", now)
            session.write_off(Ending(outcome=intent.outcome))
        elif intent.stage is Stage.STORING:
            session.journal("NOTES RETURNED AFTER APPROVAL", now)
            ending = settlement.reversed_fully(RETURNED, Reason.INTERRUPTED)
            session.close(Ending(outcome=RETURNED) if RETURNED_NOTES_CREDITED in self._cabinet.defects else ending, now)
            self._says, self._states = ("Your notes could not be stored.",), None
        else:
            return
        self._part(Move.NOTES_RETURNED, key, now)

    def _part(self, move: Move, key: str, now: float) -> None:
        session = self._session
        screen = session.screens.notes_returned(self._says, self._states, card_is_kept=bool(self._keep_card))
        session.part(move, key, now, screen, keep_card=self._keep_card)
        self._keep_card, self._says, self._states = "", (), None

    def end_suspect(self, because: str, now: float) -> None:
        """The escrow cannot say where the notes are. The host's books stand until someone has counted."""
        session = self._session
        intent = session.open_intent()
        assert intent.request.purpose is Purpose.DEPOSIT
        session.journal(f"SUSPECT {because}".upper(), now)
        outcome = intent.outcome if intent.stage is Stage.RETURNING else "suspect"
        move = Move.NOTES_RETURNED if session.state is State.RETURNING_DEPOSIT else Move.NOTES_STORED
        session.write_off(Ending(outcome=outcome, exception=because, kind=settlement.SUSPECT_DEPOSIT))
        screen = session.screens.not_known()
        self._says, self._states = screen.lines, screen.states
        self._part(move, intent.key, now)

    def on_time(self, now: float) -> None:
        """The escrow has kept the terminal waiting long enough."""
        session = self._session
        if session.state is State.COUNTING_DEPOSIT:
            ending = Ending(outcome="cancelled")
            self.give_back(Move.NOTES_UNCOUNTED, ending, now, "Your notes could not be counted.", states=CANCELLED)
        elif session.open_intent().stage is Stage.STORING:
            self.end_suspect("the escrow did not say whether it stored the notes", now)
        else:
            self.end_suspect("the escrow did not say whether it returned the notes", now)
