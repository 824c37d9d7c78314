"""One run of a drill in memory, boiled down to what can be compared with other runs and sent between processes.

Nothing is kept but the trial: whoever wants to read a run runs it again, since a seed gives the same history. It must
never let an exception out: a bench that crashes is a result of its own kind.
"""

import hashlib
import traceback
from collections.abc import Callable

import msgspec
import trio

from atmbench.audit.casebook import Casebook
from atmbench.audit.judge import judge_book
from atmbench.audit.verdict import Status, Verdict
from atmbench.drill.records import Drill
from atmbench.errors import AtmbenchError
from atmbench.facts import AnyFact
from atmbench.run.runner import only_one
from atmbench.run.second_opinion import disagreement
from atmbench.run.world import World
from atmbench.second_opinion import SecondOpinion
from atmbench.venues.virtual import VirtualVenue

FINDINGS_MAX = 5
"""Findings of one check that a trial keeps: it is for counting and pointing, the run itself has them all."""
_RUN_STARTED = b'{"fact":"run_started"'


class Found(msgspec.Struct, frozen=True):
    """What one check said of a run that it did not pass."""

    check: str
    status: Status
    because: str
    findings: tuple[str, ...]
    keys: tuple[str, ...]
    """Transactions concerned, as far as the findings name any."""


class Trial(msgspec.Struct, frozen=True):
    """What one run came to."""

    drill: str
    seed: int
    plant: tuple[str, ...]
    status: Status
    """UNKNOWN if the bench crashed."""
    checks: tuple[str, ...] = ()
    """All that were asked."""
    found: tuple[Found, ...] = ()
    """Those that did not pass."""
    history: str = ""
    """SHA-256 of the history without the fact that says how it was run: two runs that did the same are equal here."""
    facts: int = 0
    asked: frozenset[str] = frozenset()
    """Defects whose decision came up, planted or not. One that was never asked for could change nothing."""
    crash: str = ""
    """Last lines of the traceback, if the bench crashed."""
    disagreement: str = ""
    """How the second opinion on the ledgers contradicts the audit; empty if both judges agree."""

    @property
    def failed(self) -> tuple[str, ...]:
        """Checks that failed or could not judge."""
        return tuple(each.check for each in self.found)


class Asked(msgspec.Struct, frozen=True):
    """A run that is asked for. A value: it goes to another process as it is."""

    drill: Drill
    seed: int = 1
    plant: tuple[str, ...] = ()
    """On top of what the drill plants itself."""


def run_trial(asked: Asked, reader: Callable[[AnyFact], None] | None = None) -> Trial:
    """Run a drill on `virtual` and judge it. `reader` sees each fact.

    An error of ours (a drill that cannot be run) is a crash like any other: who asks has made the drill.
    """
    drill = asked.drill
    plant = tuple(sorted({*drill.defects, *asked.plant}))
    history, book, second = HistoryDigest(), Casebook(), SecondOpinion()
    try:
        world = World(drill, venue=VirtualVenue(), seed=asked.seed, defects=plant, history=history)
        world.recorder.readers += [book.add, second.add]
        if reader is not None:
            world.recorder.readers.append(reader)
        _live(world)
        audit = judge_book(book)
        contradicted = disagreement(second.opinion(), audit)
    except Exception as error:
        return Trial(drill.drill, asked.seed, plant, Status.UNKNOWN, crash=_told(error))
    return Trial(
        drill=drill.drill,
        seed=asked.seed,
        plant=plant,
        status=audit.status,
        checks=tuple(verdict.check for verdict in audit.verdicts),
        found=tuple(_found(verdict) for verdict in audit.verdicts if verdict.status is not Status.PASS),
        history=history.hexdigest(),
        facts=history.facts,
        asked=frozenset(world.defects.asked),
        disagreement=contradicted,
    )


class HistoryDigest:
    """Takes the lines of a history, and keeps their number and hash."""

    def __init__(self) -> None:
        self.facts = 0
        self._hash = hashlib.sha256()

    def write(self, lines: bytes, /) -> None:
        """Take whole lines."""
        for line in lines.splitlines(keepends=True):
            self.facts += 1
            if not line.startswith(_RUN_STARTED):
                self._hash.update(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def hexdigest(self) -> str:
        """Of all lines so far but the one that says how it was run."""
        return self._hash.hexdigest()


def _live(world: World) -> None:
    try:
        trio.run(world.run, clock=world.clock)
    except BaseExceptionGroup as group:
        raise only_one(group) from None
    finally:
        world.flush()


def _found(verdict: Verdict) -> Found:
    findings = verdict.findings[:FINDINGS_MAX]
    return Found(
        check=verdict.check,
        status=verdict.status,
        because=verdict.because,
        findings=tuple(finding.says for finding in findings),
        keys=tuple(dict.fromkeys(finding.key for finding in findings if finding.key)),
    )


def _told(error: Exception) -> str:
    if isinstance(error, AtmbenchError):
        return f"{type(error).__name__}: {error}"
    return "".join(traceback.format_exception(error)[-4:])
