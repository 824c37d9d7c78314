"""The conductor: triggers become commands at the right time, in virtual time."""

from collections.abc import Callable

import trio

from atmbench import facts
from atmbench.drill.commands import Mend, Promote
from atmbench.drill.records import After, Drill, Heal, Step
from atmbench.run.conductor import Conductor


class Stage:
    """Stands for the world: remembers what was performed when, and lets facts happen."""

    def __init__(self, drill: Drill, pending: Callable[[float], tuple[str, ...]] = lambda now: ()) -> None:
        self.start = trio.current_time()
        self.performed: list[tuple[float, Step]] = []
        self.recorded: list[tuple[float, str]] = []
        self.watchers: dict[str, list[Callable[[facts.AnyFact], None]]] = {}
        self.conductor = Conductor(
            drill,
            perform=lambda step: self.performed.append((self.now(), step)),
            heal=lambda: self.recorded.append((self.now(), "healed")),
            pending=lambda: pending(self.now()),
            watch=lambda kind, watcher: self.watchers.setdefault(kind, []).append(watcher),
            record=lambda actor, fact: self.recorded.append((self.now(), type(fact).__name__)),
            now=self.now,
        )

    def now(self) -> float:
        return round(trio.current_time() - self.start, 9)

    async def happen(self, at: float, fact: facts.AnyFact) -> None:
        await trio.sleep(at)
        for watcher in self.watchers.get(facts.kind_of(fact), ()):
            watcher(fact)

    def times(self) -> list[float]:
        return [at for at, _ in self.performed]


def drill_of(*steps: Step, heal_at: float = 100.0, within_s: float = 10.0) -> Drill:
    return Drill(drill="d", proves="p", steps=steps, heal=Heal(at=heal_at, within_s=within_s))


async def test_steps_at_a_time_are_performed_in_order_of_time(autojump_clock: trio.testing.MockClock) -> None:
    stage = Stage(drill_of(Step(at=20, promote=Promote(site="B")), Step(at=10, mend=Mend())))
    assert await stage.conductor.run() == ()
    assert [(at, step.at) for at, step in stage.performed] == [(10, 10), (20, 20)]


async def test_every_repeats_from_its_beginning_and_stops_at_the_heal(autojump_clock: trio.testing.MockClock) -> None:
    stage = Stage(drill_of(Step(every=30, from_s=5, mend=Mend())))
    await stage.conductor.run()
    assert stage.times() == [35, 65, 95]


async def test_times_limits_every(autojump_clock: trio.testing.MockClock) -> None:
    stage = Stage(drill_of(Step(every=10, times=2, mend=Mend())))
    await stage.conductor.run()
    assert stage.times() == [10, 20]


async def test_after_counts_matching_facts_and_waits_its_delay(autojump_clock: trio.testing.MockClock) -> None:
    after = After(fact="line_up", where={"line": "primary"}, count=2, delay_s=3)
    stage = Stage(drill_of(Step(after=after, mend=Mend())))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stage.happen, 1, facts.LineUp(line="primary"))
        nursery.start_soon(stage.happen, 2, facts.LineUp(line="secondary"))
        nursery.start_soon(stage.happen, 4, facts.LineUp(line="primary"))
        nursery.start_soon(stage.happen, 6, facts.LineUp(line="primary"))
        await stage.conductor.run()
    assert stage.times() == [7]


async def test_healing_comes_before_convergence_and_takes_calm(autojump_clock: trio.testing.MockClock) -> None:
    stage = Stage(drill_of(heal_at=50), pending=lambda now: ("T01",) if now < 53.5 else ())
    assert await stage.conductor.run() == ()
    assert stage.recorded == [(50, "healed"), (50, "HealStarted"), (56, "Converged")]


async def test_what_is_open_when_the_budget_ends_is_returned(autojump_clock: trio.testing.MockClock) -> None:
    stage = Stage(drill_of(heal_at=50, within_s=10), pending=lambda now: ("T01: one stored message",))
    assert await stage.conductor.run() == ("T01: one stored message",)
    assert stage.now() == 60
    assert "Converged" not in [what for _, what in stage.recorded]
