"""Benchmark: drills that `explore` runs in a minute, how that grows with --jobs, and what steering is worth.

    python tools/bench_explore.py [--runs 1000] [--drills primary-cut,late-reply] [--jobs 1,2] [--times 3] [--steering]

Prints, for each drill, the median of drills a minute on the wall with each number of jobs, that of one minute of
processor time, and how much more the wall's is with more jobs. On a machine that has other work to do, the processor's
figure is the one to trust. `--steering` compares what is covered and what it costs with what runs without steering do.
"""

import argparse
import statistics
import sys
import time

from atmbench.explore.search import Harvest, search
from atmbench.run.source import find_drill


def explored(drill: str, runs: int, jobs: int, *, seed: int = 1, steered: bool = True) -> tuple[Harvest, float]:
    """What one search came to, and its seconds on the wall for each run after the first share: processes start once."""
    harvest, began, first = Harvest(), 0.0, 0
    for harvest in search(find_drill(drill).drill, runs=runs, jobs=jobs, seed=seed, steered=steered):
        if not first:
            began, first = time.perf_counter(), harvest.runs
    return harvest, (time.perf_counter() - began) / max(1, harvest.runs - first)


def growth(drill: str, runs: int, jobs: list[int], times: int) -> None:
    """How many drills a minute, with one job and with more."""
    per_minute: dict[int, list[float]] = {each: [] for each in jobs}
    per_core: list[float] = []
    for _ in range(times):  # turn and turn about
        for each in jobs:
            harvest, run_s = explored(drill, runs, each)
            per_minute[each].append(60 / run_s)
            per_core.append(60 * harvest.runs / harvest.busy_s)
    medians = {each: statistics.median(found) for each, found in per_minute.items()}
    told = ", ".join(
        f"{medians[each]:,.0f} with --jobs {each} ({medians[each] / medians[jobs[0]]:.2f})" for each in jobs
    )
    print(
        f"{drill}: drills a minute: {told}; {statistics.median(per_core):,.0f} a minute of processor time", flush=True
    )


def steering(drill: str, runs: int, times: int) -> None:
    """What steered runs touch, of what as many unsteered ones do."""
    ratios, costs = [], []
    for seed in range(1, times + 1):
        with_it, _ = explored(drill, runs, 1, seed=seed)
        without, _ = explored(drill, runs, 1, seed=seed, steered=False)
        ratios.append(len(with_it.coverage.pairs) / len(without.coverage.pairs))
        costs.append(with_it.busy_s / without.busy_s)
    print(
        f"{drill}: {runs} steered runs touch {statistics.median(ratios):.2f} of the pairs of events of unsteered ones, "
        f"in {statistics.median(costs):.2f} of the time",
        flush=True,
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--drills", default="primary-cut,secure-primary-cut")
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--steering", action="store_true")
    options = parser.parse_args()
    for drill in options.drills.split(","):
        if options.steering:
            steering(drill, options.runs, options.times)
        else:
            growth(drill, options.runs, [int(each) for each in options.jobs.split(",")], options.times)
    return 0


if __name__ == "__main__":
    sys.exit(main())
