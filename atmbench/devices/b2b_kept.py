"""What a terminal keeps in mind of a Bill-to-Bill recycler: its last deposit, and where the notes are. Data only."""

import msgspec

from atmbench.devices.ccnet_kept import Stage
from atmbench.devices.roles import Deposit


class Kept(msgspec.Struct):
    """The last deposit, as it stands in the terminal's non-volatile memory: it outlives a power failure.

    While `stage` is COMING notes go into the escrow cassette one by one; they lie there while it is HELD, and leave
    it for the drop cassette (STORING) or the customer (RETURNING).
    """

    key: str = ""
    stage: Stage = Stage.NONE
    notes: Deposit = {}
    """Credited, and put into the escrow cassette."""
    dropped: Deposit = {}
    """Credited, and put where nothing comes back from."""
    left: int = 0
    """How many of them are in the escrow cassette still, once they leave it."""
    coming: int | None = None
    """Type of the note in the validator's own escrow."""
    is_stacking: bool = False
    """STACK was said of it, or may have been heard: its credit is awaited."""
    must_ask: bool = False
    """The unit has started, or was broken: it must be asked what became of the notes before anything else."""
    cut: bytes = b""
    """What it has told of a power cut, until that is settled."""

    @property
    def all_notes(self) -> Deposit:
        """All that counts as this deposit."""
        notes = dict(self.notes)
        for value, number in self.dropped.items():
            notes[value] = notes.get(value, 0) + number
        return notes
