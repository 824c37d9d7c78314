"""Each posting rule, broken once in a history made by hand, is objected to by its name; right ones are passed over."""

from collections.abc import Callable

import msgspec
import pytest

from atmbench.facts import (
    BalanceOverwritten,
    BalanceTold,
    BusinessDayBegan,
    BusinessDayCounted,
    CoreAnswered,
    EntryLost,
    EntryPosted,
    HoldPlaced,
    HoldReleased,
    MessageSent,
    SiteRebuilt,
    StandInApproved,
    TransactionStarted,
)
from atmbench.second_opinion import Opinion, Rule, SecondOpinion, Standing, opine, render
from tests.audit.builders import CUSTOMER, SITES, Tape, key_of, stamped
from tests.audit.wrongs import BEYOND_ALL_DOUBT, KEY, WRONGS

OTHER = "2000000001"
BILL = key_of("T01", 130)


def judged(tape: Tape) -> Opinion:
    return opine(tape.play())


def rules_broken(tape: Tape) -> set[Rule]:
    return {each.rule for each in judged(tape).objections}


def entry(tape: Tape, t: float, legs: dict[str, int], *, kind: str = "posting", service: str = "withdrawal") -> None:
    """The same entry at both sites, under the key KEY."""
    name = f"{'post' if kind == 'posting' else 'rev'}/{KEY}"
    for site in SITES:
        posted = EntryPosted(entry=name, kind=kind, key=KEY, service=service, legs=legs, origin="A")
        tape.entry(t, site, posted)


# --- right ones ------------------------------------------------------------------------------------


def withdrawn(tape: Tape) -> None:
    tape.withdraw(1)


def reversed_without_an_answer(tape: Tape) -> None:
    tape.lost_reply(1)


def reversed_in_part(tape: Tape) -> None:
    tape.request(1, KEY)
    tape.present(4, KEY, 3000)
    tape.take(5, KEY, 3000)
    tape.end(5, KEY, "short")
    tape.reverse(6, KEY, 2000)


def deposited(tape: Tape) -> None:
    tape.ask(1, KEY, 0, "deposit")
    tape.send(1, KEY, 4000)
    tape.post(1, KEY, 4000)
    tape.accept_notes(4, KEY, 4000)
    tape.end(5, KEY)


def transferred(tape: Tape) -> None:
    tape.ask(1, KEY, 5000, "transfer")
    tape.send(1, KEY)
    tape.post(1.02, KEY)
    tape.end(2, KEY)


def held_and_then_posted(tape: Tape) -> None:
    tape.ask(1, KEY)
    for site in SITES:
        tape.add(1, site, HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=5000))
    tape.take(5, KEY)
    tape.end(5, KEY)
    for site in SITES:
        tape.add(6, site, HoldReleased(key=KEY, account=CUSTOMER, amount_minor=5000))
    entry(tape, 6, {CUSTOMER: -5000, "cash:T01": 5000})


def stood_in(tape: Tape, times: int = 1) -> None:
    tape.ask(1, KEY)
    tape.add(1, "A", StandInApproved(key=KEY, account=CUSTOMER, amount_minor=5000))
    tape.take(5, KEY)
    tape.end(5, KEY)
    for number in range(times):
        answered = CoreAnswered(key=KEY, purpose="withdrawal", stands_in=True, outcome="approved")
        tape.add(20 + number, "A", answered)
    tape.post(20, KEY)


def rebuilt(tape: Tape) -> None:
    """Site A is lost with a posting that B never had, and nobody took the money."""
    tape.ask(1, KEY)
    tape.add(1, "A", EntryPosted(
        entry="x", kind="posting", key=KEY, service="withdrawal", legs={CUSTOMER: -5000, "cash:T01": 5000}, origin="A"
    ))  # fmt: skip
    tape.end(31, KEY, "no_answer")
    tape.add(40, "A", SiteRebuilt(site="A", like="B"))


def told_what_was_entered(tape: Tape) -> None:
    tape.withdraw(1)
    balance = tape.opening[CUSTOMER] - 5000
    told = BalanceTold(key=key_of("T01", 119), account=CUSTOMER, ledger_minor=balance, available_minor=balance)
    tape.add(50, "B", told)


def unknown_and_told_of(tape: Tape) -> None:
    tape.expect["open_exceptions_max"] = 1
    tape.request(1, KEY)
    tape.exception(31, KEY)
    tape.end(31, KEY, "suspect")


RIGHTS = [
    withdrawn,
    reversed_without_an_answer,
    reversed_in_part,
    deposited,
    transferred,
    held_and_then_posted,
    stood_in,
    rebuilt,
    told_what_was_entered,
    unknown_and_told_of,
]


@pytest.mark.parametrize("right", RIGHTS)
def test_nothing_is_said_of_what_is_right(right: Callable[[Tape], None]) -> None:
    tape = Tape()
    right(tape)
    assert judged(tape).objections == ()
    assert judged(tape).standing is Standing.PASS


# --- wrong ones ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", WRONGS)
def test_wrong_money_is_objected_to_and_named(wrong: Callable[[Tape], None]) -> None:
    tape = Tape()
    wrong(tape)
    opinion = judged(tape)
    assert opinion.standing is Standing.FAIL
    assert KEY in {each.key for each in opinion.objections}


@pytest.mark.parametrize("wrong", BEYOND_ALL_DOUBT)
def test_no_exception_excuses_what_it_cannot_explain(wrong: Callable[[Tape], None]) -> None:
    tape = Tape(open_exceptions_max=1)
    wrong(tape)
    tape.exception(50, KEY)
    assert judged(tape).standing is Standing.FAIL


def legs_that_do_not_sum_to_zero(tape: Tape) -> None:
    tape.ask(1, KEY)
    entry(tape, 1, {CUSTOMER: -5000, "cash:T01": 5001})
    tape.take(5, KEY)
    tape.end(5, KEY)


def the_same_entry_twice(tape: Tape) -> None:
    tape.withdraw(1)
    tape.post(50, KEY, sites=("A",))


def a_reversal_in_another_day(tape: Tape) -> None:
    reversed_without_an_answer(tape)
    for at, fact in enumerate(tape.facts):
        if isinstance(fact, EntryPosted) and fact.kind == "reversal":
            tape.facts[at] = stamped(fact.t, fact.actor, msgspec.structs.replace(fact, day="260106"))


def another_day_at_the_other_site(tape: Tape) -> None:
    withdrawn(tape)
    at = next(n for n, fact in enumerate(tape.facts) if isinstance(fact, EntryPosted) and fact.actor == "B")
    fact = tape.facts[at]
    assert isinstance(fact, EntryPosted)
    tape.facts[at] = stamped(fact.t, fact.actor, msgspec.structs.replace(fact, day="260106"))


def a_day_counted_short(tape: Tape) -> None:
    withdrawn(tape)
    tape.add(60, "A", BusinessDayBegan(day="260106", before="260105", because="it was ordered"))
    tape.add(99, "A", BusinessDayCounted(day="260105", entries=0, reversals=0, cash={}))


def a_withdrawal_for_another_terminal(tape: Tape) -> None:
    tape.ask(1, KEY)
    entry(tape, 1, {CUSTOMER: -5000, "cash:T02": 5000})
    tape.take(5, KEY)
    tape.end(5, KEY)


def a_bill_paid_to_somebody_else(tape: Tape) -> None:
    tape.add(1, "T01", TransactionStarted(key=KEY, service="bill_payment", stan=118, amount_minor=5000))
    sent = MessageSent(
        terminal="T01", line="primary", purpose="bill_payment", mti="0200", stan=118, fields={"103": "77"}, key=KEY
    )
    tape.add(1, "T01", sent)
    entry(tape, 2, {CUSTOMER: -5000, "biller:88": 5000}, service="bill_payment")
    tape.services[KEY] = "bill_payment"
    tape.end(3, KEY)


def another_card_debited(tape: Tape) -> None:
    tape.ask(1, KEY)
    tape.send(1, KEY, fields={"2": "999999******0011", "3": "010000"})
    tape.arrive(1.01, KEY, fields={"2": "999999******0029", "3": "010000"})
    tape.post(1.02, KEY)
    tape.take(5, KEY)
    tape.end(5, KEY)


def entered_at_one_site(tape: Tape) -> None:
    tape.ask(1, KEY)
    tape.post(1, KEY, sites=("A",))
    tape.take(5, KEY)
    tape.end(5, KEY)


def held_for_ever(tape: Tape) -> None:
    tape.withdraw(1)
    for site in SITES:
        tape.add(0.5, site, HoldPlaced(key=KEY, account=CUSTOMER, amount_minor=5000))


def held_and_posted_for_a_while(tape: Tape) -> None:
    held_for_ever(tape)
    for site in SITES:
        tape.add(50, site, HoldReleased(key=KEY, account=CUSTOMER, amount_minor=5000))


def more_released_than_held(tape: Tape) -> None:
    tape.withdraw(1)
    tape.add(50, "A", HoldReleased(key=KEY, account=CUSTOMER, amount_minor=5000))


def counted_otherwise(tape: Tape) -> None:
    tape.withdraw(1)
    for site in SITES:
        tape.moves[site][CUSTOMER] += 100
        tape.moves[site]["cash:T01"] -= 100


def lost_and_never_made(tape: Tape) -> None:
    tape.withdraw(1)
    tape.add(50, "A", EntryLost(entry="post/never", key=KEY, legs={}))


def overwritten_and_never_set_right(tape: Tape) -> None:
    tape.withdraw(1)
    for site in SITES:
        overwritten = BalanceOverwritten(account=OTHER, was_minor=10_000_000, now_minor=7, key=KEY, origin="A")
        tape.add(50, site, overwritten)
        tape.moves[site][OTHER] = 7 - 10_000_000


def told_what_nobody_entered(tape: Tape) -> None:
    tape.withdraw(1)
    told = BalanceTold(key=key_of("T01", 119), account=CUSTOMER, ledger_minor=10_000_000, available_minor=10_000_000)
    tape.add(50, "A", told)


def told_twice_to_the_core(tape: Tape) -> None:
    stood_in(tape, times=2)


def notes_missing_by_hand(tape: Tape) -> None:
    tape.withdraw(1)
    tape.out["T01"] += 1000


def left_to_a_person_and_not_allowed(tape: Tape) -> None:
    unknown_and_told_of(tape)
    tape.expect["open_exceptions_max"] = 0


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (legs_that_do_not_sum_to_zero, Rule.BALANCED),
        (the_same_entry_twice, Rule.ONCE),
        (a_reversal_in_another_day, Rule.DAY),
        (another_day_at_the_other_site, Rule.DAY),
        (a_day_counted_short, Rule.DAY),
        (a_withdrawal_for_another_terminal, Rule.PARTIES),
        (a_bill_paid_to_somebody_else, Rule.PARTIES),
        (another_card_debited, Rule.PARTIES),
        (entered_at_one_site, Rule.SITES),
        (held_for_ever, Rule.HOLDS),
        (held_and_posted_for_a_while, Rule.HOLDS),
        (more_released_than_held, Rule.HOLDS),
        (counted_otherwise, Rule.COUNTED),
        (lost_and_never_made, Rule.COUNTED),
        (overwritten_and_never_set_right, Rule.COUNTED),
        (told_what_nobody_entered, Rule.READ),
        (told_twice_to_the_core, Rule.CORE),
        (notes_missing_by_hand, Rule.NOTES),
        (left_to_a_person_and_not_allowed, Rule.TOLD),
    ],
)
def test_a_broken_rule_is_objected_to_by_its_name(wrong: Callable[[Tape], None], rule: Rule) -> None:
    tape = Tape()
    wrong(tape)
    assert judged(tape).standing is Standing.FAIL
    assert rule in rules_broken(tape)


def test_an_objection_names_key_site_account_amounts_and_facts() -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")
    history = tape.play()
    first = opine(history).objections[0]
    assert (first.rule, first.key, first.site, first.account) == (Rule.CASH, KEY, "A", "cash:T01")
    assert (first.wanted_minor, first.found_minor) == (0, 5000)
    assert first.says == "withdrawal ended no_answer and its money stays moved"
    assert {type(history[number - 1]) for number in first.facts} >= {TransactionStarted, EntryPosted}
    assert f"cash: {KEY}, site A, cash:T01: withdrawal ended no_answer" in render(opine(history))


def test_a_request_that_was_altered_and_declined_is_no_matter() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY, fields={"2": "999999******0011"})
    tape.arrive(1.01, KEY, fields={"2": "999999******0029"})
    tape.end(2, KEY, "declined")
    assert judged(tape).standing is Standing.PASS


def test_entries_without_end_are_objected_to_and_not_all_kept() -> None:
    tape = Tape()
    tape.withdraw(1)
    for number in range(200):
        tape.reverse(10 + number / 10, KEY, -1 if number % 2 else 1, n=f"/{number}")
    says = {each.says for each in judged(tape).objections}
    assert "more than 64 entries of one transaction" in says


def test_asking_in_between_changes_nothing() -> None:
    tape = Tape()
    held_and_then_posted(tape)
    opinion = SecondOpinion()
    for fact in tape.play():
        opinion.add(fact)
        opinion.opinion()
    assert opinion.opinion() == judged(tape)
