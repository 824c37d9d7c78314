"""Holding the books of the sites against each other after the fact: who lacks what, and which amounts differ.

What differs is set right by the site that made the record: it alone knows what it told the terminal. A record that is
still on its way counts as missing; when it arrives it is known already. This module must never invent a record.
"""

from collections.abc import Iterator, Sequence, Set

import msgspec

from atmbench.errors import LocalError
from atmbench.facts import Fact, SitesCompared
from atmbench.host.book import Book
from atmbench.host.defects.watching import COMPARE_MISSING_ONLY
from atmbench.host.effects import HostEffect, Record
from atmbench.host.journal import KINDS, JournalRecord, Transaction
from atmbench.host.vault import Vault

RECORDS = ("answered", "posted", "advised", "completed", "reversed", "suspected")
"""What a transaction may have at most one of, in the order in which it comes about."""


class Difference(msgspec.Struct, frozen=True):
    """A record that a site lacks, or knows otherwise than the site that made it."""

    site: str
    right: JournalRecord
    is_missing: bool
    nth: int
    """Of the transaction that it is about, by the order in which its maker began them."""

    @property
    def says(self) -> str:
        """What differs, in words."""
        kind = KINDS[type(self.right)]
        if self.is_missing:
            return f"site {self.site} lacks that it was {kind} at site {self.right.origin}"
        return f"site {self.site} knows another amount of what was {kind} at site {self.right.origin}"


def demand_readable(vault: Vault, sites: Sequence[str]) -> None:
    """Raise LocalError if what a site has cannot be read now: nobody knows then what it lacks."""
    for site in sites:
        if not vault.is_readable(site):
            raise LocalError(f"the database of site {site} is down and cannot be compared; reconcile when all are up")


def reconcile(
    books: Sequence[Book], repair: bool, vault: Vault, defects: Set[str] = frozenset()
) -> Iterator[HostEffect]:
    """Compare all books, tell what was found, and set it right, in the vault too, if asked to."""
    found = sorted(differences(books), key=lambda each: (each.nth, each.right.key, each.site))
    if not all(each.is_missing for each in found) and COMPARE_MISSING_ONLY in defects:
        found = [each for each in found if each.is_missing]
    first = found[0] if found else None
    told = SitesCompared(
        missing={book.site: _missing(book, found) for book in books},
        different=len({each.right.key for each in found if not each.is_missing}),
        balances=sum(len(set(balances)) > 1 for balances in _balances(books)),
        first_key=first.right.key if first is not None else "",
        first_what=first.says if first is not None else "",
        repaired=repair,
    )
    yield Record(books[0].site, told)
    if repair:
        by_site = {book.site: book for book in books}
        for each in found:
            facts = by_site[each.site].set_right(each.right)
            vault.repaired(each.site, each.right, facts)
            yield from _tell(each.site, facts)
        for book in books:
            yield from _tell(book.site, book.restore_balances())


def differences(books: Sequence[Book]) -> Iterator[Difference]:
    """All records that one site lacks, or knows otherwise than the site that made them."""
    for maker in books:
        for nth, (key, transaction) in enumerate(maker.transactions.items()):
            for name in RECORDS:
                record: JournalRecord | None = getattr(transaction, name)
                if record is not None and record.origin == maker.site:
                    yield from _compared(books, maker, key, name, record, nth)


def _compared(
    books: Sequence[Book], maker: Book, key: str, name: str, right: JournalRecord, nth: int
) -> Iterator[Difference]:
    for book in books:
        if book is maker:
            continue
        known: JournalRecord | None = getattr(book.transactions.get(key, _NOTHING), name)
        if known is None:
            yield Difference(book.site, right, is_missing=True, nth=nth)
        elif known.origin == right.origin and known != right:
            yield Difference(book.site, right, is_missing=False, nth=nth)


_NOTHING = Transaction()


def _missing(book: Book, found: Sequence[Difference]) -> int:
    return len({each.right.key for each in found if each.site == book.site and each.is_missing})


def _balances(books: Sequence[Book]) -> Iterator[list[int]]:
    """Of each account, its balance at every site."""
    accounts = dict.fromkeys(account for book in books for account in book.ledger.balances)
    for account in accounts:
        yield [book.ledger.balances.get(account, 0) for book in books]


def _tell(site: str, facts: list[Fact]) -> Iterator[HostEffect]:
    return (Record(site, fact) for fact in facts)
