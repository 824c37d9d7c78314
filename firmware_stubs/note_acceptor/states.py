"""What a validator says of itself when it is polled, and which of its parts can be made to go wrong. Data only.

Source: facts of devices 5.1.5.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any

import msgspec

from firmware_stubs.errors import OrderError

WAITING_MAX = 100


class State(IntEnum):
    """The first byte of a POLL answer."""

    POWER_UP = 0x10
    POWER_UP_VALIDATOR = 0x11
    POWER_UP_STACKER = 0x12
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
    JAM_VALIDATOR = 0x43
    JAM_CASSETTE = 0x44
    CHEATING = 0x45
    FAILURE = 0x47
    ESCROW = 0x80
    STACKED = 0x81
    RETURNED = 0x82


STARTING = frozenset({State.POWER_UP, State.INITIALISING})
RESTING = frozenset(
    {State.IDLING, State.DISABLED, State.FULL, State.CASSETTE_OUT, State.JAM_VALIDATOR, State.JAM_CASSETTE}
    | {State.FAILURE}
)
"""Nothing moves, and nothing will by itself."""
EVENTS = frozenset({State.STACKED, State.RETURNED, State.DISPENSED, State.UNLOADED, State.WRONG_NUMBER})
"""Told until the host's ACK has come. The last three are a recycler's, as are DISPENSING and UNLOADING."""

IDENTIFICATION, INHIBITED = 0x65, 0x68
REASONS = frozenset([*range(0x60, 0x6B), 0x6C, 0x6D, *range(0x92, 0x96)])
FAILURES = frozenset([*range(0x50, 0x5E), 0x5F]) - {0x5D}


class Harm(StrEnum):
    """What can go wrong inside."""

    REJECT = "reject"
    """The next note is not read."""
    JAM_VALIDATOR = "jam_validator"
    """A note stops while it comes in."""
    JAM_RETURNING = "jam_returning"
    """A note stops on its way back."""
    JAM_CASSETTE = "jam_cassette"
    """A note stops between stacker and cassette."""
    JAM_MOVING = "jam_moving"
    """Of a recycler: a note stops on its way out of a recycling cassette."""
    CHEAT = "cheat"
    """A note is pulled back out while it is stacked."""
    FAILURE = "failure"
    """A part fails when the next note comes in; the note goes back."""


class Trouble(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One harm that waits for its moment. Counts down as it strikes."""

    harm: Harm = msgspec.field(name="is")
    code: str = ""
    """In hex: the reason of a reject, or which part fails."""
    after: int = 0
    times: int = 1

    @property
    def number(self) -> int:
        """The code on the wire."""
        return int(self.code, 16) if self.code else {Harm.FAILURE: 0x50}.get(self.harm, IDENTIFICATION)


class Troubles:
    """The harms that wait, in order of arrival."""

    def __init__(self) -> None:
        self._waiting: list[Trouble] = []

    def add(self, order: Mapping[str, Any]) -> None:
        """Take one from an order. Raises OrderError if it is none."""
        told = {name: value for name, value in order.items() if name not in ("do", "to", "id")}
        try:
            trouble = msgspec.convert(told, Trouble)
            known = {Harm.REJECT: REASONS, Harm.FAILURE: FAILURES}.get(trouble.harm)
            if trouble.code and (known is None or trouble.number not in known):
                raise OrderError(f"{trouble.harm} has no code {trouble.code}")
        except (msgspec.ValidationError, ValueError) as error:
            raise OrderError(f"not a fault: {error}; is is one of {', '.join(Harm)}, code two hex digits") from None
        if trouble.times < 1 or trouble.after < 0 or len(self._waiting) >= WAITING_MAX:
            raise OrderError(f"a fault strikes at least once, after is not below 0, and at most {WAITING_MAX} wait")
        self._waiting.append(trouble)

    def clear(self) -> None:
        """Forget what has not struck yet."""
        self._waiting.clear()

    def take(self, harm: Harm) -> Trouble | None:
        """The harm that strikes now, used up by one; None if there is none."""
        for trouble in self._waiting:
            if trouble.harm is not harm:
                continue
            if trouble.after > 0:
                trouble.after -= 1
                continue
            trouble.times -= 1
            if trouble.times == 0:
                self._waiting.remove(trouble)
            return trouble
        return None
