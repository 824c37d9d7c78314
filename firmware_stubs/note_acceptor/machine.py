"""Where the notes of a validator are, whoever has power. A note is what it is worth in minor units; 0 is no note.

Notes are never made or lost here: what was `brought` by hands is always all that lies anywhere.
"""

from collections.abc import Mapping
from typing import Any

Notes = dict[str, int]
"""Value in minor units, as text, to number of notes."""


def add(pile: Notes, note: int) -> None:
    """Put one note on a pile."""
    if note:
        pile[str(note)] = pile.get(str(note), 0) + 1


class Machine:
    """One path from the bezel over the validator and the stacker into the cassette."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.bezel: int = kept.get("bezel", 0)
        """Sticks out, for a hand to take."""
        self.validator: int = kept.get("validator", 0)
        self.stacker: int = kept.get("stacker", 0)
        self.kind: int | None = kept.get("kind")
        """What the validator has recognised the note inside as: its type."""
        self.cassette: Notes = dict(kept.get("cassette", {}))
        self.cleared: Notes = dict(kept.get("cleared", {}))
        """Taken out of a jam by a technician."""
        self.taken: Notes = dict(kept.get("taken", {}))
        """Back in customers' hands."""
        self.brought: Notes = dict(kept.get("brought", {}))
        self.has_cassette: bool = kept.get("has_cassette", True)
        self.jam: str = kept.get("jam", "")
        """"validator", "cassette", "chassis" (of a recycler) or nothing."""

    def kept(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "bezel": self.bezel,
            "validator": self.validator,
            "stacker": self.stacker,
            "kind": self.kind,
            "cassette": dict(self.cassette),
            "cleared": dict(self.cleared),
            "taken": dict(self.taken),
            "brought": dict(self.brought),
            "has_cassette": self.has_cassette,
            "jam": self.jam,
        }

    @property
    def stacked(self) -> int:
        """Notes in the cassette."""
        return sum(self.cassette.values())

    @property
    def caught(self) -> int:
        """The note inside of the path."""
        return self.validator or self.stacker

    def draw_in(self, note: int) -> None:
        """From a hand into the validator."""
        add(self.brought, note)
        self.validator, self.kind = note, None

    def push_on(self) -> None:
        """From the validator into the stacker."""
        self.stacker, self.validator = self.validator, 0

    def drop(self) -> int:
        """From the stacker into the cassette."""
        note, self.stacker = self.stacker, 0
        add(self.cassette, note)
        self.kind = None
        return note

    def push_out(self) -> int:
        """From the validator to the bezel. What sticks out there already falls into the customer's hands."""
        self.take()
        self.bezel, self.validator = self.validator, 0
        self.kind = None
        return self.bezel

    def take(self) -> int:
        """A hand takes what sticks out."""
        note, self.bezel = self.bezel, 0
        add(self.taken, note)
        return note

    def clear(self) -> Notes:
        """A technician takes out what is jammed."""
        notes: Notes = {}
        add(notes, self.validator)
        add(notes, self.stacker)
        add(self.cleared, self.validator)
        add(self.cleared, self.stacker)
        self.validator = self.stacker = 0
        self.kind, self.jam = None, ""
        return notes
