"""How one Bill-to-Bill recycler is set up, beyond what a validator has. What no document says is a setting here."""

from typing import Annotated, Literal

from msgspec import Meta

from firmware_stubs.errors import OrderError
from firmware_stubs.note_acceptor.settings import Seconds, Settings

ESCROW_TYPE = 24
"""The pseudo type of a cassette that takes whatever has no cassette of its own."""
NOT_ASSIGNED = 31
CASSETTES_MAX = 16
ORDER_NOTES_MAX = 20
"""Notes in one DISPENSE (document, 3.4)."""


class RecyclerSettings(Settings, frozen=True, kw_only=True):
    """One recycler. Times are in seconds."""

    address: Annotated[int, Meta(ge=1, le=0x0D)] = 0x01
    cassettes: tuple[Annotated[int, Meta(ge=0, le=NOT_ASSIGNED)], ...] = (ESCROW_TYPE, NOT_ASSIGNED, NOT_ASSIGNED)
    """What cassettes 1, 2, 3... are assigned to: a type, 24 for escrow, or 31 for nothing."""
    cassette_capacity: Annotated[int, Meta(ge=1, le=255)] = 100
    """Notes that fit into one recycling cassette. What finds no room there goes into the drop cassette."""
    recovery_repeats: bool = True
    """What POWER RECOVERY tells of credits and of unloading is told again until the host's ACK has come."""
    channel_goes: Literal["dispenser", "cassette"] = "dispenser"
    """Where a note goes at power-up that was on its way to the dispenser; the document allows both."""
    dispenser_failure: Annotated[int, Meta(ge=0, le=0xFF)] = 0
    """The code behind 47 when it is enabled with notes in the dispenser. It stands in a document that is not public."""
    dispense_note_s: Seconds = 0.3
    """A note from its cassette into the dispenser."""
    unload_note_s: Seconds = 0.3
    """A note from its cassette into the drop cassette."""
    status_answer_s: Seconds = 0.05
    """Until the answers to IDENTIFICATION and RECYCLING CASSETTE STATUS; the document allows 0.2."""
    recovery_answer_s: Seconds = 0.3
    """Until the answer to POWER RECOVERY; the document allows 2."""

    def check(self) -> None:
        """Raises OrderError for a bill table that cannot be told, or cassettes that cannot be."""
        super().check()
        if not 1 <= len(self.cassettes) <= CASSETTES_MAX:
            raise OrderError(f"a recycler has 1 to {CASSETTES_MAX} recycling cassettes, not {len(self.cassettes)}")
        odd = [kind for kind in self.cassettes if len(self.bills_minor) <= kind < NOT_ASSIGNED and kind != ESCROW_TYPE]
        if odd:
            raise OrderError(f"a cassette is assigned to a type of the bill table, 24 or 31, not {odd[0]}")
