"""How one dispenser is built and set up. What no document says is a setting here, and its default is our choice."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from firmware_stubs.errors import OrderError

Notes = dict[str, int]
"""Cassette name, "1" is the top one, to number of notes."""

Seconds = Annotated[float, Meta(ge=0)]
Profile = Literal["lcdm-4000", "lcdm-1000", "lcdm-2000"]
ResetStyle = Literal["silent", "ack", "two_responses"]

CASSETTES: dict[str, tuple[str, ...]] = {
    "lcdm-4000": ("1", "2", "3", "4"),
    "lcdm-1000": ("1",),
    "lcdm-2000": ("1", "2"),
}
"""Profile to the names of its cassettes, from top to bottom."""

NOTES_AT_FIRST = 1_000
CASSETTE_NOTES_MAX = 10_000
"""More notes in one cassette are a slip of whoever set it up."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dispenser. Times are in seconds."""

    profile: Profile = "lcdm-4000"
    cassettes: dict[str, Annotated[int, Meta(ge=0, le=CASSETTE_NOTES_MAX)]] | None = None
    """What a new machine holds; None puts 1000 notes into every cassette."""
    near_end: int = 30
    """A cassette with no more notes than this says that it is near its end."""
    near_end_refuses: bool = False
    """Near-end detection is on: a cassette near its end is not dispensed from (LCDM-4000 code 25)."""
    has_presenter: bool = True
    """An ATM's own presenter stands before the exit: it can draw notes back."""
    reset_style: ResetStyle = "silent"
    """What a RESET of the LCDM-4000 is answered by; the known drivers want three different things."""
    sensor_base: Annotated[int, Meta(ge=0, le=0xC0)] = 0x40
    """Added to the sensor bytes of the LCDM-4000, so that none can look like a control byte."""
    last_status_survives: bool = True
    """LAST STATUS is still known after a power failure."""
    interrupted: Literal["counts", "before"] = "counts"
    """What LAST STATUS tells of a dispense that power failed in: what was counted of it, or the command before it."""
    purge_pushes_out: bool = False
    """A purge moves a note between EJT and EXIT out to the customer, and not into the reject tray."""
    notes_max: int = 100
    """Notes in one command, with the rejected ones."""
    rejects_max: int = 10
    """Rejected notes in one command."""
    quick_s: Seconds = 0.02
    """Until the answer to a command that moves nothing."""
    begin_s: Seconds = 0.5
    """Until the first note is picked."""
    note_s: Seconds = 0.2
    """From one note to the next."""
    end_s: Seconds = 0.3
    """From the last note to the answer."""
    purge_s: Seconds = 2.0
    reset_s: Seconds = 2.0
    """How long it is deaf after power-on and RESET."""
    draw_back_s: Seconds = 2.0
    repeat_s: Seconds = 0.5
    """Until an answer that nobody acknowledged is sent again, where a profile does that."""
    frame_s: Seconds = 0.2
    """A command that is not whole after this is forgotten."""

    @property
    def names(self) -> tuple[str, ...]:
        """The cassettes of this profile."""
        return CASSETTES[self.profile]

    def filled(self) -> Notes:
        """What a new machine holds. Raises OrderError if a cassette is named that the profile has not."""
        told = self.cassettes
        if told is None:
            return dict.fromkeys(self.names, NOTES_AT_FIRST)
        for name in told:
            if name not in self.names:
                raise OrderError(f"an {self.profile} has no cassette {name!r}; it has {', '.join(self.names)}")
        return {name: told.get(name, 0) for name in self.names}
