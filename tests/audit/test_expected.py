from typing import Any

import pytest

from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import CapacityStated, FaultStarted, FrameDisturbed, StepRefused
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
    ("wanted", "told"),
    [
        ({"where": {"kind": "corrupt"}, "at_least": 3}, " where kind=corrupt: 2 seen, at least 3 wanted"),
        ({"where": {"kind": "corrupt"}, "at_least": 2}, ""),
        ({"where": {"kind": "corrupt"}, "at_most": 1}, " where kind=corrupt: 2 seen, at most 1 allowed"),
        ({"where": {"kind": "corrupt"}, "at_most": 2}, ""),
        ({"at_most": 2}, ": 3 seen, at most 2 allowed"),
        ({"where": {"kind": "lose", "terminal": "T01"}}, " where kind=lose, terminal=T01: none seen"),
    ],
)
def test_facts_beyond_a_limit_are_said_with_the_limit(wanted: dict[str, Any], told: str) -> None:
    tape = Tape(facts=[{"fact": "frame_disturbed", **wanted}])
    disturbed(tape)
    assert says(tape) == ([("", f"frame_disturbed{told}")] if told else [])


def test_each_fact_that_is_asked_for_is_told_and_each_that_is_amiss_found() -> None:
    tape = Tape(
        facts=[
            {"fact": "power_failed"},
            {"fact": "frame_disturbed", "where": {"kind": "lose"}},
            {"fact": "frame_disturbed", "at_most": 2},
        ]
    )
    disturbed(tape)
    none, many = "power_failed: none seen", "frame_disturbed: 3 seen, at most 2 allowed"
    assert says(tape) == [("", none), ("", many)]
    assert expected(tape).because == f"{none}, {many}"
    tape.expect["facts"] = tape.expect["facts"][1:2]
    assert expected(tape).because == "0 transactions approved (0 wanted), 1 frame_disturbed where kind=lose"


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


def test_facts_that_came_too_many_before_the_run_began_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atmbench.audit.tally.EARLY_FACTS_MAX", 1)
    verdict = expected(Tape(facts=[{"fact": "ledger_counted"}, {"fact": "no_such_fact", "at_most": 0}]))
    assert verdict.status is Status.UNKNOWN
    assert verdict.because == ("no fact is called 'no_such_fact'; too many facts came before RunStarted to count them")


def test_what_was_answered_or_asked_in_the_instant_of_the_cut_is_in_flight() -> None:
    tape = Tape(terminals=("T01", "T02", "T03", "T04"), in_flight_at_cut_min=3)
    tape.withdraw(10.0, "T01")
    tape.withdraw(9.96, "T02")
    key = key_of("T03", 118)
    tape.ask(1.0, key)
    tape.send(1.0, key)
    tape.withdraw(1.0, "T04")
    tape.add(10.0, "conductor", FaultStarted(name="c1", kind="cut", detail={"line": "primary"}))
    assert expected(tape).because == "3 transactions approved (0 wanted), 3 in flight at the cut (3 wanted)"


def test_a_cut_that_met_nobody_is_said() -> None:
    tape = Tape(in_flight_at_cut_min=0)
    tape.add(10, "conductor", FaultStarted(name="c1", kind="cut", detail={"line": "primary"}))
    assert expected(tape).because == "0 transactions approved (0 wanted), 0 in flight at the cut (0 wanted)"


def below_zero(most: int) -> Tape:
    """Accounts 1 and 2 are overdrawn, by more at B and at A; 3 is spent to the last, and 4 has been made good."""
    tape = Tape(overdrawn_max=most)
    one, two, three, four = (f"{number}000000001" for number in (1, 2, 3, 4))
    tape.opening = {three: 0, one: 0, two: 7, four: -9}
    tape.moves["A"] = {one: -1000, two: -5007, four: 10, "cash:T01": -9}
    tape.moves["B"] = {one: -4000, two: -1007, four: 9}
    return tape


def test_accounts_below_zero_are_counted_wherever_they_are_and_the_worst_is_named() -> None:
    told = "2 accounts below zero, 1 allowed: 90.00 in all, 2000000001 by 50.00"
    assert says(below_zero(1)) == [("", told)]
    verdict = expected(below_zero(2))
    assert verdict.status is Status.PASS
    assert verdict.because == "0 transactions approved (0 wanted), 2 accounts below zero (2 allowed)"


def test_parts_that_two_lines_share_are_named_where_they_are_too_many() -> None:
    tape = Tape(shared_parts_max=1)
    tape.shared = ("primary and secondary of all share carrier X", "primary and secondary of all share site A")
    assert says(tape) == [("", f"{each}: they fall together") for each in tape.shared]
    tape.shared = tape.shared[:1]
    assert expected(tape).because == "0 transactions approved (0 wanted), 1 part shared by two lines (1 allowed)"


def test_every_limit_of_a_drill_is_judged_beside_the_others() -> None:
    tape = Tape(approved_min=3, overdrawn_max=0, downtime_max_s=9, wronged_max_s=9, shared_parts_max=0, capacity={})
    tape.opening["3000000001"] = -1
    tape.shared = ("two lines share carrier X",)
    tape.expect["facts"] = [{"fact": "power_failed"}]
    tape.lost_reply(10.0)
    tape.withdraw(50.0, stan=130)
    assert says(tape) == [
        ("", "1 transactions were approved, at least 3 wanted"),
        ("", "1 account below zero, 0 allowed: 0.01 in all, 3000000001 by 0.01"),
        ("", "nobody was served from 10.000 to 50.040 s: 1 customer got no answer (40.040 s; 9 s allowed in all)"),
        (
            key_of("T01", 118),
            "T01 STAN 000118 withdrawal, account ******0001: money was wrong for 30.200 s from 10.020 s on; "
            "9 s allowed",
        ),
        ("", "two lines share carrier X: they fall together"),
        ("", "the drill sets limits for the capacity of sites, and no site stated one"),
        ("", "power_failed: none seen"),
    ]


def test_every_figure_of_a_drill_is_told_beside_the_others() -> None:
    tape = Tape(overdrawn_max=0, downtime_max_s=9, wronged_max_s=9, shared_parts_max=0, capacity={"sheds_max": 0})
    tape.expect["facts"] = [{"fact": "run_started"}]
    stated = CapacityStated(site="A", role="active", rate_per_s=5.0, servers=1, queue_max=10, answers=1.0)
    tape.add(0, "A", stated)
    tape.withdraw(10.0)
    assert expected(tape).because == (
        "1 transaction approved (0 wanted), 0 accounts below zero (0 allowed), "
        "nobody served for 0.000 s in 0 gaps (9 s allowed), 0 customers with wrong money (9 s allowed), "
        "0 parts shared by two lines (0 allowed), site A: requests shed 0 (0 allowed), 1 run_started"
    )
