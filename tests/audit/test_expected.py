from typing import Any

import pytest

from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import FaultStarted, FrameDisturbed, StepRefused
from tests.audit.builders import Tape, key_of


def expected(tape: Tape) -> Verdict:
    return tape.judge().verdict("expected")


@pytest.mark.parametrize(("wanted", "status"), [(1, Status.PASS), (2, Status.FAIL)])
def test_enough_must_be_approved(wanted: int, status: Status) -> None:
    tape = Tape(approved_min=wanted)
    tape.withdraw(1)
    tape.lost_reply(20, stan=119)
    assert expected(tape).status is status


def flying(wanted: int) -> Tape:
    """At 10 s T01 waits for its reply, T02 has it, T03 has not begun."""
    tape = Tape(terminals=("T01", "T02", "T03"), in_flight_at_cut_min=wanted)
    tape.lost_reply(9, "T01")
    tape.withdraw(8, "T02")
    tape.withdraw(11, "T03")
    return tape


@pytest.mark.parametrize(("wanted", "status"), [(1, Status.PASS), (2, Status.FAIL)])
def test_transactions_in_flight_at_the_cut(wanted: int, status: Status) -> None:
    tape = flying(wanted)
    tape.add(10, "conductor", FaultStarted(name="c1", kind="cut", detail={"line": "primary"}))
    verdict = expected(tape)
    assert verdict.status is status
    assert "1 in flight at the cut" in verdict.because or "1 transactions were in flight" in verdict.because


def test_in_flight_without_a_cut_fails() -> None:
    assert expected(flying(1)).status is Status.FAIL


def disturbed(tape: Tape) -> None:
    for terminal, kind in (("T01", "corrupt"), ("T01", "corrupt"), ("T02", "lose")):
        fact = FrameDisturbed(name="f", kind=kind, terminal=terminal, line="primary", direction="reply", what="x")
        tape.add(5, "cable", fact)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"fact": "frame_disturbed", "at_least": 3}, Status.PASS),
        ({"fact": "frame_disturbed", "at_least": 4}, Status.FAIL),
        ({"fact": "frame_disturbed", "at_most": 2}, Status.FAIL),
        ({"fact": "frame_disturbed", "where": {"kind": "corrupt"}, "at_least": 2, "at_most": 2}, Status.PASS),
        ({"fact": "frame_disturbed", "where": {"terminal": "T02", "kind": "corrupt"}, "at_most": 0}, Status.PASS),
        ({"fact": "frame_disturbed", "where": {"actor": "cable"}}, Status.PASS),
        ({"fact": "tombstone_laid"}, Status.FAIL),
        ({"fact": "run_started", "where": {"drill": "small"}, "at_least": 1}, Status.PASS),
        ({"fact": "ledger_counted", "where": {"site": "A", "when": "start"}, "at_least": 1}, Status.PASS),
        ({"fact": "no_such_fact", "at_most": 0}, Status.UNKNOWN),
    ],
)
def test_facts_are_counted(wanted: dict[str, Any], status: Status) -> None:
    tape = Tape(facts=[wanted])
    disturbed(tape)
    assert expected(tape).status is status


def test_details_of_a_fault_can_be_asked_for() -> None:
    tape = Tape(facts=[{"fact": "fault_started", "where": {"line": "primary"}, "at_least": 1}])
    tape.add(10, "conductor", FaultStarted(name="c1", kind="cut", detail={"line": "primary"}))
    assert expected(tape).status is Status.PASS


def test_a_refused_step_means_the_drill_did_not_happen_as_written() -> None:
    tape = Tape()
    tape.add(10, "conductor", StepRefused(command="promote", because="site B is down"))
    verdict = expected(tape)
    assert verdict.status is Status.UNKNOWN
    assert "promote (site B is down)" in verdict.because


def test_the_end_of_a_transaction_is_not_in_flight() -> None:
    tape = Tape(in_flight_at_cut_min=1)
    key = key_of("T01", 118)
    tape.ask(1, key)
    tape.send(1, key)
    tape.end(9, key, "no_answer")
    tape.add(10, "conductor", FaultStarted(name="c1", kind="cut", detail={"line": "primary"}))
    assert expected(tape).status is Status.FAIL


# --- whole sentences --------------------------------------------------------------------------------


def says(tape: Tape) -> list[tuple[str, str]]:
    return [(finding.key, finding.says) for finding in expected(tape).findings]


def test_what_was_wanted_is_said_with_what_was_seen() -> None:
    tape = flying(1)
    tape.expect.update(approved_min=2, facts=[{"fact": "frame_disturbed", "where": {"kind": "lose"}, "at_least": 1}])
    disturbed(tape)
    tape.add(10, "conductor", FaultStarted(name="c1", kind="cut", detail={"line": "primary"}))
    assert expected(tape).because.startswith(
        "2 transactions approved (2 wanted), 1 in flight at the cut (1 wanted), 1 "
    )


def test_too_few_are_said_with_both_figures() -> None:
    tape = flying(2)
    tape.expect["approved_min"] = 3
    tape.add(10, "conductor", FaultStarted(name="c1", kind="cut", detail={"line": "primary"}))
    few = ("", "2 transactions were approved, at least 3 wanted")
    flight = ("", "1 transactions were in flight at the cut, 2 wanted")
    assert says(tape) == [few, flight]
    assert expected(tape).because == f"{few[1]}, {flight[1]}"
    assert says(flying(1)) == [("", "the drill wants transactions in flight at a cut, and no line was cut")]


@pytest.mark.parametrize(
    ("wanted", "end"),
    [
        ({"at_least": 3}, ": 2 seen, at least 3 wanted"),
        ({"at_least": 2}, ""),
        ({"at_most": 1}, ": 2 seen, at most 1 allowed"),
        ({"at_most": 2}, ""),
    ],
)
def test_facts_beyond_a_limit_are_said_with_the_limit(wanted: dict[str, int], end: str) -> None:
    tape = Tape(facts=[{"fact": "frame_disturbed", "where": {"kind": "corrupt"}, **wanted}])
    disturbed(tape)
    found = says(tape)
    assert [key for key, _ in found] == ([""] if end else [])
    assert all(text.endswith(end) for _, text in found)


def test_steps_that_were_refused_are_listed() -> None:
    tape = Tape()
    for number in range(4):
        tape.add(10 + number, "conductor", StepRefused(command="promote", because=f"reason {number}"))
    assert expected(tape).because == (
        "4 steps refused, so the drill did not happen as written: "
        "promote (reason 0), promote (reason 1), promote (reason 2) and 1 more"
    )


def test_a_fact_that_is_none_is_named_beside_a_refused_step() -> None:
    tape = Tape(facts=[{"fact": "no_such_fact", "at_most": 0}])
    tape.add(10, "conductor", StepRefused(command="promote", because="x"))
    assert expected(tape).because == (
        "no fact is called 'no_such_fact'; 1 step refused, so the drill did not happen as written: promote (x)"
    )


def test_what_a_tester_was_refused_is_no_matter_of_the_drill() -> None:
    tape = Tape()
    tape.add(10, "tester", StepRefused(command="promote", because="x"))
    assert expected(tape).status is Status.PASS
