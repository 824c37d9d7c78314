from typing import Any

import msgspec
import pytest

from atmbench.audit import terminals
from atmbench.audit.failover import Failover
from atmbench.audit.judge import judge
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import (
    CassettesCounted,
    Converged,
    DialFailed,
    FaultEnded,
    FaultStarted,
    HealStarted,
    LedgerCounted,
    LineChosen,
    LineLost,
    LineSuspected,
    RunEnded,
    RunStarted,
    SignedOn,
    StepPerformed,
)
from tests.audit.builders import Tape, key_of, stamped


def cut(tape: Tape, t: float, kind: str = "cut", **detail: Any) -> None:
    tape.add(t, "conductor", FaultStarted(name="c1", kind=kind, detail=detail or {"line": "primary"}))


def mend(tape: Tape, t: float) -> None:
    tape.add(t, "conductor", FaultEnded(name="c1"))


def switch(tape: Tape, t: float, terminal: str = "T01") -> None:
    """Suspects at t, chooses 2 s later, is signed on 3 s later."""
    tape.add(t, terminal, LineSuspected(line="primary", missed=2))
    tape.add(t + 2, terminal, LineChosen(line="secondary", previous="primary", because="2 replies missed"))
    tape.add(t + 3, terminal, SignedOn(line="secondary"))


def back(tape: Tape, t: float, terminal: str = "T01") -> None:
    tape.add(t, terminal, LineChosen(line="primary", previous="secondary", because="3 echoes answered"))


def outage(**budgets: float) -> Tape:
    """Two terminals, a cut from 10 to 60 s, one reversal drained, one approval over the other line."""
    tape = Tape(terminals=("T01", "T02"), failover=budgets)
    tape.lost_reply(5, "T01", 118)
    cut(tape, 10)
    switch(tape, 20, "T01")
    switch(tape, 25, "T02")
    key = key_of("T02", 7)
    tape.request(30, key)
    tape.reply(30.5, key, line="secondary")
    tape.present(31, key)
    tape.take(32, key)
    tape.end(32, key)
    mend(tape, 60)
    back(tape, 70, "T01")
    back(tape, 75, "T02")
    return tape


def failover(tape: Tape) -> Verdict:
    return tape.judge().verdict("failover")


def card(tape: Tape) -> Failover:
    found = tape.judge().failover
    assert found is not None
    return found


def test_figures_are_those_of_the_slowest_terminal() -> None:
    figures = {each.name: (each.seconds, each.terminal) for each in card(outage()).figures}
    assert figures == {
        "detect": (15.0, "T02"),
        "switch": (18.0, "T02"),
        "first_approval": (20.5, "T02"),
        "drain": (25.04, "T01"),
        "fail_back": (15.0, "T02"),
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


def says(tape: Tape) -> dict[str, str]:
    """Each figure in words."""
    return {figure.name: figure.says for figure in card(tape).figures}


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


def test_a_cut_that_changed_nothing_says_so_in_every_figure() -> None:
    tape = Tape()
    cut(tape, 10)
    mend(tape, 12)
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


def going_on(last_t: float, **budgets: float) -> Verdict:
    """Two terminals that have switched; the cut is mended at 60 s and nobody is back, at this time of the run."""
    tape = Tape(terminals=("T01", "T02"), failover=budgets)
    cut(tape, 10)
    switch(tape, 20, "T01")
    switch(tape, 25, "T02")
    mend(tape, 60)
    tape.add(last_t, "T01", DialFailed(line="primary", because="refused"))
    tape.without = (RunEnded, HealStarted, Converged, CassettesCounted, LedgerCounted)
    return failover(tape)


def test_what_may_still_happen_in_time_is_not_judged_while_the_run_goes_on() -> None:
    assert going_on(100, fail_back_s=60, switch_s=30).status is Status.UNKNOWN
    assert going_on(100, first_approval_s=120).status is Status.UNKNOWN


def test_what_is_late_already_fails_while_the_run_goes_on() -> None:
    assert going_on(121, fail_back_s=60, switch_s=30).status is Status.FAIL
    assert going_on(100, switch_s=10).status is Status.FAIL
    assert going_on(100, first_approval_s=60).status is Status.FAIL


# --- whole sentences, and the edges of times --------------------------------------------------------


def test_a_run_within_its_budgets_says_every_figure() -> None:
    verdict = failover(outage(detect_s=15, switch_s=18, first_approval_s=21, drain_s=26, fail_back_s=15))
    assert verdict.because == (
        "cut 'c1' of line primary at 10.000 s, 2 terminals on it: detect 15.000 s (T02), 15 s allowed; "
        "switch 18.000 s (T02), 18 s allowed; first_approval 20.500 s (T02), 21 s allowed; "
        "drain 25.040 s (T01), 26 s allowed; fail_back 15.000 s (T02), 15 s allowed"
    )


def test_a_run_over_two_budgets_says_both() -> None:
    verdict = failover(outage(detect_s=1, switch_s=2))
    assert verdict.because == (
        "cut 'c1' of line primary at 10.000 s, 2 terminals on it: over budget: "
        "detect 15.000 s (T02), 1 s allowed; switch 18.000 s (T02), 2 s allowed"
    )
    assert [finding.key for finding in verdict.findings] == ["", ""]


def test_without_a_cut_there_is_nothing_to_time() -> None:
    found = card(Tape())
    assert (found.cut, found.touched) == (None, 0)
    assert [(figure.name, figure.seconds, figure.terminal) for figure in found.figures] == [
        (name, None, "") for name in ("detect", "switch", "first_approval", "drain", "fail_back")
    ]
    assert failover(Tape()).because == "line primary was never cut: nothing to time"
    asked = failover(Tape(failover={"detect_s": 10}))
    assert asked.because == "line primary was never cut: nothing to hold the budgets against"
    [finding] = asked.findings
    assert (finding.key, finding.says) == ("", "the drill sets budgets for failover, but line primary was never cut")


def test_a_run_without_lines_has_no_preferred_one() -> None:
    history = [fact for fact in Tape().play() if not isinstance(fact, RunStarted)]
    started = stamped(0.0, "conductor", msgspec.structs.replace(Tape().run_started(), lines={}))
    verdict = judge([started, *history]).verdict("failover")
    assert verdict.because == "line the preferred one was never cut: nothing to time"


def test_the_first_cut_of_the_preferred_line_counts_whatever_came_before_it() -> None:
    tape = Tape()
    tape.add(2, "conductor", FaultStarted(name="c0", kind="cut", detail={"line": "secondary"}))
    tape.add(3, "conductor", FaultEnded(name="c0"))
    tape.add(4, "conductor", StepPerformed(command="stop_site", detail={"site": "B"}))
    tape.add(5, "conductor", StepPerformed(command="start_site", detail={"site": "A"}))
    cut(tape, 10)
    tape.add(12, "conductor", FaultEnded(name="c0"))
    tape.add(13, "conductor", StepPerformed(command="start_site", detail={"site": "A"}))
    mend(tape, 20)
    found = card(tape).cut
    assert found is not None
    assert (found.t, found.mended_t, found.line) == (10, 20, "primary")


def test_a_stopped_site_is_not_mended_by_the_end_of_a_fault_or_the_start_of_another() -> None:
    tape = Tape()
    tape.add(8, "conductor", StepPerformed(command="start_site", detail={"site": "A"}))
    tape.add(9, "conductor", FaultStarted(name="c0", kind="cut", detail={"line": "secondary"}))
    tape.add(10, "conductor", StepPerformed(command="stop_site", detail={"site": "A"}))
    tape.add(11, "conductor", FaultEnded(name="c0"))
    tape.add(12, "conductor", StepPerformed(command="start_site", detail={"site": "B"}))
    tape.add(13, "conductor", StepPerformed(command="stop_site", detail={"site": "A"}))
    tape.add(40, "conductor", StepPerformed(command="start_site", detail={"site": "A"}))
    found = card(tape).cut
    assert found is not None
    assert (found.t, found.mended_t) == (10, 40)


def test_a_cut_before_the_first_second_is_timed_from_its_own_time() -> None:
    tape = Tape()
    cut(tape, 0.5)
    found = card(tape).cut
    assert found is not None
    assert (found.t, found.says) == (0.5, "cut 'c1' of line primary")


def test_a_carrier_is_cut_with_the_lines_that_it_carries() -> None:
    for carriers, is_cut in (({"primary": "north"}, True), ({"secondary": "north"}, False), ({}, False)):
        tape = Tape()
        cut(tape, 10, carrier="north")
        started = msgspec.structs.replace(tape.run_started(), carriers=carriers)
        history = [stamped(0.0, "conductor", started) if isinstance(f, RunStarted) else f for f in tape.play()]
        found = judge(history).failover
        assert found is not None
        assert (found.cut is not None) is is_cut
        if found.cut is not None:
            assert found.cut.says == "cut 'c1' of line primary and all of carrier north"


@pytest.mark.parametrize(("noticed_t", "seconds"), [(9.999, None), (10.0, 0.0), (60.0, 50.0), (60.001, None)])
def test_what_is_noticed_from_the_cut_to_its_mending_is_noticed(noticed_t: float, seconds: float | None) -> None:
    tape = Tape()
    cut(tape, 10)
    tape.add(noticed_t, "T01", LineSuspected(line="primary", missed=2))
    mend(tape, 60)
    assert card(tape).figures[0].seconds == seconds


@pytest.mark.parametrize(("chosen_t", "seconds"), [(9.999, None), (10.0, 3.0), (60.0, 53.0), (60.001, None)])
def test_what_is_chosen_from_the_cut_to_its_mending_is_a_switch(chosen_t: float, seconds: float | None) -> None:
    tape = Tape()
    cut(tape, 10)
    tape.add(chosen_t, "T01", LineChosen(line="secondary", previous="primary", because="x"))
    tape.add(chosen_t + 3, "T01", SignedOn(line="secondary"))
    mend(tape, 60)
    assert card(tape).figures[1].seconds == seconds


def test_who_has_left_the_line_in_the_instant_of_the_cut_was_on_it() -> None:
    for t, touched in ((10.0, 1), (9.999, 0)):
        tape = Tape()
        cut(tape, 10)
        tape.add(t, "T01", LineChosen(line="secondary", previous="primary", because="x"))
        assert card(tape).touched == touched


def test_who_went_away_and_came_back_before_the_cut_was_on_the_line() -> None:
    tape = Tape()
    tape.add(2, "T01", LineChosen(line="secondary", previous="primary", because="x"))
    tape.add(3, "T01", LineChosen(line="primary", previous="secondary", because="x"))
    tape.add(4, "T01", SignedOn(line="secondary"))
    cut(tape, 10)
    assert card(tape).touched == 1


def test_a_line_that_was_lost_meanwhile_needs_a_new_sign_on() -> None:
    tape = Tape()
    tape.add(1, "T01", SignedOn(line="secondary"))
    tape.add(5, "T01", LineLost(line="secondary", because="reset"))
    cut(tape, 10)
    tape.add(12, "T01", LineChosen(line="secondary", previous="primary", because="lost"))
    tape.add(14, "T01", SignedOn(line="primary"))
    tape.add(15, "T01", SignedOn(line="secondary"))
    mend(tape, 60)
    assert card(tape).figures[1].seconds == 5.0


def approvals(*answers: tuple[float, str, str]) -> float | None:
    """Seconds to the first approval, where replies came at these times, over these lines, with these outcomes."""
    tape = Tape()
    cut(tape, 10)
    for number, (t, line, outcome) in enumerate(answers):
        key = key_of("T01", 200 + number)
        tape.ask(t - 0.5, key)
        tape.send(t - 0.5, key)
        tape.reply(t, key, line=line, outcome=outcome)
        if outcome == "approved" and line == "third":
            tape.ignore(t, key)
    mend(tape, 60)
    return card(tape).figures[2].seconds


def test_the_first_approval_over_another_line_counts_and_no_other_reply() -> None:
    assert approvals((9.9, "secondary", "approved"), (30.0, "secondary", "approved")) == 20.0
    assert approvals((10.0, "secondary", "approved"), (30.0, "secondary", "approved")) == 0.0
    assert approvals((12.0, "primary", "approved"), (30.0, "secondary", "approved")) == 20.0
    assert approvals((12.0, "secondary", "declined"), (30.0, "secondary", "approved")) == 20.0
    assert approvals((12.0, "third", "approved"), (30.0, "secondary", "approved")) == 20.0
    assert approvals((30.0, "secondary", "approved"), (31.0, "secondary", "approved")) == 20.0
    assert approvals((12.0, "primary", "approved")) is None


def test_an_approval_for_a_client_of_a_channel_is_none_of_an_atm() -> None:
    tape = Tape(terminals=("T01", "W01"))
    tape.channels = {"web": ("W01",)}
    cut(tape, 10)
    key = key_of("W01", 5)
    tape.ask(20, key)
    tape.send(20, key)
    tape.reply(20.5, key, line="secondary")
    mend(tape, 60)
    assert card(tape).figures[2].seconds is None
    assert card(tape).touched == 1


def drained(*stored: tuple[float, float | None]) -> tuple[float | None, tuple[str, ...]]:
    """Seconds to drain and what is missing, of reversals stored and accepted at these times."""
    tape = Tape()
    cut(tape, 10)
    for number, (queued_t, accepted_t) in enumerate(stored):
        key = key_of("T01", 200 + number)
        tape.ask(5, key)
        tape.queue(queued_t, key, 300 + number)
        if accepted_t is not None:
            tape.settle(accepted_t, key, 300 + number)
    mend(tape, 60)
    figure = card(tape).figures[3]
    return figure.seconds, figure.missing


def test_what_was_stored_during_the_outage_is_drained_and_nothing_else() -> None:
    assert drained((9.9, 70.0), (20.0, 30.0)) == (20.0, ())
    assert drained((10.0, 30.0), (60.0, 70.0), (60.1, 80.0)) == (60.0, ())
    assert drained((20.0, 40.0), (21.0, 30.0)) == (30.0, ())
    assert drained((9.9, None), (20.0, 30.0)) == (20.0, ())
    assert drained((20.0, 30.0), (21.0, None)) == (20.0, ("T01 STAN 000301",))
    assert drained((20.0, None)) == (None, ("T01 STAN 000300",))


def test_what_was_given_up_is_not_awaited() -> None:
    tape = Tape()
    cut(tape, 10)
    key = key_of("T01", 200)
    tape.ask(12, key)
    tape.queue(20, key, 300)
    tape.exception(50, key, "advice_given_up")
    mend(tape, 60)
    assert says(tape)["drain"] == "drain 0.000 s (nothing had to be stored)"


@pytest.mark.parametrize(("back_t", "seconds"), [(59.9, None), (60.0, 0.0), (70.0, 10.0)])
def test_whoever_chooses_the_line_after_its_mending_is_back(back_t: float, seconds: float | None) -> None:
    tape = Tape()
    cut(tape, 10)
    switch(tape, 20)
    mend(tape, 60)
    tape.add(61, "T01", LineLost(line="primary", because="x"))
    tape.add(62, "T01", LineChosen(line="third", previous="secondary", because="x"))
    back(tape, back_t)
    assert card(tape).figures[4].seconds == seconds


def test_the_slowest_counts_in_whatever_order_terminals_are_named() -> None:
    tape = Tape(terminals=("T01", "T02"))
    cut(tape, 10)
    switch(tape, 25, "T01")
    switch(tape, 20, "T02")
    mend(tape, 60)
    back(tape, 75, "T01")
    back(tape, 70, "T02")
    assert [(each.seconds, each.terminal) for each in card(tape).figures if each.terminal] == [
        (15.0, "T01"),
        (18.0, "T01"),
        (15.0, "T01"),
    ]


def test_line_events_that_were_not_kept_leave_a_budget_unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "LINE_EVENTS_MAX", 3)
    verdict = failover(outage(detect_s=60))
    assert (verdict.status, verdict.because) == (Status.UNKNOWN, "too many line events to keep at T01, T02")
    assert failover(outage()).status is Status.PASS


def test_a_budget_is_kept_to_the_very_second_while_the_run_goes_on() -> None:
    assert going_on(120, fail_back_s=60).status is Status.UNKNOWN
    assert going_on(120.001, fail_back_s=60).status is Status.FAIL
    assert going_on(100, switch_s=18).status is Status.UNKNOWN


def test_a_run_that_was_stopped_is_not_judged_though_it_was_late() -> None:
    tape = outage(detect_s=1)
    ended = stamped(100.0, "conductor", RunEnded(because="stopped", stopped=True))
    history = [*(fact for fact in tape.play() if not isinstance(fact, RunEnded)), ended]
    assert judge(history).verdict("failover").status is Status.UNKNOWN


def test_a_terminal_that_had_just_as_long_as_its_budget_had_time() -> None:
    for mended, missing in ((30, ("T01",)), (29.9, ())):
        tape = Tape(failover={"detect_s": 20})
        cut(tape, 10)
        mend(tape, mended)
        assert card(tape).figures[0].missing == missing
