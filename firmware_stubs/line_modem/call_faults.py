"""What goes wrong with calls: a list of things to come. What goes wrong on the terminal's wire is in `link_faults`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from firmware_stubs.errors import OrderError

WAITING_MAX = 100


class Trouble(StrEnum):
    """What is wrong with a call."""

    NO_DIALTONE = "no_dialtone"
    """The exchange gives no dial tone."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    """It rings, and nobody lifts."""
    NO_CARRIER = "no_carrier"
    """Somebody lifts, and it is no modem."""
    SLOW = "slow"
    """The modems agree on `bps`, and say so."""
    CARRIER_LOST = "carrier_lost"
    """The line breaks behind `after_bytes` bytes."""
    GARBLED = "garbled"
    """Behind `after_bytes` bytes, `bytes` bytes come out as others (0: all, as if the modems had not agreed)."""


OF_DATA = frozenset({Trouble.CARRIER_LOST, Trouble.GARBLED})
"""Those that may also strike a call that stands already."""
BEFORE_IT_STANDS = frozenset({Trouble.NO_DIALTONE, Trouble.BUSY, Trouble.NO_ANSWER, Trouble.NO_CARRIER})


class Way(StrEnum):
    """Which way bytes go."""

    FROM_LINE = "from_line"
    TO_LINE = "to_line"


class CallFault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One fault that waits for its call. Counts down as it strikes."""

    what: Trouble = msgspec.field(name="is")
    after: Annotated[int, Meta(ge=0)] = 0
    """So many calls go by before."""
    times: Annotated[int, Meta(ge=1)] = 1
    after_bytes: Annotated[int, Meta(ge=0)] = 0
    """Counted from the beginning of the call; in a call that stands, from the order."""
    bytes: Annotated[int, Meta(ge=0)] = 0
    way: Way = Way.FROM_LINE
    bps: Annotated[int, Meta(ge=50, le=56_000)] = 300


class CallFaults:
    """The faults that wait, in order of arrival."""

    def __init__(self) -> None:
        self._waiting: list[CallFault] = []

    def read(self, order: Mapping[str, Any]) -> CallFault:
        """A fault of an order. Raises OrderError if it is none."""
        told = {name: value for name, value in order.items() if name not in ("do", "to", "id")}
        try:
            return msgspec.convert(told, CallFault)
        except msgspec.ValidationError as error:
            raise OrderError(f"not a fault of calls: {error}; is is one of {', '.join(Trouble)}") from None

    def add(self, fault: CallFault) -> None:
        """Have it strike the calls to come. Raises OrderError if too many wait."""
        if len(self._waiting) >= WAITING_MAX:
            raise OrderError(f"{WAITING_MAX} faults are waiting already; clear them first")
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget what has not struck yet."""
        self._waiting.clear()

    def strike(self) -> list[CallFault]:
        """Those of the call that begins now: every one whose turn it is, used up by one.

        Of those that keep a call from standing only the first has its turn; the others wait for the next call.
        """
        struck: list[CallFault] = []
        is_kept_down = False
        for fault in list(self._waiting):
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.what in BEFORE_IT_STANDS and is_kept_down:
                continue
            is_kept_down |= fault.what in BEFORE_IT_STANDS
            fault.times -= 1
            if fault.times == 0:
                self._waiting.remove(fault)
            struck.append(fault)
        return struck


def garbled(data: bytes) -> bytes:
    """Bytes as a modem hears them that has not agreed on a speed: others, always the same, and never control signs."""
    return bytes(0x80 | (byte * 37 + 11) & 0x7F for byte in data)
