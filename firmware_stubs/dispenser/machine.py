"""Where the notes lie: cassettes, transport, exit, reject tray, retract bin, hands. Pure; knows no byte and no time.

No note is made or lost here: every move takes from one place and puts into another, so that the sum over all places
changes only when somebody fills a cassette. The path is sensed at CHK (below a cassette), DVT, EJT and EXIT.
"""

from collections.abc import Mapping
from typing import Any

from firmware_stubs.dispenser.settings import Notes, Settings

CHK, DVT, EJT = "chk", "dvt", "ejt"
PLACES = (CHK, DVT, EJT)
"""Where on the path a note can lie, each below the sensor of that name."""


def count(notes: Mapping[str, int]) -> int:
    """How many notes there are."""
    return sum(notes.values())


def add(pile: Notes, notes: Mapping[str, int]) -> None:
    """Put notes on a pile."""
    for name, number in notes.items():
        if number:
            pile[name] = pile.get(name, 0) + number


class Machine:
    """The mechanics of one dispenser, with the presenter before it. `kept` is what an earlier one has kept."""

    def __init__(self, settings: Settings, kept: Mapping[str, Any]) -> None:
        self._settings = settings
        self.cassettes: Notes = dict(kept.get("cassettes") or settings.filled())
        self.removed: list[str] = list(kept.get("removed", ()))
        """Cassettes that are not in their places; their notes are still in them."""
        self.path: dict[str, Notes] = {place: dict(notes) for place, notes in kept.get("path_at", {}).items()}
        self.exit: Notes = dict(kept.get("exit", {}))
        self.rejected: Notes = dict(kept.get("rejected", {}))
        self.retracted: Notes = dict(kept.get("retracted", {}))
        self.taken: Notes = dict(kept.get("taken", {}))
        """What hands have taken, ever: with it the sum over all places is what was put in."""
        self.bundle: int = kept.get("bundle", 0)
        """Number of the bundle in the exit."""
        self.is_open: bool = kept.get("is_open", False)
        """A hand can reach what lies in the exit."""
        self.has_reject_tray: bool = kept.get("has_reject_tray", True)

    def kept(self) -> dict[str, Any]:
        """What lies where. JSON can hold it."""
        return {
            "cassettes": dict(self.cassettes),
            "removed": list(self.removed),
            "path": self.on_path(),
            "path_at": {place: dict(notes) for place, notes in self.path.items()},
            "exit": dict(self.exit),
            "rejected": dict(self.rejected),
            "retracted": dict(self.retracted),
            "taken": dict(self.taken),
            "bundle": self.bundle,
            "is_open": self.is_open,
            "has_reject_tray": self.has_reject_tray,
        }

    # --- asked ------------------------------------------------------------------------------------

    def on_path(self) -> Notes:
        """All notes on the way."""
        notes: Notes = {}
        for lying in self.path.values():
            add(notes, lying)
        return notes

    def is_near_end(self, name: str) -> bool:
        """Whether a cassette has few notes left."""
        return self.cassettes[name] <= self._settings.near_end

    def is_in(self, name: str) -> bool:
        """Whether a cassette is in its place."""
        return name not in self.removed

    # --- what moves -------------------------------------------------------------------------------

    def pick(self, name: str, number: int, place: str) -> int:
        """Pull notes from a cassette onto the path: as many as there are, up to `number`. Returns how many."""
        there = min(number, self.cassettes[name]) if self.is_in(name) else 0
        if there:
            self.cassettes[name] -= there
            add(self.path.setdefault(place, {}), {name: there})
        return there

    def carry(self, name: str, number: int, place: str, pile: Notes) -> None:
        """Move notes from a place on the path to where they were bound for."""
        lying = self.path[place]
        lying[name] -= number
        assert lying[name] >= 0, "a note is carried that is not there"
        self.path[place] = {each: left for each, left in lying.items() if left}
        if not self.path[place]:
            del self.path[place]
        add(pile, {name: number})

    def purge(self) -> Notes:
        """Clear the path into the reject tray, or what is close to the exit out of it. Returns what was rejected."""
        rejected: Notes = {}
        for place in [*self.path]:
            lying = self.path.pop(place)
            if place == EJT and self._settings.purge_pushes_out:
                add(self.exit, lying)
            else:
                add(rejected, lying)
        add(self.rejected, rejected)
        return rejected

    def present(self) -> None:
        """What lies in the exit is a bundle that a hand can reach."""
        self.bundle += 1
        self.is_open = True

    def take(self) -> Notes:
        """A hand takes what lies in the exit."""
        return self._empty_exit(self.taken)

    def draw_back(self) -> Notes:
        """The presenter takes what lies in the exit into the retract bin."""
        return self._empty_exit(self.retracted)

    def _empty_exit(self, pile: Notes) -> Notes:
        bundle, self.exit = self.exit, {}
        self.is_open = False
        add(pile, bundle)
        return bundle
