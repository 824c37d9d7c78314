"""A drill that fails becomes short, fails the same way, and is the same again from its file."""

from pathlib import Path

import msgspec
import pytest

from atmbench.audit.verdict import Status
from atmbench.drill.load import parse_drill
from atmbench.explore.failures import failures_of, ways_failed, weight
from atmbench.explore.finds import finds_of
from atmbench.explore.patience import watched
from atmbench.explore.saving import named, save
from atmbench.explore.shrink import NotFailing, failure_of, shrink
from atmbench.explore.trial import Asked, Trial, run_trial
from atmbench.facts import AnyFact
from atmbench.run.source import find_drill

FORGETS = ("forget-reversal",)
CROWDED = parse_drill(
    """
drill: crowded
proves: that a reversal is stored
seed: 5
terminals: 3
terminal: {timers: {reply_s: 8}}
cards: {cards: 10}
workload: {every_s: 8}
steps:
- {at: 12, name: lost, fault: {kind: lose, direction: reply, mti: x210, first: 2}}
- {at: 15, replication: {lag_s: 3}}
- {at: 30, mend: {name: lost}}
heal: {at: 40}
""",
    "crowded",
)


def test_a_crowd_comes_down_to_one_customer_and_one_fault(tmp_path: Path) -> None:
    failure = failure_of(CROWDED, FORGETS, "money")
    assert failure is not None
    shrunk = shrink(failure, FORGETS)
    drill = shrunk.after.drill
    assert (drill.terminals, len(drill.steps), drill.workload, shrunk.after.messages) == (1, 2, None, 1)
    assert drill.defects == FORGETS
    assert weight(drill) < weight(CROWDED)

    assert "money" in ways_failed(run_trial(Asked(drill, drill.seed)))
    sound = msgspec.structs.replace(drill, defects=())
    assert not ways_failed(run_trial(Asked(sound, drill.seed)))

    path = save(named(shrunk.after, "crowded"), tmp_path)
    assert path.name.startswith("money-")
    again = find_drill(str(path)).drill
    assert run_trial(Asked(again, again.seed)).history == shrunk.after.history


def test_runs_are_bounded_and_what_was_reached_by_then_counts() -> None:
    failure = failure_of(CROWDED, FORGETS, "money")
    assert failure is not None
    shrunk = shrink(failure, FORGETS, runs_max=6)
    assert shrunk.runs <= 7
    assert shrunk.remark
    assert weight(shrunk.after.drill) <= weight(msgspec.structs.replace(CROWDED, defects=FORGETS))


def test_what_does_not_fail_is_not_shrunk() -> None:
    assert failure_of(CROWDED) is None
    failure = failure_of(CROWDED, FORGETS)
    assert failure is not None
    with pytest.raises(NotFailing, match="does not fail by money with seed 5"):
        shrink(failure)


def test_waiting_times_of_a_dialect_survive_the_file(tmp_path: Path) -> None:
    base = find_drill("primary-cut", dialect="nibss").drill
    failure = failure_of(base, ("reuse-stan",))
    assert failure is not None
    (find,) = finds_of((failure,), {}, base="b", plant=("reuse-stan",), out=tmp_path, jobs=1, shrinks=False)
    again = find_drill(str(find.path)).drill
    assert again.terminal == base.terminal
    assert find.remark == "it is saved as it was met"


def test_a_run_that_hangs_is_a_crash_and_ends() -> None:
    def hang(fact: AnyFact) -> None:
        while True:
            pass

    trial, _ = watched(Asked(CROWDED, 1), hang, wall_s=0.3)
    assert ways_failed(trial) == {"crash RunHung": "RunHung: no end within 0.3 s"}


def test_a_crash_has_its_kind_in_its_name_and_a_check_that_raised_is_one() -> None:
    trial = Trial("d", 1, (), Status.UNKNOWN, crash="Traceback ...\n  x\nbuiltins.KeyError: 'T01'\n")
    (failure,) = failures_of(trial, CROWDED, 0)
    assert failure.way == "crash KeyError"
    assert failure.is_crash
    assert named(failure, "crowded").drill.startswith("crash-KeyError-")


def test_judges_who_disagree_are_a_crash_of_the_bench() -> None:
    trial = Trial("d", 1, (), Status.PASS, disagreement="the ledgers say otherwise")
    (failure,) = failures_of(trial, CROWDED, 0)
    assert (failure.is_crash, failure.says) == (True, "the ledgers say otherwise")
