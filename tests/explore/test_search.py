"""The search: a seed finds the same, however many processes; what was new is kept, what fails is counted."""

import pytest

from atmbench.drill.load import parse_drill
from atmbench.explore.failures import weight
from atmbench.explore.search import FAILURES_KEPT, Harvest, search
from tests.explore.test_shrink import CROWDED

BASE = parse_drill(
    """
drill: base
proves: nothing yet
terminals: 2
terminal: {timers: {reply_s: 8}}
heal: {at: 60}
expect: {approved_min: 0}
""",
    "base",
)


def over(runs: int, *, jobs: int = 1, plant: tuple[str, ...] = (), seed: int = 1) -> Harvest:
    *_, last = search(BASE, runs=runs, jobs=jobs, plant=plant, seed=seed)
    return last


def test_a_seed_finds_the_same_again_and_another_finds_other_things() -> None:
    first, again, other = over(6), over(6), over(6, seed=2)
    assert (first.runs, first.novel, first.coverage) == (again.runs, again.novel, again.coverage)
    assert first.novel != other.novel
    assert first.failures == ()


def test_all_failures_are_counted_and_the_shortest_kept() -> None:
    harvest = over(8, plant=("reuse-stan",))
    assert FAILURES_KEPT < harvest.failed["sequence"] <= harvest.runs == 8
    kept = [each for each in harvest.failures if each.way == "sequence"]
    assert len(kept) == FAILURES_KEPT
    assert kept == sorted(kept, key=lambda each: weight(each.drill))


@pytest.mark.full
def test_two_processes_find_what_one_does() -> None:
    plant = ("forget-reversal",)
    one, two = over(450, plant=plant), over(450, jobs=2, plant=plant)  # more than two generations
    assert (one.coverage, one.failed, one.failures, one.novel) == (two.coverage, two.failed, two.failures, two.novel)
    assert one.failed


def test_a_base_with_customers_of_its_own_keeps_its_settings() -> None:
    *_, last = search(CROWDED, runs=2)
    assert last.runs == 2
