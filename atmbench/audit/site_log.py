"""What the sites of the host did to one another: roles, balances overwritten, comparisons. Kept for the checks."""

from collections.abc import Callable
from typing import Any

from atmbench import facts
from atmbench.audit.keeping import keeping

ROLES_MAX = 100_000
DAYS_MAX = 10_000
ALARMS_MAX = 1_000
DIALS_MAX = 100_000
"""Dials that failed; of more, only the first are counted."""


class SiteLog:
    """The facts about sites that belong to no single transaction, in the order of the history."""

    def __init__(self) -> None:
        self.roles: list[facts.SiteRoleChanged] = []
        self.overwritten: dict[tuple[str, str], facts.BalanceOverwritten] = {}
        """Site and account to the last one, which says whether it was set right."""
        self.compared: facts.SitesCompared | None = None
        """The last one."""
        self.days: list[facts.BusinessDayBegan] = []
        self.days_taken: list[facts.BusinessDayTaken] = []
        """By terminals, as sites told them."""
        self.day_counts: list[facts.BusinessDayCounted] = []
        self.alarms: list[facts.SiteAlarmRaised] = []
        self.dials: list[facts.DialFailed] = []
        self.records_disturbed = False
        """Whether a fault did anything to a record between sites."""
        self.role_changed = keeping(self.roles, ROLES_MAX)
        """Takes a site's other role; called by who follows the sites."""
        self.dial_failed = keeping(self.dials, DIALS_MAX)
        """Takes a dial by which a terminal did not reach a site."""

    def handlers(self) -> dict[type[facts.Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it."""
        return {
            facts.BalanceOverwritten: self._balance_overwritten,
            facts.SitesCompared: self._sites_compared,
            facts.BusinessDayBegan: keeping(self.days, DAYS_MAX),
            facts.BusinessDayCounted: keeping(self.day_counts, DAYS_MAX),
            facts.BusinessDayTaken: keeping(self.days_taken, DAYS_MAX),
            facts.SiteAlarmRaised: keeping(self.alarms, ALARMS_MAX),
        }

    def _balance_overwritten(self, fact: facts.BalanceOverwritten) -> None:
        self.overwritten[fact.actor, fact.account] = fact

    def _sites_compared(self, fact: facts.SitesCompared) -> None:
        self.compared = fact
