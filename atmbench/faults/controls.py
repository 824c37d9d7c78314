"""Faults of the link layer's own characters, and of the carrier: ENQ, ACK, NAK and EOT are lost, doubled or wrong."""

from random import Random
from typing import Annotated, Literal

from msgspec import Meta

from atmbench.faults.wires import Struck, Unit, WireFault

COPIES_MAX = 100

CONTROLS = {"ENQ": b"\x05", "ACK": b"\x06", "NAK": b"\x15", "EOT": b"\x04"}
ControlName = Literal["any", "ENQ", "ACK", "NAK", "EOT"]
_NAMES = {raw: name for name, raw in CONTROLS.items()}


class _Controls(WireFault, frozen=True, kw_only=True):
    control: ControlName = "any"

    def can_strike(self, unit: Unit) -> bool:
        """The control that is meant, or any; never a block."""
        name = _NAMES.get(unit.data)
        return name is not None and self.control in ("any", name)


class LoseControl(_Controls, frozen=True, kw_only=True, tag="lose_control"):
    """A control character between blocks is lost.

    Emulates an overrun: who waits for it must ask or send again, and must not take a repeat for a new block.
    """

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """Nothing arrives."""
        return Struck(data=b"", what=f"{_NAMES[unit.data]} lost")


class DoubleControl(_Controls, frozen=True, kw_only=True, tag="double_control"):
    """A control character arrives, and `copies` times more. Emulates an echo on the line."""

    copies: Annotated[int, Meta(ge=1, le=COPIES_MAX)] = 1

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """The control, several times."""
        times = self.copies + 1
        return Struck(data=unit.data * times, what=f"{_NAMES[unit.data]} {times} times")


class NakStorm(WireFault, frozen=True, kw_only=True, tag="nak_storm"):
    """An ACK arrives as `copies` NAKs: a receiver that has all and refuses all the same.

    Emulates a front end with a broken check. The block is sent again for each, up to the limit of the style; then the
    call ends. The receiver, who has it, must take none of the repeats for a new one.
    """

    copies: Annotated[int, Meta(ge=1, le=COPIES_MAX)] = 1

    def can_strike(self, unit: Unit) -> bool:
        """Acknowledgements."""
        return unit.data == CONTROLS["ACK"]

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """NAKs."""
        return Struck(data=CONTROLS["NAK"] * self.copies, what=f"ACK arrives as {self.copies} NAK")


class CarrierDrop(WireFault, frozen=True, kw_only=True, tag="carrier_drop"):
    """The carrier drops in the middle of a unit: its first half arrives, then the call is over for both ends.

    Emulates a modem that loses its line, or a DTR that falls. The terminal dials again. Aim it by nth, first or
    probability; without, no call gets far. `of` chooses among blocks and controls.
    """

    of: Literal["all", "blocks", "controls"] = "blocks"

    def can_strike(self, unit: Unit) -> bool:
        """Blocks, controls or both."""
        return self.of == "all" or unit.is_block == (self.of == "blocks")

    def strike(self, unit: Unit, rng: Random) -> Struck | None:
        """A half, and the end."""
        half = unit.data[: len(unit.data) // 2]
        return Struck(
            data=half, what=f"the carrier dropped after {len(half)} of {len(unit.data)} bytes", drops_carrier=True
        )
