"""What the active wire faults make of one unit: each strikes what the one before has left.

As `walk` for frames. Keeps nothing from one unit to the next; the books of the faults do.
"""

from collections.abc import Callable, Sequence

import msgspec

from atmbench.facts import FrameDisturbed
from atmbench.faults.base import Direction
from atmbench.faults.books import Book, Sources
from atmbench.faults.wires import Struck, Unit, WireFault


class Place(msgspec.Struct, frozen=True):
    """Where a unit is: which line of which terminal, and which way it goes."""

    terminal: str
    line: str
    site: str
    direction: Direction


class UnitPlan(msgspec.Struct, frozen=True):
    """What becomes of one unit."""

    data: bytes
    gap_s: float | None
    drops_carrier: bool
    facts: list[FrameDisturbed]


def struck(
    books: Sequence[Book], unit: Unit, place: Place, now: float, sources: Sources, key_of: Callable[[bytes], str | None]
) -> UnitPlan | None:
    """What arrives in place of a unit; None if no fault strikes it.

    `key_of(data)` is the transaction that a whole block is about, empty if it is about none, and None for what is no
    whole block: so it can be told whether an altered block still passes the check of the link layer.
    """
    left, gap_s, facts = unit, None, []
    for book in books:
        fault = book.fault
        assert isinstance(fault, WireFault), "only faults of wires strike here"
        blow = _blow(book, fault, left, place, now, sources)
        if blow is None:
            continue
        facts.append(_fact(book, blow, left, place, key_of))
        left = msgspec.structs.replace(left, data=blow.data)
        gap_s = blow.gap_s if gap_s is None else gap_s
        if blow.drops_carrier or not blow.data:
            return UnitPlan(left.data, gap_s, blow.drops_carrier, facts)
    return UnitPlan(left.data, gap_s, False, facts) if facts else None


def _blow(book: Book, fault: WireFault, unit: Unit, place: Place, now: float, sources: Sources) -> Struck | None:
    if not book.is_aimed_at(place.terminal, place.line, place.site, place.direction, now) or not fault.can_strike(unit):
        return None
    book.met += 1
    if not book.is_chosen(book.met):
        return None
    source = sources.of(book.name, place.terminal, f"{place.line} {place.direction}")
    if fault.probability < 1.0 and source.random() >= fault.probability:
        return None
    return fault.strike(unit, source)


def _fact(book: Book, blow: Struck, unit: Unit, place: Place, key_of: Callable[[bytes], str | None]) -> FrameDisturbed:
    became = key_of(blow.data) if blow.data != unit.data and unit.is_block else None
    key = key_of(unit.data) if became is not None and place.direction is Direction.REQUEST else None
    is_renamed = bool(key and became and key != became)
    return FrameDisturbed(
        name=book.name,
        kind=book.kind,
        terminal=place.terminal,
        line=place.line,
        direction=place.direction,
        what=blow.what if became is None else f"{blow.what}, and its check agrees all the same",
        key=key or "" if is_renamed else "",
        became=became or "" if is_renamed else "",
        unnoticed=became is not None,
    )
