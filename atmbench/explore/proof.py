"""What the bench is worth: a filled matrix judged, as one record that can be printed, kept and compared.

Each defect must be found by a check whose business it is, in at least one drill with at least one seed. More cannot be
demanded: a defect does harm only where the drill brings it to bear, and may be healed there. So the share of runs is
printed beside it. This module must read no clock and run nothing.
"""

import shlex
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from atmbench.audit.verdict import Status, count, listed, merge
from atmbench.defects import Defect
from atmbench.explore.matrix import Alarm, Alarms, Cell, Hit, Matrix, Outcome, Row

NAMES_MAX = 10
"""Defects that one sentence of the verdict names."""


class Standing(StrEnum):
    """How a defect came out of the whole matrix."""

    FOUND = "found"
    ELSEWHERE = "found only by other checks"
    MISSED = "not found"
    NOT_ASKED = "never came up"
    UNTRIED = "not found yet"
    """Nothing is said of it, since not everything was tried."""
    CANNOT_BE_SEEN = "cannot be seen yet"


class Evidence(msgspec.Struct, frozen=True):
    """The first run that shows a defect: what the check says, and the story of the transaction that it names."""

    drill: str
    seed: int
    check: str
    says: str
    key: str
    """Empty if the finding names no transaction; then there is no story."""
    story: tuple[str, ...]
    replay: str


class Scope(msgspec.Struct, frozen=True):
    """What was asked for."""

    drills: tuple[str, ...]
    seeds: int
    """Of runs with a defect, from 1."""
    clean_seeds: int
    """Of clean runs, from 1."""
    is_whole: bool
    """All stock drills. If not, another drill may find what these do not."""
    until_found: bool = False
    """A defect was not planted again once a right check had found it: the runs are no share of all."""


class DrillCell(msgspec.Struct, frozen=True):
    """One defect in one drill."""

    outcome: Outcome
    """The one that says most."""
    outcomes: dict[str, int]
    """Each to the number of seeds."""
    checks: dict[str, int]
    """Checks that told of it, with the number of seeds."""


class DefectProof(msgspec.Struct, frozen=True):
    """One row of the matrix."""

    name: str
    says: str
    source: str
    found_by: tuple[str, ...]
    standing: Standing
    asked: int
    """Runs in which its decision came up; all the others are the clean runs."""
    found: int
    """Those in which a right check found it."""
    evidence: Evidence | None
    drills: dict[str, DrillCell]


class BadRun(msgspec.Struct, frozen=True):
    """A run in which the bench itself was wrong."""

    drill: str
    seed: int
    says: str
    findings: tuple[str, ...]
    replay: str


class Listed(msgspec.Struct, frozen=True):
    """Bad runs of one kind: how many, and the first few."""

    count: int
    first: tuple[BadRun, ...]


class Proof(msgspec.Struct, frozen=True):
    """The whole of it. `status` is PASS, FAIL or UNKNOWN, `because` one sentence for each reason."""

    status: Status
    because: tuple[str, ...]
    scope: Scope
    is_complete: bool
    """False if it was stopped before its end."""
    clean_runs: int
    planted_runs: int
    saved_runs: int
    """Runs that were not made: the defect's decision never came up, or it had been found and that was enough."""
    defects: tuple[DefectProof, ...]
    false_alarms: Listed
    """Clean runs that did not pass as they should."""
    disagreements: Listed
    """Runs on which the audit and the second opinion contradict each other."""
    crashes: Listed
    """Runs that the bench, or a check of it, died of."""

    def standing(self, *wanted: Standing) -> list[DefectProof]:
        """Defects that came out like this."""
        return [each for each in self.defects if each.standing in wanted]


def hit_to_tell(row: Row) -> Hit | None:
    """The run whose story is told of a defect: the first in which a right check found it, else any check."""
    return row.first or row.first_elsewhere


def judge_matrix(
    matrix: Matrix, defects: Mapping[str, Defect], scope: Scope, evidence: Mapping[str, Evidence], *, is_complete: bool
) -> Proof:
    """Judge what has come together. `evidence` is what there is of it, by defect."""
    rows = tuple(
        _defect_proof(name, defect, matrix.rows[name], evidence.get(name), is_complete=is_complete)
        for name, defect in sorted(defects.items())
    )
    wrong = _wrong(matrix, rows, scope, is_complete=is_complete)
    status = merge(each for each, _ in wrong) if wrong else Status.PASS
    return Proof(
        status=status,
        because=tuple(says for _, says in wrong) or _right(matrix, rows),
        scope=scope,
        is_complete=is_complete,
        clean_runs=matrix.clean_runs,
        planted_runs=matrix.planted_runs,
        saved_runs=len(defects) * len(scope.drills) * scope.seeds - matrix.planted_runs if is_complete else 0,
        defects=rows,
        false_alarms=_listed(matrix.false_alarms),
        disagreements=_listed(matrix.disagreements),
        crashes=_listed(matrix.crashes),
    )


def replay(drill: str, seed: int, plant: Sequence[str] = ()) -> str:
    """The command line that shows a run."""
    return shlex.join(["atmbench", "run", drill, "--seed", str(seed), *(f"--plant={name}" for name in plant)])


def _defect_proof(name: str, defect: Defect, row: Row, evidence: Evidence | None, *, is_complete: bool) -> DefectProof:
    return DefectProof(
        name=name,
        says=defect.says,
        source=defect.source,
        found_by=defect.found_by,
        standing=_standing(defect, row, is_complete=is_complete),
        asked=row.asked,
        found=row.count(Outcome.FOUND),
        evidence=evidence or _bare_evidence(name, row),
        drills={drill: _drill_cell(cell) for drill, cell in sorted(row.cells.items())},
    )


def _bare_evidence(name: str, row: Row) -> Evidence | None:
    """Where a defect was found, if there was no time to tell its story."""
    hit = hit_to_tell(row)
    if hit is None:
        return None
    return Evidence(hit.drill, hit.seed, hit.check, "", "", (), replay(hit.drill, hit.seed, (name,)))


def _standing(defect: Defect, row: Row, *, is_complete: bool) -> Standing:
    if not defect.found_by:
        return Standing.CANNOT_BE_SEEN
    if row.first is not None:
        return Standing.FOUND
    if not is_complete:
        return Standing.UNTRIED
    if row.first_elsewhere is not None:
        return Standing.ELSEWHERE
    return Standing.MISSED if row.asked else Standing.NOT_ASKED


def _drill_cell(cell: Cell) -> DrillCell:
    outcomes = {outcome.value: number for outcome in Outcome if (number := cell.outcomes[outcome])}
    return DrillCell(cell.heaviest, outcomes, dict(sorted(cell.checks.items())))


def _listed(alarms: Alarms) -> Listed:
    return Listed(alarms.count, tuple(_bad_run(each) for each in alarms.first))


def _bad_run(alarm: Alarm) -> BadRun:
    return BadRun(alarm.drill, alarm.seed, alarm.says, alarm.findings, replay(alarm.drill, alarm.seed, alarm.plant))


def _wrong(matrix: Matrix, rows: Sequence[DefectProof], scope: Scope, *, is_complete: bool) -> list[tuple[Status, str]]:
    """Each reason not to pass. What was not found counts against the bench only if everything was tried."""
    wrong: list[tuple[Status, str]] = []
    if matrix.crashes.count:
        wrong.append((Status.FAIL, f"the bench crashed in {count(matrix.crashes.count, 'run')}"))
    if matrix.disagreements.count:
        wrong.append((Status.FAIL, f"two judges disagree on {count(matrix.disagreements.count, 'run')}"))
    if matrix.false_alarms.count:
        alarms, runs = count(matrix.false_alarms.count, "false alarm"), count(matrix.clean_runs, "clean run")
        wrong.append((Status.FAIL, f"{alarms} in {runs}"))
    lacking = Status.FAIL if scope.is_whole else Status.UNKNOWN
    for standing, says in (
        (Standing.ELSEWHERE, "found only by checks whose business it is not"),
        (Standing.MISSED, "not found by any check"),
        (Standing.NOT_ASKED, "never came up"),
    ):
        names = [each.name for each in rows if each.standing is standing]
        if names:
            where = "" if scope.is_whole else " in the drills that were chosen"
            wrong.append((lacking, f"{count(len(names), 'defect')} {says}{where}: {listed(names, NAMES_MAX)}"))
    if not is_complete:
        wrong.append((Status.UNKNOWN, "stopped before everything was tried"))
    return wrong


def _right(matrix: Matrix, rows: Sequence[DefectProof]) -> tuple[str, ...]:
    found = [each for each in rows if each.standing is Standing.FOUND]
    hits, asked = sum(each.found for each in found), sum(each.asked for each in found)
    says = [
        f"{count(len(found), 'defect')} found by a check whose business it is, "
        f"in {hits:,} of {count(asked, 'run')} in which the decision came up",
        f"no false alarm in {count(matrix.clean_runs, 'clean run')}, and both judges agree on every run",
    ]
    if len(rows) > len(found):
        says.append(f"{count(len(rows) - len(found), 'defect')} cannot be seen yet")
    return tuple(says)
