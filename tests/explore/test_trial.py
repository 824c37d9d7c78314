"""One run in memory: what it keeps, and that nothing gets out of it."""

import pytest

from atmbench.audit import judge
from atmbench.audit.verdict import Status, Verdict
from atmbench.explore.jobs import over
from atmbench.explore.trial import Asked, Trial, run_trial
from atmbench.facts import AnyFact, RunEnded
from atmbench.run.source import find_drill

CUT = find_drill("late-reply").drill


def test_the_same_seed_gives_the_same_trial_and_another_gives_another() -> None:
    first, again, other = (run_trial(Asked(CUT, seed)) for seed in (3, 3, 4))
    assert first == again
    assert first.status is Status.PASS
    assert first.history != other.history


def test_a_defect_that_was_never_asked_for_changes_nothing() -> None:
    clean = run_trial(Asked(CUT))
    assert "forget-reversal" in clean.asked
    assert "take-used-pin-key" not in clean.asked
    planted = run_trial(Asked(CUT, plant=("take-used-pin-key",)))
    assert planted.history == clean.history


def test_a_planted_defect_is_found_with_the_checks_and_transactions_that_show_it() -> None:
    trial = run_trial(Asked(CUT, plant=("forget-reversal",)))
    assert trial.status is Status.FAIL
    assert "money" in trial.failed
    found = next(each for each in trial.found if each.check == "money")
    assert found.keys
    assert len(found.findings) == len(found.keys)
    assert not trial.disagreement


def test_two_judges_who_contradict_each_other_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(judge.CHECKS, "money", lambda book: Verdict("money", Status.PASS, "all is well"))
    monkeypatch.setitem(judge.CHECKS, "counts", lambda book: Verdict("counts", Status.PASS, "all is well"))
    monkeypatch.setitem(judge.CHECKS, "reversals", lambda book: Verdict("reversals", Status.PASS, "all is well"))
    trial = run_trial(Asked(CUT, plant=("forget-reversal",)))
    assert trial.disagreement.startswith("the second opinion objects (cash: ")


def test_a_bench_that_crashes_is_told_and_not_raised() -> None:
    def stumble(fact: AnyFact) -> None:
        if isinstance(fact, RunEnded):
            raise RuntimeError("stumbled")

    trial = run_trial(Asked(CUT), stumble)
    assert trial.status is Status.UNKNOWN
    assert "RuntimeError: stumbled" in trial.crash


@pytest.mark.full
def test_two_processes_answer_as_one_does_and_in_order() -> None:
    asked = [Asked(CUT, seed) for seed in (1, 2, 3)]
    alone: list[Trial] = list(over(run_trial, asked, jobs=1))
    assert list(over(run_trial, asked, jobs=2)) == alone
