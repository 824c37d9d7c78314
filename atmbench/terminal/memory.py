"""What a terminal must still know after a power failure: records by slot, written one at a time.

Slots: "stan", "intent" (the open transaction), "counters" (notes), "unpurged" (notes may lie in the transport),
"closed" (out of service by order), "lines out" (lines that are), "keys" (since when the PIN pad has its working
keys), "day" (the business day of the host), "saf/000001" (to be sent), "parked/000001" (given up, waiting for a
person).
The core reads them once, at power-up; from then on it only asks for changes (`Remember`, `Forget`) and keeps its
own view. Track data and PIN blocks must never get in here.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from atmbench.messages.records import Request

STAN = "stan"
INTENT = "intent"
COUNTERS = "counters"
UNPURGED = "unpurged"
CLOSED = "closed"
LINES_OUT = "lines out"
KEYS = "keys"
DAY = "day"
STORED = "saf/"
PARKED = "parked/"


class Stage(StrEnum):
    """How far an open transaction had come: what a power failure would leave behind."""

    COUNTING = "counting"
    """Deposit: notes go into the escrow. The host knows nothing."""
    AUTHORISING = "authorising"
    """The request may have been sent. No note has moved towards the customer, and none will."""
    DISPENSING = "dispensing"
    """The dispenser may have got the order in `notes`."""
    PRESENTED = "presented"
    """The dispenser has said that it moved `notes` to the exit."""
    STORING = "storing"
    """Deposit: approved, the escrow may have been told to store."""
    RETURNING = "returning"
    """Deposit: not approved and, if needed, its reversal is stored; the notes go back."""
    COMPLETED = "completed"
    """Approved, and nothing physical was owed."""


class Intent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The open transaction. `request` is the message sent, without its secrets."""

    key: str
    stage: Stage
    request: Request
    approved_minor: int = 0
    """What the host approved: less than was asked for in a partial approval."""
    approval_code: str = ""
    notes: dict[str, int] = {}
    """By cassette: what the dispenser was asked for, or (once presented) what it moved."""
    outcome: str = ""
    """While notes are returned: how the transaction will end."""


class Stored(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message in store-and-forward. `attempts` counts every sending, answered or not."""

    key: str
    request: Request
    outcome: str
    """How its transaction ended: power may fail before the history knows."""
    attempts: int = 0
    at_s: float = 0.0
    """When it was stored, as timers have it,"""
    local_time: str = ""
    """and as the clock showed it: YYMMDDhhmmss."""


class Counters(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Notes by cassette as the terminal believes, and the last order that was taken off: it is taken off once."""

    notes: dict[str, int]
    order: str = ""


class Unpurged(msgspec.Struct, frozen=True, kw_only=True):
    """Notes of this order may lie in the transport. `is_counted`: they are off the terminal's count already."""

    key: str
    stan: int
    is_counted: bool


class Memory:
    """A typed view of what the slots held at power-up. The mapping itself is never changed here."""

    def __init__(self, slots: Mapping[str, Any]) -> None:
        self._slots = slots
        self.intent: Intent | None = slots.get(INTENT)
        self.counters: Counters | None = slots.get(COUNTERS)
        self.unpurged: Unpurged | None = slots.get(UNPURGED)
        self.is_closed = CLOSED in slots
        self.closed_because: str = slots[CLOSED] if isinstance(slots.get(CLOSED), str) else ""
        self.lines_out: Mapping[str, str] = slots.get(LINES_OUT, {})
        """Line to why it is out of service."""
        self.keys_since: float | None = slots.get(KEYS)
        self.stan: int = slots.get(STAN, 0)
        self.business_day: str = slots.get(DAY, "")

    def stored(self) -> list[tuple[int, Stored]]:
        """Messages to be sent, in order, by their number."""
        return sorted(self._numbered(STORED))

    def parked(self) -> list[tuple[int, Stored]]:
        """Messages given up, in order, by their number."""
        return sorted(self._numbered(PARKED))

    def _numbered(self, prefix: str) -> Iterator[tuple[int, Stored]]:
        for slot, record in self._slots.items():
            if slot.startswith(prefix):
                yield int(slot.removeprefix(prefix)), record


def stored_slot(number: int) -> str:
    """Where a message to be sent lies."""
    return f"{STORED}{number:06d}"


def parked_slot(number: int) -> str:
    """Where a message that was given up lies."""
    return f"{PARKED}{number:06d}"
