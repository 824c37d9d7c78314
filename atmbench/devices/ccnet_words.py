"""What is said to a CCNET validator and what it says of itself, in terms of money and notes (facts of devices 5.1).

Pure. Raises RemoteError for a bill table that is none.
"""

from enum import IntEnum

import msgspec

from atmbench import money
from atmbench.devices.ccnet_line import Command
from atmbench.errors import RemoteError

VALIDATOR = 0x03
TYPES_MAX = 23
"""Types 0 to 22 are notes, 23 stands for barcodes."""
ENTRY_BYTES = 5

RESET = Command(b"\x30")
POLL = Command(b"\x33", frozenset({1, 2, 3}))
STACK = Command(b"\x35", tries=1)
RETURN = Command(b"\x36", tries=1)
HOLD = Command(b"\x38")
BILL_TABLE = Command(b"\x41", frozenset({120}))


class Says(IntEnum):
    """The first byte of an answer to POLL. Others may come, and mean that it is at work."""

    POWER_UP = 0x10
    NOTE_IN_VALIDATOR = 0x11
    NOTE_IN_STACKER = 0x12
    INITIALISING = 0x13
    IDLING = 0x14
    ACCEPTING = 0x15
    STACKING = 0x17
    RETURNING = 0x18
    DISABLED = 0x19
    HOLDING = 0x1A
    REJECTING = 0x1C
    DISPENSING = 0x1D
    UNLOADING = 0x1E
    DISPENSED = 0x25
    UNLOADED = 0x26
    WRONG_NUMBER = 0x28
    FULL = 0x41
    CASSETTE_OUT = 0x42
    JAM_IN_VALIDATOR = 0x43
    JAM_IN_CASSETTE = 0x44
    CHEATING = 0x45
    FAILURE = 0x47
    ESCROW = 0x80
    STACKED = 0x81
    RETURNED = 0x82


STARTED = frozenset({Says.POWER_UP, Says.NOTE_IN_VALIDATOR, Says.NOTE_IN_STACKER})
"""It wants a RESET."""
CLEAN = frozenset({Says.IDLING, Says.DISABLED})
"""No note is inside, and nothing is wrong."""
HOLDS = frozenset({Says.ESCROW, Says.HOLDING})


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong, in XFS4IoT words and in ours."""

    error: str
    text: str
    is_broken: bool
    """Where a note that was inside is now, nobody knows; a person must come."""


TROUBLES: dict[int, Trouble] = {
    Says.REJECTING: Trouble("invalidBill", "it rejects the note", is_broken=False),
    Says.FULL: Trouble("cashInUnitFull", "the cassette is full", is_broken=False),
    Says.CASSETTE_OUT: Trouble("cashUnitError", "the cassette is out", is_broken=False),
    Says.JAM_IN_VALIDATOR: Trouble("hardwareError", "a note is jammed in the validator", is_broken=True),
    Says.JAM_IN_CASSETTE: Trouble("hardwareError", "a note is jammed before the cassette", is_broken=True),
    Says.CHEATING: Trouble("fraudAttempt", "somebody has cheated it", is_broken=True),
    Says.FAILURE: Trouble("hardwareError", "a part of it has failed", is_broken=True),
}


class Seen(msgspec.Struct, frozen=True):
    """An answer to POLL."""

    code: int
    detail: int | None = None
    place: int | None = None
    """Of a recycler that has stacked a note: the cassette."""

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong, if anything is."""
        return TROUBLES.get(self.code)


def read_poll(body: bytes) -> Seen:
    """An answer to POLL."""
    return Seen(body[0], *body[1:])


def read_table(body: bytes, letters: str, currency: str) -> dict[int, int]:
    """Type to what its note is worth in minor units; only the types with these letters.

    Bit 7 of the last byte: its low bits are decimal places; else they are the number of zeros.
    """
    if len(body) != (TYPES_MAX + 1) * ENTRY_BYTES:
        raise RemoteError(f"a bill table has 24 entries of 5 bytes; this has {len(body)} bytes in all")
    decimals = money.exponent(currency)
    table = {}
    for kind in range(TYPES_MAX):
        digits, *country, power = body[kind * ENTRY_BYTES : (kind + 1) * ENTRY_BYTES]
        zeros = decimals - (power & 0x7F) if power & 0x80 else decimals + power
        if digits and bytes(country) == letters.encode("ascii") and 0 <= zeros < TYPES_MAX:
            table[kind] = digits * 10**zeros
    return table


def enable(kinds: frozenset[int]) -> Command:
    """Take these types, all of them into escrow. None is disable."""
    bits = sum(1 << kind for kind in kinds).to_bytes(3, "big")
    return Command(b"\x34" + bits + bits)


DISABLE = enable(frozenset())
