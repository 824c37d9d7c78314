"""What a terminal wants of each kind of device, whoever makes it: a model of our own, or a driver of a real one.

Orders begin something and return at once. Results come as inputs of the terminal's core, in the scene; facts tell
what is physically true where the bench can see it, and else what the device says. Power fails and returns at
any instant. Nothing here may guess: a device that cannot say what happened is "unknown".
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from atmbench.devices.pin_results import PinsWanted, SealedPins
from atmbench.drill.commands import DisturbDispenser
from atmbench.facts.statements import Statement
from atmbench.messages.records import WrappedKeys
from atmbench.terminal.effects import Dispense

Notes = dict[str, int]
"""Cassette name to number of notes."""
Deposit = dict[int, int]
"""Value of a note in minor units to number of notes."""


Entered = Callable[[str, float], None]
"""Called with why a card was not let in (empty: it is inside and has been read), and with the time."""
PinsSealed = Callable[[SealedPins, float], None]
"""Called with PIN blocks, or with why there are none, and with the time."""
MacMade = Callable[[bytes, str], None]
"""Called with a MAC as it is sent, or with nothing and why."""
MacChecked = Callable[[str], None]
"""Called with why a MAC is not taken; empty if it agrees."""

MAC_DISAGREES = "the MAC of the answer does not agree with any key of this terminal"


class Lying(msgspec.Struct, frozen=True):
    """Where the notes of a dispenser lie: `path` is the transport, `exit` where a hand can reach them."""

    cassettes: Notes
    path: Notes = {}
    exit: Notes = {}
    rejected: Notes = {}
    retracted: Notes = {}


class Powered(Protocol):
    """Whatever has a plug."""

    def power_fail(self, now: float) -> None:
        """Power is gone."""
        ...

    def power_on(self, now: float) -> None:
        """Power is back."""
        ...


class CashDispenser(Powered, Protocol):
    """Gives out notes. After any doubt it asks the machine what really happened before it reports."""

    values_minor: Notes
    """What one note of each cassette is worth."""

    def dispense(self, order: Dispense, now: float) -> None:
        """Begin to move notes to the exit; DispenseEnded follows, and CashTaken when a hand has emptied the exit."""
        ...

    def retract(self, key: str, now: float) -> None:
        """Begin to draw back what lies in the exit; CashRetracted or CashTaken follows."""
        ...

    def purge(self, key: str, now: float) -> None:
        """Begin to clear the transport into the reject bin; NotesPurged follows."""
        ...

    def query(self, key: str, now: float) -> None:
        """Ask what became of the order `key`; DispenserReported follows."""
        ...

    def disturb(self, command: DisturbDispenser) -> None:
        """Have the next orders go wrong. A real machine cannot be told to: raises LocalError."""
        ...

    def lying(self) -> Lying:
        """Where the notes are, as a person would count them; of a real machine, as it says itself."""
        ...


class CardMover(Powered, Protocol):
    """Takes cards in, gives them back or keeps them."""

    def insert(self, track2: str, now: float, entered: Entered) -> None:
        """A customer puts a card in; a person does so if there is no machine to order about.

        `entered` is called once, unless power fails before. A card that is inside and cannot be read is given back by
        the reader itself.
        """
        ...

    def turn_away(self, now: float) -> None:
        """Give back the card of a customer who will not be served after all, and keep it if it is left."""
        ...

    def eject(self, key: str, now: float) -> None:
        """Begin to move the card to the slot; CardTaken may follow."""
        ...

    def retain(self, because: str, key: str, now: float) -> None:
        """Begin to move the card into the bin."""
        ...


class NoteAcceptor(Powered, Protocol):
    """Takes notes in, holds them in an escrow, and stores them or gives them back."""

    def count(self, key: str, notes: Deposit, now: float) -> None:
        """Begin to take in what the customer brings; DepositCounted follows."""
        ...

    def store(self, key: str, now: float) -> None:
        """Begin to move the escrow into the deposit bin; DepositStored follows, or DepositReturned if it came back."""
        ...

    def give_back(self, key: str, now: float) -> None:
        """Begin to give the escrow back; DepositReturned follows."""
        ...

    def query(self, key: str, now: float) -> None:
        """Ask what became of the deposit `key`; EscrowReported follows."""
        ...

    def deposited(self) -> Deposit:
        """All notes that were taken and not given back: stored, or still held."""
        ...


class ReceiptPrinter(Powered, Protocol):
    """Prints receipts. It must never hold up money."""

    def print(self, key: str, lines: tuple[str, ...], now: float, states: Statement | None = None) -> None:
        """Begin to print; ReceiptPrinted follows in the history when it has come out, else ReceiptFailed."""
        ...


class EncryptingPinPad(Powered, Protocol):
    """Holds the keys of a terminal and seals what its customers type. It never gives out a key or a PIN.

    What is called back may be called before the order returns. It is not called at all if power fails before.
    """

    @property
    def has_keys(self) -> bool:
        """Whether there are working keys, as far as is known: PINs can be asked for and messages sealed."""
        ...

    @property
    def has_used_dukpt(self) -> bool:
        """Whether a PIN was sealed under a DUKPT key, so that one could be used again."""
        ...

    @property
    def is_used_up(self) -> bool:
        """Whether there is no DUKPT key left: then nobody may be asked for a PIN."""
        ...

    def load(self, line: str, keys: WrappedKeys, now: float) -> None:
        """Begin to unwrap new keys; KeysLoaded follows."""
        ...

    def take_pins(self, wanted: PinsWanted, now: float, sealed: PinsSealed) -> None:
        """Have the customer enter PINs."""
        ...

    def make_mac(self, text: bytes, now: float, made: MacMade) -> None:
        """Make the MAC of a text under the key in use. There must be keys."""
        ...

    def check_mac(self, text: bytes, mac: bytes, now: float, checked: MacChecked) -> None:
        """Compare a MAC with that of a text under any key that still counts."""
        ...


class JournalPrinter(Powered, Protocol):
    """Prints the journal. It must never hold up money; whether to serve without it is the terminal's matter."""

    def write(self, line: str, now: float) -> None:
        """Print a line, as soon as there is paper; JournalPrinterChanged tells when there is none, and when again."""
        ...
