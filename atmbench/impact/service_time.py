"""Service time: for how long each terminal was in service, out of it, and in each of its states. Judges nothing.

A terminal is in service while it can begin with a customer or serves one: in every state of its transition table but
closed and recovering, and with power. It is observed from the moment when it first was in service, so that the start of
the bench is no outage; one that never was, from the first that it said. In service says nothing of the bank behind it:
`in_vain_s` does, from a customer who came in vain to the next one who was served there.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from atmbench import facts
from atmbench.terminal.states import State

NO_POWER = "no_power"
STARTING = "starting"
OUT = frozenset({State.CLOSED.value, State.RECOVERING.value, NO_POWER, STARTING})
"""States in which nobody can be served."""
TERMINALS_MAX = 100_000
"""Terminals whose time is kept; of more it is said how many they were."""


class InService(msgspec.Struct, frozen=True):
    """The time of one terminal, or of several together, in seconds."""

    name: str
    channel: str
    in_service_s: float
    out_of_service_s: float
    longest_out_s: float
    """Without a break."""
    starting_s: float
    """Before it was in service for the first time; not observed, unless it never was."""
    states: dict[str, float]
    """State to the seconds spent there, in the order in which they were first entered."""
    availability: float | None
    """In-service seconds over observed seconds; None if nothing was observed."""
    terminals: int = 1
    in_vain_s: float = 0.0
    """Within which somebody had come for nothing and nobody had been served since."""

    @property
    def observed_s(self) -> float:
        """In service or out of it."""
        return self.in_service_s + self.out_of_service_s


class _Clock(msgspec.Struct):
    """One terminal so far."""

    state: str
    since_t: float
    states: dict[str, float] = {}
    out_t: float | None = None
    """Since when it is out of service."""
    longest_out_s: float = 0.0


class ServiceTime:
    """Follows the states of all terminals of one run."""

    def __init__(self) -> None:
        self.beyond: set[str] = set()
        self._clocks: dict[str, _Clock] = {}

    def handlers(self) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it."""
        return {
            facts.StateChanged: lambda fact: self._now_in(fact.actor, fact.new, fact.t),
            facts.PowerFailed: lambda fact: self._now_in(fact.actor, NO_POWER, fact.t),
            facts.PowerRestored: lambda fact: self._now_in(fact.actor, State.CLOSED.value, fact.t),
        }

    def counted(
        self, end_t: float, channel_of: Callable[[str], str], in_vain_s: Mapping[str, float]
    ) -> tuple[InService, ...]:
        """The time of every terminal up to the end of the run, in the order of their first facts.

        `in_vain_s` is told, terminal to seconds; one that is not named had nobody come in vain.
        """
        return tuple(
            _counted(name, channel_of(name), clock, end_t, in_vain_s.get(name, 0.0))
            for name, clock in self._clocks.items()
        )

    def _now_in(self, terminal: str, state: str, t: float) -> None:
        clock = self._clocks.get(terminal)
        if clock is None:
            if len(self._clocks) >= TERMINALS_MAX:
                if len(self.beyond) < TERMINALS_MAX:
                    self.beyond.add(terminal)
                return
            self._clocks[terminal] = _Clock(STARTING if state in OUT else state, t)
            return
        if state in OUT and clock.state == STARTING:
            return
        _close(clock, t)
        clock.state = state
        if state in OUT and clock.out_t is None:
            clock.out_t = t
        elif state not in OUT and clock.out_t is not None:
            clock.longest_out_s = max(clock.longest_out_s, t - clock.out_t)
            clock.out_t = None


def _close(clock: _Clock, t: float) -> None:
    clock.states[clock.state] = clock.states.get(clock.state, 0.0) + t - clock.since_t
    clock.since_t = t


def _counted(name: str, channel: str, clock: _Clock, end_t: float, in_vain_s: float) -> InService:
    states = dict(clock.states)
    states[clock.state] = states.get(clock.state, 0.0) + max(0.0, end_t - clock.since_t)
    longest_s = clock.longest_out_s
    if clock.out_t is not None:
        longest_s = max(longest_s, end_t - clock.out_t)
    never = clock.state == STARTING
    starting_s = states[STARTING] if never else states.pop(STARTING, 0.0)
    in_s = round(sum(seconds for state, seconds in states.items() if state not in OUT), 6)
    out_s = round(sum(seconds for state, seconds in states.items() if state in OUT), 6)
    longest_s = max(longest_s, starting_s) if never else longest_s
    told = {state: round(seconds, 6) for state, seconds in states.items()}
    return InService(
        name=name,
        channel=channel,
        in_service_s=in_s,
        out_of_service_s=out_s,
        longest_out_s=round(longest_s, 6),
        starting_s=round(starting_s, 6),
        states=told,
        availability=_share(in_s, out_s),
        in_vain_s=in_vain_s,
    )


def _share(in_s: float, out_s: float) -> float | None:
    return round(in_s / (in_s + out_s), 9) if in_s + out_s else None


def together(name: str, each: Iterable[InService]) -> InService:
    """Several terminals as one, under a name; what was longest is that of one of them."""
    every = list(each)
    states: dict[str, float] = {}
    for one in every:
        for state, seconds in one.states.items():
            states[state] = round(states.get(state, 0.0) + seconds, 6)
    in_s = round(sum(one.in_service_s for one in every), 6)
    out_s = round(sum(one.out_of_service_s for one in every), 6)
    return InService(
        name=name,
        channel=every[0].channel if every else "",
        in_service_s=in_s,
        out_of_service_s=out_s,
        longest_out_s=max((one.longest_out_s for one in every), default=0.0),
        starting_s=round(sum(one.starting_s for one in every), 6),
        states=states,
        availability=_share(in_s, out_s),
        terminals=len(every),
        in_vain_s=round(sum(one.in_vain_s for one in every), 6),
    )
