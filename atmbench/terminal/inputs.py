"""What can happen to a terminal: the inputs of its core, all in the past tense. Data only."""

import msgspec

from atmbench.messages.matching import ReplyKey
from atmbench.messages.records import AccountType, Purpose, Reply, Request


class Input(msgspec.Struct, frozen=True, gc=False):
    """Root of all inputs."""


class PoweredOn(Input, frozen=True):
    """First input of every core: power is there, non-volatile memory has been read."""


class ServiceOrdered(Input, frozen=True):
    """An operator takes the terminal out of service, or puts it back. It holds until the next order."""

    open: bool
    because: str = ""
    """What customers are told meanwhile; empty for the usual words."""


class LineOrdered(Input, frozen=True):
    """An operator takes one of the lines out of service, or puts it back. It holds until the next order."""

    line: str
    open: bool
    because: str = ""
    """What customers are told if no other line is left."""


class LinkUp(Input, frozen=True):
    """A connection on this line stands."""

    line: str


class LinkLost(Input, frozen=True):
    """The connection on this line is gone."""

    line: str
    because: str


class DialFailed(Input, frozen=True):
    """No connection could be made on this line."""

    line: str
    because: str


class ReplyReceived(Input, frozen=True):
    """A readable message arrived. `key` is what it can be matched by."""

    line: str
    key: ReplyKey
    reply: Reply
    mti: str


class ReplyUnreadable(Input, frozen=True):
    """Something arrived that is no message, or no reply, of the dialect."""

    line: str
    because: str


class DayAnnounced(Input, frozen=True):
    """The host has said on this line which business day it is."""

    line: str
    request: Request


class KeysLoaded(Input, frozen=True):
    """The PIN pad has taken the keys that came on this line, or has refused them: `because` says why."""

    line: str
    because: str = ""


class KeysLost(Input, frozen=True):
    """The PIN pad has said that working keys are not there which it had."""

    because: str


class TransactionAsked(Input, frozen=True, kw_only=True):
    """A customer has inserted a card, entered a PIN and chosen a service.

    PINs and chip data never reach the core: PIN pad and card add them to the message as it is sent.
    For a deposit `amount_minor` is 0: the notes are counted after this. A deposit's notes are in the
    customer's hand, by value: `deposit_notes`.
    """

    service: Purpose
    pan: str
    track2: str
    amount_minor: int = 0
    from_account: AccountType = AccountType.DEFAULT
    to_account: AccountType = AccountType.DEFAULT
    payee: str = ""
    deposit_notes: dict[int, int] = msgspec.field(default_factory=dict)
    by_hand: bool = False
    """Whether this customer's hand does nothing but what it is told. No matter of the core's."""
    mistypes: bool = False
    """Whether this customer types another PIN than the card's. No matter of the core's."""

    def __repr__(self) -> str:
        return f"TransactionAsked({self.service}, amount_minor={self.amount_minor})"


class CustomerCancelled(Input, frozen=True):
    """The customer pressed cancel."""


class CardTaken(Input, frozen=True):
    """The card has left the slot."""


class DispenseEnded(Input, frozen=True, kw_only=True):
    """The dispenser's answer to `Dispense`: what it moved to the exit, by cassette name.

    `status`: "presented" (all asked notes are in the exit), "short" (some are), "refused" (no note
    moved), "unknown" (the dispenser cannot say).
    """

    key: str
    status: str
    notes: dict[str, int]
    because: str = ""


class CashTaken(Input, frozen=True):
    """The exit is empty and it was a hand that emptied it."""

    key: str


class CashRetracted(Input, frozen=True, kw_only=True):
    """Notes were drawn back. `notes_counted` is None if the dispenser cannot count them (most cannot)."""

    key: str
    notes_counted: dict[str, int] | None


class NotesPurged(Input, frozen=True, kw_only=True):
    """The transport is clear. `notes_rejected`: what went into the reject bin; None if the dispenser cannot count."""

    key: str
    notes_rejected: dict[str, int] | None


class DispenserReported(Input, frozen=True, kw_only=True):
    """Answer to `QueryDispenser`: what the dispenser itself remembers of its last order (LAST STATUS).

    `stage`: "idle" (it never got the order `key`), "refused", "moving" (power was lost while notes
    moved: it cannot say how many), "presented", "taken", "retracted".
    """

    key: str
    stage: str
    notes: dict[str, int]


class DepositCounted(Input, frozen=True):
    """Notes lie in the escrow, counted: value of a note in minor units to number of notes."""

    notes: dict[int, int]


class DepositStored(Input, frozen=True):
    """The escrow's notes are in the deposit bin."""

    key: str


class DepositReturned(Input, frozen=True):
    """The escrow's notes are back with the customer, for certain: whoever ordered it, or nobody did."""

    key: str


class EscrowReported(Input, frozen=True, kw_only=True):
    """Answer to `QueryEscrow` after power-up.

    `stage`: "empty" (nothing of this order), "held" (notes in escrow), "stored", "returned" (for certain),
    "moving" (unknown).
    """

    key: str
    stage: str


class JournalPrinterChanged(Input, frozen=True, kw_only=True):
    """The journal printer can print no more, or again. Until it says so, it can."""

    is_able: bool
    because: str = ""
