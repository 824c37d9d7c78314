"""Failures: which run failed how, how large its drill is, and which of two is the shorter. Pure."""

from collections.abc import Iterator
from typing import Any

import msgspec

from atmbench.audit.verdict import Status
from atmbench.datafile.plain import plain
from atmbench.drill.records import Drill
from atmbench.explore.trial import Trial

CRASH = "crash"
DISAGREE = "crash of the judgement"
"""The second opinion on the ledgers contradicts the audit: one of the two is wrong, and both are the bench's."""
CHECK_CRASHED = "the check itself failed"
"""How a verdict begins whose check raised an error (`audit.judge`)."""
EXPECTED = "expected"


class Size(msgspec.Struct, frozen=True):
    """How much a reader has to read."""

    terminals: int
    steps: int
    messages: int
    """That terminals sent for customers in the run."""


class Failure(msgspec.Struct, frozen=True):
    """A run that failed, and in one way: a run may fail in several."""

    drill: Drill
    """With its seed."""
    way: str
    """The check that failed, or "crash" and what of: "crash KeyError"."""
    says: str
    """The first finding, or the end of the traceback."""
    history: str
    messages: int

    @property
    def is_crash(self) -> bool:
        """Whether the bench failed, and not what it tests."""
        return self.way.startswith(CRASH)

    @property
    def size(self) -> Size:
        """How large the drill is."""
        return Size(self.drill.terminals, len(self.drill.steps), self.messages)


def ways_failed(trial: Trial) -> dict[str, str]:
    """In which ways a run failed: check or crash to its first finding.

    What could not be judged is no failure: a drill may have no balance that could be stale. A check that raised is a
    crash of the bench.
    """
    if trial.crash:
        return {f"{CRASH} {_error_of(trial.crash)}": trial.crash}
    ways = {}
    for each in trial.found:
        if each.status is Status.FAIL:
            ways[each.check] = each.findings[0] if each.findings else each.because
        elif each.because.startswith(CHECK_CRASHED):
            ways[f"{CRASH} {each.check}"] = each.because
    if trial.disagreement:
        ways[DISAGREE] = trial.disagreement
    return ways


def failures_of(trial: Trial, drill: Drill, messages: int) -> Iterator[Failure]:
    """One failure for each way in which a run failed."""
    for way, says in ways_failed(trial).items():
        yield Failure(drill, way, says, trial.history, messages)


def _error_of(told: str) -> str:
    """The class of an error in the last lines of a traceback."""
    last = told.strip().splitlines()[-1]
    return last.partition(":")[0].rpartition(".")[2] or "error"


def weight(drill: Drill) -> tuple[float, ...]:
    """What must get less with each step of a shrinking, the weightier first.

    Customers that come by themselves weigh more than any steps, since each of them is one that nobody sees in the file.
    """
    crowds = (drill.workload is not None) + sum(each.workload is not None for each in drill.channels.values())
    values = {name: value for name, value in plain(drill).items() if name not in ("drill", "proves", "heal")}
    expected = {name: value for name, value in values.pop("expect", {}).items() if name != "approved_min"}
    leaves = [
        *_leaves(values),
        *_leaves(expected),
        *_leaves([drill.expect.approved_min] if drill.expect.approved_min else []),
    ]
    numbers = sum(_digits(each) for each in leaves)
    return (crowds, len(drill.steps), drill.terminals, len(leaves), numbers, drill.heal.at, drill.cards.cards)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def _digits(value: Any) -> float:
    """How much there is to read of a value: figures of a number with its size as a tie-break, letters of a text."""
    if isinstance(value, bool) or value is None:
        return 1
    text = str(value)
    try:
        return len(text) + abs(float(text)) / 1e9
    except ValueError:
        return len(text)
