"""Check `failover`: its whole sentences, and its times to the very second."""

import msgspec
import pytest

from atmbench.audit import terminals
from atmbench.audit.judge import judge
from atmbench.audit.verdict import Status
from atmbench.facts import (
    FaultEnded,
    FaultStarted,
    LineChosen,
    LineLost,
    LineSuspected,
    RunEnded,
    RunStarted,
    SignedOn,
    StepPerformed,
)
from tests.audit.builders import Tape, key_of, stamped
from tests.audit.outages import back, card, cut, failover, going_on, mend, outage, says, switch

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


def test_a_second_cut_does_not_make_the_first_one_longer() -> None:
    tape = Tape()
    for cut_t in (10, 30):
        cut(tape, cut_t)
        mend(tape, cut_t + 10)
    found = card(tape).cut
    assert found is not None
    assert (found.t, found.mended_t) == (10, 20)


def test_a_time_is_told_to_the_microsecond() -> None:
    tape = Tape()
    cut(tape, 10)
    tape.add(12.3456789, "T01", LineLost(line="primary", because="reset"))
    assert card(tape).figures[0].seconds == 2.345679


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


def test_of_two_approvals_in_one_instant_that_of_the_request_first_made_is_the_first() -> None:
    tape = Tape(terminals=("T01", "T02"))
    cut(tape, 10)
    for t, terminal in ((20.0, "T02"), (20.1, "T01")):
        tape.ask(t, key_of(terminal, 5))
        tape.send(t, key_of(terminal, 5))
        tape.reply(20.5, key_of(terminal, 5), line="secondary")
    assert says(tape)["first_approval"] == "first_approval 10.500 s (T02)"


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
    assert drained((10.0, 30.0)) == (20.0, ())
    assert drained((20.0, 40.0), (21.0, 30.0)) == (30.0, ())
    assert drained((9.9, None), (20.0, 30.0)) == (20.0, ())
    assert drained((20.0, 30.0), (21.0, None)) == (20.0, ("T01 STAN 000301",))
    assert drained((20.0, None)) == (None, ("T01 STAN 000300",))


def test_what_was_stored_before_the_outage_hides_nothing_of_the_same_transaction() -> None:
    tape = Tape()
    key = key_of("T01", 200)
    tape.ask(1, key)
    tape.queue(5, key, 300)
    cut(tape, 10)
    tape.queue(20, key, 301)
    tape.settle(40, key, 301)
    assert says(tape)["drain"] == "drain 30.000 s (T01)"


def test_what_was_stored_and_accepted_in_the_instant_of_the_cut_was_drained_at_once() -> None:
    tape = Tape()
    key = key_of("T01", 200)
    cut(tape, 10)
    tape.ask(5, key)
    tape.queue(10, key, 300)
    tape.settle(10, key, 300)
    assert says(tape)["drain"] == "drain 0.000 s (T01)"


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


def test_a_terminal_that_changes_its_line_more_often_than_allowed_is_named() -> None:
    tape = outage(changes_max=2)
    assert failover(tape).status is Status.PASS
    back(tape, 80, "T02")
    verdict = failover(tape)
    assert verdict.status is Status.FAIL
    assert [finding.says for finding in verdict.findings] == ["T02 changed its line 3 times, 2 allowed"]


@pytest.mark.parametrize("goes_on", [False, True])
@pytest.mark.parametrize("budgets", [{}, {"switch_s": 60.0}])
def test_a_restless_terminal_is_named_though_no_line_was_ever_cut(budgets: dict[str, float], goes_on: bool) -> None:
    """It may leave a line that is only slow. Changes only become more, so nobody has to await the end."""
    tape = Tape(failover={"changes_max": 1, **budgets})
    switch(tape, 10)
    assert failover(tape).status is (Status.FAIL if budgets else Status.PASS)
    back(tape, 20)
    if goes_on:
        tape.without = (RunEnded,)
    verdict = failover(tape)
    says = "T01 changed its line 2 times, 1 allowed"
    never = "the drill sets budgets for failover, but line primary was never cut"
    is_without_cut = bool(budgets) and not goes_on
    assert [finding.says for finding in verdict.findings] == [*([never] if is_without_cut else []), says]
    held_against = "nothing to hold the budgets against; " if is_without_cut else ""
    assert verdict.because == f"line primary was never cut: {held_against}{says}"


def test_a_restless_terminal_fails_a_run_that_goes_on_after_a_cut() -> None:
    tape = outage(changes_max=1)
    tape.without = (RunEnded,)
    assert [finding.says for finding in failover(tape).findings] == [
        f"{terminal} changed its line 2 times, 1 allowed" for terminal in ("T01", "T02")
    ]


def test_changes_of_a_line_that_were_not_kept_are_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminals, "LINE_EVENTS_MAX", 3)
    verdict = failover(outage(changes_max=2))
    assert (verdict.status, verdict.because) == (Status.UNKNOWN, "too many line events to keep at T01, T02")
    assert failover(outage(changes_max=0)).status is Status.FAIL
