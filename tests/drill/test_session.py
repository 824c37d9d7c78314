"""A session as a drill: what a tester did, in a file that loads and does the same again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.drill.load import parse_drill
from atmbench.drill.records import STEPS_MAX, Drill
from atmbench.drill.session import saved_session
from atmbench.errors import LocalError
from atmbench.facts import TESTER, AnyFact, FaultEnded, FaultStarted, HealStarted, StepPerformed, stamp
from tests.examples import RUNS

DRILL = parse_drill(
    """
drill: base
proves: "a: b # c"
terminals: 3
dialect: iso93-ascii
cards: {pins: true}
workload: {every_s: 10, amounts: [20.00, 50.00]}
steps:
- {at: 20, name: c1, cut: {line: primary, by: silence}}
- {after: {fact: cash_taken, where: {actor: T01}, count: 2}, fault: {kind: delay, mti: "0210", delay_s: 2}}
- {every: 30, power_fail: {terminal: T02}}
- {at: 90, mend: {name: c1}}
- {at: 95, replication: {lag_s: 3}}
heal: {at: 120}
expect: {in_flight_at_cut_min: 1}
""",
    "base",
)


def at(t: float, fact: AnyFact, actor: str = TESTER) -> AnyFact:
    stamp(fact, t, actor)
    return fact


def did(t: float, command: str, **detail: Any) -> AnyFact:
    return at(t, StepPerformed(command=command, detail=detail))


def began(t: float, name: str, kind: str, **detail: Any) -> AnyFact:
    return at(t, FaultStarted(name=name, kind=kind, detail=detail))


def saved(*told: AnyFact, drill: Drill = DRILL, until_s: float = 100.0) -> Drill:
    return parse_drill(saved_session(drill, told, seed=7, until_s=until_s), "saved")


def test_acts_become_steps_at_their_times_after_those_of_the_drill() -> None:
    again = saved(
        did(12.34567, "withdraw", terminal="T01", amount="50.00", card=3),
        began(30.0004, "tester-delay-1", "delay", line="primary", delay_s=2.0),
        did(60, "hand", terminal="T01", does="takes_cash"),
        did(70, "mend", name="tester-delay-1"),
        at(70, FaultEnded(name="tester-delay-1")),
        at(110.2, HealStarted(within_s=300), "conductor"),
    )
    assert (again.heal.at, again.seed) == (110.2, 7)
    assert again.steps[: len(DRILL.steps)] == DRILL.steps
    wanted = parse_drill(
        """
drill: w
proves: w
terminals: 3
steps:
- {at: 12.346, withdraw: {terminal: T01, amount: 50.00, card: 3}}
- {at: 30.0, name: tester-delay-1, fault: {kind: delay, line: primary, delay_s: 2}}
- {at: 60, hand: {terminal: T01, does: takes_cash}}
- {at: 70, mend: {name: tester-delay-1}}
heal: {at: 100}
""",
        "wanted",
    )
    assert again.steps[len(DRILL.steps) :] == wanted.steps
    assert (again.proves, again.dialect, again.workload) == (DRILL.proves, DRILL.dialect, DRILL.workload)


def test_the_head_says_seed_and_what_is_left_out() -> None:
    text = saved_session(DRILL, [], seed=7, until_s=50.0, remarks=["The clock\nran at 5 times real time."])
    head = [line for line in text.splitlines() if line.startswith("#")]
    assert head == [
        "# A session of base, saved as a drill: the steps of that drill, and what a tester did while it ran.",
        "# It ran with --seed 7.",
        "# Steps of the drill that were to come after healing had begun: 4 (mend), 5 (replication).",
        "# Nobody had told the bench to heal when this was saved: this drill does so at that time.",
        "# The clock ran at 5 times real time.",
    ]
    assert parse_drill(text, "s").heal.at == 50.0


def test_what_was_cut_too_late_to_come_is_expected_no_more() -> None:
    assert saved(until_s=15.0).expect.in_flight_at_cut_min is None


def test_healing_comes_after_the_last_act_even_within_its_millisecond() -> None:
    again = saved(did(40.0001, "promote", site="B"), at(40.0002, HealStarted(within_s=300), "conductor"))
    assert (again.steps[-1].at, again.heal.at) == (40.0, 40.001)


def test_a_name_that_comes_twice_is_told_apart_and_mended_by_its_own() -> None:
    again = saved(
        began(1, "mine", "lose"),
        did(2, "mend", name="mine"),
        began(3, "mine", "lose"),
        began(4, "c1", "lose"),
        did(5, "mend", name="mine"),
        did(6, "mend", name="c1"),
    )
    mine = again.steps[-6:]
    assert [(step.name, step.mend and step.mend.name) for step in mine] == [
        ("mine", None),
        ("", "mine"),
        ("mine-2", None),
        ("c1-2", None),
        ("", "mine-2"),
        ("", "c1-2"),
    ]


def test_a_fault_of_the_drill_without_a_name_can_be_mended_by_the_one_it_got() -> None:
    delay = at(20, FaultStarted(name="delay-1", kind="delay", detail={}), "conductor")
    again = saved(delay, did(30, "mend", name="delay-1"))
    assert again.steps[-1].mend is not None
    assert again.steps[-1].mend.name == "delay-1"


def test_a_site_that_goes_dark_is_one_step_and_one_that_was_not_dark_is_none() -> None:
    again = saved(
        did(5, "start_site", site="B"),
        began(9.999_98, "dark-A", "cut", site="A", by="silence"),
        did(10, "stop_site", site="A", by="silence"),
        at(20, FaultEnded(name="dark-A")),
        did(20, "start_site", site="A"),
    )
    mine = again.steps[len(DRILL.steps) :]
    assert [(step.at, step.stop_site is not None, step.start_site is not None) for step in mine] == [
        (10.0, True, False),
        (20.0, False, True),
    ]


def test_more_acts_than_a_drill_holds_are_refused_in_a_sentence() -> None:
    acts = [did(1, "mend") for _ in range(STEPS_MAX)]
    with pytest.raises(LocalError, match=f"the session has {STEPS_MAX} acts of a tester .* at most {STEPS_MAX} steps"):
        saved_session(DRILL, acts, seed=1, until_s=10)


TERMINALS = st.sampled_from(["T01", "T02", "T03"])
TIMES = st.floats(0, 200, allow_nan=False)
SECONDS = st.integers(10, 10**9).map(lambda ms: ms / 1000)
ACTS = st.one_of(
    st.builds(lambda t, term, card: did(t, "withdraw", terminal=term, amount="50.00", card=card), TIMES, TERMINALS,
              st.integers(1, 100)),
    st.builds(lambda t, term, on: did(t, "power", terminal=term, on=on), TIMES, TERMINALS, st.booleans()),
    st.builds(lambda t, every: did(t, "workload", every_s=every), TIMES, st.none() | SECONDS),
    st.builds(lambda t, name: began(t, name, "flip_bits", count=2, fields={"3": "01xxxx"}), TIMES,
              st.sampled_from(["a", "a-2", "c1", "on", "1", "x y", "ü: #", "tester-cut-1"])),
    st.builds(lambda t, name: began(t, name, "cut", line="primary", by="reset"), TIMES, st.sampled_from(["a", "c1"])),
    st.builds(lambda t, line: did(t, "mend", line=line), TIMES, st.sampled_from(["primary", "secondary"])),
    st.builds(lambda t, site: did(t, "stop_site", site=site), TIMES, st.sampled_from("AB")),
    st.builds(lambda t, site: did(t, "start_site", site=site), TIMES, st.sampled_from("AB")),
    st.builds(lambda t, lag: did(t, "replication", lag_s=lag, paused=True), TIMES, SECONDS),
)  # fmt: skip


@RUNS
@given(acts=st.lists(ACTS, max_size=10), until_s=st.floats(0.001, 300))
def test_every_session_loads_and_keeps_the_order_and_the_number_of_acts(acts: list[AnyFact], until_s: float) -> None:
    acts.sort(key=lambda fact: fact.t)
    again = saved(*acts, until_s=until_s)
    mine = again.steps[len([step for step in DRILL.steps if step in again.steps]) :]
    starts = sum(isinstance(fact, StepPerformed) and fact.command == "start_site" for fact in acts)
    assert len(acts) - starts <= len(mine) <= len(acts)
    assert [step.at for step in mine] == sorted(step.at or 0.0 for step in mine)
    assert all((step.at or 0.0) < again.heal.at for step in mine)
    assert saved(drill=again, until_s=again.heal.at) == again
