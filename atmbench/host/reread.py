"""What a site learns when it reads its own records again, after a start.

Its database may have less than its book had (a record that was never committed, or that went down with a former
primary) and more (what the other site did meanwhile). The book is made anew, and what is different is told.
"""

from collections.abc import Sequence

from atmbench.facts import EntryLost, EntryPosted, Fact, HoldPlaced, HoldReleased, TombstoneLaid
from atmbench.host.book import Book
from atmbench.host.journal import JournalRecord, Transaction


def reread(book: Book, records: Sequence[JournalRecord]) -> list[Fact]:
    """Make a book anew of these records; returns how it differs from what it was."""
    before, entries = book.transactions, book.ledger.entries
    blank = book.blank()
    made = [fact for record in records for fact in blank.apply(record)]
    book.become_like(blank)
    facts: list[Fact] = [
        EntryLost(entry=entry.id, key=entry.key, legs=entry.legs)
        for entry in entries.values()
        if entry.id not in book.ledger.entries
    ]
    for fact in made:
        is_new_entry = isinstance(fact, EntryPosted) and fact.entry not in entries
        is_new_tombstone = isinstance(fact, TombstoneLaid) and not _is_tombstone(before.get(fact.key))
        if is_new_entry or is_new_tombstone:
            facts.append(fact)
    return facts + _holds(before, book.transactions)


def _is_tombstone(known: Transaction | None) -> bool:
    return known is not None and known.overtaken


def _holds(before: dict[str, Transaction], after: dict[str, Transaction]) -> list[Fact]:
    facts: list[Fact] = []
    for key in {**before, **after}:
        old, new = before.get(key, _NOTHING), after.get(key, _NOTHING)
        change = new.held_minor - old.held_minor
        entered = new.entered or old.entered
        if change and entered is not None:
            kind = HoldPlaced if change > 0 else HoldReleased
            facts.append(kind(key=key, account=entered.debit, amount_minor=abs(change)))
    return facts


_NOTHING = Transaction()
