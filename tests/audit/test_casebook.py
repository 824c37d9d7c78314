import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.audit import cases
from atmbench.audit.casebook import Casebook
from atmbench.audit.judge import CHECKS, judge, judge_book
from atmbench.audit.verdict import Status
from atmbench.facts import DialFailed, MessageReceived, from_line, to_line
from tests.audit.builders import CUSTOMER, Tape, key_of, of

KEY = key_of("T01", 118)


def test_live_and_from_the_file_give_the_same_answer() -> None:
    tape = Tape(terminals=("T01", "T02"))
    tape.withdraw(1)
    tape.lost_reply(10, "T02", 7)
    tape.request(40, key_of("T01", 130))
    live = Casebook()
    for fact in tape.play():
        live.add(fact)
    from_file = judge(from_line(to_line(fact)) for fact in tape.play())
    assert judge_book(live).verdicts == from_file.verdicts
    assert from_file.status is Status.FAIL


@given(
    outcomes=st.lists(st.sampled_from(["withdraw", "lost_reply"]), min_size=1, max_size=8),
    minor=st.integers(1, 50).map(lambda notes: notes * 1000),
    broken=st.none() | st.integers(0, 7),
)
def test_one_missing_entry_is_always_found_and_nothing_else_is(
    outcomes: list[str], minor: int, broken: int | None
) -> None:
    tape = Tape()
    for number, outcome in enumerate(outcomes):
        getattr(tape, outcome)(1 + 100 * number, "T01", 10 + 5 * number, minor)
    tape.end_t = 2000
    entries = [fact for fact in tape.facts if hasattr(fact, "entry")]
    if broken is not None:
        lost = entries[broken % len(entries)]
        tape.facts.remove(lost)
        assert [each.key for each in tape.judge().verdict("money").findings] == [getattr(lost, "key", "")]
    else:
        assert tape.judge().status is Status.PASS


def test_actors_of_one_instant_may_stand_in_any_order() -> None:
    """Everything happens at the full second; only the order within one actor is kept."""
    tape = Tape(terminals=("T01", "T02"))
    tape.withdraw(1)
    tape.lost_reply(1, "T02", 7)
    answers = set()
    for seed in range(5):
        names = ["A", "B", "T01", "T02", "conductor"]
        random.Random(seed).shuffle(names)
        history = sorted(tape.play(), key=lambda fact: (int(fact.t), names.index(fact.actor)))
        answers.add(tuple(verdict.status for verdict in judge(history).verdicts))
    assert answers == {(Status.PASS,) * len(CHECKS)}


@pytest.mark.parametrize(("got", "status"), [("000000005000", Status.PASS), ("000000009000", Status.FAIL)])
def test_a_request_that_arrives_in_the_instant_in_which_it_is_sent_has_arrived_as_it_was_sent(
    got: str, status: Status
) -> None:
    """The site's fact comes first then, because A is sorted before T01."""
    tape = Tape()
    tape.services[KEY] = "withdrawal"
    tape.arrive(1, KEY, fields={"3": "011000", "4": got})
    tape.withdraw(1)
    tape.facts.sort(key=lambda fact: (int(fact.t), fact.actor))
    assert tape.judge().verdict("money").status is status


def test_a_reversal_of_what_was_only_held_has_met_its_original_though_both_came_without_delay() -> None:
    """Nothing was posted and no tombstone laid: that the site got the request is all that shows it."""
    tape = Tape()
    tape.services[KEY] = "withdrawal"
    tape.arrive(1, KEY)
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.end(31, KEY, "not_dispensed")
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    tape.settle(31, KEY, 119)
    assert tape.judge().verdict("reversals").status is Status.PASS


def test_what_arrived_without_ever_being_sent_is_forgotten() -> None:
    book, tape = Casebook(), Tape()
    for number in range(1000):
        key = key_of("T09", number)
        tape.services[key] = "withdrawal"
        tape.arrive(number, key)
    for fact in tape.facts:
        book.add(fact)
    assert book.cases == {}
    assert len(book.early) == 1


def test_what_one_case_keeps_is_bounded() -> None:
    tape = Tape()
    tape.request(1, KEY)
    for number in range(100):
        tape.post(2, KEY, n=f"/{number}")
        tape.reply(3, KEY)
    audit = tape.judge()
    case = audit.book.cases[KEY]
    assert (len(case.entries), len(case.answers)) == (cases.ENTRIES_MAX, cases.ANSWERS_MAX)
    assert case.entries_beyond == 202 - cases.ENTRIES_MAX
    assert audit.verdict("money").status is Status.FAIL


def test_a_line_that_stays_sick_is_noted_once() -> None:
    book = Casebook()
    for _ in range(1000):
        book.add(DialFailed(actor="T01", line="primary", because="refused"))
    assert len(book.terminals["T01"].line_events) == 1


def test_a_reply_too_poor_for_a_key_belongs_to_the_request_with_its_stan() -> None:
    tape = Tape()
    tape.request(1, KEY)
    terminal, stan = of(KEY)
    poor = MessageReceived(
        terminal=terminal, line="primary", purpose="withdrawal", mti="0210", stan=stan, fields={}, outcome="approved"
    )
    tape.add(1.04, terminal, poor)
    tape.present(4, KEY)
    tape.take(5, KEY)
    tape.end(5, KEY)
    assert tape.judge().status is Status.PASS


def test_totals_add_up() -> None:
    tape = Tape(terminals=("T01", "T02"))
    tape.withdraw(1, minor=5000)
    tape.withdraw(1, "T02", 7, 2000)
    tape.lost_reply(10, "T02", 8)
    totals = tape.judge().totals
    assert totals is not None
    assert totals.outcomes == {"withdrawal": {"approved": 2, "no_answer": 1}}
    assert (totals.approved_minor, totals.taken_minor, totals.advices) == (7000, 7000, 1)
    assert totals.hand is not None
    assert totals.hand.out_minor == 7000
    assert [(site.debited_minor, site.cash_accounts_minor, site.reversals) for site in totals.sites] == [
        (7000, 7000, 1)
    ] * 2


def test_amounts_are_told_in_the_currency_of_the_run() -> None:
    book = Tape().judge().book
    assert [book.say(-1), book.say(123_456_789), book.say(0)] == ["-0.01", "1,234,567.89", "0.00"]
    assert Casebook().say(5) == "5 minor units"
    assert CUSTOMER not in book.terminals
