"""What all faults of serial wires have in common: they strike beneath the link layer, one unit at a time.

A unit is what an end puts on the wire in one go: a block, or control characters. What arrives in its place is decided
here; when and whether it arrives is the wire's matter. These faults know no message: a block that is altered is refused
by its check and sent again, unless the check happens to agree.
"""

from random import Random
from typing import ClassVar

import msgspec

from atmbench.faults.base import Fault, Stage

BLOCK_BEGINS = 0x02
"""STX."""


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A block or control characters on their way, as a fault sees them."""

    data: bytes
    """As earlier faults have left it; empty if nothing is left."""
    data_bits: int
    has_parity: bool
    """Whether characters carry a parity bit, so that the receiver notices if one bit of them is wrong."""

    @property
    def is_block(self) -> bool:
        """Whether it began as a block."""
        return self.data[:1] == bytes([BLOCK_BEGINS])


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """What arrives in place of a unit."""

    data: bytes
    """Nothing if it is lost."""
    what: str
    """What was done, in words, for the history. Never what the characters were."""
    gap_s: float | None = None
    """Each character comes by itself, with so much silence before it; None is as the line brings them."""
    drops_carrier: bool = False
    """Behind these characters the call is over, for both ends."""


class WireFault(Fault, frozen=True, kw_only=True):
    """Where a fault of a serial wire is aimed: as all faults, but not at messages, of which a wire knows nothing.

    `nth`, `first` and `probability` count the units that this fault can strike. A subclass overrides `can_strike` and
    `strike`.
    """

    stage: ClassVar[Stage] = Stage.WIRE
    needs_parity: ClassVar[bool] = False
    """Whether it means nothing on a line whose characters have no parity bit."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mti or self.fields:
            raise ValueError(
                f"a wire knows no messages, so {self.__struct_config__.tag} cannot be aimed by mti or fields; "
                "aim it by line, terminal, direction, nth, first, probability or time"
            )

    def can_strike(self, unit: Unit) -> bool:
        """Whether a unit is of the kind that this fault is about."""
        return True

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """What becomes of a unit; None leaves it alone."""
        return None
