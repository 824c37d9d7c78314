"""Whatever the order, and however often they arrive: the same records give the same books."""

from hypothesis import given
from hypothesis import strategies as st

from atmbench.host.book import Book
from atmbench.host.journal import (
    Advised,
    Answered,
    Completed,
    Held,
    JournalRecord,
    Misposted,
    Posted,
    Reversed,
    StoodIn,
    Suspected,
    Terms,
)
from atmbench.messages.records import AccountType, Outcome, Purpose, Reason, Reply
from tests.host.play import CURRENT, FRIEND, OTHER_PAN, PAN, TIME, Play, accounts

REPLY = Reply(purpose=Purpose.WITHDRAWAL, terminal="T01", stan=1, outcome=Outcome.APPROVED, code="")

KEYS = st.sampled_from(["K1", "K2"])
SITES = st.sampled_from(["A", "B"])
AMOUNTS = st.sampled_from([100, 200, 300])
TERMS = st.builds(
    Terms,
    service=st.sampled_from([Purpose.WITHDRAWAL, Purpose.TRANSFER]),
    debit=st.just(CURRENT),
    credit=st.sampled_from(["cash:T01", FRIEND]),
    amount_minor=AMOUNTS,
    pan=st.sampled_from([PAN, OTHER_PAN]),
    local_time=st.just(TIME),
    business_day=st.sampled_from(["", "260106"]),
)


@st.composite
def answers(draw: st.DrawFn) -> JournalRecord:
    key, origin = draw(KEYS), draw(SITES)
    at = draw(st.sampled_from([1.0, 2.0, 3.0]))
    pin_right = draw(st.sampled_from([None, True, False]))
    content = (Purpose.WITHDRAWAL, PAN, 100, AccountType.DEFAULT, AccountType.DEFAULT, "")
    if draw(st.booleans()):
        return Answered(key, origin, REPLY, content, at, pin_right)
    kind = draw(st.sampled_from([Posted, Held, StoodIn]))
    return kind(key, origin, REPLY, content, at, pin_right, draw(TERMS))


ADVICES = st.one_of(
    st.builds(Reversed, KEYS, SITES, st.just(REPLY), st.sampled_from([0, 100, 500])),
    st.builds(Suspected, KEYS, SITES, st.just(REPLY)),
    st.builds(Advised, KEYS, SITES, st.sampled_from([Outcome.APPROVED, Outcome.INSUFFICIENT_FUNDS])),
    st.builds(Completed, KEYS, SITES, st.just(REPLY), TERMS, AMOUNTS, st.booleans()),
)


def identity(record: JournalRecord) -> tuple[str, str, str]:
    kind = "answer" if isinstance(record, Answered) else type(record).__name__
    return record.key, record.origin, kind


RECORDS = st.lists(st.one_of(answers(), ADVICES), max_size=8, unique_by=identity)
"""What two sites may write about two transactions, sane or not: each site answers a key once."""


def book_of(records: list[JournalRecord]) -> Book:
    book = Book("B", accounts(), 100)
    for record in records:
        book.apply(record)
        assert sum(book.ledger.balances.values()) == 0
    for key, transaction in book.transactions.items():
        if transaction.is_unadvised:  # until a core has heard, it counts whether a completion came before
            book.apply(Advised(key, "A", Outcome.APPROVED))
    return book


def shape(book: Book) -> object:
    uses = [
        {where: (use.amount_minor, use.count) for where, use in uses.items() if use.amount_minor or use.count}
        for uses in (book._uses, book.unheard._uses)
    ]
    transactions = {
        key: (each.answer, each.completed, each.reversed, each.suspected, each.advised)
        for key, each in book.transactions.items()
    }
    unheard = book.unheard.at_risk_minor, set(book.unheard._unadvised), book.unheard._waiting
    return book.ledger.count(), days(book), book.ledger.holds, uses, unheard, book.wrong_pins(PAN), transactions


def days(book: Book) -> dict[str, dict[str, int]]:
    """What moved in each business day, by account; days and accounts that end as before are left out."""
    found: dict[str, dict[str, int]] = {}
    for entry in book.ledger.entries.values():
        for account, change in entry.legs.items():
            moved = found.setdefault(entry.day, {})
            moved[account] = moved.get(account, 0) + change
    nets = {day: {account: change for account, change in moved.items() if change} for day, moved in found.items()}
    return {day: net for day, net in nets.items() if net}


@given(RECORDS, st.data())
def test_order_and_repetition_of_records_do_not_matter(records: list[JournalRecord], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(records), max_size=4)) if records else []
    shuffled = data.draw(st.permutations(records + again))
    assert shape(book_of(shuffled)) == shape(book_of(records))


@given(AMOUNTS, st.sampled_from([0, 100, 500]), st.booleans(), st.permutations(range(4)))
def test_what_was_reversed_comes_to_what_came_out_by_the_same_two_entries(
    amount_minor: int, actual_minor: int, both_posted: bool, order: list[int]
) -> None:
    terms = Terms(Purpose.WITHDRAWAL, CURRENT, "cash:T01", amount_minor, PAN, TIME)
    content = (Purpose.WITHDRAWAL, PAN, amount_minor, AccountType.DEFAULT, AccountType.DEFAULT, "")
    records: list[JournalRecord] = [
        Posted("K1", "A", REPLY, content, 1.0, None, terms),
        Reversed("K1", "B", REPLY, actual_minor),
        Reversed("K1", "A", REPLY, actual_minor),
        Posted("K1", "B" if both_posted else "A", REPLY, content, 1.0, None, terms),
    ]
    book = book_of([records[index] for index in order])
    left = min(actual_minor, amount_minor)
    assert book.ledger.balances[CURRENT] == 100_000 - left
    assert book.ledger.entries.keys() == {"post/K1"} | ({"rev/K1"} if left != amount_minor else set())


def test_what_a_defect_posted_is_applied_once_however_often_it_arrives() -> None:
    record = Misposted("K1", "A", "post/K1/A1", "posting", "withdrawal", {CURRENT: -1, "cash:T01": 1}, TIME)
    assert book_of([record, record]).ledger.balances[CURRENT] == 99_999


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("withdraw", "repeat", "reverse", "partial", "complete", "suspect"),
                *("failover", "cutover", "pause", "wait", "core"),
            ]
        ),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(STEPS, st.sampled_from(["approval", "completion"]))
def test_sites_agree_once_everything_has_arrived(steps: list[tuple[str, int]], post_at: str) -> None:
    play = Play(post_at=post_at, replication_lag_s=0.5, stand_in={})
    active, other = "A", "B"
    for act, stan in steps:
        match act:
            case "withdraw" | "repeat":
                play.withdraw(stan, site=active, repeat=act == "repeat")
            case "reverse":
                play.reverse(stan, site=active)
            case "partial":
                play.reverse(stan, site=active, actual_minor=2000)
            case "suspect":
                play.reverse(stan, site=active, reason=Reason.SUSPECT)
            case "complete":
                play.complete(stan, site=active)
            case "failover":
                play.host.stop(active, play.now)
                play.host.start(other, play.now)
                play.host.promote(other, play.now, "by order")
                active, other = other, active
                play.sign_on(active)
            case "cutover":
                play.host.days.order(active, "", play.now)
            case "pause":
                play.host.set_replication(True, None, play.now)
            case "core":
                play.host.set_core(active if stan < 3 else other, stan == 1, play.now)
            case "wait":
                play.wait(0.4)
    for site in ("A", "B"):
        play.host.start(site, play.now)
        play.host.set_core(site, True, play.now)
    play.host.set_replication(False, None, play.now)
    play.wait(10)
    assert play.host.pending() == ()
    assert play.balances()["A"] == play.balances()["B"]
    assert days(play.host._sites["A"].book) == days(play.host._sites["B"].book)
    assert play.holds("A") == play.holds("B")
