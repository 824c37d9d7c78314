"""How one CCNET validator is built and set up. What no document says is a setting here, and its default our choice."""

from typing import Annotated

import msgspec
from msgspec import Meta

from firmware_stubs.errors import OrderError

Seconds = Annotated[float, Meta(ge=0)]
TYPES = 24
"""Entries of a bill table. Type 23 stands for barcodes, which are not emulated."""
DIGITS_MAX = 99
"""More in one byte of the table, and it is not clear how it is meant."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One validator. Times are in seconds."""

    address: Annotated[int, Meta(ge=1, le=0x0D)] = 0x03
    bills_minor: tuple[Annotated[int, Meta(ge=1)], ...] = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
    """What a note of type 0, 1, 2... is worth, in minor units."""
    letters: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "NGN"
    """The three letters of every entry of the bill table."""
    decimals: Annotated[int, Meta(ge=0, le=4)] = 2
    """Of the currency: how many digits a minor unit is behind the point."""
    capacity: Annotated[int, Meta(ge=1, le=100_000)] = 2_000
    """Notes that fit into the cassette."""
    credit_repeats: bool = True
    """Stacked and returned (81, 82) are said again at every poll until the host's ACK has come."""
    credit_survives: bool = False
    """A credit that no ACK came for is still told after a power failure. No document says."""
    boot_s: Seconds = 0.5
    """How long it is deaf after power-on."""
    initialise_s: Seconds = 2.0
    accept_s: Seconds = 1.0
    """From the hand to the escrow."""
    stack_s: Seconds = 1.0
    """From STACK until the note is in the cassette; for the second half it is in the stacker."""
    return_s: Seconds = 1.0
    reject_s: Seconds = 1.0
    cheat_s: Seconds = 1.0
    """How long cheating is reported."""
    escrow_s: Seconds = 10.0
    """A note in escrow that nothing is commanded about goes back after this; HOLD gives as long again."""
    answer_s: Seconds = 0.002
    frame_s: Seconds = 0.2
    """A frame that is not whole after this is forgotten. The document allows 5 ms between two bytes."""

    def check(self) -> None:
        """Raises OrderError for a bill table that cannot be told."""
        if not 1 <= len(self.bills_minor) < TYPES:
            raise OrderError(f"a bill table has 1 to {TYPES - 1} notes, not {len(self.bills_minor)}")
        for value_minor in self.bills_minor:
            self._entry(value_minor)

    def table(self) -> bytes:
        """The answer to GET BILL TABLE."""
        entries = b"".join(map(self._entry, self.bills_minor))
        return entries.ljust(TYPES * 5, b"\0")

    def _entry(self, value_minor: int) -> bytes:
        digits, exponent = value_minor, -self.decimals
        while digits % 10 == 0:
            digits, exponent = digits // 10, exponent + 1
        if digits > DIGITS_MAX:
            raise OrderError(f"a note of {value_minor} minor units cannot stand in a bill table: too many digits")
        power = exponent if exponent >= 0 else 0x80 | -exponent
        return bytes([digits]) + self.letters.encode("ascii") + bytes([power])
