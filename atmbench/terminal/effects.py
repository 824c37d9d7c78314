"""What a terminal's core asks for: effects, all imperatives. Data only.

The driver performs them in order, one by one; power may fail between any two. `Remember` comes
before the act it protects.
"""

from typing import Any

import msgspec

from atmbench.facts import Fact
from atmbench.facts.statements import Statement
from atmbench.messages.records import Request, WrappedKeys


class Effect(msgspec.Struct, frozen=True, gc=False):
    """Root of all effects."""


class Dial(Effect, frozen=True):
    """Open a connection on this line. Ends in LinkUp or DialFailed."""

    line: str


class HangUp(Effect, frozen=True):
    """Close the connection on this line. No LinkLost follows."""

    line: str


class SendMessage(Effect, frozen=True):
    """Encode and send. Nothing follows by itself: the core's deadline stands for the silence."""

    line: str
    request: Request
    key: str = ""


class AnswerHost(Effect, frozen=True):
    """Answer a message that the host has begun: done. Nothing follows."""

    line: str
    request: Request


class LoadKeys(Effect, frozen=True):
    """Have the PIN pad take new working keys that came on this line. Ends in KeysLoaded."""

    line: str
    keys: WrappedKeys


class Remember(Effect, frozen=True):
    """Write one slot of non-volatile memory, atomically. `record` is a struct of terminal.memory or an int."""

    slot: str
    record: Any


class Forget(Effect, frozen=True):
    """Clear one slot of non-volatile memory."""

    slot: str


class Dispense(Effect, frozen=True, kw_only=True):
    """Move notes to the exit and open the shutter. Ends in DispenseEnded; CashTaken may follow."""

    key: str
    notes: dict[str, int]


class RetractNotes(Effect, frozen=True):
    """Draw back what lies in the exit. Ends in CashRetracted, or CashTaken if the customer was faster."""

    key: str


class PurgeNotes(Effect, frozen=True):
    """Clear the transport into the reject bin, after the order `key`. Ends in NotesPurged."""

    key: str


class QueryDispenser(Effect, frozen=True):
    """Ask what became of the order `key`. Ends in DispenserReported."""

    key: str


class EjectCard(Effect, frozen=True):
    """Move the card to the slot. CardTaken may follow."""

    key: str = ""


class RetainCard(Effect, frozen=True):
    """Keep the card in the bin."""

    because: str
    key: str = ""


class CountDeposit(Effect, frozen=True):
    """Take the customer's notes into the escrow and count them. Ends in DepositCounted."""

    key: str
    notes: dict[int, int]


class StoreDeposit(Effect, frozen=True):
    """Move the escrow's notes into the deposit bin. Ends in DepositStored."""

    key: str


class ReturnDeposit(Effect, frozen=True):
    """Give the escrow's notes back. Ends in DepositReturned."""

    key: str


class QueryEscrow(Effect, frozen=True):
    """Ask what became of the deposit `key`. Ends in EscrowReported."""

    key: str


class ShowScreen(Effect, frozen=True):
    """Show a screen to the customer. `states` is what of it can be true or false, if anything."""

    screen: str
    lines: tuple[str, ...]
    states: Statement | None = None


class PrintReceipt(Effect, frozen=True):
    """Print a receipt. `states` as of a screen."""

    key: str
    lines: tuple[str, ...]
    states: Statement | None = None


class WriteJournal(Effect, frozen=True):
    """Append one line to the electronic journal."""

    line: str
    key: str = ""


class Record(Effect, frozen=True):
    """Put a fact into the history, in the terminal's name."""

    fact: Fact
