"""Trials in, counts out: what came of a defect is told by holding a run against the clean one."""

from collections import Counter

import msgspec
import pytest

from atmbench.audit.verdict import Status
from atmbench.defects import Defect
from atmbench.explore import matrix as matrices
from atmbench.explore.matrix import Cell, Hit, Matrix, Outcome, outcome_of
from atmbench.explore.trial import Found, Trial

MONEY = Found("money", Status.FAIL, "one case is wrong", ("T01 STAN 7: paid twice",), ("T01/000007/0814",))
COUNTS = Found("counts", Status.FAIL, "A and B differ", ("A says 7, B says 8",), ())
UNSURE = Found("failover", Status.UNKNOWN, "there was no cut", (), ())
STUMBLED = Found("view", Status.UNKNOWN, "the check itself failed: KeyError: 'T01'", (), ())


def trial(*found: Found, history: str = "other", drill: str = "cut", seed: int = 1, crash: str = "") -> Trial:
    status = Status.UNKNOWN if crash else Status.FAIL if found else Status.PASS
    return Trial(drill, seed, (), status, found=found, history=history, crash=crash)


CLEAN = trial(history="clean")


@pytest.mark.parametrize(
    ("planted", "clean", "outcome"),
    [
        (trial(history="clean"), CLEAN, Outcome.SAME),
        (trial(), CLEAN, Outcome.PASSED),
        (trial(MONEY), CLEAN, Outcome.FOUND),
        (trial(COUNTS), CLEAN, Outcome.ELSEWHERE),
        (trial(COUNTS, MONEY), CLEAN, Outcome.FOUND),
        (trial(UNSURE), CLEAN, Outcome.UNKNOWN),
        (trial(UNSURE, COUNTS), CLEAN, Outcome.UNKNOWN),
        (trial(UNSURE, MONEY), CLEAN, Outcome.FOUND),
        (trial(crash="RuntimeError: stumbled", history=""), CLEAN, Outcome.CRASHED),
    ],
)
def test_a_run_with_a_defect_is_held_against_the_clean_one(planted: Trial, clean: Trial, outcome: Outcome) -> None:
    assert outcome_of(planted, clean, ("money", "reversals")) is outcome


def test_in_a_drill_that_fails_anyway_only_what_else_fails_has_found_a_defect() -> None:
    clean = trial(MONEY, history="clean")
    assert outcome_of(trial(MONEY), clean, ("money",)) is Outcome.PASSED
    assert outcome_of(trial(MONEY, COUNTS), clean, ("money",)) is Outcome.ELSEWHERE
    assert outcome_of(trial(MONEY, COUNTS), clean, ("counts",)) is Outcome.FOUND
    assert outcome_of(trial(), clean, ("money",)) is Outcome.ELSEWHERE, "a check that falls silent tells something"


def test_a_right_check_that_could_not_judge_has_found_nothing() -> None:
    assert outcome_of(trial(UNSURE), CLEAN, ("failover",)) is Outcome.UNKNOWN


DEFECTS = {
    "pay-twice": Defect("It pays twice.", "facts 1", ("money",)),
    "lose-count": Defect("It forgets a count.", "facts 2", ("counts",)),
}


def test_rows_add_up_over_drills_and_seeds_and_know_where_a_defect_was_found_first() -> None:
    matrix = Matrix(DEFECTS)
    matrix.add("pay-twice", trial(COUNTS, drill="all-quiet"), CLEAN)
    matrix.add("pay-twice", trial(COUNTS, MONEY, seed=2), CLEAN)
    matrix.add("pay-twice", trial(MONEY, seed=3), CLEAN)
    matrix.add("pay-twice", trial(history="clean", seed=4), CLEAN)
    row = matrix.rows["pay-twice"]
    assert row.first == Hit("cut", 2, "money")
    assert row.first_elsewhere == Hit("all-quiet", 1, "counts")
    assert (row.asked, row.count(Outcome.FOUND), row.count(Outcome.SAME)) == (4, 2, 1)
    assert row.cells["cut"].checks == {"money": 2, "counts": 1}
    assert row.cells["cut"].heaviest is Outcome.FOUND
    assert matrix.planted_runs == 4
    assert matrix.rows["lose-count"].cells == {}


def test_every_outcome_has_its_weight_in_a_cell() -> None:
    assert {Cell(outcomes=Counter([each])).heaviest for each in Outcome} == set(Outcome)


def test_a_clean_run_that_fails_is_a_false_alarm_unless_the_drill_says_just_so() -> None:
    matrix = Matrix(DEFECTS)
    matrix.add_clean(CLEAN, ())
    matrix.add_clean(trial(MONEY), ("money",))
    assert (matrix.clean_runs, matrix.false_alarms.count, matrix.false_alarms.first) == (2, 0, [])
    matrix.add_clean(trial(MONEY, COUNTS), ("money",))
    matrix.add_clean(trial(), ("money",))
    matrix.add_clean(trial(UNSURE), ())
    assert matrix.false_alarms.count == 3
    assert [alarm.says for alarm in matrix.false_alarms.first] == [
        "counts failed",
        "money passed",
        "failover could not be judged",
    ]
    assert matrix.false_alarms.first[0].findings == ("counts: A says 7, B says 8",)
    assert matrix.false_alarms.first[2].findings == ("failover: there was no cut",)


def test_a_crash_of_the_bench_or_of_one_check_is_kept_apart() -> None:
    matrix = Matrix(DEFECTS)
    matrix.add_clean(trial(crash="RuntimeError: stumbled"), ())
    matrix.add("pay-twice", trial(STUMBLED), CLEAN)
    assert (matrix.false_alarms.count, matrix.crashes.count) == (0, 2)
    assert [each.says for each in matrix.crashes.first] == [
        "RuntimeError: stumbled",
        "view: the check itself failed: KeyError: 'T01'",
    ]


def test_alarms_are_all_counted_and_the_first_few_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrices, "ALARMS_KEPT_MAX", 2)
    matrix = Matrix(DEFECTS)
    for seed in range(1, 6):
        matrix.add_clean(trial(MONEY, seed=seed), ())
        matrix.add_clean(trial(crash="stumbled", seed=seed), ())
    assert (matrix.false_alarms.count, matrix.crashes.count) == (5, 5)
    assert [each.seed for each in (*matrix.false_alarms.first, *matrix.crashes.first)] == [1, 2, 1, 2]


def test_two_judges_who_disagree_are_told_once_for_each_history() -> None:
    matrix, differs = Matrix(DEFECTS), "money fails, and the second opinion has no objection"
    clean = msgspec.structs.replace(CLEAN, disagreement=differs)
    matrix.add_clean(clean, ())
    matrix.add("pay-twice", clean, CLEAN)
    matrix.add("pay-twice", msgspec.structs.replace(trial(MONEY, seed=2), disagreement=differs), CLEAN)
    assert [(each.seed, each.says) for each in matrix.disagreements.first] == [(1, differs), (2, differs)]
