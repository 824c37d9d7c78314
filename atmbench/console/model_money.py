"""Running money: what devices and ledgers have counted so far, and which transactions they do not agree on yet. Dry.

It adds up and does not judge. While a withdrawal is under way its witnesses differ, and that is right; what is still
different when everything is over, the audit names.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from atmbench import facts
from atmbench.audit.cases import cash_of, is_cash
from atmbench.console.model_lines import Lines

UNSETTLED_MAX = 20_000
"""Transactions under way that are followed one by one."""


class Unsettled(msgspec.Struct):
    """A transaction that is under way, or that its witnesses do not agree on."""

    key: str
    started_t: float
    cash_minor: int = 0
    """Taken by the customer, less what was brought."""
    at_sites: dict[str, int] = msgspec.field(default_factory=dict)
    """Site to the change of its cash accounts."""
    is_ended: bool = False
    stored: int = 0

    def is_settled(self, sites: int) -> bool:
        """Whether the terminal is done with it and all sites say what the devices say."""
        if not self.is_ended or self.stored:
            return False
        if not self.at_sites:
            return not self.cash_minor
        return len(self.at_sites) == sites and all(each == self.cash_minor for each in self.at_sites.values())


class Money:
    """Running totals in minor units."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.taken_minor = 0
        self.accepted_minor = 0
        self.retracted_minor = 0
        self.unsettled: dict[str, Unsettled] = {}
        """By key, the oldest first."""
        self.handlers: dict[type, Callable[[Any], None]] = {
            facts.TransactionStarted: self._started,
            facts.TransactionEnded: self._ended,
            facts.CashTaken: self._taken,
            facts.CashRetracted: self._retracted,
            facts.CashAccepted: self._accepted,
            facts.EntryPosted: self._posted,
            facts.EntryLost: self._lost,
            facts.AdviceQueued: self._queued,
            facts.AdviceAccepted: self._advised,
        }

    @property
    def devices_minor(self) -> int:
        """What customers have taken, less what they have brought, by the devices' own count."""
        return self.taken_minor - self.accepted_minor

    def difference_minor(self, site: str) -> int:
        """What a ledger has more than the devices."""
        return self._lines.site(site).cash_minor - self.devices_minor

    def _case(self, key: str, t: float) -> Unsettled | None:
        """What is known of a transaction. One that is met again after it was settled is over for its terminal."""
        found = self.unsettled.get(key)
        if found is None and key and len(self.unsettled) < UNSETTLED_MAX:
            found = self.unsettled[key] = Unsettled(key, t, is_ended=True)
        return found

    def _look(self, case: Unsettled | None) -> None:
        if case is not None and case.is_settled(len(self._lines.sites)):
            del self.unsettled[case.key]

    def _started(self, fact: facts.TransactionStarted) -> None:
        case = self._case(fact.key, fact.t)
        if case is not None:
            case.is_ended = False

    def _ended(self, fact: facts.TransactionEnded) -> None:
        case = self._case(fact.key, fact.t)
        if case is not None:
            case.is_ended = True
        self._look(case)

    def _taken(self, fact: facts.CashTaken) -> None:
        self.taken_minor += fact.amount_minor
        self._cash(fact.key, fact.t, fact.amount_minor)

    def _retracted(self, fact: facts.CashRetracted) -> None:
        self.retracted_minor += fact.amount_minor

    def _accepted(self, fact: facts.CashAccepted) -> None:
        self.accepted_minor += fact.amount_minor
        self._cash(fact.key, fact.t, -fact.amount_minor)

    def _cash(self, key: str, t: float, change_minor: int) -> None:
        case = self._case(key, t)
        if case is not None:
            case.cash_minor += change_minor
        self._look(case)

    def _posted(self, fact: facts.EntryPosted) -> None:
        self._moved(fact, 1)

    def _lost(self, fact: facts.EntryLost) -> None:
        self._moved(fact, -1)

    def _moved(self, fact: facts.EntryPosted | facts.EntryLost, sign: int) -> None:
        if not any(map(is_cash, fact.legs)):
            return  # a transfer moves no cash
        case = self._case(fact.key, fact.t)
        if case is not None:
            case.at_sites[fact.actor] = case.at_sites.get(fact.actor, 0) + sign * cash_of(fact.legs)
        self._look(case)

    def _queued(self, fact: facts.AdviceQueued) -> None:
        case = self._case(fact.key, fact.t)
        if case is not None:
            case.stored += 1

    def _advised(self, fact: facts.AdviceAccepted) -> None:
        case = self.unsettled.get(fact.key)
        if case is not None:
            case.stored -= 1
        self._look(case)
