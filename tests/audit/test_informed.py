"""Check `customers_informed`: what screens and receipts stated is held against what happened."""

from typing import Any

import pytest

from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import (
    BalanceTold,
    CardEjected,
    CardRetained,
    DeviceFailed,
    LineLost,
    ReceiptPrinted,
    RunEnded,
    ScreenShown,
    SignedOn,
    StateChanged,
)
from atmbench.facts.statements import BACK, KEPT, Stated, Statement
from tests.audit.builders import CUSTOMER, Tape, key_of

KEY = key_of("T01", 118)


def show(tape: Tape, t: float, **states: Any) -> None:
    tape.add(t, "T01", ScreenShown(screen="any", lines=("words",), states=Statement(**states)))


def hand_out(tape: Tape, t: float, **states: Any) -> None:
    tape.add(t, "T01", ReceiptPrinted(key=KEY, lines=("words",), states=Statement(**states)))


def state(tape: Tape, t: float, new: str) -> None:
    tape.add(t, "T01", StateChanged(old="any", new=new, because="so"))


def asked(outcome: str = "") -> Tape:
    """A withdrawal of 50.00 that is asked for at 10 s and answered at 11 s, or never."""
    tape = Tape()
    tape.ask(10.0, KEY)
    tape.send(10.0, KEY)
    if outcome:
        tape.reply(11.0, KEY, outcome=outcome)
    return tape


def informed(tape: Tape) -> Verdict:
    return tape.judge().verdict("customers_informed")


def false(tape: Tape) -> list[str]:
    """What is said to be false, without where it stood."""
    verdict = informed(tape)
    assert verdict.status is (Status.FAIL if verdict.findings else Status.PASS), verdict
    return [finding.says.replace("the screen of T01 STAN 000118 withdrawal ", "") for finding in verdict.findings]


def test_a_run_that_tells_nobody_anything_has_no_such_check() -> None:
    assert all(each.check != "customers_informed" for each in asked().judge().verdicts)


def test_a_right_withdrawal_tells_the_truth_on_screen_and_paper() -> None:
    tape = Tape()
    tape.withdraw(10)
    key = tape.facts[0].key  # type: ignore[union-attr]
    tape.add(12.0, "T01", ScreenShown(screen="take_cash", lines=(), states=Statement(how=Stated.DONE, paid_minor=5000)))
    done = Statement(how=Stated.DONE, paid_minor=5000)
    tape.add(13.0, "T01", ReceiptPrinted(key=key, lines=(), states=done))
    verdict = informed(tape)
    assert verdict.status is Status.PASS, verdict.findings
    assert verdict.because == (
        "1 screen and 1 receipt told customers something, 0 of them while the terminal had lost a line: all true"
    )


@pytest.mark.parametrize(
    ("outcome", "states", "found"),
    [
        ("approved", {"how": Stated.DONE}, []),
        ("", {"how": Stated.DONE}, ["says that it was done, and the bank had said nothing"]),
        ("declined", {"how": Stated.DONE}, ["says that it was done, and the bank had answered declined"]),
        ("wrong_pin", {"how": Stated.DECLINED, "reason": "wrong_pin"}, []),
        (
            "wrong_pin",
            {"how": Stated.DECLINED, "reason": "insufficient_funds"},
            ["says that the bank declined (insufficient funds), and it had answered wrong pin"],
        ),
        (
            "",
            {"how": Stated.DECLINED, "reason": "insufficient_funds"},
            ["says that the bank declined (insufficient funds), and it had said nothing"],
        ),
        ("", {"how": Stated.SILENT, "way_out": True}, []),
        ("", {"how": Stated.SILENT}, ["says silent and not what else the customer can do"]),
        (
            "approved",
            {"how": Stated.SILENT, "way_out": True},
            ["says that the bank could not be reached, and it had answered approved"],
        ),
        ("", {"credits_back": True}, ["promises a credit, and nothing was stored that would bring it"]),
        ("", {"paid_minor": 0}, []),
        ("approved", {"paid_minor": 5000}, ["says that 50.00 was paid, and 0.00 lay in the exit"]),
        ("approved", {"received_minor": 700}, ["says that 7.00 was received, and 0.00 is in the bin"]),
        ("approved", {"balances": {"ledger": 900}}, []),
        ("approved", {"how": Stated.TURNED_AWAY, "way_out": True, "paid_minor": 900}, []),
    ],
)
def test_what_is_stated_is_held_against_what_happened(outcome: str, states: dict[str, Any], found: list[str]) -> None:
    tape = asked(outcome)
    show(tape, 20.0, **states)
    assert false(tape) == found


def test_all_that_the_bank_had_answered_by_then_is_named() -> None:
    tape = asked("insufficient_funds")
    tape.reply(20.0, KEY, outcome="wrong_pin")
    show(tape, 20.0, how=Stated.SILENT, way_out=True)
    assert false(tape) == ["says that the bank could not be reached, and it had answered insufficient funds, wrong pin"]


def test_a_screen_speaks_of_the_cash_that_lies_there_and_one_that_says_none_of_what_was_taken() -> None:
    tape = asked("approved")
    tape.present(12.0, KEY)
    show(tape, 12.0, how=Stated.DONE, paid_minor=5000)
    tape.retract(40.0, KEY)
    show(tape, 41.0, paid_minor=0)
    assert false(tape) == []
    tape.take(42.0, KEY, 2000)
    assert false(tape) == ["says that 0.00 was paid, and 20.00 was taken"]


def test_who_gets_his_notes_back_needs_no_other_way_out() -> None:
    tape = Tape()
    tape.ask(10.0, KEY, service="deposit")
    show(tape, 20.0, how=Stated.NOT_PAID)
    assert false(tape) == []


def test_who_is_sent_away_before_he_began_is_told_a_way_out_too() -> None:
    tape = Tape()
    show(tape, 20.0, how=Stated.TURNED_AWAY)
    verdict = informed(tape)
    [finding] = verdict.findings
    assert finding.says == "the screen of T01 says turned_away and not what else the customer can do"
    assert [type(tape.play()[number - 1]) for number in finding.facts] == [ScreenShown]
    assert verdict.because == (
        "1 screen and 0 receipts told customers something, 0 of them while the terminal had lost a line: "
        f"1 statement false, 0 of them then: {finding.says}"
    )


def test_a_run_that_goes_on_has_told_the_truth_so_far_or_never_will_have() -> None:
    tape = asked("declined")
    tape.without = (RunEnded,)
    show(tape, 12.0, card=KEPT)
    assert informed(tape).status is Status.UNKNOWN
    show(tape, 13.0, how=Stated.DONE)
    assert false(tape) == ["says that it was done, and the bank had answered declined"]


def test_an_answer_that_comes_after_the_screen_makes_nothing_false() -> None:
    tape = asked()
    show(tape, 20.0, how=Stated.SILENT, way_out=True)
    tape.reply(21.0, KEY)
    assert false(tape) == []


@pytest.mark.parametrize("later_s", [0.0, 0.001])
def test_an_answer_that_the_terminal_ignored_is_silence_also_by_a_real_clock(later_s: float) -> None:
    tape = asked("approved")
    tape.ignore(11.0 + later_s, KEY, reason="other_transaction")
    show(tape, 20.0, how=Stated.SILENT, way_out=True)
    assert false(tape) == []


def test_a_receipt_is_held_against_what_a_hand_took() -> None:
    tape = Tape()
    tape.withdraw(10, stan=118)
    hand_out(tape, 20.0, paid_minor=9000)
    assert false(tape) == ["the receipt of T01 STAN 000118 withdrawal says that 90.00 was paid, and 50.00 was taken"]


def test_a_card_that_is_called_kept_is_in_the_bin() -> None:
    tape = asked("declined")
    show(tape, 12.0, card=KEPT)
    tape.add(12.0, "T01", CardEjected(key=KEY))
    assert false(tape) == ["says that the card is kept, and it was given back"]
    tape.add(40.0, "T01", CardRetained(key=KEY, because="left"))
    assert false(tape) == []
    tape.without = (CardEjected,)
    assert false(tape) == [], "it need not come out to be kept"


def test_a_card_that_is_to_be_taken_comes_out_unless_the_reader_failed() -> None:
    tape = asked("declined")
    show(tape, 12.0, card=BACK)
    assert false(tape) == ["asks the customer to take his card, and it never came out"]
    tape.add(13.0, "T01", DeviceFailed(device="card_reader", error="hardwareError", because="jam", key=KEY))
    assert false(tape) == []


def test_a_balance_is_the_one_that_a_site_told_for_this_inquiry() -> None:
    tape = asked("approved")
    tape.add(10.5, "A", BalanceTold(key=KEY, account=CUSTOMER, ledger_minor=700, available_minor=500))
    show(tape, 12.0, how=Stated.DONE, balances={"ledger": 700, "available": 500})
    assert false(tape) == []
    show(tape, 13.0, how=Stated.DONE, balances={"ledger": 900})
    show(tape, 14.0, how=Stated.DONE, balances={"ledger": 700, "available": 700})
    assert false(tape) == [
        "tells a balance (ledger 9.00) that no site had told for it",
        "tells a balance (ledger 7.00, available 7.00) that no site had told for it",
    ]


def test_nobody_is_asked_to_begin_where_nobody_is_served() -> None:
    tape = Tape()
    state(tape, 1.0, "ready")
    show(tape, 1.0, how=Stated.INVITED)
    state(tape, 20.0, "closed")
    show(tape, 20.0, how=Stated.CLOSED, way_out=True)
    assert false(tape) == []
    show(tape, 30.0, how=Stated.INVITED)
    assert false(tape) == ["the screen of T01 asked customers to begin from 30.000 s on, when it served nobody"]


@pytest.mark.parametrize("is_shown_later", [True, False])
def test_a_welcome_that_is_left_standing_is_false_from_the_closing_on(is_shown_later: bool) -> None:
    tape = Tape()
    state(tape, 1.0, "ready")
    show(tape, 1.0, how=Stated.INVITED)
    state(tape, 20.0, "closed")
    if is_shown_later:
        show(tape, 50.0, how=Stated.CLOSED, way_out=True)
    assert false(tape) == ["the screen of T01 asked customers to begin from 20.000 s on, when it served nobody"]


def test_what_is_false_in_an_outage_is_counted_apart() -> None:
    tape = asked()
    tape.add(11.0, "T01", LineLost(line="primary", because="reset"))
    show(tape, 12.0, how=Stated.DONE)
    tape.add(13.0, "T01", SignedOn(line="secondary"))
    show(tape, 14.0, how=Stated.DONE)
    assert informed(tape).because.startswith(
        "2 screens and 0 receipts told customers something, 1 of them while the terminal had lost a line: "
        "2 statements false, 1 of them then"
    )
