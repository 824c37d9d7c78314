"""A site that reads its records again tells how its ledger differs from what it was."""

from hypothesis import given
from hypothesis import strategies as st

from atmbench.facts import EntryLost, EntryPosted, HoldPlaced, HoldReleased, TombstoneLaid
from atmbench.host.book import Book
from atmbench.host.journal import Held, JournalRecord
from atmbench.host.reread import reread
from tests.store.vaults import ACCOUNTS, CUSTOMER, posted, reversed_


def book_of(*records: JournalRecord) -> Book:
    book = Book("A", ACCOUNTS, 100)
    for record in records:
        book.apply(record)
    return book


def held(stan: int) -> Held:
    record = posted(stan)
    return Held(record.key, "A", record.reply, record.content, 1.5, None, record.terms)


def test_what_is_there_no_more_is_lost_and_what_is_new_is_posted() -> None:
    book = book_of(posted(1), posted(2))
    first, lost, new = (posted(stan) for stan in (1, 2, 3))
    facts = reread(book, [first, new])
    legs = {CUSTOMER: -5000, "cash:T01": 5000}
    assert facts == [
        EntryLost(entry=f"post/{lost.key}", key=lost.key, legs=legs),
        EntryPosted(entry=f"post/{new.key}", kind="posting", key=new.key, service="withdrawal", legs=legs, origin="A"),
    ]
    assert book.ledger.balances == book_of(first, new).ledger.balances


def test_who_finds_what_he_knew_says_nothing() -> None:
    book = book_of(posted(1), reversed_(1), reversed_(2), held(3))
    assert reread(book, [held(3), reversed_(2), reversed_(1), posted(1)]) == []


def test_a_lost_posting_whose_reversal_is_there_leaves_a_tombstone() -> None:
    facts = reread(book_of(posted(1)), [reversed_(1, "B")])
    assert [type(fact) for fact in facts] == [EntryLost, TombstoneLaid]


def test_what_was_held_for_a_lost_record_is_released_and_the_other_way_round() -> None:
    book = book_of(held(1))
    assert reread(book, []) == [HoldReleased(key=held(1).key, account=CUSTOMER, amount_minor=5000)]
    assert reread(book, [held(1)]) == [HoldPlaced(key=held(1).key, account=CUSTOMER, amount_minor=5000)]
    assert book.ledger.holds == {CUSTOMER: 5000}


RECORDS = [each for stan in range(4) for each in (posted(stan), reversed_(stan), reversed_(stan, "B"))]


@given(before=st.lists(st.sampled_from(RECORDS)), after=st.lists(st.sampled_from(RECORDS)))
def test_the_facts_lead_from_one_ledger_to_the_other(before: list[JournalRecord], after: list[JournalRecord]) -> None:
    book = book_of(*before)
    balances = dict(book.ledger.balances)
    for fact in reread(book, after):
        if isinstance(fact, EntryPosted | EntryLost):
            sign = 1 if isinstance(fact, EntryPosted) else -1
            for account, change in fact.legs.items():
                balances[account] = balances.get(account, 0) + sign * change
    there = {account: balance for account, balance in balances.items() if balance}
    assert there == {account: balance for account, balance in book_of(*after).ledger.balances.items() if balance}
