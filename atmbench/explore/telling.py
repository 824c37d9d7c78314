"""What a search comes to, as text and as JSON. Builds strings; the caller prints them."""

import json
import shlex
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from atmbench.audit.verdict import Status, count
from atmbench.explore.coverage import MOVES, STATES, kinds_known
from atmbench.explore.failures import Size
from atmbench.explore.finds import Find
from atmbench.explore.search import Harvest

WIDTH = 110
SAYS_MAX = 600
"""Characters of a finding that are shown: the end of them, which is where a traceback says what it was."""


class Told(msgspec.Struct, frozen=True):
    """A search that is over, for whoever tells of it."""

    name: str
    """Of the drill that was explored."""
    asked: int
    jobs: int
    harvest: Harvest
    finds: tuple[Find, ...]

    @property
    def per_minute(self) -> float:
        """Drills a minute of the wall, all processes together; shrinking not counted."""
        return 60 * self.harvest.runs / self.harvest.wall_s if self.harvest.wall_s else 0.0


def render(told: Told) -> str:
    """The report."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Told) -> Iterator[str]:
    harvest = told.harvest
    head = f"{count(len(told.finds), 'failure')} found" if told.finds else "nothing found"
    yield f"{head}: {told.name} explored, {harvest.runs:,} of {told.asked:,} drills run"
    yield ""
    for find in told.finds:
        yield from _find_lines(find)
    yield from _coverage_lines(harvest)
    yield ""
    yield from _check_lines(harvest)
    yield ""
    per_core = 60 * harvest.runs / harvest.busy_s if harvest.busy_s else 0.0
    with_jobs = f"{told.per_minute:,.0f} drills a minute with {count(told.jobs, 'job')}"
    yield f"{with_jobs}; {per_core:,.0f} a minute of processor time"


def _find_lines(find: Find) -> Iterator[str]:
    yield f"  {find.way}: {count(find.runs, 'run')} failed so"
    yield f"    shrunk in {count(find.shrink_runs, 'run')}: {words(find.before)} -> {words(find.after)}"
    if find.remark:
        yield f"    {find.remark}"
    for line in find.says[-SAYS_MAX:].splitlines():
        yield textwrap.fill(line, WIDTH, initial_indent="    ", subsequent_indent="      ")
    yield f"    {replay(find)}"
    yield ""


def replay(find: Find) -> str:
    """The command line that shows a find."""
    return shlex.join(("atmbench", "run", str(find.path)))


def words(size: Size) -> str:
    """A size in words."""
    parts = ((size.terminals, "terminal"), (size.steps, "step"), (size.messages, "message"))
    return ", ".join(count(number, noun) for number, noun in parts)


def _coverage_lines(harvest: Harvest) -> Iterator[str]:
    for noun, number, of in covered(harvest):
        yield f"  {noun:<28}{number:>7,}{f' of {of:,}' if of else ''}"


def covered(harvest: Harvest) -> Sequence[tuple[str, int, int]]:
    """What was touched: its name, how many, and of how many; 0 where nobody knows."""
    coverage = harvest.coverage
    return (
        ("terminal states", len(coverage.states & STATES), len(STATES)),
        ("terminal transitions", len(coverage.moves & MOVES), len(MOVES)),
        ("kinds of facts", len(coverage.kinds), kinds_known()),
        ("response codes", len(coverage.codes), 0),
        ("pairs of events", len(coverage.pairs), 0),
    )


def _check_lines(harvest: Harvest) -> Iterator[str]:
    yield f"  {'check':<16}{'passed':>9}{'failed':>9}{'unknown':>9}"
    for check, came_to in harvest.verdicts.of.items():
        passed, failed, unknown = (came_to.get(each, 0) for each in (Status.PASS, Status.FAIL, Status.UNKNOWN))
        yield f"  {check:<16}{passed:>9,}{failed:>9,}{unknown:>9,}"


def as_json(told: Told) -> str:
    """The same for machines."""
    harvest = told.harvest
    values: dict[str, Any] = {
        "drill": told.name,
        "runs": harvest.runs,
        "runs_asked": told.asked,
        "facts": harvest.facts,
        "jobs": told.jobs,
        "wall_s": round(harvest.wall_s, 3),
        "processor_s": round(harvest.busy_s, 3),
        "drills_per_minute": round(told.per_minute, 1),
        "coverage": {noun: {"met": number, "of": of or None} for noun, number, of in covered(harvest)},
        "checks": {
            check: {str(status): number for status, number in each.items()}
            for check, each in harvest.verdicts.of.items()
        },
        "failed": harvest.failed,
        "failures": [
            {
                "way": find.way,
                "runs": find.runs,
                "says": find.says,
                "before": msgspec.to_builtins(find.before),
                "after": msgspec.to_builtins(find.after),
                "shrink_runs": find.shrink_runs,
                "remark": find.remark,
                "file": str(find.path),
                "replay": replay(find),
            }
            for find in told.finds
        ],
    }
    return json.dumps(values, indent=2) + "\n"
