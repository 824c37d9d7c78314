"""What two sites have of each other's entries, and what their ledgers have of cash that devices moved. Pure folding."""

from collections.abc import Callable
from typing import Any

from atmbench import facts
from atmbench.facts import Fact
from atmbench.monitor.series import Series

ENTRIES_MAX = 1_000_000
"""Entries that some site lacks, and transactions whose cash does not agree, looked after at once."""
CASH = "cash:"


class Ledgers:
    """Folds postings and counts of notes. Values go into `series`."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._sites: tuple[str, ...] = ()
        self._currency = ""
        self._missing: dict[str, dict[str, float]] = {}
        """Site to entries that it lacks, by when another site made them, the oldest first."""
        self._cash: dict[str, dict[str, int]] = {}
        """Site to transactions of which it has more cash (or less) than devices moved; in minor units."""
        self._off: dict[str, int] = {}
        """Site to the sum of those amounts of transactions that are over, without their signs."""
        self._under_way: set[str] = set()
        """Keys of transactions that terminals are busy with: their money is on its way, and no ledger is wrong."""

    def begin(self, sites: tuple[str, ...], currency: str) -> None:
        """These are the sites of the run."""
        self._sites, self._currency = sites, currency
        self._missing = {site: {} for site in sites}
        self._cash = {site: {} for site in sites}
        self._off = dict.fromkeys(sites, 0)

    def handlers(self) -> dict[type[Fact], Callable[[Any], None]]:
        """Kind of fact to who takes it."""
        return {
            facts.EntryPosted: self._posted,
            facts.EntryLost: self._lost,
            facts.TransactionStarted: self._started,
            facts.TransactionEnded: self._ended,
            facts.CashTaken: lambda fact: self._moved(fact.key, fact.amount_minor),
            facts.CashAccepted: lambda fact: self._moved(fact.key, -fact.amount_minor),
        }

    def grow_older(self, now: float) -> None:
        """Write what changes without a fact, and what is told as it is now."""
        for site in self._sites:
            missing = self._missing[site]
            oldest = next(iter(missing.values()), None)
            age_s = now - oldest if oldest is not None else 0.0
            self._series.put("atmbench_replication_oldest_age_seconds", (site,), age_s)
            self._series.put("atmbench_replication_missing_entries", (site,), float(len(missing)))
            self._series.put("atmbench_money_out_of_balance", (site, self._currency), float(self._off[site]))

    def _posted(self, fact: facts.EntryPosted) -> None:
        site = fact.actor
        if site not in self._missing:
            return
        made_t = self._missing[site].pop(fact.entry, None)
        if made_t is not None:
            self._series.put("atmbench_replication_lag_seconds", (site,), fact.t - made_t)
        elif fact.origin == site:
            for other in self._sites:
                if other != site and len(self._missing[other]) < ENTRIES_MAX:
                    self._missing[other][fact.entry] = fact.t
        self._change(site, fact.key, sum(by for account, by in fact.legs.items() if account.startswith(CASH)))

    def _lost(self, fact: facts.EntryLost) -> None:
        """An entry is not in a ledger any more. Where it never came to, it is not missing: nobody has it to send."""
        if fact.actor not in self._missing:
            return
        for other in self._sites:
            self._missing[other].pop(fact.entry, None)
        self._change(fact.actor, fact.key, -sum(by for account, by in fact.legs.items() if account.startswith(CASH)))

    def _started(self, fact: facts.TransactionStarted) -> None:
        if len(self._under_way) < ENTRIES_MAX:
            self._under_way.add(fact.key)

    def _ended(self, fact: facts.TransactionEnded) -> None:
        if fact.key in self._under_way:
            self._under_way.remove(fact.key)
            for site in self._sites:
                self._off[site] += abs(self._cash[site].get(fact.key, 0))

    def _moved(self, key: str, out_minor: int) -> None:
        for site in self._sites:
            self._change(site, key, -out_minor)

    def _change(self, site: str, key: str, by_minor: int) -> None:
        if not by_minor:
            return
        cash = self._cash[site]
        before = cash.get(key, 0)
        if key not in cash and len(cash) >= ENTRIES_MAX:
            return
        after = before + by_minor
        if key not in self._under_way:
            self._off[site] += abs(after) - abs(before)
        if after:
            cash[key] = after
        else:
            del cash[key]
