from typing import Any

import pytest

from atmbench.audit.verdict import Status
from atmbench.facts import (
    DialFailed,
    LineChosen,
    LineLost,
    LineSuspected,
    RunEnded,
    SignedOn,
    StepPerformed,
)
from tests.audit.builders import Tape, key_of
from tests.audit.outages import NEVER_ENDS, back, card, cut, failover, going_on, mend, outage, says, switch


def test_figures_are_those_of_the_slowest_terminal() -> None:
    """There is a time and a terminal, so there is nothing to note."""
    figures = {each.name: (each.seconds, each.terminal, each.note) for each in card(outage()).figures}
    assert figures == {
        "detect": (15.0, "T02", ""),
        "switch": (18.0, "T02", ""),
        "first_approval": (20.5, "T02", ""),
        "drain": (25.04, "T01", ""),
        "fail_back": (15.0, "T02", ""),
    }


def test_within_budget() -> None:
    verdict = failover(outage(detect_s=15, switch_s=18, first_approval_s=21, drain_s=26, fail_back_s=15))
    assert verdict.status is Status.PASS
    assert "cut 'c1' of line primary at 10.000 s, 2 terminals on it" in verdict.because


@pytest.mark.parametrize(
    ("budget", "seconds"),
    [("detect_s", 14.9), ("switch_s", 17.9), ("first_approval_s", 20), ("drain_s", 25), ("fail_back_s", 14)],
)
def test_each_budget_is_judged(budget: str, seconds: float) -> None:
    verdict = failover(outage(**{budget: seconds}))
    assert verdict.status is Status.FAIL
    assert verdict.findings[0].says.startswith(budget.removesuffix("_s"))


@pytest.mark.parametrize("budgets", [{}, {"switch_s": 45.0}])
def test_what_never_happened_fails_only_if_it_has_a_budget(budgets: dict[str, float]) -> None:
    tape = Tape(failover=budgets)
    cut(tape, 10)
    tape.add(20, "T01", LineLost(line="primary", because="reset"))
    mend(tape, 60)
    assert failover(tape).status is (Status.FAIL if budgets else Status.PASS)


def test_no_cut_at_all() -> None:
    assert failover(Tape()).status is Status.PASS
    verdict = failover(Tape(failover={"detect_s": 10}))
    assert verdict.status is Status.FAIL
    assert "never cut" in verdict.findings[0].says


def test_a_terminal_that_had_no_time_to_notice_is_left_out() -> None:
    """T02 is idle, its next echo would have been after the mending."""
    for mended, status in ((25, Status.PASS), (60, Status.FAIL)):
        tape = Tape(terminals=("T01", "T02"), failover={"detect_s": 20})
        cut(tape, 10)
        tape.add(12, "T01", DialFailed(line="primary", because="refused"))
        mend(tape, mended)
        assert failover(tape).status is status


def test_a_line_lost_in_the_instant_of_the_cut_is_noticed() -> None:
    """The recorder sorts an instant by actor, so T01 stands before the conductor."""
    tape = Tape(failover={"detect_s": 0.0})
    tape.add(10, "T01", LineLost(line="primary", because="reset"))
    cut(tape, 10)
    assert card(tape).figures[0].seconds == 0.0


def test_an_old_sickness_does_not_hide_a_new_one() -> None:
    tape = Tape(failover={"detect_s": 5})
    tape.add(2, "T01", LineSuspected(line="primary", missed=1))
    cut(tape, 10)
    tape.add(13, "T01", LineSuspected(line="primary", missed=1))
    mend(tape, 20)
    assert card(tape).figures[0].seconds == 3.0


@pytest.mark.parametrize(
    ("detail", "touched"),
    [
        ({"line": "primary"}, 3),
        ({"site": "A"}, 3),
        ({"line": "primary", "terminal": "T01"}, 1),
        ({"line": "primary", "terminal": "T1*"}, 2),
    ],
)
def test_the_aim_of_a_cut_says_who_is_touched(detail: dict[str, Any], touched: int) -> None:
    tape = Tape(terminals=("T01", "T10", "T11"))
    cut(tape, 10, **detail)
    assert card(tape).touched == touched


@pytest.mark.parametrize("detail", [{"line": "secondary"}, {"site": "B"}])
def test_a_cut_elsewhere_is_not_timed(detail: dict[str, Any]) -> None:
    tape = Tape()
    cut(tape, 10, **detail)
    assert card(tape).cut is None


def test_other_faults_are_no_cut() -> None:
    tape = Tape()
    cut(tape, 10, kind="delay", line="primary")
    assert card(tape).cut is None


def test_who_was_on_the_other_line_is_not_touched() -> None:
    tape = Tape(terminals=("T01", "T02"))
    tape.add(5, "T02", LineChosen(line="secondary", previous="primary", because="order"))
    cut(tape, 10)
    assert card(tape).touched == 1


def test_a_stopped_site_is_a_cut_until_it_starts() -> None:
    tape = Tape()
    tape.add(10, "conductor", StepPerformed(command="stop_site", detail={"site": "A"}))
    tape.add(40, "conductor", StepPerformed(command="start_site", detail={"site": "A"}))
    found = card(tape).cut
    assert found is not None
    assert (found.t, found.mended_t, found.says) == (10, 40, "stop of site A")


def test_healing_mends_what_is_still_cut() -> None:
    tape = Tape()
    cut(tape, 10)
    found = card(tape).cut
    assert found is not None
    assert found.mended_t == 90


def test_a_cut_with_a_window_counts_from_there() -> None:
    tape = Tape()
    cut(tape, 10, line="primary", from_s=20.0, until_s=30.0)
    found = card(tape).cut
    assert found is not None
    assert (found.t, found.mended_t) == (20.0, 30.0)


def test_a_line_kept_signed_on_needs_no_new_sign_on() -> None:
    tape = Tape()
    tape.add(1, "T01", SignedOn(line="secondary"))
    cut(tape, 10)
    tape.add(12, "T01", LineLost(line="primary", because="reset"))
    tape.add(12, "T01", LineChosen(line="secondary", previous="primary", because="lost"))
    mend(tape, 60)
    assert card(tape).figures[1].seconds == 2.0


def test_a_reversal_that_is_not_drained() -> None:
    tape = Tape(failover={"drain_s": 60})
    cut(tape, 10)
    key = key_of("T01", 118)
    tape.request(11, key)
    tape.end(41, key, "no_answer")
    tape.queue(41, key, 119)
    mend(tape, 60)
    verdict = failover(tape)
    assert verdict.status is Status.FAIL
    assert (
        verdict.findings[0].says == "drain never: nothing that was stored was accepted (T01 STAN 000119), 60 s allowed"
    )


def test_a_terminal_that_stays_away() -> None:
    tape = Tape(failover={"fail_back_s": 30})
    cut(tape, 10)
    switch(tape, 20)
    mend(tape, 60)
    verdict = failover(tape)
    assert verdict.status is Status.FAIL
    assert verdict.findings[0].says == "fail_back never: no terminal went back to line primary (T01), 30 s allowed"


def test_a_fleet_that_never_went_back_is_said_in_words_and_why_it_is_not_judged() -> None:
    tape = Tape(failover={"switch_s": 60})
    cut(tape, 10)
    switch(tape, 20)
    mend(tape, 60)
    verdict = failover(tape)
    assert verdict.status is Status.PASS
    assert "fail_back never: no terminal went back to line primary (T01)" in verdict.because
    assert "The drill sets no budget for detect, first_approval, drain, fail_back" in verdict.because


def test_without_any_budget_nothing_is_judged_and_that_is_said() -> None:
    assert failover(outage()).because.endswith("The drill sets no budget, so none of it is judged")


def test_who_did_not_come_back_is_named_though_others_did() -> None:
    tape = Tape(terminals=("T01", "T02"))
    cut(tape, 10)
    switch(tape, 20, "T01")
    switch(tape, 25, "T02")
    mend(tape, 60)
    back(tape, 70, "T01")
    assert says(tape)["fail_back"] == "fail_back 10.000 s (T01), not at all for T02"


@pytest.mark.parametrize("mended", [12, 10.5])
def test_a_cut_that_changed_nothing_says_so_in_every_figure(mended: float) -> None:
    tape = Tape()
    cut(tape, 10)
    mend(tape, mended)
    assert [(each.seconds, each.terminal) for each in card(tape).figures if each.name != "drain"] == [(None, "")] * 4
    assert says(tape) == {
        "detect": "detect never: no terminal noticed it (T01)",
        "switch": "switch never: no terminal signed on over another line (T01)",
        "first_approval": "first_approval never: nothing was approved over another line",
        "drain": "drain 0.000 s (nothing had to be stored)",
        "fail_back": "fail_back never: no terminal had left line primary",
    }


def test_a_cut_of_a_line_that_nobody_uses_says_so() -> None:
    tape = Tape()
    tape.add(5, "T01", LineChosen(line="secondary", previous="primary", because="order"))
    cut(tape, 10)
    assert says(tape)["detect"] == "detect never: no terminal was on line primary"


# --- a run that goes on ---------------------------------------------------------------------------


def test_what_may_still_happen_in_time_is_not_judged_while_the_run_goes_on() -> None:
    assert going_on(100, fail_back_s=60, switch_s=30).status is Status.UNKNOWN
    assert going_on(100, first_approval_s=120).status is Status.UNKNOWN


def test_what_is_late_already_fails_while_the_run_goes_on() -> None:
    assert going_on(121, fail_back_s=60, switch_s=30).status is Status.FAIL
    assert going_on(100, switch_s=10).status is Status.FAIL
    assert going_on(100, first_approval_s=60).status is Status.FAIL


def test_a_run_that_goes_on_may_yet_come_to_its_cut() -> None:
    tape = Tape(failover={"detect_s": 10})
    tape.without = (RunEnded,)
    assert failover(tape).status is Status.UNKNOWN


def test_who_was_just_in_time_does_not_make_another_late_in_that_instant() -> None:
    """T01 is signed on over the other line 13 s after the cut; T02 has not noticed yet."""
    for last_t, status in ((23, Status.UNKNOWN), (23.001, Status.FAIL)):
        tape = Tape(terminals=("T01", "T02"), failover={"switch_s": 13})
        cut(tape, 10)
        switch(tape, 20)
        tape.add(1, "T02", SignedOn(line="primary"))
        tape.add(last_t, "T01", DialFailed(line="primary", because="refused"))
        tape.without = NEVER_ENDS
        assert failover(tape).status is status


def test_what_had_not_happened_when_the_run_ended_never_did() -> None:
    tape = Tape(failover={"fail_back_s": 30})
    tape.end_t = 75
    cut(tape, 10)
    switch(tape, 20)
    mend(tape, 60)
    verdict = failover(tape)
    assert [finding.says for finding in verdict.findings] == [
        "fail_back never: no terminal went back to line primary (T01), 30 s allowed"
    ]
