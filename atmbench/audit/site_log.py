"""What the sites of the host did to one another: roles, balances overwritten, comparisons. Kept for the checks."""

from collections.abc import Callable
from typing import Any

from atmbench import facts

OVERWRITTEN_MAX = 10_000
ROLES_MAX = 100_000
COMPARED_MAX = 1_000
DAYS_MAX = 10_000
ALARMS_MAX = 1_000
DIALS_MAX = 100_000
"""Dials that failed; of more, only the first are counted."""


class SiteLog:
    """The facts about sites that belong to no single transaction, in the order of the history."""

    def __init__(self) -> None:
        self.roles: list[facts.SiteRoleChanged] = []
        self.overwritten: list[facts.BalanceOverwritten] = []
        self.compared: list[facts.SitesCompared] = []
        self.days: list[facts.BusinessDayBegan] = []
        self.day_counts: list[facts.BusinessDayCounted] = []
        self.alarms: list[facts.SiteAlarmRaised] = []
        self.dials: list[facts.DialFailed] = []

    def handlers(self) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it."""
        return {
            facts.BalanceOverwritten: self._balance_overwritten,
            facts.SitesCompared: self._sites_compared,
            facts.BusinessDayBegan: self._day_began,
            facts.BusinessDayCounted: self._day_counted,
            facts.SiteAlarmRaised: self._alarm_raised,
        }

    def role_changed(self, fact: facts.SiteRoleChanged) -> None:
        """A site has another role."""
        if len(self.roles) < ROLES_MAX:
            self.roles.append(fact)

    def dial_failed(self, fact: facts.DialFailed) -> None:
        """A terminal could not reach a site."""
        if len(self.dials) < DIALS_MAX:
            self.dials.append(fact)

    def _alarm_raised(self, fact: facts.SiteAlarmRaised) -> None:
        if len(self.alarms) < ALARMS_MAX:
            self.alarms.append(fact)

    def _balance_overwritten(self, fact: facts.BalanceOverwritten) -> None:
        if len(self.overwritten) < OVERWRITTEN_MAX:
            self.overwritten.append(fact)

    def _sites_compared(self, fact: facts.SitesCompared) -> None:
        if len(self.compared) < COMPARED_MAX:
            self.compared.append(fact)

    def _day_began(self, fact: facts.BusinessDayBegan) -> None:
        if len(self.days) < DAYS_MAX:
            self.days.append(fact)

    def _day_counted(self, fact: facts.BusinessDayCounted) -> None:
        if len(self.day_counts) < DAYS_MAX:
            self.day_counts.append(fact)
