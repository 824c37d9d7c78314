"""Delays, cards and the figures over all customers, on timelines that can be reckoned by hand."""

from typing import Any

import msgspec
import pytest

from atmbench.errors import LocalError
from atmbench.facts import (
    CardEjected,
    CardRetained,
    CardTaken,
    DeviceFailed,
    EntryPosted,
    RunStarted,
    StateChanged,
)
from atmbench.impact import impact as room
from atmbench.impact.bounds import Bounds
from atmbench.impact.causes import Cause
from atmbench.impact.impact import impact_of_history
from tests.audit.builders import Tape, key_of
from tests.impact.tapes import KEY, away, impact, only, pay, trouble

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


def test_a_payment_takes_no_less_than_its_customer_waited() -> None:
    tape = Tape()
    pay(tape, 10.0, KEY, sites=("A",))  # ended at 11
    at_a = next(fact for fact in tape.facts if isinstance(fact, EntryPosted))
    tape.entry(10.3, "B", msgspec.structs.replace(at_a))
    delay = only(tape, Bounds(late_s=0.9)).delay
    assert delay is not None
    assert (delay.seconds, delay.is_over) == (1.0, True)


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
