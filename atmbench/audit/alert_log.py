"""The log of alerts, and of what they are held against: faults and commands, with their beginning and their end.

Remembers; what must have fired is said by `alerts`.
"""

from collections.abc import Callable
from math import inf
from typing import Any

import msgspec

from atmbench import facts

ALERTS_MAX = 10_000
"""Alerts that are kept. Rules that flap more often than that have failed long before."""
TROUBLES_MAX = 10_000
QUIET = frozenset({"withdraw", "transact", "hand", "workload", "customer", "mend", "start_site"})
"""Commands that are no trouble: customers, and the end of one."""


class Alarm(msgspec.Struct):
    """One time that an alert fired."""

    fired: facts.AlertFired
    number: int
    """Of the fact."""
    cleared_t: float = inf


class Trouble(msgspec.Struct):
    """A fault, or a command that may be one."""

    name: str
    says: str
    from_t: float
    site: str | None = None
    until_t: float = inf


class AlertLog:
    """Alerts of one run, in the order in which they fired."""

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []
        self.alarms_beyond = 0
        self.troubles: list[Trouble] = []
        self._open: dict[str, Alarm] = {}

    def handlers(self, number: Callable[[], int]) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it, beside others. `number` gives that of the present fact."""
        return {
            facts.AlertFired: lambda fact: self._fired(fact, number()),
            facts.AlertCleared: self._cleared,
            facts.FaultStarted: lambda fact: self._begin(Trouble(fact.name, f"fault {fact.name!r}", fact.t)),
            facts.FaultEnded: lambda fact: self._end(fact.t, lambda each: each.name == fact.name),
            facts.StepPerformed: self._step_performed,
            facts.HealStarted: lambda fact: self._end(fact.t, lambda each: True),
        }

    def of(self, alert: str) -> list[Alarm]:
        """Each time that this alert fired."""
        return [each for each in self.alarms if each.fired.alert == alert]

    def trouble(self, name: str) -> Trouble | None:
        """The first fault or command of this name, or the first of all."""
        return next((each for each in self.troubles if name in ("", each.name)), None)

    def _fired(self, fact: facts.AlertFired, number: int) -> None:
        if len(self.alarms) >= ALERTS_MAX:
            self.alarms_beyond += 1
            return
        alarm = self._open[fact.alert] = Alarm(fact, number)
        self.alarms.append(alarm)

    def _cleared(self, fact: facts.AlertCleared) -> None:
        alarm = self._open.pop(fact.alert, None)
        if alarm is not None:
            alarm.cleared_t = fact.t

    def _step_performed(self, fact: facts.StepPerformed) -> None:
        site = fact.detail.get("site")
        if fact.command == "start_site":
            self._end(fact.t, lambda each: each.name == "stop_site" and each.site == site)
        elif fact.command not in QUIET:
            says = f"step {fact.command} of site {site}" if site else f"step {fact.command}"
            self._begin(Trouble(fact.command, says, fact.t, site))

    def _begin(self, trouble: Trouble) -> None:
        if len(self.troubles) < TROUBLES_MAX:
            self.troubles.append(trouble)

    def _end(self, t: float, is_meant: Callable[[Trouble], bool]) -> None:
        for each in self.troubles:
            if each.until_t == inf and is_meant(each):
                each.until_t = t
