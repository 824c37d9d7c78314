"""The mechanism of the reader: where the card is, what blocks its way, what is broken, and the hand in front of it.

A card is never made or lost here: it comes from a hand and goes to a hand, into the bin, or out by an operator.
Nothing in here knows a command or a byte; time is the firmware's matter, which moves the card place by place.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from firmware_stubs.card_reader.card import READ_ERRORS, TRACKS, Card
from firmware_stubs.errors import OrderError


class Place(StrEnum):
    """Where a card can be in the reader, from the front to the rear."""

    TAKEOUT = "takeout"
    """In the slot: a hand can take it."""
    FRONT_THROAT = "front_throat"
    READ_START = "read_start"
    INSIDE = "inside"
    """Standby, where chips are pressed."""
    REAR_THROAT = "rear_throat"
    BIN = "bin"


WAY = tuple(Place)
AT_SHUTTER = (Place.TAKEOUT, Place.FRONT_THROAT, Place.READ_START)
"""A card here keeps the shutter open (3.4.2, error 11)."""

PARTS = {
    "shutter": "11",
    "sensor": "12",
    "motor": "13",
    "encoder": "17",
    "contact": "81",
}
"""What can break, and the error that the firmware has for it (3.4.2)."""

BIN_CARDS = 100
"""So many cards go into the bin. Our choice: the reader only ejects to its rear, the bin is the terminal maker's."""


class Blocked(Exception):
    """A card cannot be moved on to the next place."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"the way to {place} is blocked")
        self.place = place


class Jam:
    """A place that cards do not reach: after so many that do, so many times, or until it is cleared."""

    def __init__(self, at: Place, after: int, times: int | None) -> None:
        self.at = at
        self._after = after
        self._times = times

    def stops(self) -> bool:
        """Whether it stops a card that comes now."""
        if self._after > 0:
            self._after -= 1
            return False
        if self._times is None:
            return True
        self._times -= 1
        return self._times >= 0


class Spoiler:
    """What ruins a track of the next cards that come."""

    def __init__(self, track: int, error: str, times: int) -> None:
        self.track = track
        self.error = error
        self.times = times


class Machine:
    """One slot, one way, one bin."""

    def __init__(self, kept: Mapping[str, Any], *, bin_cards: int = BIN_CARDS) -> None:
        self.offered: Card | None = None
        """In a hand, right in front of the closed slot."""
        self.card: Card | None = None
        self.place: Place | None = None
        self.is_held = False
        """A hand holds on to the card in the slot."""
        self.is_shutter_open = False
        self.binned = int(kept.get("binned", 0))
        """Cards that lie in the bin."""
        self.jams: dict[Place, Jam] = {}
        self.broken: set[str] = set()
        self._spoilers: dict[int, Spoiler] = {}
        self._bin_cards = bin_cards
        if kept.get("place") is not None:
            self.place = Place(kept["place"])
            self.card = Card(str(kept.get("card", "")))
            self.is_shutter_open = self.place in AT_SHUTTER

    def kept(self) -> dict[str, Any]:
        """What lies where. The stripe of a card is not in it."""
        card = self.card.number if self.card is not None else None
        return {"place": self.place, "card": card, "binned": self.binned}

    def seen(self) -> dict[str, Any]:
        """What somebody sees who looks."""
        return {
            "offered": self.offered is not None,
            "held": self.is_held,
            "shutter": "open" if self.is_shutter_open else "closed",
            "jams": sorted(self.jams),
            "broken": sorted(self.broken),
        }

    # --- the firmware moves ---------------------------------------------------------------------

    def draw_offered(self) -> None:
        """The card in the hand goes into the slot, as the rollers take it."""
        assert self.card is None
        self.card, self.offered = self.offered, None
        self.place = Place.TAKEOUT

    def step(self, target: Place) -> Place:
        """Move the card one place on its way to `target`. Raises Blocked if it does not get there."""
        assert self.place is not None
        here, there = WAY.index(self.place), WAY.index(target)
        place = WAY[here + (1 if there > here else -1)]
        jam = self.jams.get(place)
        if jam is not None and jam.stops():
            raise Blocked(place)
        if place is Place.BIN:
            self._drop()
        else:
            self.place = place
        return place

    def _drop(self) -> None:
        if self.binned >= self._bin_cards:
            raise Blocked(Place.BIN)
        self.binned += 1
        self.card, self.place = None, None

    # --- hands ----------------------------------------------------------------------------------

    def offer(self, card: Card) -> None:
        """A hand comes with a card. Raises OrderError if another is in the way."""
        if self.offered is not None:
            raise OrderError("somebody stands there with a card already; take_card sends them away")
        if self.place is Place.TAKEOUT:
            raise OrderError("a card is in the slot; take_card takes it")
        for spoiler in self._spoilers.values():
            if spoiler.times > 0:
                spoiler.times -= 1
                card.spoil(spoiler.track, spoiler.error)
        self.offered = card

    def take(self) -> tuple[Card, bool]:
        """A hand takes what it can reach: the card, and whether the reader had it. Raises OrderError if none."""
        if self.card is not None and self.place in (Place.TAKEOUT, Place.FRONT_THROAT) and self.is_shutter_open:
            return self._out(), True
        if self.offered is not None:
            card, self.offered = self.offered, None
            return card, False
        raise OrderError("no card is within a hand's reach")

    def remove(self) -> Card:
        """An operator opens the reader and takes the card out. Raises OrderError if there is none."""
        if self.card is None:
            raise OrderError("no card is in the reader")
        return self._out()

    def _out(self) -> Card:
        card = self.card
        assert card is not None
        self.card, self.place, self.is_held = None, None, False
        return card

    def hold(self, is_held: bool) -> None:
        """A hand holds the card in the slot, or lets go. Raises OrderError if there is none."""
        if is_held and self.place is not Place.TAKEOUT:
            raise OrderError("no card is in the slot")
        self.is_held = is_held

    def empty_bin(self) -> int:
        """An operator empties the bin: so many cards were in it."""
        number, self.binned = self.binned, 0
        return number

    # --- what goes wrong ------------------------------------------------------------------------

    def jam(self, order: Mapping[str, Any]) -> None:
        """Block a place, as `at`, `after` and `times` of an order say. Raises OrderError if they do not."""
        at, after, times = order.get("at"), order.get("after", 0), order.get("times")
        if at not in WAY:
            raise OrderError(f"a card jams on its way to one of {', '.join(WAY)}")
        if not _is_count(after, 0) or not (times is None or _is_count(times, 1)):
            raise OrderError("after is 0 or more, times 1 or more; without times a jam stays until it is cleared")
        self.jams[Place(at)] = Jam(Place(at), after, times)

    def spoil(self, order: Mapping[str, Any]) -> None:
        """Ruin a `track` of the next cards that come, so many `times`. Raises OrderError if the order is none."""
        track, error, times = order.get("track", 2), order.get("error", "43"), order.get("times", 1)
        if track not in TRACKS or error not in READ_ERRORS or not _is_count(times, 1):
            raise OrderError(f"track is 1, 2 or 3, error one of {', '.join(READ_ERRORS)}, times 1 or more")
        self._spoilers[track] = Spoiler(track, error, times)

    def part(self, order: Mapping[str, Any]) -> str:
        """The part that an order names. Raises OrderError if there is no such part."""
        part = order.get("part")
        if part not in PARTS:
            raise OrderError(f"a reader has these parts: {', '.join(PARTS)}")
        return str(part)


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
