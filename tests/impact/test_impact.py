"""Customer impact on timelines that can be reckoned by hand: who was touched, by what, and what he lost."""

from typing import Any

import msgspec
import pytest

from atmbench.errors import LocalError
from atmbench.facts import (
    CardEjected,
    CardRetained,
    CardTaken,
    CoreAnswered,
    CustomerTurnedAway,
    DeviceFailed,
    EntryPosted,
    MessageReceived,
    RunEnded,
    RunStarted,
    StandInApproved,
    StateChanged,
)
from atmbench.facts.terminal import DOORS_SHUT
from atmbench.impact import impact as room
from atmbench.impact.bounds import Bounds
from atmbench.impact.causes import Cause
from atmbench.impact.customers import Customer
from atmbench.impact.impact import Impact, impact_of_history
from tests.audit.builders import CUSTOMER, Tape, key_of

KEY = key_of("T01", 118)


def impact(tape: Tape, bounds: Bounds | None = None) -> Impact:
    """The impact of a whole tape; as plain data it is what it was."""
    found = impact_of_history(tape.play(), bounds)
    assert msgspec.convert(msgspec.to_builtins(found), Impact) == found
    return found


def only(tape: Tape, bounds: Bounds | None = None) -> Customer:
    """The one customer who was touched."""
    [customer] = impact(tape, bounds).customers
    return customer


def away(tape: Tape, t: float, terminal: str = "T01", because: str = "the terminal is out of service") -> None:
    tape.add(t, terminal, CustomerTurnedAway(because=because, service="withdrawal"))


def trouble(tape: Tape, t: float, key: str, outcome: str) -> None:
    """A withdrawal that is answered so, and posted nowhere."""
    tape.ask(t, key)
    tape.send(t, key)
    tape.reply(t + 0.04, key, outcome=outcome)
    tape.end(t + 1, key, "declined")


def pay(tape: Tape, t: float, key: str, *, service: str = "transfer", sites: tuple[str, ...] = ("A", "B")) -> None:
    """A transfer or bill payment that is approved at once."""
    tape.ask(t, key, 5000, service)
    tape.send(t, key, mti="0200")
    for number, site in enumerate(sites):
        legs = {CUSTOMER: -5000, "2000000001" if service == "transfer" else "biller:7": 5000}
        entry = EntryPosted(entry=f"post/{key}", kind="posting", key=key, service=service, legs=legs, origin="A")
        tape.entry(t + 0.02 + 70 * number, site, entry)
    tape.reply(t + 0.04, key)
    tape.end(t + 1, key)


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


# --- delays ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["transfer", "bill_payment"])
def test_a_payment_is_delayed_if_the_last_site_has_it_too_late(service: str) -> None:
    tape = Tape()
    pay(tape, 10.0, KEY, service=service)  # at A at 10.02, at B at 80.02
    found = impact(tape, Bounds(late_s=70.01))
    [customer] = found.customers
    assert customer.causes == (Cause.DELAYED,)
    assert customer.delay is not None
    assert (customer.delay.seconds, customer.delay.is_over, customer.delay.missing_at) == (70.02, True, ())
    assert (found.delayed_payments, found.payments_missing, found.longest_delay_s) == (1, 0, 70.02)
    assert found.minutes.delayed == found.minutes.lost == 1.167
    assert impact(tape, Bounds(late_s=70.02)).touched == 0


def test_a_payment_that_a_site_never_has_is_delayed_to_the_end() -> None:
    tape = Tape()
    pay(tape, 10.0, KEY, sites=("A",))
    customer = only(tape)
    assert customer.causes == (Cause.BOOKS_DIFFER, Cause.DELAYED)
    assert customer.delay is not None
    assert (customer.delay.seconds, customer.delay.missing_at) == (90.0, ("B",))
    assert not customer.lost.is_over


def test_a_slow_answer_touches_beyond_the_bound_and_a_drill_may_have_its_own() -> None:
    def tape(**expect: Any) -> Tape:
        made = Tape(**expect)
        made.ask(10.0, KEY)
        made.send(10.0, KEY)
        made.post(10.02, KEY)
        made.reply(22.0, KEY)
        made.present(23.0, KEY)
        made.take(24.0, KEY)
        made.end(24.0, KEY)
        return made

    customer = only(tape())
    assert customer.causes == (Cause.SLOW,)
    assert customer.lost.seconds == customer.lost.waiting_s == customer.waited_s == 12.0
    assert impact(tape(), Bounds(slow_s=12.0)).touched == 0
    assert impact(tape(view={"delay_s": {"atm": 12}})).touched == 0
    assert only(tape(view={"delay_s": {"atm": 3}}), Bounds(slow_s=60)).causes == (Cause.SLOW,)


def test_a_stale_balance_touches_whoever_was_told_it() -> None:
    tape = Tape()
    tape.ask(10.0, KEY, service="withdrawal")
    tape.send(10.0, KEY)
    tape.post(10.0, KEY, sites=("A",))
    tape.post(50.0, KEY, sites=("B",))
    tape.reply(10.1, KEY)
    tape.present(12.0, KEY)
    tape.take(13.0, KEY)
    tape.end(13.0, KEY)
    asks = key_of("T01", 119)
    tape.ask(20.0, asks, 0, "balance")
    tape.tell(20.1, asks, "B")
    tape.end(21.0, asks)
    assert [customer.causes for customer in impact(tape).customers if customer.key == asks] == [(Cause.STALE_BALANCE,)]


# --- cards ----------------------------------------------------------------------------------------


def test_a_card_kept_for_no_reason_touches_and_one_that_was_asked_for_does_not() -> None:
    for outcome, causes in (("retain_card", []), ("insufficient_funds", [(Cause.CARD_KEPT,)])):
        tape = Tape()
        trouble(tape, 10.0, KEY, outcome)
        tape.add(10.5, "T01", CardRetained(because="asked", key=KEY))
        found = impact(tape)
        assert [customer.causes for customer in found.customers] == causes
        assert all(customer.card_fate == "kept" for customer in found.customers)


def test_who_left_his_card_was_not_failed_by_the_machine_that_did_not_pay() -> None:
    tape = Tape()
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    tape.reply(10.04, KEY)
    tape.add(11.0, "T01", CardEjected(key=KEY))
    tape.add(41.0, "T01", CardRetained(because="not taken", key=KEY))
    tape.end(41.0, KEY, "not_dispensed")
    assert impact(tape).touched == 0
    tape.add(12.0, "T01", DeviceFailed(device="card_reader", error="hardwareError", because="jam", key=KEY))
    assert only(tape).causes == (Cause.MACHINE,)


def test_the_card_that_a_hand_has_taken_is_not_the_one_that_lies_in_the_slot() -> None:
    tape = Tape()
    tape.lost_reply(10.0)
    tape.add(41.0, "T01", CardEjected(key=KEY))
    assert only(tape).card_fate == "offered"
    tape.add(42.0, "T01", CardTaken(key=KEY))
    assert only(tape).card_fate == "taken"


# --- figures and bounds ---------------------------------------------------------------------------


def test_services_are_counted_by_channel_with_those_who_were_turned_away() -> None:
    tape = Tape(terminals=("T01", "W01"))
    tape.channels = {"online": ("W01",)}
    tape.withdraw(10.0)
    away(tape, 20.0)
    pay(tape, 10.0, key_of("W01", 1), sites=("A",))
    atm, online = impact(tape).services
    assert (atm.channel, atm.service, atm.asked, atm.touched, atm.not_served) == ("atm", "withdrawal", 2, 1, 1)
    assert (atm.lost_s, online.lost_s) == (70.0, 90.0)
    assert (online.channel, online.asked, online.touched, online.not_served) == ("online", 1, 1, 0)


def test_of_too_many_customers_the_worst_have_records_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CUSTOMERS_MAX", 2)
    tape = Tape()
    for t in (30.0, 10.0, 20.0):
        away(tape, t)
    found = impact(tape)
    assert [customer.asked_t for customer in found.customers] == [10.0, 20.0]
    assert (found.touched, found.customers_beyond) == (3, 1)
    assert found.minutes.lost == round((80 + 70 + 60) / 60, 6)


def test_a_history_without_a_beginning_has_no_figures() -> None:
    tape = Tape()
    tape.without = (RunStarted,)
    with pytest.raises(LocalError, match="no RunStarted"):
        impact_of_history(tape.play())


def test_time_in_vain_counts_each_moment_of_a_terminal_once() -> None:
    tape = Tape()
    tape.add(1.0, "T01", StateChanged(old="closed", new="ready", because="signed on to a host"))
    away(tape, 20.0)
    away(tape, 30.0)
    tape.withdraw(60.0)
    [terminal] = impact(tape).terminals
    assert terminal.in_vain_s == 40.04
