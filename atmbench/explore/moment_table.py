"""The coverage of the matrix: what was run, what it came to, and what there is not. Pure.

Every cell is counted once, by its number in the whole matrix, whatever part of it was chosen.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from atmbench.audit.verdict import Status, merge
from atmbench.explore.moment_runs import CellRun
from atmbench.explore.moments import Cell, Fault, Moment, cells


class Square(msgspec.Struct):
    """All cells of one moment and one fault."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    impossible: int = 0

    @property
    def run(self) -> int:
        """Cells that were run."""
        return self.passed + self.failed + self.unknown

    @property
    def total(self) -> int:
        """All cells, those that cannot be too."""
        return self.run + self.impossible

    def add(self, status: Status | None) -> None:
        """Count one more."""
        if status is None:
            self.impossible += 1
        elif status is Status.PASS:
            self.passed += 1
        elif status is Status.FAIL:
            self.failed += 1
        else:
            self.unknown += 1


class Coverage(msgspec.Struct, frozen=True):
    """What a run of the matrix came to. `runs` are all cells that were chosen, in order."""

    seed: int
    plant: tuple[str, ...]
    runs: tuple[CellRun, ...]
    squares: dict[tuple[Moment, Fault], Square]
    all_cells: Square
    reasons: dict[str, int]
    """Why there is no such cell, and how many."""

    @property
    def status(self) -> Status:
        """Of all cells together; UNKNOWN if none could be run."""
        return merge(run.status for run in self.runs if run.status is not None)

    @property
    def not_passed(self) -> tuple[CellRun, ...]:
        """What somebody has to look at."""
        return tuple(run for run in self.runs if run.status not in (None, Status.PASS))


def coverage(runs: Iterable[CellRun], *, seed: int, plant: tuple[str, ...] = ()) -> Coverage:
    """Count cells that were run."""
    kept = tuple(runs)
    squares: dict[tuple[Moment, Fault], Square] = {}
    whole, reasons = Square(), Counter[str]()
    for run in kept:
        squares.setdefault((run.cell.moment, run.cell.fault), Square()).add(run.status)
        whole.add(run.status)
        if run.reason:
            reasons[run.reason] += 1
    return Coverage(seed, plant, kept, squares, whole, dict(reasons.most_common()))


def numbers() -> dict[Cell, int]:
    """The number of each cell in the whole matrix, from 1."""
    return {cell: number for number, cell in enumerate(cells(), start=1)}


def replay(run: CellRun, coverage: Coverage) -> str:
    """The commands that show one cell again."""
    file = f"{run.cell.name}.drill.yaml"
    planted = "".join(f" --plant {name}" for name in coverage.plant)
    return f"atmbench moments --save {run.cell.name} && atmbench run {file} --seed {coverage.seed}{planted}"
