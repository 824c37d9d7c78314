"""What a terminal says to Puloon dispensers and understands of them: what all models share, and the LCDM-4000.

Facts of devices 1.2; the names of errors and what they say about the notes are the table of 7.3. Pure.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Protocol

import msgspec

from atmbench.devices.roles import Notes
from atmbench.errors import RemoteError


class Says(Enum):
    """What an error says about the notes."""

    ALL = "all"
    """None is missing."""
    COUNTS = "counts"
    """So many are out as were counted."""
    NOTHING = "nothing"
    """None has moved."""
    UNKNOWN = "unknown"
    """More or others may be out than were counted."""


class Meaning(msgspec.Struct, frozen=True):
    """An error code: what it says about the notes, its name in XFS4IoT, the maker's words, and whether it stops us."""

    says: Says
    error: str
    text: str
    is_fault: bool = False
    """The machine cannot go on by itself."""


class Status(msgspec.Struct, frozen=True):
    """What the sensors see: notes in the exit, notes on the path, cassettes that are out or near their end."""

    exit: bool
    path: bool
    missing: tuple[str, ...] = ()
    near_end: tuple[str, ...] = ()


class Result(msgspec.Struct, frozen=True):
    """What the machine has counted. `last` is the command that LAST STATUS tells of, 0 in a command's own answer."""

    error: int
    out: Notes = {}
    rejects: Notes = {}
    last: int = 0


class Words(Protocol):
    """One model. Bodies are the code of a command and what follows it, without frame and check."""

    unit: int
    """Id on the line."""
    ends_with_eot: bool
    """The unit says EOT after our ACK."""
    notes_max: int
    """Notes that may be asked for in one command."""
    names: tuple[str, ...]
    """The cassettes, top to bottom."""
    lengths: Mapping[int, int]
    """Code of an answer to the length of its whole frame."""
    status: bytes
    purge: bytes
    reset: bytes | None
    last_status: bytes | None

    def dispense(self, notes: Notes) -> bytes:
        """The command that asks for these notes."""
        ...

    def read_status(self, body: bytes) -> Status:
        """What an answer to STATUS says. Raises RemoteError for what cannot be."""
        ...

    def read_result(self, body: bytes) -> Result:
        """What an answer to PURGE, DISPENSE or LAST STATUS says. Raises RemoteError for what cannot be."""
        ...

    def meaning(self, error: int) -> Meaning:
        """What an error code says."""
        ...


GOOD = Meaning(Says.ALL, "", "")
JAMMED = "commandErrorCode"
HARDWARE = "hardwareError"
COUNT = "incorrectCount"
CASH_UNIT = "cashUnitError"

# --- LCDM-4000 ------------------------------------------------------------------------------------

BASE = 0x20
STATUS, PURGE, DISPENSE, LAST_STATUS, RESET = 0x50, 0x51, 0x52, 0x55, 0x44
DVT, EJT, EXIT = 0b0011, 0b0100, 0b1000
CHK, PRESENT, NEAR_END = 0b0011, 0b0100, 0b1000

MEANINGS: dict[int, Meaning] = {
    0x00: GOOD,
    0x01: Meaning(Says.COUNTS, CASH_UNIT, "no note could be picked"),
    0x02: Meaning(Says.COUNTS, JAMMED, "jam between CHK and DVT", is_fault=True),
    0x03: Meaning(Says.COUNTS, JAMMED, "jam between DVT and EJT", is_fault=True),
    0x04: Meaning(Says.UNKNOWN, HARDWARE, "jam between EJT and EXIT", is_fault=True),
    0x05: Meaning(Says.UNKNOWN, HARDWARE, "a note stays at EXIT", is_fault=True),
    0x06: Meaning(Says.UNKNOWN, COUNT, "a suspect note was ejected"),
    0x07: Meaning(Says.UNKNOWN, HARDWARE, "count mismatch at EJT", is_fault=True),
    0x08: Meaning(Says.UNKNOWN, COUNT, "a note to be rejected passed EJT"),
    0x09: Meaning(Says.UNKNOWN, HARDWARE, "note too long at EJT", is_fault=True),
    0x0A: Meaning(Says.UNKNOWN, HARDWARE, "note too long at EXIT", is_fault=True),
    0x0B: Meaning(Says.NOTHING, JAMMED, "notes on the path before the first was picked", is_fault=True),
    0x0C: Meaning(Says.COUNTS, "tooManyItems", "too many notes in one transaction"),
    0x0D: Meaning(Says.COUNTS, "notDispensable", "too many rejects in one transaction"),
    0x0E: Meaning(Says.UNKNOWN, HARDWARE, "purge ended abnormally", is_fault=True),
    0x20: Meaning(Says.NOTHING, HARDWARE, "sensor trouble before the start", is_fault=True),
    0x21: Meaning(Says.NOTHING, HARDWARE, "sensor trouble before the start", is_fault=True),
    0x22: Meaning(Says.NOTHING, HARDWARE, "diverter solenoid trouble", is_fault=True),
    0x23: Meaning(Says.NOTHING, HARDWARE, "motor or slit sensor trouble", is_fault=True),
    0x24: Meaning(Says.NOTHING, "invalidDenomination", "no cassette requested"),
    0x25: Meaning(Says.NOTHING, CASH_UNIT, "a requested cassette is near its end"),
    0x26: Meaning(Says.NOTHING, HARDWARE, "the reject tray is missing", is_fault=True),
    0x29: Meaning(Says.UNKNOWN, COUNT, "more notes than were requested"),
    0x30: Meaning(Says.NOTHING, "invalidData", "unknown command"),
    0x31: Meaning(Says.NOTHING, "invalidData", "bad parameter"),
    0x32: Meaning(Says.NOTHING, HARDWARE, "VERIFY is not allowed"),
    0x33: Meaning(Says.NOTHING, HARDWARE, "program area write failed"),
    0x34: Meaning(Says.NOTHING, HARDWARE, "program area verify failed"),
    0x35: Meaning(Says.NOTHING, HARDWARE, "EEPROM write failed"),
    0x36: Meaning(Says.NOTHING, HARDWARE, "EEPROM checksum wrong"),
    **{
        0x40 + number: Meaning(Says.UNKNOWN, HARDWARE, f"a note came from cassette {number + 1} unasked", is_fault=True)
        for number in range(4)
    },
}


def unheard_of(error: int) -> Meaning:
    """A code that no list has: it says nothing about the notes."""
    return Meaning(Says.UNKNOWN, HARDWARE, f"code {error:02X}, which no list has", is_fault=True)


class Lcdm4000Words:
    """The LCDM-4000: four cassettes, EOT after our ACK, and a LAST STATUS that can be asked after any doubt."""

    unit = 0x30
    ends_with_eot = True
    notes_max = 40
    """In all: what the library of others allows itself."""
    names: tuple[str, ...] = ("1", "2", "3", "4")
    lengths: Mapping[int, int] = {STATUS: 24, PURGE: 20, DISPENSE: 29, LAST_STATUS: 21, RESET: 7}
    status = bytes([STATUS])
    purge = bytes([PURGE])
    reset: bytes | None = bytes([RESET])
    last_status: bytes | None = bytes([LAST_STATUS])

    def dispense(self, notes: Notes) -> bytes:
        """DISPENSE, without a timeout of its own."""
        wanted = [BASE + notes.get(name, 0) for name in self.names]
        return bytes([DISPENSE, *wanted, *[BASE] * 11])

    def read_status(self, body: bytes) -> Status:
        """The sensor bytes are read by bits 0 to 5 alone: no document tells of the others."""
        missing, near_end, path = [], [], bool(body[2] & (DVT | EJT))
        for place, name in enumerate(self.names):
            sensed, kind = body[3 + 4 * place], body[4 + 4 * place]
            path = path or bool(sensed & CHK)
            if kind == 0x30:
                missing.append(name)
            elif sensed & NEAR_END:
                near_end.append(name)
        return Status(bool(body[2] & EXIT), path, tuple(missing), tuple(near_end))

    def read_result(self, body: bytes) -> Result:
        """PURGE, DISPENSE, and LAST STATUS, which puts the command that it tells of before the rest."""
        last = body[1] if body[0] == LAST_STATUS else 0
        told = body[2:] if last else body[1:]
        counts = told[2 : 2 + 3 * len(self.names)]
        if told[0] < BASE or any(counts[at] < BASE for at in range(len(counts)) if at % 3 < 2):
            raise RemoteError("the dispenser's answer has a count below zero", raw=body)
        out = {name: counts[3 * place] - BASE for place, name in enumerate(self.names)}
        rejects = {name: counts[3 * place + 1] - BASE for place, name in enumerate(self.names)}
        return Result(told[0] - BASE, some(out), some(rejects), last)

    def meaning(self, error: int) -> Meaning:
        """The list of 1.2.5."""
        return MEANINGS.get(error) or unheard_of(error)


def some(notes: Notes) -> Notes:
    """What there is of a bundle."""
    return {name: number for name, number in notes.items() if number}
