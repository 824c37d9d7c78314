"""Customer impact on timelines that can be reckoned by hand: who was touched, by what, and what he lost."""

import pytest

from atmbench.facts import (
    CoreAnswered,
    MessageReceived,
    RunEnded,
    StandInApproved,
)
from atmbench.facts.terminal import DOORS_SHUT
from atmbench.impact.causes import Cause
from tests.audit.builders import CUSTOMER, Tape, key_of
from tests.impact.tapes import KEY, away, impact, only, trouble

# --- nobody ---------------------------------------------------------------------------------------


def test_who_got_what_he_asked_for_is_not_touched() -> None:
    tape = Tape()
    tape.withdraw(10.0)
    found = impact(tape)
    assert (found.transactions, found.touched, found.customers) == (1, 0, ())
    assert found.minutes.lost == 0
    assert found.causes == {}
    assert found.is_complete


def test_a_no_about_his_own_account_is_an_answer() -> None:
    tape = Tape()
    trouble(tape, 10.0, KEY, "insufficient_funds")
    assert impact(tape).touched == 0


@pytest.mark.parametrize("outcome", ["cancelled", "retracted"])
def test_who_cancelled_or_left_his_notes_was_failed_by_nobody(outcome: str) -> None:
    tape = Tape()
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.end(13.0, KEY, outcome)
    assert impact(tape).touched == 0


def test_who_came_when_the_drill_let_nobody_begin_counts_nowhere() -> None:
    tape = Tape()
    away(tape, 90.0, because=DOORS_SHUT)
    found = impact(tape)
    assert (found.touched, found.turned_away, found.after_closing) == (0, 0, 1)
    assert found.services == ()


# --- without service ------------------------------------------------------------------------------


def test_a_lost_reply_costs_the_time_of_wrong_money_and_until_somebody_is_served_there() -> None:
    tape = Tape()
    tape.lost_reply(10.0)  # asked at 10, posted at 10.02, given up at 40, right at both sites at 40.22
    tape.withdraw(60.0, stan=200)  # answered at 60.04
    customer = only(tape)
    assert customer.causes == (Cause.NO_ANSWER, Cause.MONEY_WRONG)
    assert (customer.key, customer.amount_minor, customer.asked_t) == (KEY, 5000, 10.0)
    assert (customer.waited_s, customer.is_answered) == (30.0, False)
    assert customer.lost.without_service_s == 50.04
    assert customer.lost.money_wrong_s == 30.2
    assert customer.lost.seconds == 50.04
    assert customer.lost.is_over
    assert customer.money is not None
    assert (customer.money.booked_minor, customer.money.due_minor) == (5000, 0)
    assert (customer.money.from_t, customer.money.seconds, customer.money.back_t) == (10.02, 30.2, 40.22)
    assert customer.card == "999999******0011"
    assert customer.account == "******0001"


def test_what_overlaps_counts_once_and_what_does_not_is_added() -> None:
    tape = Tape()
    tape.lost_reply(10.0)  # money wrong from 10.02 to 40.22
    tape.withdraw(35.0, stan=200)  # without service from 10 to 35.04
    found = impact(tape)
    assert found.customers[0].lost.seconds == 30.22
    assert found.minutes.lost == round(30.22 / 60, 6)
    assert found.minutes.without_service == round(25.04 / 60, 6)
    assert found.minutes.money_wrong == round(30.2 / 60, 6)


def test_who_is_never_served_again_goes_without_until_the_customers_time_ends() -> None:
    tape = Tape()  # heals at 90
    away(tape, 20.0)
    customer = only(tape)
    assert (customer.causes, customer.because) == ((Cause.TURNED_AWAY,), "the terminal is out of service")
    assert customer.lost.seconds == 70.0
    assert not customer.lost.is_over
    assert (customer.card, customer.key, customer.facts[0]) == ("", "", customer.facts[1])


def test_who_leaves_after_the_customers_time_went_without_until_he_left() -> None:
    tape = Tape()  # heals at 90
    tape.ask(85.0, KEY)
    tape.end(95.0, KEY, "no_answer")
    assert only(tape).lost.seconds == 10.0


def test_service_that_is_back_does_not_make_wrong_money_right() -> None:
    tape = Tape()
    tape.request(10.0, KEY)
    tape.end(40.0, KEY, "no_answer")
    tape.withdraw(50.0, stan=200)
    customer = only(tape)
    assert (customer.lost.without_service_s, customer.lost.money_wrong_s) == (40.04, 89.98)
    assert not customer.lost.is_over


def test_an_atm_is_a_place_of_its_own_and_the_clients_of_a_channel_are_one() -> None:
    tape = Tape(terminals=("T01", "T02", "W01", "W02"))
    tape.channels = {"online": ("W01", "W02")}
    for terminal in ("T01", "W01"):
        key = key_of(terminal, 1)
        tape.ask(10.0, key, 0, "balance")
        tape.end(18.0, key, "no_answer")
    for terminal, t in (("T02", 20.0), ("W02", 30.0)):
        key = key_of(terminal, 2)
        tape.ask(t, key, 0, "balance")
        tape.add(t + 0.5, terminal, MessageReceived(
            terminal=terminal, line="primary", purpose="balance", mti="0210", stan=2, fields={}, key=key, code="00",
            outcome="approved",
        ))  # fmt: skip
        tape.end(t + 1, key)
    found = {customer.terminal: customer.lost for customer in impact(tape).customers}
    assert (found["T01"].seconds, found["T01"].is_over) == (80.0, False)
    assert (found["W01"].seconds, found["W01"].is_over) == (20.5, True)


@pytest.mark.parametrize("outcome", ["not_dispensed", "short", "suspect", "interrupted"])
def test_a_machine_that_does_not_pay_has_failed_its_customer(outcome: str) -> None:
    tape = Tape()
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.reply(10.04, KEY)
    tape.end(14.0, KEY, outcome)
    tape.withdraw(20.0, stan=200)
    customer = only(tape)
    assert customer.causes == (Cause.MACHINE,)
    assert customer.lost.seconds == 10.04


def test_who_holds_all_his_cash_was_served_whatever_the_terminal_says() -> None:
    tape = Tape()
    tape.request(10.0, KEY)
    tape.reply(10.04, KEY)
    tape.present(13.0, KEY)
    tape.take(14.0, KEY)
    tape.end(20.0, KEY, "interrupted")
    assert impact(tape).touched == 0


def test_a_bank_that_does_not_look_has_sent_its_customer_away() -> None:
    tape = Tape()
    trouble(tape, 10.0, KEY, "host_unavailable")
    customer = only(tape)
    assert customer.causes == (Cause.BANK_TROUBLE,)
    assert customer.is_answered


def test_a_decline_without_a_declining_answer_is_the_machines() -> None:
    tape = Tape()
    trouble(tape, 10.0, KEY, "approved")
    assert only(tape).causes == (Cause.MACHINE,)


def test_a_transaction_that_never_ends_has_touched_its_customer_once_the_run_is_over() -> None:
    tape = Tape()
    tape.ask(10.0, KEY)
    assert only(tape).causes == (Cause.UNFINISHED,)
    tape.without = (RunEnded,)
    found = impact(tape)
    assert (found.touched, found.is_complete) == (0, False)


# --- money and books ------------------------------------------------------------------------------


def test_money_that_is_wrong_to_the_end_comes_first_and_has_no_time_back() -> None:
    tape = Tape(terminals=("T01", "T02"))
    away(tape, 1.0, "T02")  # loses 89 s, the most
    tape.request(50.0, KEY)
    tape.end(80.0, KEY, "no_answer")
    first, second = impact(tape).customers
    assert first.causes == (Cause.NO_ANSWER, Cause.MONEY_WRONG, Cause.BOOKS_DIFFER)
    assert first.money is not None
    assert first.money.back_t is None
    assert first.money.seconds == 49.98
    assert first.reads == {"A": 5000, "B": 5000}
    assert second.causes == (Cause.TURNED_AWAY,)


def test_cash_whose_posting_one_site_lacks_is_in_books_that_differ_and_costs_nobody_time() -> None:
    tape = Tape()
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.post(10.02, KEY, sites=("A",))
    tape.reply(10.04, KEY)
    tape.present(13.0, KEY)
    tape.take(15.0, KEY)
    tape.end(15.0, KEY)
    customer = only(tape)
    assert customer.causes == (Cause.BOOKS_DIFFER,)
    assert customer.reads == {"A": 5000, "B": 0}
    assert customer.paid_minor == 5000
    assert customer.lost.seconds == 0


def test_what_was_booked_is_the_most_that_a_site_had_at_first() -> None:
    tape = Tape()
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.end(40.0, KEY, "no_answer")
    tape.reverse(41.0, KEY, sites=("A",))  # overtook its original
    tape.post(50.0, KEY, sites=("B",))
    money = only(tape).money
    assert money is not None
    assert (money.booked_minor, money.due_minor) == (5000, 0)


def test_what_a_person_was_told_stands_in_the_record() -> None:
    tape = Tape()
    tape.request(10.0, KEY)
    tape.end(14.0, KEY, "suspect")
    tape.exception(14.0, KEY)
    assert only(tape).exceptions == ("the dispenser cannot say what it moved",)


def test_an_account_that_shows_another_balance_than_its_entries_make_is_told_by_site() -> None:
    tape = Tape()
    tape.withdraw(10.0)
    tape.moves["B"][CUSTOMER] += 700
    tape.moves["B"]["cash:T01"] += 700
    [wrong] = impact(tape).wrong_balances
    assert (wrong.site, wrong.account) == ("B", "******0001")
    assert (wrong.shows_minor, wrong.entries_make_minor) == (9_995_700, 9_995_000)


def test_what_a_core_refuses_of_a_stand_in_is_the_banks_loss() -> None:
    for outcome, causes in (("insufficient_funds", []), ("approved", [(Cause.MONEY_WRONG, Cause.BOOKS_DIFFER)])):
        tape = Tape()
        tape.ask(10.0, KEY)
        tape.send(10.0, KEY)
        tape.add(10.02, "A", StandInApproved(key=KEY, account=CUSTOMER, amount_minor=5000))
        tape.reply(10.04, KEY)
        tape.present(13.0, KEY)
        tape.take(15.0, KEY)
        tape.end(15.0, KEY)
        tape.add(60.0, "A", CoreAnswered(key=KEY, purpose="withdrawal", stands_in=True, outcome=outcome))
        found = [customer.causes for customer in impact(tape).customers]
        assert found == causes, outcome
