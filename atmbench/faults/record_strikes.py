"""What the active faults of replication make of one journal record, and of the ways between the sites.

Keeps nothing from one record to the next; the books of the faults do.
"""

from collections.abc import Sequence

import msgspec

from atmbench.facts import RecordDisturbed
from atmbench.faults.books import Book, Sources
from atmbench.faults.records import Fate, RecordFault


class Passing(msgspec.Struct, frozen=True):
    """A journal record that leaves one site for another."""

    sender: str
    receiver: str
    kind: str
    """As in `records.RecordKind`."""
    key: str


def fate_of(
    books: Sequence[Book], passing: Passing, now: float, sources: Sources
) -> tuple[Fate, RecordDisturbed] | None:
    """What becomes of a record; the first fault that strikes it decides. None if none does."""
    for book in books:
        fault = book.fault
        assert isinstance(fault, RecordFault), "only faults of replication strike here"
        fate = _fate(book, fault, passing, now, sources)
        if fate is not None:
            told = RecordDisturbed(
                name=book.name,
                kind=book.kind,
                sender=passing.sender,
                receiver=passing.receiver,
                record=passing.kind,
                key=passing.key,
                what=fate.what,
            )
            return fate, told
    return None


def state_of(book: Book, sender: str, receiver: str) -> str:
    """What one fault makes of a way between two sites; empty if nothing."""
    fault = book.fault
    assert isinstance(fault, RecordFault), "only faults of replication are asked"
    return fault.state if _is_aimed_at(fault, sender, receiver) else ""


def _fate(book: Book, fault: RecordFault, passing: Passing, now: float, sources: Sources) -> Fate | None:
    fate = fault.fate()
    if fate is None or not _is_aimed_at(fault, passing.sender, passing.receiver):
        return None
    is_now = (fault.from_s is None or fault.from_s <= now) and (fault.until_s is None or now < fault.until_s)
    if not is_now or fault.record not in ("", passing.kind):
        return None
    book.met += 1
    if not book.is_chosen(book.met):
        return None
    if fault.probability < 1.0:
        source = sources.of(book.name, passing.sender, passing.receiver)
        if source.random() >= fault.probability:
            return None
    return fate


def _is_aimed_at(fault: RecordFault, sender: str, receiver: str) -> bool:
    return fault.site in ("", sender) and fault.to_site in ("", receiver)
