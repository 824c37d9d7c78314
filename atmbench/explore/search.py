"""The search: draws schedules, runs them over all processors, and remembers what was new and what failed.

It goes in generations of shares. A share is a piece of work for one process: so many runs, drawn by Hypothesis from a
seed of its own. What its runs touched that nobody had touched before is kept, and half of what the next generation
draws are changes of kept schedules. So what is found hangs on the seed alone, and not on how many processes there are.
It must never judge: the audit does.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from time import perf_counter, process_time

import msgspec

from atmbench.drill.load import check_drill
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.explore.coverage import Coverage, Verdicts, verdicts_of
from atmbench.explore.failures import Failure, failures_of, weight
from atmbench.explore.jobs import crew
from atmbench.explore.patience import watched
from atmbench.explore.schedules import ACT_BYTES, ACTS_MAX, HEAD_BYTES, Schedule, drill_of, schedule_of
from atmbench.explore.trial import Asked
from atmbench.messages.dialect import dialect_names

SHARE_RUNS = 20
"""Runs of one share: some seconds of one process."""
SHARES = 10
"""Shares of one generation. They know of each other only when all are done, so more would keep more processors busy and
steer less."""
KEPT_MAX = 2_000
"""Schedules that are kept; the latest count."""
FAILURES_KEPT = 3
"""Failures of one way that are kept, those with the least to read; all are counted."""
EXTRA = "exploring needs Hypothesis to draw schedules; install it: pip install 'atmbench[explore]'"


class Share(msgspec.Struct, frozen=True):
    """A piece of work. A value: it goes to another process as it is."""

    base: Drill
    plant: tuple[str, ...]
    seed: int
    number: int
    runs: int
    known: Coverage
    kept: tuple[Schedule, ...]


class Harvest(msgspec.Struct, frozen=True):
    """What came of a share, or of all so far."""

    runs: int = 0
    facts: int = 0
    coverage: Coverage = Coverage()
    verdicts: Verdicts = Verdicts()
    novel: tuple[Schedule, ...] = ()
    """Schedules that touched something that was not known."""
    failed: dict[str, int] = {}
    """Way to how many runs failed so."""
    failures: tuple[Failure, ...] = ()
    """The shortest few of each way."""
    busy_s: float = 0.0
    """Processor time of the runs, all processes together."""
    wall_s: float = 0.0
    """On the wall's clock, since the search began."""

    def __or__(self, other: "Harvest") -> "Harvest":
        ways = dict.fromkeys((*self.failed, *other.failed))
        return Harvest(
            runs=self.runs + other.runs,
            facts=self.facts + other.facts,
            coverage=self.coverage | other.coverage,
            verdicts=self.verdicts | other.verdicts,
            novel=(*self.novel, *other.novel)[-KEPT_MAX:],
            failed={way: self.failed.get(way, 0) + other.failed.get(way, 0) for way in ways},
            failures=shortest((*self.failures, *other.failures)),
            busy_s=self.busy_s + other.busy_s,
        )


def shortest(failures: tuple[Failure, ...]) -> tuple[Failure, ...]:
    """Of each way those with the least to read, in the order in which the ways were met."""
    ways: dict[str, list[Failure]] = {}
    for each in failures:
        ways.setdefault(each.way, []).append(each)
    return tuple(
        failure
        for of_way in ways.values()
        for failure in sorted(of_way, key=lambda each: weight(each.drill))[:FAILURES_KEPT]
    )


def demand_explorable(drill: Drill) -> None:
    """Raises LocalError if nothing can be drawn, or not for this drill."""
    if find_spec("hypothesis") is None:
        raise LocalError(EXTRA)
    if drill.dialect not in dialect_names():
        raise LocalError(
            f"the drill speaks {drill.dialect}, a dialect file of your own, which other processes do not have; "
            "explore it in a shipped one with --dialect"
        )


def search(
    base: Drill, *, runs: int, seed: int = 1, jobs: int = 1, plant: tuple[str, ...] = (), steered: bool = True
) -> Iterator[Harvest]:
    """Yields what was found so far, after each share.

    `plant` are defects on top of the drill's own. Without `steered` nothing is kept, and each schedule is drawn afresh.
    Raises LocalError if Hypothesis is missing, VenueError if a process dies.
    """
    demand_explorable(base)
    total, number, began = Harvest(), 0, perf_counter()
    with crew(jobs) as workers:
        while sizes := tuple(islice(_sizes(runs, number), SHARES)):
            known, kept = (total.coverage, total.novel) if steered else (Coverage(), ())
            shares = [
                Share(base, plant, seed, index, size, known, kept) for index, size in enumerate(sizes, start=number)
            ]
            number += len(shares)
            for harvest in workers.over(run_share, shares):
                total = msgspec.structs.replace(total | harvest, wall_s=perf_counter() - began)
                yield total


def _sizes(runs: int, number: int) -> Iterator[int]:
    left = runs - number * SHARE_RUNS
    while left > 0:
        yield min(left, SHARE_RUNS)
        left -= SHARE_RUNS


def run_share(share: Share) -> Harvest:
    """Draw and run all of a share."""
    began = process_time()
    work = _Work(share)
    _draw(work, share)
    return msgspec.structs.replace(work.harvest, busy_s=process_time() - began)


class _Work:
    """Runs what is drawn, and adds up."""

    def __init__(self, share: Share) -> None:
        self.harvest = Harvest()
        self._share = share
        self._known = share.known

    def take(self, schedule: Schedule) -> None:
        """Run one schedule. Raises LocalError if it makes no drill: that is a bug of the drawing."""
        share = self._share
        drill = drill_of(share.base, schedule)
        check_drill(drill)
        trial, watch = watched(Asked(drill, drill.seed, share.plant))
        coverage = watch.coverage()
        failures = tuple(failures_of(trial, drill, watch.messages))
        self.harvest |= Harvest(
            runs=1,
            facts=trial.facts,
            coverage=coverage,
            verdicts=verdicts_of(trial),
            novel=(schedule,) if coverage.adds_to(self._known) else (),
            failed={each.way: 1 for each in failures},
            failures=failures,
        )
        self._known |= coverage


def _draw(work: _Work, share: Share) -> None:
    """Let Hypothesis draw bytes for schedules, and take each."""
    from hypothesis import HealthCheck, Phase, Verbosity, given, reject, seed, settings
    from hypothesis import strategies as st

    schedules = st.tuples(
        st.binary(min_size=HEAD_BYTES, max_size=HEAD_BYTES),
        st.lists(st.binary(min_size=ACT_BYTES, max_size=ACT_BYTES), min_size=1, max_size=ACTS_MAX),
    )
    quiet = settings(
        max_examples=share.runs,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )

    def take(drawn: tuple[bytes, list[bytes]]) -> None:
        head, acts = drawn
        if share.number and not any(head):
            reject()  # the simplest of all, with which every share would begin
        work.take(schedule_of(share.base, share.kept, head, acts))

    seed(f"{share.seed}/{share.number}")(quiet(given(schedules)(take)))()
