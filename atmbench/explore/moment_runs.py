"""Cells, run: what each came to, and whether its moment came at all.

A cell in which nothing was struck proves nothing, whatever the checks say: it is UNKNOWN. It must never judge money
itself; that is the audit's.
"""

from collections.abc import Iterable, Iterator

import msgspec

from atmbench.audit.verdict import Status
from atmbench.explore.jobs import over
from atmbench.explore.moment_drills import drill_of
from atmbench.explore.moment_reasons import no_such_cell
from atmbench.explore.moment_watch import StrikeWatch
from atmbench.explore.moments import Cell
from atmbench.explore.trial import Asked as AskedTrial
from atmbench.explore.trial import Trial, run_trial

NEVER_CAME = "the moment never came: nothing was struck"


class AskedCell(msgspec.Struct, frozen=True):
    """A cell that is to be run."""

    cell: Cell
    seed: int = 1
    plant: tuple[str, ...] = ()


class CellRun(msgspec.Struct, frozen=True):
    """What one cell came to. A cell that cannot be has a reason, and neither status nor trial."""

    cell: Cell
    reason: str = ""
    status: Status | None = None
    because: str = ""
    """Why it did not pass."""
    struck_at: float | None = None
    """When the fault of the cell first met something, in seconds of the drill."""
    trial: Trial | None = None


def run_cells(asked: Iterable[AskedCell], *, jobs: int = 1) -> Iterator[CellRun]:
    """Run cells over processes, in order."""
    yield from over(run_cell, asked, jobs=jobs)


def run_cell(asked: AskedCell) -> CellRun:
    """Run one cell, or say why there is none."""
    cell = asked.cell
    reason = no_such_cell(cell)
    if reason:
        return CellRun(cell, reason)
    watch = StrikeWatch(cell)
    trial = run_trial(AskedTrial(drill_of(cell), asked.seed, asked.plant), watch)
    status, because = _judged(trial, watch.struck_at)
    return CellRun(cell, status=status, because=because, struck_at=watch.struck_at, trial=trial)


def _judged(trial: Trial, struck_at: float | None) -> tuple[Status, str]:
    if trial.crash:
        return Status.UNKNOWN, f"the bench broke off: {trial.crash.strip().splitlines()[-1]}"
    said = "; ".join(f"{each.check}: {(*each.findings, each.because)[0]}" for each in trial.found)
    if trial.status is Status.PASS and trial.disagreement:
        return Status.UNKNOWN, f"the two judges do not agree: {trial.disagreement}"
    if trial.status is Status.PASS and struck_at is None:
        return Status.UNKNOWN, NEVER_CAME
    return trial.status, said
