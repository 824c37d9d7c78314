"""What a terminal keeps in mind of a dispenser: its last order, and whether the exit is watched. Data only."""

from enum import Enum, auto

import msgspec

from atmbench.devices.roles import Notes


class Stage(Enum):
    """How far the last order has come."""

    ASKED = auto()
    """The command has not been sent."""
    SENT = auto()
    REFUSED = auto()
    PRESENTED = auto()
    RETRACTING = auto()
    TAKEN = auto()
    RETRACTED = auto()
    UNKNOWN = auto()


REPORTED = {
    Stage.ASKED: "idle",
    Stage.SENT: "moving",
    Stage.REFUSED: "refused",
    Stage.PRESENTED: "presented",
    Stage.RETRACTING: "moving",
    Stage.TAKEN: "taken",
    Stage.RETRACTED: "retracted",
    Stage.UNKNOWN: "moving",
}
ENDED = {
    "presented": Stage.PRESENTED,
    "short": Stage.PRESENTED,
    "refused": Stage.REFUSED,
    "unknown": Stage.UNKNOWN,
}


class Kept(msgspec.Struct):
    """The last order, as it stands in the terminal's non-volatile memory: it outlives a power failure."""

    key: str = ""
    asked: Notes = {}
    stage: Stage = Stage.ASKED
    notes: Notes = {}


class Watch(msgspec.Struct):
    """The exit sensor is looked at until it is clear."""

    key: str
    was_seen: bool
    """Notes are known to have been there."""
    is_retracting: bool = False
    draws_until: float | None = None
    """The presenter was told to draw back, and has so long to say what it has drawn."""
