"""What dispenser, card reader and escrow counted for themselves: witnesses of their own. Data only."""

import msgspec

from atmbench.facts.base import Fact


class CassettesCounted(Fact, frozen=True, kw_only=True):
    """A physical count of all notes in a terminal, by hand, at the start and at the end of a run."""

    when: str
    """"start" or "end"."""
    cassettes: dict[str, int]
    """Cassette name to number of notes."""
    values_minor: dict[str, int]
    """Cassette name to the value of one note."""
    rejected: dict[str, int] = msgspec.field(default_factory=dict)
    retracted: dict[str, int] = msgspec.field(default_factory=dict)
    deposited: dict[str, int] = msgspec.field(default_factory=dict)
    """Notes in the deposit bin: note value in minor units, as text, to number of notes."""


class CashPresented(Fact, frozen=True, kw_only=True):
    """Notes lie in the exit, counted by the dispenser."""

    key: str
    notes: dict[str, int]
    amount_minor: int


class CashTaken(Fact, frozen=True, kw_only=True):
    """The exit sensor saw a hand take the notes."""

    key: str
    amount_minor: int


class CashRetracted(Fact, frozen=True, kw_only=True):
    """Notes went from the exit into the retract bin."""

    key: str
    amount_minor: int


class CashPurged(Fact, frozen=True, kw_only=True):
    """Notes went from the transport into the reject bin."""

    key: str
    amount_minor: int


class DispenseFailed(Fact, frozen=True, kw_only=True):
    """The dispenser could not do all it was asked."""

    key: str
    asked_minor: int
    moved_minor: int
    because: str


class CashAccepted(Fact, frozen=True, kw_only=True):
    """Deposited notes went into the deposit bin."""

    key: str
    amount_minor: int


class CashReturned(Fact, frozen=True, kw_only=True):
    """Deposited notes went back to the customer."""

    key: str
    amount_minor: int


class CardEjected(Fact, frozen=True, kw_only=True):
    """The card is at the slot."""

    key: str = ""


class CardTaken(Fact, frozen=True, kw_only=True):
    """The customer has the card."""

    key: str = ""


class CardRetained(Fact, frozen=True, kw_only=True):
    """The terminal kept the card, and why."""

    because: str
    key: str = ""


class DeviceStateChanged(Fact, frozen=True, kw_only=True):
    """A device is no longer in the state that it was in, as its driver sees it."""

    device: str
    """Its role: dispenser, card_reader, pin_pad, printer, note_acceptor."""
    state: str
    """XFS4IoT: online, offline, powerOff, noDevice, hardwareError, userError, deviceBusy, fraudAttempt, starting."""
    because: str = ""


class DeviceFailed(Fact, frozen=True, kw_only=True):
    """A device has reported a fault, or has not answered as it should."""

    device: str
    error: str
    """XFS4IoT: the name of the error, such as cashUnitError or hardwareError."""
    because: str
    """What the device said in its own words and codes."""
    key: str = ""


class ReceiptFailed(Fact, frozen=True, kw_only=True):
    """A receipt did not come out, or not whole."""

    key: str
    error: str
    """XFS4IoT: paperOut, paperJammed, userError, hardwareError or deviceNotReady."""
    because: str
