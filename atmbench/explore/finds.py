"""Finds: what a search has found, shrunk and saved, each once.

It must never lose a failure: one that cannot be shrunk is saved as it was met.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from atmbench.drill.records import Drill
from atmbench.explore.failures import Failure, Size
from atmbench.explore.jobs import over
from atmbench.explore.saving import named, save
from atmbench.explore.shrink import NotFailing, Shrunk, shrink


class Find(msgspec.Struct, frozen=True):
    """One way to fail, as the drill that shows it."""

    way: str
    runs: int
    """Runs that failed so."""
    says: str
    before: Size
    after: Size
    path: Path
    shrink_runs: int
    remark: str = ""
    """What the reader must know of the shrinking."""
    is_crash: bool = False


class Job(msgspec.Struct, frozen=True):
    """A failure to shrink. A value: it goes to another process as it is."""

    failure: Failure
    plant: tuple[str, ...]


def finds_of(
    failures: tuple[Failure, ...],
    runs: dict[str, int],
    *,
    base: str,
    plant: tuple[str, ...],
    out: Path,
    jobs: int,
    shrinks: bool = True,
) -> Iterator[Find]:
    """Shrink and save. Failures that come to the same drill are one find.

    `runs` says how many runs failed in each way, `base` what was explored. Without `shrinks` all are saved as they
    were met.
    Raises LocalError if a file cannot be written.
    """
    asked = [Job(failure, plant) for failure in failures]
    seen: set[str] = set()
    for shrunk in over(shrink_job if shrinks else _unshrunk, asked, jobs=jobs):
        drill = named(shrunk.after, base)
        if drill.drill not in seen:
            seen.add(drill.drill)
            yield _find(shrunk, drill, runs.get(shrunk.after.way, 1), save(drill, out))


def _find(shrunk: Shrunk, drill: Drill, runs: int, path: Path) -> Find:
    after = shrunk.after
    return Find(
        way=after.way,
        runs=runs,
        says=after.says,
        before=shrunk.before.size,
        after=after.size,
        path=path,
        shrink_runs=shrunk.runs,
        remark=shrunk.remark,
        is_crash=after.is_crash,
    )


def shrink_job(job: Job) -> Shrunk:
    """The failure of a job, shrunk if it can be."""
    try:
        return shrink(job.failure, job.plant)
    except NotFailing:
        return msgspec.structs.replace(_unshrunk(job), remark="it did not fail again, and is saved as it was met")


def _unshrunk(job: Job) -> Shrunk:
    failure, plant = job.failure, job.plant
    planted = msgspec.structs.replace(failure.drill, defects=tuple(sorted({*failure.drill.defects, *plant})))
    return Shrunk(failure, msgspec.structs.replace(failure, drill=planted), 0, "it is saved as it was met")
