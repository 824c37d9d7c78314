"""The run itself: start, steps, healing, end. Data only."""

from typing import Any

import msgspec

from atmbench.facts.base import Fact

TESTER = "tester"
"""The actor of what was done from outside while a run went on."""


class RunStarted(Fact, frozen=True, kw_only=True):
    """The first fact of a history: everything the audit needs to know of the drill."""

    drill: str
    proves: str
    seed: int
    venue: str
    version: str
    currency: str
    expect: dict[str, Any]
    lines: dict[str, str]
    """Line name to site name, in order of preference."""
    defects: tuple[str, ...] = ()
    channels: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Channel to its clients, where there is more than the ATMs."""
    carriers: dict[str, str] = msgspec.field(default_factory=dict)
    """Line to its carrier, where that is stated."""
    shared: tuple[str, ...] = ()
    """What lines that are to stand in for each other share, in words."""


class StepPerformed(Fact, frozen=True, kw_only=True):
    """A command was carried out: a drill's step, a key in the console, a POST."""

    command: str
    detail: dict[str, Any] = msgspec.field(default_factory=dict)


class StepRefused(Fact, frozen=True, kw_only=True):
    """A command could not be carried out here, and why."""

    command: str
    because: str


class ClockStepped(Fact, frozen=True, kw_only=True):
    """The wall clock of a site or a terminal (the actor) was set. Its timers have not noticed."""

    by_s: int
    shows: str
    """Local date and time on it now, YYMMDDhhmmss."""


class HealStarted(Fact, frozen=True, kw_only=True):
    """All faults are mended; from here the world must converge."""

    within_s: float


class Converged(Fact, frozen=True, kw_only=True):
    """Nothing is open any more: no transaction, no stored message, no unreplicated record."""


class RunEnded(Fact, frozen=True, kw_only=True):
    """The last fact of a complete history."""

    because: str
    pending: tuple[str, ...] = ()
    """What was still open, in words, if the run did not converge."""
    stopped: bool = False
    """Whether somebody ended it at once, before the world had time to converge."""
