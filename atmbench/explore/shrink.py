"""Shrinking: a drill that fails becomes the shortest that fails the same way.

Ways of `shortening` propose; this module runs what they propose, and keeps what is less (`failures.weight`) and still
fails so. Where a defect is planted, the drill must not fail that way without it: else it shows something else. Where
none is, a drill that a sound system must pass stays one (`schedules.is_fair`). Bounded in runs, and the same for the
same drill. It must never take another failure for the one it was given, or a larger drill for a shorter one.
"""

from collections.abc import Callable, Iterator

import msgspec

from atmbench import money
from atmbench.drill.records import STEPS_MAX, Drill, Step
from atmbench.drill.rules import broken_by
from atmbench.explore.coverage import Watch
from atmbench.explore.failures import EXPECTED, Failure, failures_of, ways_failed, weight
from atmbench.explore.patience import watched
from atmbench.explore.schedules import is_fair
from atmbench.explore.shortening import (
    Way,
    default_settings,
    drop_steps,
    fewer_cards,
    fewer_terminals,
    plain_expectations,
    rounder_times,
    simpler_steps,
    sooner,
)
from atmbench.explore.trial import Asked, Trial
from atmbench.facts import AnyFact, TransactionStarted
from atmbench.messages.dialect import load_dialect
from atmbench.messages.records import MOVES_MONEY, Purpose
from atmbench.terminal.settings import TerminalSettings, Timers

SHRINK_RUNS_MAX = 800
"""Runs that one shrinking may take, those without the defects included."""
SEEDS_TRIED = (1, 2, 3)
"""A drill that fails with its usual seed needs to say none."""
PAN_INDEX = slice(-4, -1)
"""Where a masked test PAN still says which card of a small population it is."""


class Shrunk(msgspec.Struct, frozen=True):
    """What became of a failure."""

    before: Failure
    after: Failure
    runs: int
    remark: str = ""
    """What the reader must know of it."""


class NotFailing(Exception):
    """The drill that was to be shrunk does not fail (again)."""


def shrink(failure: Failure, plant: tuple[str, ...] = (), *, runs_max: int = SHRINK_RUNS_MAX) -> Shrunk:
    """The shortest drill that fails as a failure does. `plant` becomes part of it. Raises NotFailing."""
    planted = msgspec.structs.replace(failure.drill, defects=tuple(sorted({*failure.drill.defects, *plant})))
    shrinker = _Shrinker(planted, failure.way, runs_max)
    shrinker.shrink()
    is_done = shrinker.runs < runs_max
    return Shrunk(
        failure, shrinker.best, shrinker.runs, "" if is_done else f"more than {runs_max} runs may shrink it more"
    )


def failure_of(drill: Drill, plant: tuple[str, ...] = (), check: str = "") -> Failure | None:
    """How a drill fails by a check, or by the first that does; None if it does not."""
    trial, watch = watched(Asked(drill, drill.seed, plant))
    found = failures_of(trial, drill, watch.messages)
    return next((failure for failure in found if check in ("", failure.way)), None)


class _Shrinker:
    """One failure on its way to a shorter one."""

    def __init__(self, drill: Drill, way: str, runs_max: int) -> None:
        self.runs = 0
        self._runs_max = runs_max
        self._way = way
        self._asked: set[bytes] = set()
        trial, watch = self._run(drill)
        found = {each.way: each for each in failures_of(trial, drill, watch.messages)}
        if way not in found:
            raise NotFailing(f"{drill.drill} does not fail by {way} with seed {drill.seed}")
        self.best = found[way]
        self._ways = frozenset(found)
        self._may_refuse = EXPECTED in trial.failed
        self._guards = bool(drill.defects) and not self._fails_soundly(drill)
        self._must_be_fair = not self._guards and is_fair(drill)

    def shrink(self) -> None:
        """Try all ways, again and again, until none of them finds anything or the runs are used up."""
        usual = _usual_terminal(self.best.drill)
        ways: tuple[Callable[[Drill], Way], ...] = (
            plain_expectations,
            drop_steps,
            fewer_terminals,
            default_settings(usual),
            fewer_cards,
            sooner,
            rounder_times,
            simpler_steps,
        )
        while self.runs < self._runs_max:
            before = self.best
            self._without_crowds()
            for way in ways:
                self._drive(way(self.best.drill))
            for seed in SEEDS_TRIED:
                self._is_good(msgspec.structs.replace(self.best.drill, seed=seed))
            if self.best == before:
                return

    def _drive(self, way: Way) -> None:
        """Let a way propose until it has no more to say."""
        try:
            proposed = next(way)
            while True:
                proposed = way.send(self._is_good(proposed))
        except StopIteration:
            return

    def _is_good(self, drill: Drill) -> bool:
        """Whether a drill is less than the best and fails the same way; it is the best from now on then."""
        if self.runs >= self._runs_max or weight(drill) >= weight(self.best.drill):
            return False
        name = msgspec.msgpack.encode(drill)
        if name in self._asked:
            return False
        self._asked.add(name)
        if any(True for _ in broken_by(drill)) or (self._must_be_fair and not is_fair(drill)):
            return False
        trial, watch = self._run(drill)
        found = {each.way: each for each in failures_of(trial, drill, watch.messages)}
        is_same = self._way in found and self._ways.issuperset(found)
        if not is_same or (EXPECTED in trial.failed and not self._may_refuse):
            return False
        if self._guards and self._fails_soundly(drill):
            return False
        self.best = found[self._way]
        return True

    def _fails_soundly(self, drill: Drill) -> bool:
        """Whether a drill fails that way without its defects, too."""
        trial, _ = self._run(msgspec.structs.replace(drill, defects=()))
        return self._way in ways_failed(trial)

    def _run(self, drill: Drill) -> tuple[Trial, Watch]:
        self.runs += 1
        return watched(Asked(drill, drill.seed))

    # --- customers that come by themselves ------------------------------------------------------

    def _without_crowds(self) -> None:
        """Whoever came by himself comes by a step, or not at all."""
        drill = self.best.drill
        if drill.workload is None and not any(each.workload for each in drill.channels.values()):
            return
        silent = {name: msgspec.structs.replace(each, workload=None) for name, each in drill.channels.items()}
        nobody = msgspec.structs.replace(drill, workload=None, channels=silent)
        seen = list(self._customers_seen())
        for customers in ([], [step for key, step in seen if key in self.best.says], [step for _, step in seen]):
            steps = sorted((*drill.steps, *customers), key=lambda step: step.at or 0.0)
            if len(steps) <= STEPS_MAX and self._is_good(msgspec.structs.replace(nobody, steps=tuple(steps))):
                return

    def _customers_seen(self) -> Iterator[tuple[str, Step]]:
        """The customers of the best so far, as steps, each with what the audit calls the transaction."""
        drill, started = self.best.drill, list[TransactionStarted]()

        def note(fact: AnyFact) -> None:
            if isinstance(fact, TransactionStarted):
                started.append(fact)

        self.runs += 1
        watched(Asked(drill, drill.seed), note)
        for fact in started:
            if fact.t < drill.heal.at:
                yield f"{fact.actor} STAN {fact.stan:06d}", _customer(fact, drill)


def _customer(fact: TransactionStarted, drill: Drill) -> Step:
    service = Purpose(fact.service)
    values = {
        "terminal": fact.actor,
        "amount": money.display(fact.amount_minor, drill.currency) if service in MOVES_MONEY else "0",
        "card": int(fact.card[PAN_INDEX]) or None if fact.card[PAN_INDEX].isdigit() else None,
    }
    if service is Purpose.WITHDRAWAL:
        return msgspec.convert({"at": round(fact.t, 3), "withdraw": values}, Step)
    return msgspec.convert({"at": round(fact.t, 3), "transact": values | {"service": str(service)}}, Step)


def _usual_terminal(drill: Drill) -> TerminalSettings:
    """Terminals as a drill has them that says nothing of them: with the waiting times of its dialect."""
    usual = {name: value for name, value in msgspec.structs.asdict(load_dialect(drill.dialect).timers).items() if value}
    return TerminalSettings(timers=msgspec.structs.replace(Timers(), **usual))
