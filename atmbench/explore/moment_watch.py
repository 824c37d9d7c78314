"""Whether the fault of a cell has met anything, and when. Dry: facts in, a time out.

A fault that begins proves nothing by itself: a message must have been touched, a connection lost, or a terminal's power
gone. A message that was on its way when a silent cut began dies without a fact of its own; it is known by its sending,
and by nobody having received it. So does a request that waits at a site which goes dark: it is never answered.
"""

from atmbench.explore.moment_strikes import LINES, STRIKE, TERMINAL
from atmbench.explore.moments import Cell, Fault
from atmbench.facts import (
    AnyFact,
    DialFailed,
    FaultEnded,
    FaultStarted,
    FrameDisturbed,
    LineLost,
    MessageReceived,
    MessageSent,
    PowerFailed,
)

ON_ITS_WAY_S = 0.1
"""No message is longer on its way than this, unless a fault holds it."""

_Message = tuple[str, int]
"""MTI and STAN; of a request that waits at a site, no MTI and its STAN."""


class StrikeWatch:
    """Looks for the first thing that the fault of a cell has met. Facts of one instant may come in any order."""

    def __init__(self, cell: Cell) -> None:
        self._is_power = cell.fault is Fault.POWER_LOST
        self._dark_site = str(cell.site) if cell.fault is Fault.SITE_LOST else ""
        self._line = LINES[cell.site]
        self._names = (STRIKE, f"dark-{cell.site}") if cell.fault is Fault.SITE_LOST else (STRIKE,)
        self._active: set[str] = set()
        self._began_at: float | None = None
        self._lost_at: float | None = None
        self._on_its_way: dict[_Message, float] = {}
        self._waiting: set[_Message] = set()
        self._may_be_dead: set[_Message] = set()
        self.struck_at: float | None = None

    def __call__(self, fact: AnyFact) -> None:
        """Take the next fact of the run."""
        if self.struck_at is None:
            self._look_for_dead(fact.t)
        if self.struck_at is None and self._is_struck(fact):
            self.struck_at = fact.t

    def _is_struck(self, fact: AnyFact) -> bool:
        match fact:
            case FaultStarted(name=name) if name.startswith(self._names):
                return self._begin(name, fact.t)
            case FaultEnded(name=name):
                self._active.discard(name)
            case FrameDisturbed(name=name):
                return name.startswith(self._names)
            case LineLost(line=line) | DialFailed(line=line) if line == self._line and fact.actor == TERMINAL:
                self._lost_at = fact.t
                return bool(self._active)
            case MessageSent(line=line) if line == self._line:
                self._on_its_way[fact.mti, fact.stan] = fact.t
                self._answered(fact.stan, fact.actor)
            case MessageReceived(line=line) if line == self._line:
                self._on_its_way.pop((fact.mti, fact.stan), None)
                self._may_be_dead.discard((fact.mti, fact.stan))
                if fact.actor == self._dark_site:
                    self._waiting.add(("", fact.stan))
            case PowerFailed() if fact.actor == TERMINAL:
                return self._is_power
        return False

    def _begin(self, name: str, t: float) -> bool:
        self._active.add(name)
        if self._began_at is None:
            self._began_at = t
            on_its_way = {message for message, at in self._on_its_way.items() if t - at < ON_ITS_WAY_S}
            self._may_be_dead = on_its_way | self._waiting
        return self._lost_at == t

    def _answered(self, stan: int, by: str) -> None:
        if by == self._dark_site:
            self._waiting.discard(("", stan))
            self._may_be_dead.discard(("", stan))

    def _look_for_dead(self, now: float) -> None:
        if self._may_be_dead and self._began_at is not None and now > self._began_at + ON_ITS_WAY_S:
            self.struck_at = self._began_at
