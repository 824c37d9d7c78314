"""What is planned, and the whole matrix."""

import pytest

from atmbench.audit.verdict import Status
from atmbench.errors import LocalError
from atmbench.explore.jobs import processors
from atmbench.explore.proof import Standing
from atmbench.explore.prove import Progress, plan_of, prove
from atmbench.explore.prove_text import render_proof
from atmbench.explore.trial import Trial


def test_clean_runs_are_one_of_each_drill_and_as_many_seeds_as_either_wants() -> None:
    plan = plan_of(drills=["overtaken-original", "late-reply"], seeds=2, clean_seeds=1)
    runs = [(each.drill.drill, each.seed, each.plant) for each in plan.clean_runs(2)]
    assert runs == [("late-reply", 2, ()), ("overtaken-original", 2, ())]
    assert plan.scope.clean_seeds == 2
    assert not plan.is_whole


def test_a_defect_is_planted_where_its_decision_came_up_and_nowhere_else() -> None:
    plan = plan_of(["forget-reversal", "reuse-stan"], ["late-reply", "overtaken-original"])
    came_up = {"late-reply": {"forget-reversal", "reuse-stan", "forget-partial"}, "overtaken-original": {"reuse-stan"}}
    cleans = {drill: Trial(drill, 1, (), Status.PASS, asked=frozenset(names)) for drill, names in came_up.items()}
    assert [(each.drill.drill, each.plant) for each in plan.planted_runs(1, cleans)] == [
        ("late-reply", ("forget-reversal",)),
        ("late-reply", ("reuse-stan",)),
        ("overtaken-original", ("reuse-stan",)),
    ]
    assert plan.planted_runs(2, cleans) == [], "the second seed is of clean runs only"


@pytest.mark.parametrize(
    ("names", "drills", "says"),
    [
        (["forget-reversl"], [], "there is no defect 'forget-reversl'; did you mean forget-reversal"),
        (["zzz"], [], "`atmbench defects` lists them"),
        ([], ["late-replies"], "there is no stock drill 'late-replies'; did you mean late-reply"),
    ],
)
def test_a_name_that_nobody_has_is_refused(names: list[str], drills: list[str], says: str) -> None:
    with pytest.raises(LocalError, match=says):
        plan_of(names, drills)


def test_ctrl_c_leaves_what_was_done_until_then() -> None:
    def stop(progress: Progress) -> None:
        if "runs with a defect" in progress.doing:
            raise KeyboardInterrupt

    proof = prove(plan_of(["forget-reversal", "double-post-repeat"], ["late-reply"]), jobs=1, told=stop)
    assert not proof.is_complete
    assert (proof.status, proof.clean_runs, proof.planted_runs) == (Status.UNKNOWN, 1, 1)


def test_a_defect_that_was_found_is_not_planted_again_if_that_is_enough() -> None:
    proof = prove(plan_of(["reuse-stan"], ["late-reply", "overtaken-original"], until_found=True), jobs=1)
    assert (proof.status, proof.clean_runs, proof.planted_runs, proof.saved_runs) == (Status.PASS, 2, 1, 1)


@pytest.mark.full
def test_the_bench_finds_every_defect_with_a_right_check_and_nothing_in_clean_runs() -> None:
    plan = plan_of(until_found=True)
    assert plan.is_whole
    proof = prove(plan, jobs=processors())
    assert proof.status is Status.PASS, render_proof(proof)
    seen = [each for each in proof.defects if each.standing is not Standing.CANNOT_BE_SEEN]
    assert all(each.evidence is not None and each.evidence.says for each in seen)
