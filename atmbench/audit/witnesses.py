"""Witnesses: what the dispenser, the terminal, the wire and each site say of one transaction, side by side.

The customer's money is right if what the devices saw in the customer's hand is what every site's ledger
took from (or gave to) accounts of customers. Source: user asks part 2, number 1, the three-way money proof.
"""

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import DEPOSIT, MONEY_SERVICES, TRANSFER, WITHDRAWAL, Case, is_internal


class OpenException(msgspec.Struct, frozen=True):
    """A transaction whose witnesses disagree, and of which a person was told."""

    key: str
    terminal: str
    stan: int
    kinds: tuple[str, ...]
    because: str
    says: str
    owner: str = ""
    """Who that person is, where it is known."""


def due_minor(case: Case) -> int:
    """What every site must have posted in the end: cash in the customer's hand, notes in the bin, or a done payment."""
    if case.service == WITHDRAWAL:
        return case.taken_minor
    if case.service == DEPOSIT:
        return case.accepted_minor
    if case.service in MONEY_SERVICES and case.outcome == "approved":
        return case.asked_minor
    return 0


def posted_minor(case: Case, net: dict[str, int]) -> int:
    """What the net change of accounts comes to for the customer: taken, given (deposit) or moved."""
    if case.service == DEPOSIT:
        return sum(change for account, change in net.items() if not is_internal(account))
    if case.service in (WITHDRAWAL, ""):
        return -sum(change for account, change in net.items() if not is_internal(account))
    return _moved_minor(net)


def _moved_minor(net: dict[str, int]) -> int:
    """All that left some account."""
    return -sum([min(change, 0) for change in net.values()])


def agrees_at(case: Case, site: str, due: int) -> bool:
    """Whether one site posted what was due, and touched no customer the wrong way round."""
    entries = [entry for entry in case.entries if entry.actor == site]
    if not entries:
        return due == 0
    net = case.net_at(site) if len(entries) > 1 else entries[0].legs
    customers = [change for account, change in net.items() if not is_internal(account)]
    if case.service == WITHDRAWAL:
        return sum(customers) == -due and max(customers, default=0) <= 0
    if case.service == DEPOSIT:
        return sum(customers) == due and all(change >= 0 for change in customers)
    if case.service == TRANSFER and sum(customers) != 0:
        return False  # what one customer lost, another gained, and the bank has nothing of it
    if case.service in MONEY_SERVICES:
        return _moved_minor(net) == due
    return not any(customers)


def is_explained(case: Case, sites: tuple[str, ...]) -> bool:
    """Whether not knowing what came about can be why witnesses disagree.

    It cannot where a site has moved more than was asked for, gave instead of taking, or touched somebody else. Of a
    transaction that no terminal began nothing is known, so anything may be.
    """
    if not case.service:
        return True
    most = max(case.asked_minor, case.taken_minor, case.accepted_minor)
    for site in sites:
        net = case.net_at(site)
        customers = [change for account, change in net.items() if not is_internal(account)]
        if not 0 <= posted_minor(case, net) <= most:
            return False
        if case.service == WITHDRAWAL and max(customers, default=0) > 0:
            return False
        if case.service == DEPOSIT and min(customers, default=0) < 0:
            return False
    return True


def agrees(case: Case, sites: tuple[str, ...]) -> bool:
    """Whether all witnesses of a transaction tell the same."""
    if case.entries_beyond:
        return False
    stray_cash = case.taken_minor if case.service != WITHDRAWAL else 0
    stray_notes = case.accepted_minor if case.service != DEPOSIT else 0
    if stray_cash or stray_notes:
        return False
    due = due_minor(case)
    if due and case.altered:
        return False  # the sum may be right, but it was taken from, or went to, somebody else
    return all(agrees_at(case, site, due) for site in sites)


def tell(case: Case, book: Book) -> str:
    """One sentence with every witness's figure."""
    parts = [_what_the_devices_saw(case, book), _what_the_terminal_says(case, book)]
    for site in book.sites():
        posted = posted_minor(case, case.net_at(site))
        entries = len(case.entries_at(site))
        parts.append(f"site {site} posted {book.say(posted)}" + (f" in {entries} entries" if entries > 1 else ""))
    parts += [f"site {entry.actor} lost its entry {entry.entry}" for entry in case.entries_lost]
    if case.altered:
        parts.append(case.altered)
    if case.entries_beyond:
        parts.append(f"{case.entries_beyond:,} more entries")
    return f"{name(case)}: {', '.join(parts)}"


def name(case: Case) -> str:
    """Terminal, STAN and service of a transaction."""
    if not case.key:
        return "no transaction named"
    return f"{case.terminal} STAN {case.stan:06d}{' ' + case.service.replace('_', ' ') if case.service else ''}"


def _what_the_devices_saw(case: Case, book: Book) -> str:
    if case.service == DEPOSIT:
        return f"{book.say(case.accepted_minor)} of notes accepted"
    if case.service == WITHDRAWAL or case.taken_minor:
        retracted = f" ({book.say(case.retracted_minor)} retracted)" if case.retracted_minor else ""
        return f"customer took {book.say(case.taken_minor)}{retracted}"
    return f"{book.say(case.asked_minor)} asked"


def _what_the_terminal_says(case: Case, book: Book) -> str:
    if case.outcome:
        return f"terminal ended it as {case.outcome.replace('_', ' ')}"
    if case.started_t is not None:
        return "terminal never ended it"
    sent_as = book.sent_as(case.key)
    if sent_as == case.key:
        return "terminal never started it"
    return f"terminal never started it (it was sent as {sent_as} and altered on its way)"
