"""Check `reversals`: what it is about, and its whole sentences."""

from typing import Any

import pytest

from atmbench.audit.cases import Case
from atmbench.audit.reversals import is_needed
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import TombstoneLaid
from tests.audit.builders import Tape, key_of

KEY = key_of("T01", 118)


def reversals(tape: Tape) -> Verdict:
    return tape.judge().verdict("reversals")


def unanswered(tape: Tape) -> None:
    tape.request(1, KEY)
    tape.end(31, KEY, "no_answer")


# --- when a reversal is needed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "needed"),
    [
        ({}, True),
        ({"request_t": None}, False),
        ({"service": "balance"}, False),
        ({"outcome": "approved"}, False),
        ({"taken_minor": 4999}, True),
        ({"taken_minor": 5000}, False),
        ({"asked_minor": 0}, True),
        ({"service": "deposit"}, True),
        ({"service": "deposit", "asked_minor": 0}, True),
        ({"service": "deposit", "accepted_minor": 4999}, True),
        ({"service": "deposit", "accepted_minor": 5000}, False),
        ({"service": "transfer"}, True),
        ({"service": "transfer", "taken_minor": 5000, "accepted_minor": 5000}, True),
    ],
)
def test_a_reversal_is_needed_where_not_all_that_was_asked_for_came(values: dict[str, Any], needed: bool) -> None:
    case = Case(KEY, "T01", 118, 1, 1)
    for name, value in {"service": "withdrawal", "asked_minor": 5000, "request_t": 1.0, **values}.items():
        setattr(case, name, value)
    assert is_needed(case) is needed


# --- whole sentences --------------------------------------------------------------------------------


def test_the_figures_of_a_run_with_reversals() -> None:
    tape = Tape()
    tape.withdraw(1, stan=100)
    tape.lost_reply(2, stan=110)
    tape.lost_reply(3, stan=120)
    for stan in (130, 140):
        key = key_of("T01", stan)
        tape.ask(40, key)
        tape.send(40, key)
        tape.end(45, key, "no_answer")
        tape.queue(45, key, stan + 1)
        tape.send(45, key, purpose="reversal", stan=stan + 1)
        tape.settle(46, key, stan + 1)
        tape.add(45.5, "A", TombstoneLaid(key=key, origin="T01"))
        tape.add(45.6, "B", TombstoneLaid(key=key, origin="T01"))
    verdict = reversals(tape)
    assert verdict.because == (
        "4 reversals needed, 4 accepted: 2 undid a posting; 2 came before it, or had none, and are kept as tombstones"
    )


def test_what_is_wrong_is_counted_and_the_first_is_said() -> None:
    tape = Tape()
    unanswered(tape)
    other = key_of("T01", 130)
    tape.request(40, other)
    tape.queue(45, other, 131)
    verdict = reversals(tape)
    first = "T01 STAN 000118 withdrawal was sent and ended as no answer, and no reversal was stored"
    assert verdict.because == f"3 things wrong with reversals (2 needed, 0 accepted): {first}"
    assert [finding.key for finding in verdict.findings] == [KEY, other, other]
    assert verdict.findings[1].says == (
        "T01 STAN 000130 withdrawal never ended, and its reversal (STAN 000131) never left the terminal"
    )
    numbers = [number for number, fact in enumerate(tape.play(), 1) if getattr(fact, "key", "") == other]
    assert verdict.findings[1].facts == (numbers[0], numbers[-1])


def test_an_exception_excuses_a_reversal_only_once_it_is_settled() -> None:
    tape = Tape(open_exceptions_max=1)
    unanswered(tape)
    tape.exception(32, KEY)
    assert reversals(tape).status is Status.PASS
    tape.queue(31, KEY, 119)
    assert [each.says for each in reversals(tape).findings] == [
        "T01 STAN 000118 withdrawal ended as no answer, and its reversal (STAN 000119) never left the terminal",
        "the reversal (STAN 000119) of T01 STAN 000118 withdrawal never left the terminal "
        "and was neither accepted nor given up",
    ]


@pytest.mark.parametrize(("outcome", "found"), [("short", 0), ("no_answer", 1)])
def test_a_completion_settles_what_came_out_in_part_and_nothing_else(outcome: str, found: int) -> None:
    tape = Tape()
    tape.request(1, KEY)
    tape.end(5, KEY, outcome)
    tape.queue(5, KEY, 119, "", purpose="completion")
    tape.send(5, KEY, purpose="completion", stan=119)
    tape.settle(6, KEY, 119, "completion")
    says = [each.says for each in reversals(tape).findings]
    assert len(says) == found
    assert all(each.endswith("ended as no answer, and no reversal was stored") for each in says)


def test_a_reversal_that_nobody_stored_is_seen_by_its_entries() -> None:
    tape = Tape()
    key = tape.withdraw(1)
    tape.reverse(6, key)
    tape.reverse(7, key, n="/2")
    tape.ask(20, key_of("T01", 130))
    assert [each.says for each in reversals(tape).findings] == [
        f"site {site} reversed T01 STAN 000118 withdrawal 2 times" for site in ("A", "B")
    ]


def test_an_accepted_reversal_that_met_nothing_is_told() -> None:
    tape = Tape()
    tape.ask(1, KEY)
    tape.send(1, KEY)
    tape.end(31, KEY, "no_answer")
    tape.queue(31, KEY, 119)
    tape.send(31, KEY, purpose="reversal", stan=119)
    tape.settle(32, KEY, 119)
    assert [each.says for each in reversals(tape).findings] == [
        "the reversal of T01 STAN 000118 withdrawal was accepted, met no original and left no tombstone"
    ]


@pytest.mark.parametrize(
    ("reason", "actual", "says"),
    [
        ("late_answer", None, "STAN 000119, late answer"),
        ("", None, "STAN 000119, no reason"),
        ("late_answer", 4999, "STAN 000119, late answer"),
        ("late_answer", 5000, ""),
    ],
)
def test_a_reversal_in_vain_is_told_with_its_reason(reason: str, actual: int | None, says: str) -> None:
    tape = Tape()
    key = tape.withdraw(1)
    tape.queue(7, key, 119, reason, actual)
    tape.send(7, key, purpose="reversal", stan=119)
    tape.settle(8, key, 119)
    found = [each.says for each in reversals(tape).findings if "although the customer" in each.says]
    assert found == (
        [f"T01 reversed T01 STAN 000118 withdrawal ({says}) although the customer has all the cash"] if says else []
    )
    kept = [each.says for each in reversals(tape).findings if "keeps the posting" in each.says]
    assert len(kept) == (2 if says else 0)
