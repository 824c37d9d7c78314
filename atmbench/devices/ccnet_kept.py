"""What a terminal keeps in mind of a validator: its last deposit, and where the note of it is. Data only."""

from enum import Enum, auto

import msgspec


class Stage(Enum):
    """Where the note of a deposit is, as far as the unit has said."""

    NONE = auto()
    """With the customer."""
    COMING = auto()
    HELD = auto()
    STORING = auto()
    """STACK was said, or may have been heard."""
    STORED = auto()
    RETURNING = auto()
    RETURNED = auto()
    UNKNOWN = auto()


REPORTED = {
    Stage.NONE: "empty",
    Stage.COMING: "moving",
    Stage.HELD: "held",
    Stage.STORING: "moving",
    Stage.STORED: "stored",
    Stage.RETURNING: "moving",
    Stage.RETURNED: "returned",
    Stage.UNKNOWN: "moving",
}
UNSTACKED = frozenset({Stage.COMING, Stage.HELD, Stage.RETURNING})
"""A note was inside, and nothing stacks it: if it is inside no more, it went back."""
INSIDE = UNSTACKED | {Stage.STORING}
OUTSIDE = frozenset({Stage.NONE, Stage.RETURNED})


class Kept(msgspec.Struct):
    """The last deposit, as it stands in the terminal's non-volatile memory: it outlives a power failure."""

    key: str = ""
    stage: Stage = Stage.NONE
    value_minor: int = 0
    was_enabled: bool = False
    """The unit may have drawn a note in."""
