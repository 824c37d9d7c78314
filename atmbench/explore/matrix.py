"""The detection matrix while it fills: what each trial with a defect came to beside the clean one, folded into counts.

A trial is looked at once and let go. This module must hold no opinion on whether the bench is good enough: `proof` has.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from atmbench.audit.judge import CHECK_FAILED, otherwise
from atmbench.audit.verdict import Status
from atmbench.defects import Defect
from atmbench.explore.trial import Found, Trial

ALARMS_KEPT_MAX = 200
"""Alarms of one kind that are kept; all are counted."""


class Outcome(StrEnum):
    """What came of a planted defect in one drill with one seed in which its decision came up."""

    SAME = "same history"
    PASSED = "history differs, all passed"
    FOUND = "found by a right check"
    ELSEWHERE = "found only by other checks"
    UNKNOWN = "could not be judged"
    CRASHED = "crashed the bench"


BY_WEIGHT = (Outcome.CRASHED, Outcome.FOUND, Outcome.ELSEWHERE, Outcome.UNKNOWN, Outcome.PASSED, Outcome.SAME)
"""Which of several outcomes says most."""


class Hit(msgspec.Struct, frozen=True):
    """Where a defect was found: a run, and the check that says so."""

    drill: str
    seed: int
    check: str


class Alarm(msgspec.Struct, frozen=True):
    """What is wrong with the bench itself, in one run."""

    drill: str
    seed: int
    plant: tuple[str, ...]
    says: str
    findings: tuple[str, ...] = ()


@dataclass
class Alarms:
    """Alarms of one kind: how many, and the first few."""

    count: int = 0
    first: list[Alarm] = field(default_factory=list)

    def add(self, trial: Trial, says: str, findings: tuple[str, ...] = ()) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < ALARMS_KEPT_MAX:
            self.first.append(Alarm(trial.drill, trial.seed, trial.plant, says, findings))


@dataclass
class Cell:
    """One defect in one drill, over all seeds in which its decision came up."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    """Checks that told of it, right or not, and in how many runs."""

    @property
    def heaviest(self) -> Outcome:
        """The outcome that says most."""
        return next(each for each in BY_WEIGHT if self.outcomes[each])


@dataclass
class Row:
    """One defect over all drills."""

    cells: dict[str, Cell] = field(default_factory=dict)
    """By drill; one in which the decision never came up has no cell."""
    first: Hit | None = None
    """The first run in which a right check found it."""
    first_elsewhere: Hit | None = None
    """The same of any other check."""

    def count(self, outcome: Outcome) -> int:
        """In how many runs it came to this."""
        return sum(cell.outcomes[outcome] for cell in self.cells.values())

    @property
    def asked(self) -> int:
        """Runs in which its decision came up."""
        return sum(cell.outcomes.total() for cell in self.cells.values())


class Matrix:
    """Takes trials, and keeps what they add up to: a bounded row for each defect."""

    def __init__(self, defects: Mapping[str, Defect]) -> None:
        self._defects = defects
        self.rows = {name: Row() for name in defects}
        self.clean_runs = 0
        self.planted_runs = 0
        self.false_alarms = Alarms()
        """Clean runs that did not pass as they should."""
        self.disagreements = Alarms()
        """Runs on which the audit and the second opinion contradict each other."""
        self.crashes = Alarms()
        """Runs that the bench, or a check of it, died of."""

    def add_clean(self, trial: Trial, fails: Sequence[str]) -> None:
        """A run without a defect, of a drill that is expected to fail these checks and no others."""
        self.clean_runs += 1
        self._add_trouble(trial)
        says = otherwise({each.check: each.status for each in trial.found}, fails)
        if says and not crash_of(trial):
            findings = tuple(line for each in trial.found if each.check not in fails for line in _lines(each))
            self.false_alarms.add(trial, says, findings)

    def add(self, defect: str, trial: Trial, clean: Trial) -> None:
        """A run with a defect, and the run of the same drill and seed without it."""
        self.planted_runs += 1
        row = self.rows[defect]
        cell = row.cells.setdefault(trial.drill, Cell())
        right = self._defects[defect].found_by
        outcome = outcome_of(trial, clean, right)
        cell.outcomes[outcome] += 1
        if outcome is not Outcome.SAME:
            self._add_trouble(trial)
        told = [each.check for each in news(trial, clean) if each.status is Status.FAIL]
        cell.checks.update(told)
        if not told:
            return
        if outcome is Outcome.FOUND and row.first is None:
            row.first = Hit(trial.drill, trial.seed, next(check for check in told if check in right))
        elif outcome is not Outcome.FOUND and row.first_elsewhere is None:
            row.first_elsewhere = Hit(trial.drill, trial.seed, told[0])

    def _add_trouble(self, trial: Trial) -> None:
        if crash := crash_of(trial):
            self.crashes.add(trial, crash)
        if trial.disagreement:
            self.disagreements.add(trial, trial.disagreement)


def outcome_of(trial: Trial, clean: Trial, right: Collection[str]) -> Outcome:
    """What came of a defect whose business it is of these checks to find.

    A check that fails without the defect, too, has found nothing: the drill shows a design that does not hold.
    """
    if trial.crash:
        return Outcome.CRASHED
    if trial.history == clean.history:
        return Outcome.SAME
    new = news(trial, clean)
    if any(each.check in right and each.status is Status.FAIL for each in new):
        return Outcome.FOUND
    if any(each.status is Status.UNKNOWN for each in new):
        return Outcome.UNKNOWN
    is_silenced = not set(clean.failed) <= set(trial.failed)
    return Outcome.ELSEWHERE if new or is_silenced else Outcome.PASSED


def news(trial: Trial, clean: Trial) -> list[Found]:
    """What checks say of a run that they do not say of the clean one."""
    before = {(each.check, each.status) for each in clean.found}
    return [each for each in trial.found if (each.check, each.status) not in before]


def crash_of(trial: Trial) -> str:
    """What the bench, or a check of it, died of in this run; empty if nothing did."""
    if trial.crash:
        return trial.crash
    return next((f"{each.check}: {each.because}" for each in trial.found if each.because.startswith(CHECK_FAILED)), "")


def _lines(found: Found) -> tuple[str, ...]:
    return tuple(f"{found.check}: {says}" for says in found.findings or (found.because,))
