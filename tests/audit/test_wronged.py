"""Time to make good: from when a customer's money was wrong until all ledgers had it right."""

import pytest

from atmbench.audit.judge import Audit
from atmbench.audit.verdict import Status
from atmbench.audit.wronged import waits
from atmbench.facts import CoreAnswered, EntryPosted, HoldPlaced, HoldReleased, RunEnded, StandInApproved
from tests.audit.builders import CUSTOMER, Tape, key_of

KEY = key_of("T01", 118)


def says(audit: Audit) -> list[str]:
    return [finding.says for finding in audit.verdict("expected").findings]


def test_nobody_waits_where_money_is_right() -> None:
    tape = Tape(wronged_max_s=0)
    tape.withdraw(10.0)
    audit = tape.judge()
    assert audit.made_good is None
    assert "0 customers with wrong money (0 s allowed)" in audit.verdict("expected").because


def test_who_was_debited_without_cash_waits_from_the_posting_until_the_last_site_has_reversed_it() -> None:
    tape = Tape(wronged_max_s=30)
    tape.lost_reply(10.0)  # posted at 10.02, reversed at 40.02 at A and at 40.22 at B
    audit = tape.judge()
    assert audit.made_good is not None
    assert audit.made_good.longest_s == pytest.approx(30.2)
    assert (audit.made_good.customers, audit.made_good.still_wrong) == (1, 0)
    told = "T01 STAN 000118 withdrawal, account ******0001: money was wrong for 30.200 s from 10.020 s on"
    assert says(audit) == [f"{told}; 30 s allowed"]
    assert CUSTOMER not in says(audit)[0]
    [finding] = audit.verdict("expected").findings
    case = audit.book.cases[KEY]
    assert (finding.key, finding.facts) == (KEY, (case.fact_first, case.fact_last))


def test_what_is_right_again_to_the_last_second_is_in_time() -> None:
    tape = Tape(wronged_max_s=30)
    tape.ask(9.0, KEY)
    tape.end(20.0, KEY, "no_answer")
    tape.post(10.0, KEY)
    tape.reverse(39.0, KEY, sites=("A",))
    tape.reverse(40.0, KEY, sites=("B",))
    verdict = tape.judge().verdict("expected")
    assert verdict.status is Status.PASS
    assert verdict.because == (
        "0 transactions approved (0 wanted), 1 customer with wrong money, the longest for 30.000 s (30 s allowed)"
    )


def test_what_only_one_site_ever_had_wrong_waits_for_no_other() -> None:
    tape = Tape()
    tape.ask(9.0, KEY)
    tape.end(20.0, KEY, "no_answer")
    tape.post(10.0, KEY, sites=("A",))
    tape.reverse(25.0, KEY, sites=("A",))
    [wait] = waits(tape.judge().book)
    assert (wait.from_t, wait.seconds, wait.is_over) == (10.0, 15.0, True)


def test_what_is_posted_and_undone_in_one_instant_was_wrong_for_no_time() -> None:
    tape = Tape()
    tape.ask(9.0, KEY)
    tape.post(10.0, KEY, sites=("A",))
    tape.reverse(10.0, KEY, sites=("A",))
    tape.end(20.0, KEY, "no_answer")
    [wait] = waits(tape.judge().book)
    assert (wait.from_t, wait.seconds, wait.is_over) == (10.0, 0.0, True)


@pytest.mark.parametrize(
    ("outcome", "has_ended", "wronged"),
    [("", False, 0), ("no_answer", False, 1), ("", True, 1), ("no_answer", True, 1)],
)
def test_nobody_is_wronged_of_whom_it_can_still_come_out_right(outcome: str, has_ended: bool, wronged: int) -> None:
    """A debit without cash: while a run goes on, only a transaction that has ended can be wrong."""
    tape = Tape()
    tape.request(10.0, KEY)
    if outcome:
        tape.end(40.0, KEY, outcome)
    if not has_ended:
        tape.without = (RunEnded,)
    assert len(waits(tape.judge().book)) == wronged


@pytest.mark.parametrize(("post_t", "from_t"), [(14.0, None), (15.0, None), (15.5, 15.0)])
def test_cash_is_paid_for_nothing_only_until_it_is_posted(post_t: float, from_t: float | None) -> None:
    tape = Tape()
    pay(tape)
    tape.post(post_t, KEY)
    assert [wait.from_t for wait in waits(tape.judge().book)] == ([] if from_t is None else [from_t])


def test_a_debit_that_is_moved_to_another_customer_is_right_and_one_that_is_taken_back_is_wrong() -> None:
    tape = Tape()
    pay(tape)
    tape.post(14.0, KEY, sites=("A",))
    legs = {CUSTOMER: 5000, "2000000001": -5000}
    moved = EntryPosted(entry="move", kind="posting", key=KEY, service="withdrawal", legs=legs, origin="A")
    tape.entry(20.0, "A", moved)
    assert [(wait.from_t, wait.is_over) for wait in waits(tape.judge().book)] == []
    tape.reverse(30.0, KEY, sites=("A",))
    assert [(wait.from_t, wait.is_over) for wait in waits(tape.judge().book)] == [(30.0, False)]


def pay(tape: Tape, card: str = "999999******0011") -> None:
    """A customer asks at 10 s and takes the cash at 15 s; nothing is posted."""
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY, fields={"2": card, "4": "5000"} if card else {"4": "5000"})
    tape.reply(10.1, KEY)
    tape.present(12.0, KEY)
    tape.take(15.0, KEY)
    tape.end(15.0, KEY)


def test_cash_without_a_debit_counts_from_the_hand_that_took_it() -> None:
    tape = Tape(wronged_max_s=10)
    pay(tape)
    tape.post(45.0, KEY)
    audit = tape.judge()
    assert audit.made_good is not None
    assert audit.made_good.longest_s == pytest.approx(30.2)
    assert says(audit)[0].startswith("T01 STAN 000118 withdrawal, account ******0001: money was wrong for 30.200 s")


def test_who_never_gets_it_right_waits_to_the_end() -> None:
    for card, who in (("999999******0011", ", card 999999******0011"), ("", "")):
        tape = Tape(wronged_max_s=60)
        pay(tape, card)
        told = f"T01 STAN 000118 withdrawal{who}: money was wrong for 85.000 s from 15.000 s on"
        assert says(tape.judge()) == [f"{told}, and still is; 60 s allowed"]


def test_cash_on_a_hold_is_not_paid_for_nothing() -> None:
    tape = Tape(wronged_max_s=0)
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.add(10.02, "A", HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=5000))
    tape.reply(10.1, KEY)
    tape.present(12.0, KEY)
    tape.take(15.0, KEY)
    tape.end(15.0, KEY)
    tape.add(15.1, "A", HoldReleased(key=KEY, account=CUSTOMER, amount_minor=5000))
    tape.post(15.1, KEY)
    assert tape.judge().made_good is None


def test_the_distribution_is_that_of_all_who_waited() -> None:
    tape = Tape()
    for number, waited_s in enumerate((1.0, 2.0, 3.0, 40.0)):
        key = key_of("T01", 118 + 2 * number)
        tape.request(10.0 + number, key)
        tape.end(10.5 + number, key, "no_answer")
        tape.reverse(10.02 + number + waited_s - 0.2, key)
    made = tape.judge().made_good
    assert made is not None
    figures = (made.median_s, made.p95_s, made.longest_s)
    assert figures == pytest.approx((2.0, 40.0, 40.0))


def test_without_a_limit_it_is_told_and_not_judged() -> None:
    tape = Tape()
    tape.lost_reply(10.0)
    audit = tape.judge()
    assert audit.made_good is not None
    assert audit.verdict("expected").status is Status.PASS


def stood_in(core_says: str) -> Tape:
    """Cash on an approval in stand-in, of which the core hears half a minute later."""
    tape = Tape(wronged_max_s=0, exposure={})
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.arrive(10.02, KEY)
    tape.add(10.02, "A", StandInApproved(key=KEY, account=CUSTOMER, amount_minor=5000))
    tape.reply(10.04, KEY)
    tape.present(12.0, KEY)
    tape.take(15.0, KEY)
    tape.end(15.0, KEY)
    tape.add(45.0, "A", CoreAnswered(key=KEY, purpose="completion", stands_in=True, outcome=core_says))
    return tape


def test_cash_that_was_approved_in_stand_in_waits_for_the_core_and_wrongs_nobody() -> None:
    tape = stood_in("approved")
    tape.post(45.0, KEY)
    assert tape.judge().made_good is None


def test_what_the_core_refuses_of_it_is_the_banks_loss() -> None:
    assert stood_in("insufficient_funds").judge().made_good is None


def test_cash_that_was_approved_in_stand_in_and_never_told_to_a_core_is_wrong_to_the_end() -> None:
    tape = stood_in("approved")
    del tape.facts[-1]
    audit = tape.judge()
    assert audit.made_good is not None
    assert audit.made_good.still_wrong == 1


def test_what_waits_for_the_next_batch_wrongs_nobody() -> None:
    tape = Tape(wronged_max_s=0)
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.arrive(10.02, KEY)
    tape.reply(10.04, KEY)
    tape.present(12.0, KEY)
    tape.take(15.0, KEY)
    tape.end(15.0, KEY)
    for site in ("A", "B"):
        posted = EntryPosted(
            entry=f"post/{KEY}",
            kind="posting",
            key=KEY,
            service="withdrawal",
            legs={CUSTOMER: -5000, "cash:T01": 5000},
            origin="A",
            in_batch=True,
        )
        tape.entry(60.0, site, posted)
    assert tape.judge().made_good is None
