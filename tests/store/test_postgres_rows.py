"""Every kind of record comes back from its row as it was, and no row shows card data."""

import pytest

from atmbench.errors import VenueError
from atmbench.facts import HoldPlaced, HoldReleased
from atmbench.host.journal import (
    KINDS,
    Advised,
    Answered,
    ChipCounted,
    Completed,
    Held,
    JournalRecord,
    Misposted,
    PinChanged,
    PinKeyCounted,
    StoodIn,
    Suspected,
)
from atmbench.messages.records import Balance, Outcome
from atmbench.store.postgres_rows import Row, Rows, row_id
from tests.store.vaults import CUSTOMER, PAN, entry_of, posted, reversed_

KEY = posted(1).key
REPLY = posted(1).reply


def records() -> list[JournalRecord]:
    post = posted(1)
    return [
        post,
        reversed_(1),
        Answered(KEY, "A", REPLY, post.content, 2.5, True),
        Held(KEY, "B", REPLY, post.content, 2.5, None, post.terms),
        StoodIn(KEY, "B", REPLY, post.content, 2.5, None, post.terms),
        Advised(KEY, "A", Outcome.INSUFFICIENT_FUNDS),
        Completed(KEY, "A", REPLY, post.terms, 3000, True),
        Suspected(KEY, "A", REPLY),
        PinChanged(KEY, "A", PAN, "4711", 3.25),
        ChipCounted(KEY, "A", PAN, 17),
        PinKeyCounted(KEY, "A", "T01", 5),
        Misposted(KEY, "A", f"post/{KEY}/A1", "posting", "withdrawal", {CUSTOMER: -1, "cash:T01": 1}, "0105090000"),
    ]


@pytest.mark.parametrize("record", records(), ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_was_and_its_row_shows_no_card(record: JournalRecord) -> None:
    rows = Rows()
    row = rows.write(record, []).row
    assert PAN not in row.body
    assert "4711" not in row.body
    assert rows.read(row) == record
    assert type(rows.read(row)) is type(record)


def test_each_record_has_a_row_of_its_own() -> None:
    assert len({row_id(record) for record in records()}) == len(records())
    assert {type(record) for record in records()} == KINDS.keys()


def test_a_row_brings_what_the_record_changed() -> None:
    placed = HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=500)
    released = HoldReleased(key=KEY, account=CUSTOMER, amount_minor=200)
    write = Rows().write(posted(1), [entry_of(posted(1)), placed, released])
    assert write.entries == (entry_of(posted(1)),)
    assert write.holds == ((CUSTOMER, 500), (CUSTOMER, -200))


def test_answers_with_balances_come_back_too() -> None:
    import msgspec

    reply = msgspec.structs.replace(REPLY, balances=(Balance("ledger", 5),), statement=("one", "two"))
    record = msgspec.structs.replace(posted(1), reply=reply)
    rows = Rows()
    assert rows.read(rows.write(record, []).row) == record


@pytest.mark.parametrize(
    "row",
    [
        Row("x", "A", KEY, "Invented", "{}"),
        Row("x", "A", KEY, "Reversed", "{}"),
        Row("x", "A", KEY, "ChipCounted", f'{{"key": "{KEY}", "origin": "A", "pan": "card-9", "atc": 1}}'),
    ],
)
def test_a_row_of_somebody_else_is_refused(row: Row) -> None:
    with pytest.raises(VenueError, match="that this run did not write"):
        Rows().read(row)
