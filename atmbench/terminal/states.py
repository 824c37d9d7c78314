"""The customer's session as a table: where a terminal can be, and what moves it on.

The table knows sessions only: no lines, no timers, no money. What a move makes the terminal do stands
with the part that makes the move. A move that is not in the table is a mistake of the bench.
`tools/draw_states.py` draws the picture from here.
"""

from enum import StrEnum

from atmbench.errors import LocalError


class State(StrEnum):
    """Where a session is."""

    CLOSED = "closed"
    """Out of service: by order, without a host, without room for another reversal, or with a blocked dispenser."""
    READY = "ready"
    AUTHORISING = "authorising"
    """A request is with the host."""
    RETURNING_CARD = "returning_card"
    """Approved; the card lies in the slot, and the cash waits for it to be taken."""
    DISPENSING = "dispensing"
    PRESENTING = "presenting"
    """Notes lie in the exit."""
    RETRACTING = "retracting"
    COUNTING_DEPOSIT = "counting_deposit"
    STORING_DEPOSIT = "storing_deposit"
    RETURNING_DEPOSIT = "returning_deposit"
    PARTING = "parting"
    """The service is over and the books are closed; the customer has yet to take the card, or to read the screen."""
    RECOVERING = "recovering"
    """Power failed in the middle of a session: devices are asked what became of it."""


HEEDS_CANCEL = frozenset({State.AUTHORISING, State.RETURNING_CARD})
"""Until cash may move, a customer may change his mind."""


class Move(StrEnum):
    """What happened in a session. The value is how the history tells it."""

    SERVICE_OPENED = "signed on to a host"
    SERVICE_CLOSED = "no service"
    ORDERED_OUT = "out of service by order"
    INTERRUPTION_FOUND = "power had failed during a transaction"
    RECOVERED = "the interrupted transaction is settled"
    ASKED = "a customer asked for a service"
    TURNED_DOWN = "the terminal cannot do what was asked"
    NOTES_OFFERED = "a customer deposits notes"
    NOTES_COUNTED = "the notes are counted"
    NOTES_UNCOUNTED = "no note could be counted"
    CARD_FIRST = "approved, the card goes first"
    CASH_FIRST = "approved, the cash goes first"
    SERVED = "approved and done"
    NOTES_APPROVED = "the deposit is approved"
    NOTES_NOT_APPROVED = "the deposit is not approved"
    DECLINED = "declined"
    NO_ANSWER = "no valid answer"
    CANCELLED = "the customer cancelled"
    CARD_TAKEN = "the card was taken"
    CARD_LEFT = "the card was not taken"
    PRESENTED = "notes are presented"
    NOT_DISPENSED = "no note was dispensed"
    DISPENSE_UNKNOWN = "the dispenser cannot say what it moved"
    CASH_TAKEN = "the cash was taken"
    CASH_LEFT = "the cash was not taken"
    RETRACTED = "the retract is over"
    NOTES_STORED = "the notes are stored"
    NOTES_RETURNED = "the notes are returned"
    CUSTOMER_LEFT = "the customer is served"


TRANSITIONS: dict[State, dict[Move, State]] = {
    State.CLOSED: {
        Move.SERVICE_OPENED: State.READY,
        Move.INTERRUPTION_FOUND: State.RECOVERING,
    },
    State.READY: {
        Move.SERVICE_CLOSED: State.CLOSED,
        Move.ORDERED_OUT: State.CLOSED,
        Move.ASKED: State.AUTHORISING,
        Move.NOTES_OFFERED: State.COUNTING_DEPOSIT,
        Move.TURNED_DOWN: State.PARTING,
    },
    State.AUTHORISING: {
        Move.CARD_FIRST: State.RETURNING_CARD,
        Move.CASH_FIRST: State.DISPENSING,
        Move.SERVED: State.PARTING,
        Move.DECLINED: State.PARTING,
        Move.NO_ANSWER: State.PARTING,
        Move.CANCELLED: State.PARTING,
        Move.NOT_DISPENSED: State.PARTING,
        Move.NOTES_APPROVED: State.STORING_DEPOSIT,
        Move.NOTES_NOT_APPROVED: State.RETURNING_DEPOSIT,
    },
    State.RETURNING_CARD: {
        Move.CARD_TAKEN: State.DISPENSING,
        Move.CARD_LEFT: State.PARTING,
        Move.CANCELLED: State.PARTING,
    },
    State.DISPENSING: {
        Move.PRESENTED: State.PRESENTING,
        Move.NOT_DISPENSED: State.PARTING,
        Move.DISPENSE_UNKNOWN: State.RETRACTING,
    },
    State.PRESENTING: {
        Move.CASH_TAKEN: State.PARTING,
        Move.CASH_LEFT: State.RETRACTING,
    },
    State.RETRACTING: {
        Move.CASH_TAKEN: State.PARTING,
        Move.RETRACTED: State.PARTING,
    },
    State.COUNTING_DEPOSIT: {
        Move.NOTES_COUNTED: State.AUTHORISING,
        Move.NOTES_UNCOUNTED: State.RETURNING_DEPOSIT,
        Move.NOTES_NOT_APPROVED: State.RETURNING_DEPOSIT,
    },
    State.STORING_DEPOSIT: {Move.NOTES_STORED: State.PARTING, Move.NOTES_RETURNED: State.PARTING},
    State.RETURNING_DEPOSIT: {Move.NOTES_RETURNED: State.PARTING},
    State.PARTING: {
        Move.CUSTOMER_LEFT: State.READY,
        Move.SERVICE_CLOSED: State.CLOSED,
        Move.ORDERED_OUT: State.CLOSED,
    },
    State.RECOVERING: {Move.RECOVERED: State.PARTING},
}


def after(state: State, move: Move) -> State:
    """The state that a move leads to. Raises LocalError if the table does not allow it."""
    found = TRANSITIONS[state].get(move)
    if found is None:
        allowed = ", ".join(each.name for each in TRANSITIONS[state])
        raise LocalError(f"{move.name} was met while {state.value}; from there only {allowed} can follow")
    return found
