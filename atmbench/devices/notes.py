"""Bundles of notes: cassette name (or note value) to number of notes. Pure arithmetic."""

from collections.abc import Mapping
from typing import TypeVar

Kind = TypeVar("Kind", str, int)


def count(notes: Mapping[Kind, int]) -> int:
    """How many notes there are."""
    return sum(notes.values())


def add(pile: dict[Kind, int], notes: Mapping[Kind, int]) -> None:
    """Put notes on a pile."""
    for kind, number in notes.items():
        pile[kind] = pile.get(kind, 0) + number


def first(notes: Mapping[Kind, int], number: int) -> dict[Kind, int]:
    """The first so many notes of a bundle, in its order."""
    bundle: dict[Kind, int] = {}
    for kind, there in notes.items():
        taken = min(there, number)
        if taken:
            bundle[kind] = taken
            number -= taken
    return bundle


def within(asked: Mapping[Kind, int], there: Mapping[Kind, int]) -> dict[Kind, int]:
    """As many of the notes that were asked for as are there."""
    bundle: dict[Kind, int] = {}
    for kind, number in asked.items():
        taken = min(number, there[kind])
        if taken > 0:
            bundle[kind] = taken
    return bundle


def without(notes: Mapping[Kind, int], gone: Mapping[Kind, int]) -> dict[Kind, int]:
    """What is left of a bundle."""
    return {kind: left for kind, there in notes.items() if (left := there - gone.get(kind, 0))}
