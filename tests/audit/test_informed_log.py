"""What is kept of what customers were told: whose it was, in which state of the terminal, and for how long."""

from typing import Any

import pytest

from atmbench.audit import informed_log
from atmbench.audit.informed_log import Said
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import (
    AnyFact,
    CardEjected,
    CardRetained,
    DeviceFailed,
    DialFailed,
    LineLost,
    LineSuspected,
    PowerFailed,
    ReceiptPrinted,
    ScreenShown,
    SignedOn,
    StateChanged,
)
from atmbench.facts.statements import BACK, KEPT, Stated, Statement
from tests.audit.builders import Tape, key_of

KEY = key_of("T01", 118)


def screen(**states: Any) -> ScreenShown:
    return ScreenShown(screen="any", lines=(), states=Statement(**states) if states else None)


def receipt(key: str = KEY, **states: Any) -> ReceiptPrinted:
    return ReceiptPrinted(key=key, lines=(), states=Statement(**states) if states else None)


def goes(new: str) -> StateChanged:
    return StateChanged(old="any", new=new, because="so")


def tape_of(*facts: tuple[float, AnyFact], terminal: str = "T01") -> Tape:
    """A withdrawal that is begun at 1 s, and then these at the same terminal."""
    tape = Tape(terminals=("T01", "T02"))
    tape.ask(1.0, KEY)
    for t, fact in facts:
        tape.add(t, terminal, fact)
    return tape


def informed(tape: Tape) -> Verdict:
    return tape.judge().verdict("customers_informed")


def says(tape: Tape) -> list[str]:
    verdict = informed(tape)
    assert verdict.status is (Status.FAIL if verdict.findings else Status.PASS), verdict
    return [finding.says for finding in verdict.findings]


def numbers(tape: Tape, t: float) -> tuple[int, ...]:
    return tuple(number for number, fact in enumerate(tape.play(), 1) if fact.t == t)


def number(tape: Tape, t: float) -> int:
    """Of the only fact at a time."""
    [found] = numbers(tape, t)
    return found


def welcomed(from_t: float) -> str:
    return f"the screen of T01 asked customers to begin from {from_t:.3f} s on, when it served nobody"


def test_a_screen_belongs_to_the_last_transaction_of_its_terminal_and_a_receipt_to_its_own() -> None:
    states: dict[str, Any] = {"how": Stated.CANCELLED}
    tape = tape_of((10.0, screen(**states)), (11.0, receipt(**states)), (12.0, receipt()), (13.0, screen()))
    tape.add(14.0, "T01", LineLost(line="primary", because="reset"))
    tape.add(15.0, "T01", screen(**states))
    tape.add(16.0, "T02", receipt("T02/000001/x", **states))
    book = tape.judge().book
    said = Statement(**states)
    assert book.informed.said == [
        Said(number(tape, 10.0), 10.0, "T01", KEY, said, is_paper=False, in_outage=False),
        Said(number(tape, 11.0), 11.0, "T01", KEY, said, is_paper=True, in_outage=False),
        Said(number(tape, 15.0), 15.0, "T01", KEY, said, is_paper=False, in_outage=True),
        Said(number(tape, 16.0), 16.0, "T02", "T02/000001/x", said, is_paper=True, in_outage=False),
    ]


@pytest.mark.parametrize(
    "sick",
    [
        LineLost(line="primary", because="reset"),
        DialFailed(line="primary", because="refused"),
        LineSuspected(line="primary", missed=1),
    ],
)
def test_what_is_told_from_a_bad_sign_of_a_line_until_the_next_sign_on_is_told_in_an_outage(sick: AnyFact) -> None:
    states: dict[str, Any] = {"how": Stated.CANCELLED}
    tape = tape_of(
        (2.0, receipt(**states)),
        (3.0, sick),
        (4.0, receipt(**states)),
        (5.0, screen(**states)),
        (6.0, receipt(**states)),
        (6.5, SignedOn(line="secondary")),
        (7.0, receipt(**states)),
    )
    tape.add(5.5, "T02", screen(how=Stated.CANCELLED))
    assert informed(tape).because == (
        "2 screens and 4 receipts told customers something, 3 of them while the terminal had lost a line: all true"
    )


@pytest.mark.parametrize(
    ("at_reader", "found"),
    [
        ([], "asks the customer to take his card, and it never came out"),
        ([CardEjected(key=KEY)], ""),
        ([CardEjected(key=key_of("T01", 9))], "asks the customer to take his card, and it never came out"),
        ([DeviceFailed(device="card_reader", error="x", because="jam")], ""),
        ([DeviceFailed(device="card_reader", error="x", because="jam", key=KEY)], ""),
        (
            [DeviceFailed(device="printer", error="x", because="jam", key=KEY)],
            "asks the customer to take his card, and it never came out",
        ),
        ([PowerFailed(during="dispense")], ""),
    ],
    ids=["nothing", "out", "another", "broken", "broken for it", "printer", "power"],
)
def test_where_a_card_is_is_known_unless_the_reader_or_the_power_failed(at_reader: list[AnyFact], found: str) -> None:
    tape = tape_of((10.0, screen(card=BACK)), *((11.0, fact) for fact in at_reader))
    assert says(tape) == ([f"the screen of T01 STAN 000118 withdrawal {found}"] if found else [])


def test_a_card_that_was_kept_is_kept() -> None:
    assert says(tape_of((10.0, screen(card=KEPT)), (11.0, CardRetained(key=KEY, because="left")))) == []


def test_after_a_power_failure_the_screen_still_speaks_to_whoever_stood_there_and_asks_nobody_to_begin() -> None:
    tape = tape_of(
        (2.0, goes("ready")),
        (2.0, screen(how=Stated.INVITED)),
        (9.0, LineLost(line="primary", because="reset")),
        (10.0, PowerFailed(during="dispense")),
        (11.0, goes("closed")),
        (40.0, screen(how=Stated.DONE)),
    )
    assert says(tape) == [
        "the screen of T01 STAN 000118 withdrawal says that it was done, and the bank had said nothing"
    ]
    assert "0 of them while" in informed(tape).because


@pytest.mark.parametrize(
    ("facts", "from_t", "told_t"),
    [
        ([(2.0, screen(how=Stated.INVITED))], None, None),
        ([(2.0, goes("ready")), (2.0, screen(how=Stated.INVITED)), (30.0, goes("in_service"))], None, None),
        ([(2.0, goes("in_service")), (3.0, screen(how=Stated.INVITED))], 3.0, 3.0),
        ([(2.0, screen(how=Stated.INVITED)), (30.0, goes("closed"))], 30.0, None),
        ([(2.0, screen(how=Stated.INVITED)), (30.0, goes("closed")), (31.0, screen())], None, None),
        ([(2.0, screen(how=Stated.INVITED)), (30.0, goes("closed")), (31.5, screen())], 30.0, 31.5),
        ([(2.0, screen(how=Stated.INVITED)), (30.0, goes("closed")), (30.5, goes("ready"))], None, None),
    ],
    ids=["unknown", "busy", "not ready", "left standing", "in time", "too late", "open again"],
)
def test_who_is_asked_to_begin_is_served(
    facts: list[tuple[float, AnyFact]], from_t: float | None, told_t: float | None
) -> None:
    tape = tape_of(*facts)
    assert says(tape) == ([] if from_t is None else [welcomed(from_t)])
    told_by = numbers(tape, told_t) if told_t is not None else ()
    assert [finding.facts for finding in informed(tape).findings] == ([] if from_t is None else [told_by])


def test_statements_that_could_not_be_kept_leave_the_check_unsure_unless_one_was_false(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(informed_log, "STATEMENTS_MAX", 1)
    tape = tape_of((2.0, screen(how=Stated.CANCELLED)), (3.0, receipt(paid_minor=0)), (4.0, receipt(paid_minor=0)))
    unsure = (
        "1 screen and 2 receipts told customers something, 0 of them while the terminal had lost a line; "
        "2 more were not looked at"
    )
    assert informed(tape) == Verdict("customers_informed", Status.UNKNOWN, unsure)
    tape.add(1.5, "T01", screen(how=Stated.DONE))
    assert informed(tape).status is Status.FAIL
