"""What a stub does wrong on its wire, as a list of things to come: the same list from a file and from outside.

Each one waits for its stage of an exchange: nothing here knows a protocol, so each stub says which stage it is at
(`hits`) and then does what the stage means for it. What goes wrong inside a machine (jams, empty cassettes) is the
machine's own matter and stands in its core.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from firmware_stubs.errors import OrderError

WAITING_MAX = 100
"""So many faults may be waiting in one stub."""


class Stage(StrEnum):
    """Where in an exchange the wire fails."""

    NO_ACK = "no_ack"
    """The command is not heard at all: no acknowledgement, nothing is done."""
    NAK = "nak"
    """The command is refused as damaged."""
    ACK_LOST = "ack_lost"
    """The command is obeyed, its acknowledgement is lost."""
    ANSWER_LOST = "answer_lost"
    """Everything is done, and the answer is never heard: the stage that matters most."""
    ANSWER_LATE = "answer_late"
    """The answer comes `late_s` later than it should."""
    ANSWER_DAMAGED = "answer_damaged"
    """One bit of the answer is flipped; a repeat is sound unless the fault says more times."""
    END_LOST = "end_lost"
    """What closes the exchange (EOT) is lost."""


class LinkFault(msgspec.Struct, forbid_unknown_fields=True, tag=False, kw_only=True):
    """One wire fault that waits for its stage. Counts down as it strikes."""

    at: Stage
    command: str = ""
    """Only exchanges of this command, as the stub names its commands; empty is any."""
    after: int = 0
    """So many exchanges that would meet it go by before."""
    times: int = 1
    late_s: float = 0.0


class LinkFaults:
    """The faults that wait, in order of arrival."""

    def __init__(self) -> None:
        self._waiting: list[LinkFault] = []

    def add(self, order: Mapping[str, Any]) -> None:
        """Take a fault from an order. Raises OrderError if it is none."""
        told = {name: value for name, value in order.items() if name not in ("do", "to", "id")}
        try:
            fault = msgspec.convert(told, LinkFault)
        except msgspec.ValidationError as error:
            raise OrderError(f"not a link fault: {error}; at is one of {', '.join(Stage)}") from None
        if fault.times < 1 or fault.after < 0 or fault.late_s < 0:
            raise OrderError("a link fault strikes at least once, and after and late_s are not below 0")
        if len(self._waiting) >= WAITING_MAX:
            raise OrderError(f"{WAITING_MAX} link faults are waiting already; clear them first")
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget what has not struck yet."""
        self._waiting.clear()

    def hits(self, stage: Stage, command: str) -> LinkFault | None:
        """The fault that strikes at this stage of this command, used up by one; None if there is none."""
        for fault in self._waiting:
            if fault.at is not stage or fault.command not in ("", command):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times == 0:
                self._waiting.remove(fault)
            return fault
        return None


def damaged(frame: bytes) -> bytes:
    """A frame with one bit of its middle flipped: any check over it must see that."""
    middle = len(frame) // 2
    return frame[:middle] + bytes([frame[middle] ^ 0x01]) + frame[middle + 1 :]
