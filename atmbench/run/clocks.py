"""The wall clocks of a world: one for each site, terminal and client, and the command that sets them.

They show time, and nothing is timed by them. Whoever is not named in a drill is in its own zone. This module must never
look at a clock of the machine.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from atmbench.drill.commands import StepClock
from atmbench.drill.places import called, everybody
from atmbench.drill.records import Drill
from atmbench.errors import LocalError
from atmbench.facts import ClockStepped, Fact
from atmbench.messages.wall_clock import SET_S_MAX, WallClock


class Clocks:
    """All clocks of a drill, by site, terminal or client. `record(actor, fact)` writes the history."""

    def __init__(self, drill: Drill, record: Callable[[str, Fact], None]) -> None:
        self._drill = drill
        self._record = record
        universal = datetime.fromisoformat(drill.starts_at) - timedelta(seconds=drill.utc_offset_s)
        offsets = dict.fromkeys((*drill.host.sites, *everybody(drill)), drill.utc_offset_s)
        for place, offset_s in drill.utc_offsets_s.items():
            offsets |= dict.fromkeys(called(drill, place), offset_s)
        self._clocks = {name: WallClock(universal, offset_s) for name, offset_s in offsets.items()}

    def of(self, actor: str) -> WallClock:
        """The clock of a site, a terminal or a client."""
        return self._clocks[actor]

    def step(self, command: StepClock, now: float) -> None:
        """Set the clock of a place, or of all in it.

        Raises LocalError, and sets none, if one would be set too far.
        """
        names = called(self._drill, command.of)
        for name in names:
            set_s = self._clocks[name].set_s + command.step_s
            if abs(set_s) > SET_S_MAX:
                raise LocalError(f"the clock of {name} would be off by {set_s:,} s; expected {SET_S_MAX:,} s at most")
        for name in names:
            clock = self._clocks[name]
            clock.step(command.step_s, is_local=command.local)
            self._record(name, ClockStepped(by_s=command.step_s, shows=clock.local(now)))
