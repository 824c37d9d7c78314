"""A whole world in virtual time with a script beside it: act at a moment, then look at the facts."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import trio

from atmbench.audit.casebook import Casebook
from atmbench.audit.judge import Audit, judge_book
from atmbench.drill.commands import Command
from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill
from atmbench.facts import AnyFact, Fact, SiteRoleChanged, TransactionEnded
from atmbench.fleet.driver import Driver
from atmbench.messages.dialect import Dialect
from atmbench.run.world import World
from atmbench.venues.virtual import VirtualVenue

OPEN_S = 5.0
"""All terminals have signed on by then, and none has a reason to say anything before the first echo."""

NEVER_S = 1_000_000_000

F = TypeVar("F", bound=Fact)


def drill_of(*parts: str, terminals: int = 1, heal_at: float = 60.0, every_s: int = NEVER_S) -> Drill:
    """A drill with one card, in which nobody comes by himself, and these lines of YAML."""
    head = f"""
drill: staged
proves: nothing
terminals: {terminals}
cards: {{cards: 1}}
workload: {{every_s: {every_s}}}
heal: {{at: {heal_at}}}
"""
    return parse_drill(head + "\n".join(parts), "staged")


class Stage:
    """One world. `facts_of` finds what was recorded so far."""

    def __init__(
        self, drill: Drill, seed: int = 1, dialect: Dialect | None = None, *, until_told: bool = False
    ) -> None:
        self.venue = VirtualVenue()
        self.world = World(drill, venue=self.venue, seed=seed, dialect=dialect, until_told=until_told)
        self.facts: list[AnyFact] = []
        self._book = Casebook()
        self.world.recorder.readers += [self.facts.append, self._book.add]

    @property
    def driver(self) -> Driver:
        """The first terminal."""
        return self.world.drivers["T01"]

    def run(self) -> Audit:
        """Let the world live to its end, and judge it."""
        trio.run(self.world.run, clock=self.world.clock)
        return self.judged()

    def judged(self) -> Audit:
        """The verdict over all that was recorded."""
        self.world.recorder.flush()
        return judge_book(self._book)

    def play(self, script: Callable[["Stage"], Awaitable[None]]) -> "Stage":
        """Let the world live beside a script that begins at `OPEN_S`, and end it with the script."""

        async def main() -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self.world.run)
                await trio.sleep(OPEN_S)
                self.forget()
                await script(self)
                nursery.cancel_scope.cancel()

        trio.run(main, clock=self.world.clock)
        self.world.recorder.flush()
        return self

    def facts_of(self, kind: type[F], **values: Any) -> list[F]:
        """Facts of a kind with these values, in order."""
        self.world.recorder.flush()
        return [
            fact
            for fact in self.facts
            if isinstance(fact, kind) and all(getattr(fact, name) == value for name, value in values.items())
        ]

    def do(self, *commands: Command) -> None:
        """Carry out commands now."""
        for command in commands:
            self.world.performer.command(command)

    def outcomes(self) -> list[str]:
        """How transactions ended, in order."""
        return [each.outcome for each in self.facts_of(TransactionEnded)]

    def roles(self) -> list[tuple[str, str]]:
        """Which sites became what, in order."""
        return [(each.site, each.role) for each in self.facts_of(SiteRoleChanged)]

    def forget(self) -> None:
        """Look at nothing that has happened up to now."""
        self.world.recorder.flush()
        self.facts.clear()
