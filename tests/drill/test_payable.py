"""Amounts that no full terminal can pay are a mistake in the file, and the near ones are named."""

from contextlib import suppress
from time import perf_counter

import pytest

from atmbench.datafile import DataFileError
from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill

HEAD = "drill: d\nproves: it holds\nheal: {at: 10}\n"
TWENTIES = "terminal: {cassettes: [{value: 20.00, notes: 100}, {value: 50.00, notes: 100}]}\n"
ODD_NOTES = ", ".join(f"{{value: {value}, notes: 2000}}" for value in ("13.37", "19.99", "50.01", "99.97", "77.77"))
ODD = f"terminal: {{cassettes: [{ODD_NOTES}]}}\n"


def drill(rest: str, cassettes: str = TWENTIES) -> Drill:
    return parse_drill(f"{HEAD}{cassettes}{rest}", "d.yaml")


def withdraw(amount: str) -> str:
    return f"steps:\n- {{at: 1, withdraw: {{terminal: T01, amount: {amount}}}}}\n"


@pytest.mark.parametrize(
    ("amount", "near"),
    [
        ("35.00", "20.00 or 40.00"),
        ("30", "20.00 or 40.00"),
        ("5.00", "20.00"),
        ("20.01", "20.00 or 40.00"),
        ("1990.00", "1970.00 or 2000.00"),
        ("2000000.00", "2000.00"),
    ],
)
def test_what_no_mix_of_notes_makes_up_is_one_sentence_with_what_does(amount: str, near: str) -> None:
    says = (
        f"which at most 40 notes of 20.00 and 50.00 cannot pay, "
        f"meant an amount that a full terminal can pay, such as {near}."
    )
    for line, key, rest in (
        (6, "amount", withdraw(amount)),
        (6, "amount", f"steps:\n- {{at: 1, transact: {{terminal: T01, service: withdrawal, amount: {amount}}}}}\n"),
        (5, "amounts", f"workload: {{amounts: [40.00, {amount}]}}\n"),
    ):
        with pytest.raises(DataFileError) as raised:
            drill(rest)
        assert str(raised.value) == f"d.yaml, line {line}: found {amount} for {key!r}, {says}"


def test_the_usual_amounts_are_said_to_be_those_of_the_workload() -> None:
    with pytest.raises(DataFileError, match=r"line 5: found 20.00 for 'amounts', .* such as 100.00\.$"):
        drill("workload: {}\n", "terminal: {cassettes: [{value: 100.00, notes: 9}]}\n")


def test_a_terminal_that_can_pay_nothing_is_told_where_its_notes_come_from() -> None:
    with pytest.raises(DataFileError, match=r"meant an amount that a full terminal can pay \(terminal: cassettes\)"):
        drill(withdraw("50.00"), "terminal: {cassettes: [{value: 50.00, notes: 0}]}\n")


@pytest.mark.parametrize(
    "rest",
    [
        withdraw("60.00"),
        withdraw("2000.00"),
        "workload: {amounts: [35.50], mix: {bill_payment: 1}}\n",
        "workload: {amounts: [35.50], mix: {withdrawal: 0, bill_payment: 1}}\n",
        "steps:\n- {at: 1, transact: {terminal: T01, service: bill_payment, amount: 35.50}}\n",
    ],
)
def test_what_can_be_paid_or_needs_no_notes_is_good(rest: str) -> None:
    assert drill(f"{rest}expect: {{approved_min: 0}}\n").heal.at == 10


@pytest.mark.parametrize("amount", ["123.45", "1234.56", "3990.00", "99999.99", "9999999999.99"])
def test_no_amount_and_no_notes_keep_the_reader_waiting(amount: str) -> None:
    start = perf_counter()
    with suppress(DataFileError):
        drill(withdraw(amount), ODD)
    assert perf_counter() - start < 2
