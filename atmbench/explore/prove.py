"""The bench proves itself: every defect against every drill in which its decision comes up, and the clean system too.

Seed by seed come first the clean runs; each says which decisions came up in it. Then one run for each of those, held
against the clean run of the same drill. Last, the first run that shows a defect is made again for its story.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches

import msgspec

from atmbench.defects import Defect
from atmbench.drill.records import Drill
from atmbench.drill.stock import stock_drill_names
from atmbench.errors import LocalError
from atmbench.explore.evidence import Wanted, evidence_of
from atmbench.explore.jobs import Crew, crew
from atmbench.explore.matrix import Matrix
from atmbench.explore.proof import Evidence, Proof, Scope, hit_to_tell, judge_matrix
from atmbench.explore.trial import Asked, Trial, run_trial
from atmbench.run.runner import DEFECTS
from atmbench.run.source import find_drill


class Progress(msgspec.Struct, frozen=True):
    """How far it is: what it is at, so many of so many."""

    doing: str
    done: int
    of: int


Told = Callable[[Progress], None]
Cleans = Mapping[str, Trial]
"""The clean trials of one seed, by drill."""


class Plan(msgspec.Struct, frozen=True):
    """What is to be tried."""

    drills: tuple[Drill, ...]
    defects: dict[str, Defect]
    seeds: int
    clean_seeds: int
    is_whole: bool
    until_found: bool = False
    """A defect is not planted again once a right check has found it."""

    @property
    def scope(self) -> Scope:
        """The same for the record."""
        names = tuple(drill.drill for drill in self.drills)
        return Scope(names, self.seeds, max(self.seeds, self.clean_seeds), self.is_whole, self.until_found)

    def clean_runs(self, seed: int) -> list[Asked]:
        """Every drill without a defect."""
        return [Asked(drill, seed) for drill in self.drills]

    def planted_runs(self, seed: int, cleans: Cleans) -> list[Asked]:
        """One for each defect whose decision came up in the clean run of a drill."""
        if seed > self.seeds:
            return []
        return [
            Asked(drill, seed, (name,))
            for drill in self.drills
            for name in sorted(cleans[drill.drill].asked & self.defects.keys())
        ]


def plan_of(
    names: Sequence[str] = (),
    drills: Sequence[str] = (),
    *,
    seeds: int = 1,
    clean_seeds: int = 0,
    until_found: bool = False,
) -> Plan:
    """Defects and stock drills by their names; none named is all. Raises LocalError for a name that nobody has."""
    stock = stock_drill_names()
    for given, known, what in ((names, sorted(DEFECTS), "defect"), (drills, stock, "stock drill")):
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"`atmbench {what.rpartition(' ')[2]}s` lists them"
                raise LocalError(f"there is no {what} {name!r}; {hint}")
    chosen = sorted(set(drills)) or stock
    return Plan(
        drills=tuple(find_drill(name).drill for name in chosen),
        defects={name: DEFECTS[name] for name in sorted(set(names) or DEFECTS)},
        seeds=seeds,
        clean_seeds=clean_seeds,
        is_whole=len(chosen) == len(stock),
        until_found=until_found,
    )


def prove(plan: Plan, *, jobs: int, told: Told = lambda progress: None) -> Proof:
    """Try it all and judge it. Ctrl-C ends the workers; what was done until then is judged as incomplete.

    Raises VenueError if a worker dies.
    """
    matrix, evidence = Matrix(plan.defects), dict[str, Evidence]()
    is_complete = True
    try:
        with crew(jobs) as workers:
            for seed in range(1, plan.scope.clean_seeds + 1):
                cleans = _run_clean(plan, seed, workers, matrix, told)
                _run_planted(plan, seed, workers, matrix, cleans, told)
            for name, found in _evidence(plan, workers, matrix, told):
                evidence[name] = found
    except KeyboardInterrupt:
        is_complete = False
    return judge_matrix(matrix, plan.defects, plan.scope, evidence, is_complete=is_complete)


def _run_clean(plan: Plan, seed: int, workers: Crew, matrix: Matrix, told: Told) -> Cleans:
    cleans: dict[str, Trial] = {}
    asked = plan.clean_runs(seed)
    for number, (each, trial) in enumerate(zip(asked, workers.over(run_trial, asked), strict=True), start=1):
        matrix.add_clean(trial, each.drill.fails)
        cleans[trial.drill] = trial
        told(Progress(f"seed {seed:,} of {plan.scope.clean_seeds:,}, clean runs", number, len(asked)))
    return cleans


def _run_planted(plan: Plan, seed: int, workers: Crew, matrix: Matrix, cleans: Cleans, told: Told) -> None:
    planned = plan.planted_runs(seed, cleans)
    begun: deque[tuple[int, Asked]] = deque()

    def wanted() -> Iterator[Asked]:
        for number, each in enumerate(planned, start=1):
            if not (plan.until_found and matrix.rows[each.plant[0]].first):
                begun.append((number, each))
                yield each

    for trial in workers.over(run_trial, wanted()):
        number, each = begun.popleft()
        matrix.add(each.plant[0], trial, cleans[trial.drill])
        told(Progress(f"seed {seed:,} of {plan.scope.clean_seeds:,}, runs with a defect", number, len(planned)))


def _evidence(plan: Plan, workers: Crew, matrix: Matrix, told: Told) -> Iterator[tuple[str, Evidence]]:
    drills = {drill.drill: drill for drill in plan.drills}
    hits = [(name, hit) for name, row in matrix.rows.items() if (hit := hit_to_tell(row))]
    wanted = [Wanted(Asked(drills[hit.drill], hit.seed, (name,)), hit.check) for name, hit in hits]
    for number, ((name, _), found) in enumerate(zip(hits, workers.over(evidence_of, wanted), strict=True), start=1):
        told(Progress("stories", number, len(hits)))
        yield name, found
