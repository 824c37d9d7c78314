"""The conductor: carries out a drill's steps when their triggers say so, then heals and waits.

It turns a trigger into a time, and a time into a command for the world. It must never look at
anything but facts and the clock.
"""

import heapq
from collections.abc import Callable
from itertools import count

import trio

from atmbench.drill.records import After, Drill, Step
from atmbench.drill.where import fact_fits
from atmbench.facts import AnyFact, Converged, Fact, HealStarted

CONVERGENCE_POLL_S = 1.0
"""How often the world is asked whether it has converged."""
CALM_POLLS = 3
"""So many calm answers in a row count as converged: what is still in the air shows itself by then."""


class Conductor:
    """Performs one drill.

    `perform(step)` carries out a step's command; `heal()` mends everything; `pending()` lists what is
    open, in words. `watch(kind, watcher)` subscribes to facts. `heal_at`, if given, stands in place of the drill's own:
    infinity waits for somebody to call `heal_now`.
    """

    def __init__(
        self,
        drill: Drill,
        *,
        perform: Callable[[Step], None],
        heal: Callable[[], None],
        pending: Callable[[], tuple[str, ...]],
        watch: Callable[[str, Callable[[AnyFact], None]], None],
        record: Callable[[str, Fact], None],
        now: Callable[[], float],
        heal_at: float | None = None,
    ) -> None:
        self._heal_at = drill.heal.at if heal_at is None else heal_at
        self._drill = drill
        self._perform = perform
        self._heal = heal
        self._pending = pending
        self._record = record
        self._now = now
        self._order = count()
        self._due: list[tuple[float, int, Step]] = []
        self._left: dict[int, int] = {}
        self._timer = trio.CancelScope()
        self._offset = 0.0
        for step in drill.steps:
            if step.after is not None:
                self._await_facts(step, step.after, watch)
            else:
                self._plan(step, step.from_s + step.every if step.every is not None else step.at or 0.0)

    async def run(self) -> tuple[str, ...]:
        """Perform the drill to its end. Returns what was still open when the budget ran out; empty is converged."""
        self._offset = trio.current_time() - self._now()
        await self._perform_steps()
        self._heal()
        self._record("conductor", HealStarted(within_s=self._drill.heal.within_s))
        return await self._converge()

    def heal_now(self) -> None:
        """Begin to heal at once, whatever the drill still has."""
        self._heal_at = min(self._heal_at, self._now())
        self._timer.deadline = min(self._timer.deadline, self._offset + self._heal_at)

    async def _perform_steps(self) -> None:
        while (now := self._now()) < self._heal_at:
            if self._due and self._due[0][0] <= now:
                at, _, step = heapq.heappop(self._due)
                self._perform(step)
                self._plan_repeat(step, at)
                continue
            until = min(self._due[0][0], self._heal_at) if self._due else self._heal_at
            with trio.CancelScope(deadline=self._offset + until) as self._timer:
                await trio.sleep_forever()

    async def _converge(self) -> tuple[str, ...]:
        give_up_at = self._now() + self._drill.heal.within_s
        calm = 0
        while self._now() < give_up_at:
            await trio.sleep(CONVERGENCE_POLL_S)
            calm = 0 if self._pending() else calm + 1
            if calm == CALM_POLLS:
                self._record("conductor", Converged())
                return ()
        return self._pending()

    def _plan(self, step: Step, at: float) -> None:
        heapq.heappush(self._due, (at, next(self._order), step))
        self._timer.deadline = min(self._timer.deadline, self._offset + at)

    def _plan_repeat(self, step: Step, at: float) -> None:
        if step.every is None:
            return
        left = self._left.get(id(step), step.times or 0)
        if step.times is not None:
            left -= 1
            self._left[id(step)] = left
            if left <= 0:
                return
        self._plan(step, at + step.every)

    def _await_facts(self, step: Step, after: After, watch: Callable[[str, Callable[[AnyFact], None]], None]) -> None:
        seen = 0

        def on_fact(fact: AnyFact) -> None:
            nonlocal seen
            if fact_fits(fact, after.where):
                seen += 1
                if seen == after.count:
                    self._plan(step, self._now() + after.delay_s)

        watch(after.fact, on_fact)
