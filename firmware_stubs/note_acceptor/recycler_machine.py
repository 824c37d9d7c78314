"""Where the notes of a Bill-to-Bill recycler are, beyond the path of a validator: cassettes, channel, dispenser, exit.

Notes are never made or lost here. A recycling cassette is a drum: what went in last comes out first.
"""

from collections.abc import Mapping
from typing import Any

from firmware_stubs.note_acceptor.machine import Machine, Notes, add

DROP = 0
"""The place of the drop cassette; recycling cassettes are 1, 2, 3..."""


class RecyclerMachine(Machine):
    """`cassettes` recycling cassettes beside the drop cassette."""

    def __init__(self, kept: Mapping[str, Any], cassettes: int) -> None:
        super().__init__(kept)
        recycling: Mapping[str, list[int]] = kept.get("recycling", {})
        self.recycling = {place: list(recycling.get(str(place), [])) for place in range(1, cassettes + 1)}
        self.channel: int = kept.get("channel", 0)
        """On its way out of a cassette."""
        self.source: int = kept.get("source", DROP)
        """The place that it comes from."""
        self.dispenser: list[int] = list(kept.get("dispenser", []))
        """A bundle that no hand can reach yet."""
        self.exit: list[int] = list(kept.get("exit", []))
        """A bundle that a hand can take, with or without power."""

    def kept(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **super().kept(),
            "recycling": {str(place): list(notes) for place, notes in self.recycling.items()},
            "channel": self.channel,
            "source": self.source,
            "dispenser": list(self.dispenser),
            "exit": list(self.exit),
        }

    @property
    def caught(self) -> int:
        """The note inside of the path."""
        return super().caught or self.channel

    def put_away(self, place: int) -> int:
        """From the stacker into a cassette."""
        if place == DROP:
            return self.drop()
        note, self.stacker = self.stacker, 0
        self.recycling[place].append(note)
        self.kind = None
        return note

    def draw(self, place: int) -> None:
        """From a recycling cassette into the channel."""
        self.channel, self.source = self.recycling[place].pop(), place

    def push_back(self) -> None:
        """From the channel back into its cassette."""
        self.recycling[self.source].append(self.channel)
        self.channel = 0

    def bundle(self) -> None:
        """From the channel into the dispenser."""
        self.dispenser.append(self.channel)
        self.channel = 0

    def unload(self) -> int:
        """From the channel into the drop cassette."""
        note, self.channel = self.channel, 0
        add(self.cassette, note)
        return note

    def push_bundle_out(self) -> Notes:
        """From the dispenser to where a hand can take it."""
        self.exit += self.dispenser
        self.dispenser = []
        return piled(self.exit)

    def take_bundle(self) -> Notes:
        """A hand takes it."""
        notes, self.exit = piled(self.exit), []
        for value, number in notes.items():
            self.taken[value] = self.taken.get(value, 0) + number
        return notes

    def clear(self) -> Notes:
        """A technician takes out what is jammed."""
        notes = super().clear()
        add(notes, self.channel)
        add(self.cleared, self.channel)
        self.channel = 0
        return notes


def piled(notes: list[int]) -> Notes:
    """Notes as a pile."""
    pile: Notes = {}
    for note in notes:
        add(pile, note)
    return pile
