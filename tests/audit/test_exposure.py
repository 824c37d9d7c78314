"""Check `exposure`: what was lent above the balance, who noticed, and whether each approval in stand-in came home."""

import msgspec
import pytest

from atmbench.audit.verdict import Status
from atmbench.facts import (
    EntryPosted,
    ExceptionOpened,
    HoldPlaced,
    HoldReleased,
    MessageSent,
    SiteRebuilt,
    StandInApproved,
)
from tests.audit.builders import CUSTOMER, Tape, key_of
from tests.audit.stand_ins import (
    FULL,
    alert,
    answered,
    batched,
    brake,
    core,
    figures,
    of_the_bank,
    replay,
    rich,
    says,
    stand_in,
    verdict,
)


def test_the_check_is_not_there_where_nothing_is_to_be_judged() -> None:
    tape = Tape()
    tape.withdraw(10)
    assert [each.check for each in tape.judge().verdicts].count("exposure") == 0


def test_what_a_balance_covers_is_no_exposure_and_what_it_does_not_is_exact() -> None:
    tape = rich(12_000, total_max="0.00")
    for number in range(3):
        tape.withdraw(10 + 10 * number, stan=100 + number)
    assert says(tape) == ["withdrawals above the balance: 30.00, 0.00 allowed"]
    seen = figures(tape)
    assert (seen.above, seen.total_minor, seen.worst_account, seen.first_t) == (1, 3000, CUSTOMER, 30.02)


@pytest.mark.parametrize(
    ("budgets", "found"),
    [
        ({"total_max": "100.00"}, []),
        ({"total_max": "99.99"}, ["withdrawals above the balance: 100.00, 99.99 allowed"]),
        ({"card_max": "99.99"}, [f"above the balance of account {CUSTOMER}: 100.00, 99.99 allowed"]),
    ],
)
def test_exposure_is_judged_in_total_and_per_account(budgets: dict[str, str], found: list[str]) -> None:
    tape = rich(0, **budgets)
    tape.withdraw(10, stan=1)
    tape.withdraw(20, stan=2)
    assert says(tape) == found


def test_the_worst_account_is_that_of_the_greatest_sum() -> None:
    tape = rich(0)
    for number, (account, minor) in enumerate((("3000000001", 3000), ("2000000009", 2500), ("2000000009", 2000))):
        key = key_of("T01", 1 + number)
        tape.ask(10 + number, key, minor)
        tape.send(10 + number, key, minor)
        legs = {account: -minor, "cash:T01": minor}
        entry = EntryPosted(entry=key, kind="posting", key=key, service="withdrawal", legs=legs, origin="A")
        tape.entry(10 + number, "A", entry)
        tape.take(15 + number, key, minor)
    seen = figures(tape)
    assert (seen.above, seen.accounts, seen.total_minor) == (3, 2, 7500)
    assert (seen.worst_account, seen.worst_minor) == ("2000000009", 4500)


def test_notes_that_nobody_took_are_no_exposure() -> None:
    tape = rich(0, total_max="0.00")
    tape.lost_reply(10)
    assert says(tape) == []
    seen = figures(tape)
    assert (seen.above, seen.accounts, seen.worst_account, seen.worst_minor) == (0, 0, "", 0)


def test_what_is_approved_in_stand_in_counts_before_it_is_posted() -> None:
    tape = rich(6000, **FULL)
    first, second = stand_in(tape, 10, 1), stand_in(tape, 20, 2)
    replay(tape, 40, first)
    replay(tape, 41, second, "insufficient_funds")
    because = "the core does not take it"
    tape.add(41, "A", ExceptionOpened(kind="stand_in_refused", key=second, terminal="T01", because=because, owner="x"))
    found = verdict(tape)
    assert found.status is Status.PASS, found
    approvals = "2 approvals in stand-in (100.00), each told to a core once and 1 refused (50.00, paid by the bank)"
    assert found.because.startswith(f"{approvals}, 1 withdrawal above the balance, 40.00 in all")


def test_what_was_reversed_in_stand_in_is_there_for_the_next() -> None:
    tape = rich(5000, **FULL)
    first = stand_in(tape, 10, 1, taken=False)
    tape.queue(12, first, 2)
    answer = MessageSent(
        terminal="T01",
        line="primary",
        purpose="reversal",
        mti="0430",
        stan=2,
        fields={},
        key=first,
        outcome="approved",
    )
    tape.add(13, "A", answer)
    replay(tape, 30, stand_in(tape, 20, 3))
    seen = figures(tape)
    assert (seen.above, seen.total_minor) == (0, 0)


def test_approvals_that_reached_no_core_are_named() -> None:
    tape = rich(50_000)
    keys = [stand_in(tape, 10 + 10 * number, 1 + number) for number in range(5)]
    sentences = [f"{key}, approved in stand-in at site A (50.00), never reached a core" for key in keys]
    assert says(tape) == sentences
    found = verdict(tape)
    assert found.because == f"{', '.join(sentences[:3])} and 2 more"
    [first, *_] = found.findings
    told = tape.play()[first.facts[0] - 1]
    assert isinstance(told, StandInApproved)
    assert told.key == first.key == keys[0]


def test_an_approval_that_a_core_took_twice_is_named() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    replay(tape, 30, key)
    tape.add(35, "A", answered(key))
    assert says(tape) == [f"{key}, approved in stand-in at site A (50.00), was taken by a core 2 times"]


@pytest.mark.parametrize("taken", [False, True])
def test_what_a_rebuilt_site_has_forgotten_matters_if_there_was_cash(taken: bool) -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1, taken=taken)
    tape.add(40, "A", SiteRebuilt(site="A", like="B"))
    never = f"{key}, approved in stand-in at site A (50.00), never reached a core"
    assert says(tape) == ([never] if taken else [])


def test_a_hold_of_another_site_counts_before_an_approval_in_stand_in() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1, taken=False)
    tape.add(10, "B", HoldPlaced(key=key, account=CUSTOMER, amount_minor=5000))
    tape.add(30, "B", HoldReleased(key=key, account=CUSTOMER, amount_minor=5000))
    assert says(tape) == []


def test_two_cores_that_decided_differently_are_brought_together() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    because = "the core does not take it"
    tape.add(30, "A", answered(key, "insufficient_funds"))
    tape.add(30, "A", ExceptionOpened(kind="stand_in_refused", key=key, terminal="T01", because=because))
    tape.entry(30, "A", of_the_bank(key, f"post/{key}", "posting"))
    tape.add(31, "B", answered(key))
    tape.post(31, key, sites=("B",))
    tape.reverse(33, key, sites=("B",))
    tape.entry(33, "B", of_the_bank(key, f"rev/{key}/B3", "reversal"))
    audit = tape.judge()
    assert audit.verdict("exposure").status is Status.PASS, audit.verdict("exposure")
    assert audit.verdict("reversals").status is Status.PASS, audit.verdict("reversals")


def test_a_site_that_lost_its_book_may_tell_its_core_again() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    tape.add(30, "A", answered(key))
    tape.add(40, "A", SiteRebuilt(site="A", like="B"))
    replay(tape, 50, key)
    assert says(tape) == []


def test_what_another_site_has_posted_waits_for_no_core_any_more() -> None:
    tape = rich(10_000, **FULL)
    first = stand_in(tape, 10, 1)
    tape.post(20, first, sites=("B", "A"))
    replay(tape, 40, stand_in(tape, 30, 2))
    assert verdict(tape).because == (
        "2 approvals in stand-in (100.00), each told to a core once and 0 refused, "
        "0 withdrawals above the balance, 0.00 in all"
    )


def test_a_core_that_is_only_told_takes_nothing_for_the_second_time() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    replay(tape, 30, key)
    tape.add(35, "B", answered(key, stands_in=False))
    assert says(tape) == []


def test_a_refusal_that_nobody_was_told_of_is_named() -> None:
    tape = rich(0)
    key = stand_in(tape, 10, 1)
    replay(tape, 30, key, "insufficient_funds")
    why = "was refused by the core (insufficient funds), and nobody was told"
    assert says(tape) == [f"{key}, approved in stand-in at site A (50.00), {why}"]


@pytest.mark.parametrize(
    ("alert_t", "found"),
    [
        (14.0, []),
        (10.02, []),
        (16.0, ["the first alert 5.980 s after the first withdrawal above the balance at 10.020 s, 5 s allowed"]),
        (None, ["no alert after the first withdrawal above the balance at 10.020 s, 5 s allowed"]),
        (9.0, ["no alert after the first withdrawal above the balance at 10.020 s, 5 s allowed"]),
    ],
)
def test_an_alert_must_come_within_its_budget(alert_t: float | None, found: list[str]) -> None:
    tape = rich(0, alert_s=5)
    tape.withdraw(10)
    if alert_t is not None:
        tape.add(alert_t, "A", alert())
    assert says(tape) == found


@pytest.mark.parametrize(
    ("answer_t", "alert_t", "present_t", "found"),
    [
        (10.0, 10.0, 10.0, []),
        (10.0, 10.5, 10.5, []),
        (10.0, 10.5, None, []),
        (10.0, 10.625, 10.625, [
            "the first alert 0.625 s after the first withdrawal above the balance at 10.000 s, 0.5 s allowed",
            "notes came out for such withdrawals until 0.625 s after the first withdrawal above the balance at "
            "10.000 s, 0.5 s allowed",
        ]),
    ],
)  # fmt: skip
def test_what_comes_just_in_time_is_no_finding(
    answer_t: float, alert_t: float, present_t: float | None, found: list[str]
) -> None:
    tape = rich(0, alert_s=0.5, last_note_s=0.5)
    key = key_of("T01", 1)
    tape.ask(9, key)
    tape.send(9, key)
    tape.post(answer_t, key)
    tape.add(alert_t, "A", alert())
    if present_t is not None:
        tape.present(present_t, key)
    assert says(tape) == found


def test_the_last_notes_must_come_out_within_their_budget() -> None:
    tape = rich(5000, last_note_s=30)
    for number, t in enumerate((10, 20, 60)):
        tape.withdraw(t, stan=100 + number)
    until = "notes came out for such withdrawals until 42.980 s"
    assert says(tape) == [f"{until} after the first withdrawal above the balance at 20.020 s, 30 s allowed"]


def test_a_warning_that_is_asked_for_needs_something_to_warn_of() -> None:
    tape = rich(50_000, alert_s=5)
    tape.withdraw(10)
    assert says(tape) == ["the drill wants to be warned of withdrawals above the balance, and there were none"]


def test_a_withdrawal_under_the_brake_is_named_and_one_after_it_is_not() -> None:
    tape = rich(50_000)
    tape.add(5, "A", brake(True))
    key = tape.withdraw(10, stan=1)
    tape.add(20, "A", brake(False))
    tape.withdraw(30, stan=2)
    assert says(tape) == [f"{key} was approved at a site whose brake was on"]
    assert figures(tape).stops == ("on at site A at 5.000 s", "off at site A at 20.000 s")


def test_what_is_completed_under_the_brake_was_approved_before() -> None:
    tape = rich(50_000)
    held, unknown = key_of("T01", 1), key_of("T01", 3)
    tape.ask(10, held)
    tape.send(10, held)
    tape.arrive(10.02, held)
    tape.add(10.02, "A", HoldPlaced(key=held, account=CUSTOMER, amount_minor=5000))
    tape.add(10.22, "B", HoldPlaced(key=held, account=CUSTOMER, amount_minor=5000))
    tape.add(12, "A", brake(True))
    tape.add(12, "B", brake(True, "B"))
    tape.queue(15, held, 2, purpose="completion", actual=5000)
    tape.post(15.02, held)
    tape.ask(20, unknown)
    tape.queue(25, unknown, 4, purpose="completion", actual=5000)
    tape.post(26, unknown, sites=("B", "A"))
    assert says(tape) == []


def test_what_a_core_hears_of_under_the_brake_was_approved_before() -> None:
    tape = rich(50_000)
    key = tape.withdraw(10, stan=1)
    tape.add(20, "A", brake(True))
    tape.add(25, "A", SiteRebuilt(site="A", like="B"))
    tape.add(30, "A", answered(key, stands_in=False))
    tape.post(30, key)
    assert says(tape) == []


def test_a_batch_posts_what_was_approved_before() -> None:
    tape = rich(5000, **FULL, alert_s=20, last_note_s=20)
    entries = [batched(tape, 10, 1), batched(tape, 20, 2)]
    tape.add(25, "A", alert())
    tape.add(30, "A", brake(True))
    tape.add(30, "B", brake(True, "B"))
    for entry in entries:
        tape.entry(60, "A", entry)
        tape.entry(60, "B", msgspec.structs.replace(entry))
    assert says(tape) == []
    seen = figures(tape)
    assert (seen.above, seen.first_t) == (1, 20.04)
    assert seen.last_note_s == pytest.approx(4.96)


def test_a_batch_posts_what_was_approved_under_the_brake_all_the_same() -> None:
    tape = rich(50_000)
    tape.add(5, "A", brake(True))
    entry = batched(tape, 10, 1)
    tape.add(50, "A", brake(False))
    tape.entry(60, "A", entry)
    tape.entry(60, "B", msgspec.structs.replace(entry))
    assert says(tape) == [f"{entry.key} was approved at a site whose brake was on"]


def test_a_hold_under_the_brake_is_an_approval_but_not_one_that_the_other_site_told_of() -> None:
    tape = rich(50_000)
    tape.add(5, "A", brake(True))
    tape.add(5, "B", brake(True, "B"))
    key = key_of("T01", 1)
    tape.ask(10, key)
    tape.send(10, key)
    tape.arrive(10.02, key)
    tape.add(10.02, "A", HoldPlaced(key=key, account=CUSTOMER, amount_minor=5000))
    tape.add(10.22, "B", HoldPlaced(key=key, account=CUSTOMER, amount_minor=5000))
    assert says(tape) == [f"{key} was approved at a site whose brake was on"]


def test_a_core_that_went_away_is_judged_though_nobody_stood_in() -> None:
    tape = rich(50_000)
    tape.add(5, "A", core(False))
    tape.add(6, "A", core(True))
    assert verdict(tape).because == "0 withdrawals above the balance, 0.00 in all"


def test_an_approval_that_two_cores_took_is_named() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    replay(tape, 30, key)
    tape.add(35, "B", answered(key))
    assert says(tape) == [f"{key}, approved in stand-in at site A (50.00), was taken by a core 2 times"]


def test_the_cores_of_two_sites_may_take_an_approval_before_they_have_told_each_other() -> None:
    tape = rich(50_000)
    key = stand_in(tape, 10, 1)
    tape.add(20, "B", answered(key))
    tape.post(20, key, sites=("B",))
    tape.add(21, "A", answered(key))
    tape.post(21, key, sites=("A",))
    assert says(tape) == []


def test_a_posting_after_the_cash_is_no_approval() -> None:
    tape = rich(50_000)
    key = key_of("T01", 1)
    tape.ask(10, key)
    tape.send(10, key)
    tape.arrive(10.02, key)
    tape.add(10.02, "A", HoldPlaced(key=key, account=CUSTOMER, amount_minor=5000))
    tape.reply(10.04, key)
    tape.add(11, "A", brake(True))
    tape.present(13, key)
    tape.take(15, key)
    tape.end(15, key)
    tape.post(16, key)
    assert says(tape) == [], "the completion of what was approved before the brake"
