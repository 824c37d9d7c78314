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
