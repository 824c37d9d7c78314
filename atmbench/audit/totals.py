"""Totals for the reader of a report: what each witness saw in all, and how transactions ended. Judges nothing."""

import msgspec

from atmbench.audit.book import Book, Missing
from atmbench.audit.cases import DEPOSIT, WITHDRAWAL, cash_of, is_internal
from atmbench.audit.counts import HandCount, count_by_hand
from atmbench.drill.places import ATM


class SiteTotals(msgspec.Struct, frozen=True):
    """What one site says, in minor units."""

    site: str
    debited_minor: int
    """Withdrawals, net of reversals, over accounts of customers."""
    credited_minor: int
    """Deposits, likewise."""
    cash_accounts_minor: int | None
    """Change of all cash accounts between the two counts of balances; None if a count is missing."""
    entries: int
    reversals: int


class Totals(msgspec.Struct, frozen=True):
    """A whole run in figures. Amounts are in minor units."""

    outcomes: dict[str, dict[str, int]]
    """Service to outcome to number of transactions; "open" if the terminal never ended it."""
    by_channel: dict[str, dict[str, dict[str, int]]]
    """The same for each channel, the ATMs first; empty where there are no channels."""
    turned_away: int
    approved_minor: int
    """Cash of withdrawals that terminals ended as approved."""
    taken_minor: int
    retracted_minor: int
    accepted_minor: int
    hand: HandCount | None
    """None if a count is missing."""
    sites: tuple[SiteTotals, ...]
    messages: int
    advices: int
    power_failures: int


def total(book: Book) -> Totals:
    """All totals. Raises Missing if the history has no beginning."""
    outcomes: dict[str, dict[str, int]] = {}
    by_channel: dict[str, dict[str, dict[str, int]]] = {ATM: {}, **{each: {} for each in book.run().channels}}
    approved = retracted = advices = 0
    for case in book.cases.values():
        if case.started_t is not None:
            of_channel = by_channel[book.channel_of(case.terminal)]
            for of_service in (outcomes.setdefault(case.service, {}), of_channel.setdefault(case.service, {})):
                outcome = case.outcome or "open"
                of_service[outcome] = of_service.get(outcome, 0) + 1
        if case.service == WITHDRAWAL and case.outcome == "approved":
            approved += case.asked_minor
        retracted += case.retracted_minor
        advices += len(case.advices)
    logs = book.terminals.values()
    return Totals(
        outcomes=_sorted(outcomes),
        by_channel={each: _sorted(found) for each, found in by_channel.items()} if len(by_channel) > 1 else {},
        turned_away=sum(log.turned_away for log in logs),
        approved_minor=approved,
        taken_minor=sum(log.taken_minor for log in logs),
        retracted_minor=retracted,
        accepted_minor=sum(log.accepted_minor for log in logs),
        hand=_hand(book),
        sites=tuple(_site(book, site) for site in book.sites()),
        messages=sum(log.sent for log in logs),
        advices=advices,
        power_failures=sum(log.power_failures for log in logs),
    )


def _sorted(outcomes: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {service: dict(sorted(outcomes[service].items())) for service in sorted(outcomes)}


def _hand(book: Book) -> HandCount | None:
    pairs = [(book.cassettes.get((name, "start")), book.cassettes.get((name, "end"))) for name in book.atms()]
    counts = []
    for start, end in pairs:
        if start is None or end is None:
            return None
        try:
            counts.append(count_by_hand(start, end))
        except Missing:
            return None
    return HandCount(
        sum(each.out_minor for each in counts),
        sum(each.in_minor for each in counts),
        sum(each.rejected_minor for each in counts),
        sum(each.retracted_minor for each in counts),
    )


def _site(book: Book, site: str) -> SiteTotals:
    debited = credited = entries = reversals = 0
    for case in book.cases.values():
        for entry in case.entries:
            if entry.actor != site:
                continue
            entries += 1
            reversals += entry.kind == "reversal"
            change = sum([change for account, change in entry.legs.items() if not is_internal(account)])
            if case.service == WITHDRAWAL:
                debited -= change
            elif case.service == DEPOSIT:
                credited += change
    start, end = book.ledgers.get((site, "start")), book.ledgers.get((site, "end"))
    cash = None
    if start is not None and end is not None:
        cash = cash_of(end.balances) - cash_of(start.balances)
    return SiteTotals(site, debited, credited, cash, entries, reversals)
