"""Check `view`: what customers could see of their accounts, over all channels and both sites.

Nothing is posted twice at a site. No balance that a site told lacks an entry that somebody had been answered for
before: such a balance is stale. No final answer takes longer than the budget of its channel. The check stands among
the others where a drill has channels, or asks for it.

An entry counts as answered for when the terminal had got the approval (of a posting) or the acceptance of the advice
(of a reversal). What the same transaction did besides at other sites is weighed with it: where neither posting nor
reversal has arrived, the balance is right.
"""

from collections.abc import Iterator
from math import inf

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import APPROVALS, Case
from atmbench.audit.verdict import Finding, Status, Verdict, count, judged
from atmbench.audit.witnesses import name
from atmbench.drill.expectations import ViewBudgets
from atmbench.drill.places import ATM
from atmbench.facts import BalanceTold

CHECK = "view"
POSTING = "posting"


class Stale(msgspec.Struct, frozen=True):
    """A balance that a site told without what somebody had been answered for."""

    told: BalanceTold
    fact: int
    missing: tuple[str, ...]
    """Keys of the transactions that it lacks."""
    age_s: float
    """How long ago the first of them was answered."""


class Delay(msgspec.Struct, frozen=True):
    """The slowest final answer of a channel. `open` are requests without one."""

    channel: str
    answered: int
    slowest_s: float
    late: tuple[Case, ...]
    open: tuple[Case, ...]


def is_asked(book: Book) -> bool:
    """Whether this check belongs to a run."""
    run = book.run_started
    return run is not None and (bool(run.channels) or run.expect.get("view") is not None)


def check(book: Book) -> Verdict:
    """Judge what customers saw. What is wrong already stays wrong, whatever is still to come."""
    budgets = book.expectations().view or ViewBudgets()
    twice = list(_posted_twice(book))
    stale = stale_balances(book)
    findings = [*twice, *_stale_findings(stale, budgets)]
    delays = [delay_of(book, channel, budgets.delay_s.get(channel)) for channel in channels(book)]
    findings += [_late(case, delay, budgets) for delay in delays for case in delay.late]
    if book.ended is not None:
        findings += [_open(case, delay) for delay in delays if delay.channel in budgets.delay_s for case in delay.open]
    if not findings:
        book.end()
        unsure = list(_unsure(book, budgets, delays))
        if unsure:
            return Verdict(CHECK, Status.UNKNOWN, "; ".join(unsure))
    told = count(len(book.told.balances), "balance") + " told"
    says = [
        f"{told}, {len(stale):,} of them stale{_oldest(stale)}",
        "nothing posted twice" if not twice else f"{len(twice):,} posted twice",
        *(_slowest(delay, budgets) for delay in delays if delay.answered),
    ]
    figures = "; ".join(says)
    return judged(CHECK, figures, ": ".join([figures, *(each.says for each in findings[:1])]), findings)


def channels(book: Book) -> tuple[str, ...]:
    """All channels of a run; the ATMs first."""
    return (ATM, *book.run().channels)


# --- posted twice ---------------------------------------------------------------------------------


def _posted_twice(book: Book) -> Iterator[Finding]:
    for case in book.cases.values():
        for site in dict.fromkeys(entry.actor for entry in case.entries):
            postings = [entry.entry for entry in case.entries_at(site, POSTING)]
            if len(postings) > 1:
                says = f"{name(case)}: site {site} has {len(postings)} postings of it ({', '.join(postings)})"
                yield Finding(case.key, says, (case.fact_first, case.fact_last))


# --- stale balances -------------------------------------------------------------------------------


class _Entry(msgspec.Struct):
    """One entry of a transaction on one account: where it is by when, and since when somebody counts on it."""

    change: int
    at: dict[str, float]
    known_t: float
    """When the first site had it."""
    answered_t: float


def stale_balances(book: Book) -> list[Stale]:
    """All balances that lacked something, in the order in which they were told."""
    accounts = {told.account for _, told in book.told.balances}
    entries = _entries_by_account(book, accounts)
    sites = {told.actor for _, told in book.told.balances}
    waits = {
        (account, site): _Waiting(transactions, site) for account, transactions in entries.items() for site in sites
    }
    found = []
    for number, told in book.told.balances:
        waiting = waits.get((told.account, told.actor))
        lacking = waiting.lacking(told.t) if waiting is not None else {}
        if lacking:
            since = min(lacking.values())
            found.append(Stale(told, number, tuple(lacking), told.t - since))
    return found


def _entries_by_account(book: Book, accounts: set[str]) -> dict[str, dict[str, list[_Entry]]]:
    """Account to transaction to its entries there, for the accounts whose balances were told."""
    found: dict[str, dict[str, list[_Entry]]] = {}
    for case in book.cases.values():
        by_entry: dict[tuple[str, str], _Entry] = {}
        for each in case.entries:
            for account in each.legs.keys() & accounts:
                entry = by_entry.get((each.entry, account))
                if entry is None:
                    answered_t = max(each.t, _answered_t(case, each.kind))
                    entry = by_entry[each.entry, account] = _Entry(each.legs[account], {}, each.t, answered_t)
                    found.setdefault(account, {}).setdefault(case.key, []).append(entry)
                entry.at.setdefault(each.actor, each.t)
    return found


def _answered_t(case: Case, kind: str) -> float:
    """When the terminal got the word on which its customer counts; never, if it did not."""
    if kind == POSTING:
        times = [answer.t for answer in case.answers if not answer.ignored and answer.outcome in APPROVALS]
    else:
        times = [advice.accepted_t for advice in case.advices if advice.accepted_t is not None]
    return min(times, default=inf)


class _Waiting:
    """The transactions on one account that one site does not fully know, as time goes on."""

    def __init__(self, transactions: dict[str, list[_Entry]], site: str) -> None:
        self._site = site
        self._coming = sorted(
            (
                (min(entry.known_t for entry in entries), key, entries)
                for key, entries in transactions.items()
                if any(entry.at.get(site, inf) > entry.known_t for entry in entries)
            ),
            reverse=True,
        )
        self._open: dict[str, list[_Entry]] = {}

    def lacking(self, now: float) -> dict[str, float]:
        """Keys that a balance told now lacks, with the time at which they were answered. `now` never goes back."""
        while self._coming and self._coming[-1][0] <= now:
            _, key, entries = self._coming.pop()
            self._open[key] = entries
        for key in [key for key, entries in self._open.items() if self._is_over(entries, now)]:
            del self._open[key]
        return {
            key: min(entry.answered_t for entry in missing)
            for key, entries in self._open.items()
            if (missing := self._missing(entries, now))
            and sum(entry.change for entry in missing)
            and any(entry.answered_t < now for entry in missing)
        }

    def _missing(self, entries: list[_Entry], now: float) -> list[_Entry]:
        return [entry for entry in entries if entry.known_t <= now < entry.at.get(self._site, inf)]

    def _is_over(self, entries: list[_Entry], now: float) -> bool:
        return all(entry.at.get(self._site, inf) <= now for entry in entries)


def _stale_findings(stale: list[Stale], budgets: ViewBudgets) -> Iterator[Finding]:
    most = budgets.stale_balances_max or 0
    for each in stale:
        too_old = budgets.stale_s is not None and each.age_s > budgets.stale_s
        if len(stale) > most or too_old:
            lacks = count(len(each.missing), "transaction")
            says = (
                f"site {each.told.actor} told a balance of account {each.told.account} at {each.told.t:.3f} s without "
                f"{lacks} that had been answered ({', '.join(each.missing[:3])}), the first {each.age_s:.3f} s before"
            )
            yield Finding(each.told.key, says, (each.fact,))


def _oldest(stale: list[Stale]) -> str:
    return f" (by {max(each.age_s for each in stale):.3f} s at most)" if stale else ""


# --- delay ----------------------------------------------------------------------------------------


def delay_of(book: Book, channel: str, budget_s: float | None) -> Delay:
    """How long customers of a channel waited for a final answer: an answer of the host, or that there was none."""
    answered, slowest_s = 0, 0.0
    late: list[Case] = []
    still_open: list[Case] = []
    for case in book.cases.values():
        if case.started_t is None or book.channel_of(case.terminal) != channel:
            continue
        seconds = _waited_s(case)
        if seconds is None:
            still_open.append(case)
            continue
        answered += 1
        slowest_s = max(slowest_s, seconds)
        if budget_s is not None and seconds > budget_s:
            late.append(case)
    return Delay(channel, answered, slowest_s, tuple(late), tuple(still_open))


def _waited_s(case: Case) -> float | None:
    """From the request to its answer; None while there is none. A customer at a machine has to be waited for, too."""
    asked_t = case.request_t if case.request_t is not None else case.started_t
    told_t = case.answered_t if case.answered_t is not None else case.ended_t
    return None if asked_t is None or told_t is None else told_t - asked_t


def _late(case: Case, delay: Delay, budgets: ViewBudgets) -> Finding:
    allowed_s = budgets.delay_s[delay.channel]
    says = f"{name(case)} ({delay.channel}) was answered after {_waited_s(case) or 0:.3f} s, {allowed_s:g} s allowed"
    return Finding(case.key, says, (case.fact_first, case.fact_last))


def _open(case: Case, delay: Delay) -> Finding:
    says = f"{name(case)} ({delay.channel}) never got a final answer"
    return Finding(case.key, says, (case.fact_first, case.fact_last))


def _slowest(delay: Delay, budgets: ViewBudgets) -> str:
    budget_s = budgets.delay_s.get(delay.channel)
    allowed = f", {budget_s:g} s allowed" if budget_s is not None else ""
    return f"{delay.channel}: {delay.answered:,} answered, the slowest in {delay.slowest_s:.3f} s{allowed}"


def _unsure(book: Book, budgets: ViewBudgets, delays: list[Delay]) -> Iterator[str]:
    if not book.told.balances and (budgets.stale_balances_max is not None or budgets.stale_s is not None):
        yield "no balance was told, so none could be stale"
    if book.told.balances_beyond:
        yield f"{book.told.balances_beyond:,} balances were told that could not be kept"
    if any(case.entries_beyond for case in book.cases.values()):
        yield "a transaction has more entries than could be kept"
    for delay in delays:
        if delay.channel in budgets.delay_s and not delay.answered:
            yield f"nobody asked for anything over {delay.channel}, so no delay could be judged"
