"""Faults of characters on a serial wire: they are hit by noise, cannot be understood, or come one by one.

What a receiver makes of a character whose parity does not agree is written in no document of host lines: here it
arrives as 00, as Unix hands it on, and the check of the block has to find it. A pseudo-terminal carries no parity
(devices 0), so this is modelled on every venue.
"""

from random import Random
from typing import Annotated, Literal

from msgspec import Meta

from atmbench.faults.base import DialAnswer
from atmbench.faults.wires import Struck, Unit, WireFault

GAP_S_MAX = 60.0
BAD_CHARACTER = 0x00

Rate = Annotated[float, Meta(gt=0, le=1)]
"""A share of all characters."""
Units = Literal["all", "blocks", "controls"]


class Noise(WireFault, frozen=True, kw_only=True, tag="noise"):
    """Characters are hit at random: one bit of each is inverted. `rate` is the share of characters that are hit.

    With parity the receiver notices such a character, and it arrives as 00. The check of a block (LRC) is an XOR: two
    hits on the same bit of a block cancel, and it passes with both. `bit` (0 is the lowest) says that only this bit is
    ever hit, as by a failing line driver: then a block passes whenever an even number of its characters is hit.
    """

    rate: Rate = 0.001
    bit: Annotated[int, Meta(ge=0, le=7)] | None = None
    of: Units = "all"

    def can_strike(self, unit: Unit) -> bool:
        """Blocks, controls or both."""
        return _is_one_of(unit, self.of)

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """The unit with bits inverted; most are not hit at all."""
        bits = range(unit.data_bits) if self.bit is None else (self.bit,)
        arrived, hits = bytearray(unit.data), 0
        for at in _hit(len(arrived), self.rate, rng):
            arrived[at] = BAD_CHARACTER if unit.has_parity else arrived[at] ^ 1 << rng.choice(bits)
            hits += 1
        return Struck(data=bytes(arrived), what=f"{_characters(hits)} hit by noise") if hits else None


class BadParity(WireFault, frozen=True, kw_only=True, tag="bad_parity"):
    """The parity bit of characters is wrong; each arrives as 00. `rate` is the share of characters.

    Emulates two ends with different ideas of parity (rate: 1), or a worn connector. Only a line whose format has a
    parity bit can have it.
    """

    needs_parity = True

    rate: Rate = 0.001
    of: Units = "all"

    def can_strike(self, unit: Unit) -> bool:
        """Blocks, controls or both, where there is a parity bit."""
        return unit.has_parity and _is_one_of(unit, self.of)

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """The unit with 00 in place of what was hit; most are not hit at all."""
        arrived, hits = bytearray(unit.data), 0
        for at in _hit(len(arrived), self.rate, rng):
            arrived[at] = BAD_CHARACTER
            hits += 1
        return Struck(data=bytes(arrived), what=f"{_characters(hits)} with bad parity") if hits else None


class WrongBaud(WireFault, frozen=True, kw_only=True, tag="wrong_baud"):
    """The sender has another baud rate than the receiver, who hears nothing that it could read.

    Emulates a modem or a port that was set up anew. The carrier stands, so neither end is told.
    """

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """Silence."""
        return Struck(data=b"", what=f"not understood, at another baud rate ({_characters(len(unit.data))})")


class SlowCharacters(WireFault, frozen=True, kw_only=True, tag="slow_characters"):
    """Characters come one by one, each a read of its own, with `gap_s` of silence before each.

    Emulates a UART without a FIFO (gap_s: 0), or an overloaded line card. A block that takes longer than its style
    allows is refused by the receiver.
    """

    gap_s: Annotated[float, Meta(ge=0, le=GAP_S_MAX)] = 0.0
    of: Units = "blocks"

    def can_strike(self, unit: Unit) -> bool:
        """Blocks, controls or both."""
        return _is_one_of(unit, self.of)

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """The unit, stretched."""
        gap = f", {self.gap_s:.6g} s apart" if self.gap_s else ""
        return Struck(data=unit.data, what=f"character by character{gap}", gap_s=self.gap_s)


class CablePulled(WireFault, frozen=True, kw_only=True, tag="cable_pulled"):
    """The cable is out while this fault is active: no character passes, and dials hang.

    On a cable of three leads nobody is told. What was under way when it was pulled is lost. Unlike a cut by silence it
    knows nothing of messages: they wait in the link layer, which gives up in its own time.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nth is not None or self.first is not None or self.probability != 1.0:
            raise ValueError("a cable that is pulled lets nothing through; nth, first and probability are for noise")

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """Silence."""
        return Struck(data=b"", what=f"lost, the cable is out ({_characters(len(unit.data))})")

    def dial(self) -> DialAnswer:
        """Nobody is there."""
        return "silence"


def _hit(size: int, rate: float, rng: Random) -> list[int]:
    return [at for at in range(size) if rng.random() < rate]


def _is_one_of(unit: Unit, of: Units) -> bool:
    return of == "all" or unit.is_block == (of == "blocks")


def _characters(count: int) -> str:
    return f"{count} character{'' if count == 1 else 's'}"
