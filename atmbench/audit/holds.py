"""Check `holds`: what is set aside counts until it is posted or given free, and never together with its posting.

Rules: at each site a hold and the posting of its transaction never count together; each balance that was told has as
available what the ledger says less what was set aside at that moment; a site that posts what another had set aside, and
had its records in order, has set it aside, too; after healing nothing is set aside any more but for transactions that a
person was told of. The check stands among the others where anything was set aside. Source: the
same purchases both pending and cleared at a British bank, from 7 May 2022 (iso8583 facts 7.2).
"""

from atmbench.audit.book import Book
from atmbench.audit.hold_log import Amiss
from atmbench.audit.verdict import Finding, Verdict, count, judged
from atmbench.audit.witnesses import name

CHECK = "holds"


def check(book: Book) -> Verdict:
    """Judge all holds of a run."""
    book.end()
    log = book.hold_log
    both, amiss, left = _both(book), [_says_amiss(each, book) for each in log.amiss], _left(book)
    never = _never_aside(book)
    held = sum(bool(case.holds) for case in book.cases.values())
    told = f"{count(log.balances, 'balance')} told"
    passed = (
        f"money was held for {count(held, 'transaction')}, for {log.longest_s:.3f} s at most, and all of it was posted "
        f"or given free; {told}, each the ledger less what was held"
    )
    failed = [
        f"{count(len(both), 'hold')} counted together with the posting" if both else "",
        f"{len(amiss):,} of {told} not the ledger less what was held" if amiss else "",
        f"{count(len(never), 'hold')} at one site only" if never else "",
        f"{count(len(left), 'hold')} left open and nobody was told" if left else "",
    ]
    findings = [*both, *amiss, *never, *left]
    first = f": {findings[0].says}" if findings else ""
    return judged(CHECK, passed, "; ".join(filter(None, failed)) + first, findings)


def _both(book: Book) -> list[Finding]:
    """Transactions that were pending and cleared at a time, in the order in which that began."""
    found = []
    for (site, key), (t, number) in sorted(book.hold_log.both.items(), key=lambda each: each[1]):
        case = book.cases[key]
        says = f"{name(case)} is held and posted at site {site} since {t:.3f} s"
        found.append(Finding(key, says, (number,)))
    return found


def _says_amiss(each: Amiss, book: Book) -> Finding:
    told = each.told
    says = (
        f"site {told.actor} told {book.say(told.ledger_minor)} and available {book.say(told.available_minor)} of "
        f"account {told.account} at {told.t:.3f} s, with {book.say(each.held_minor)} held"
    )
    return Finding(told.key, says, (each.fact,))


def _never_aside(book: Book) -> list[Finding]:
    """Postings of a site whose hold another one had placed, and it never: the customer could spend the money there.

    Records come in their order, unless a fault meddles with them or a site was away.
    """
    if book.exposure.is_used or book.site_log.records_disturbed:
        return []
    away = {role.site for role in book.site_log.roles if role.role not in ("active", "standby")}
    sites = [site for site in book.sites() if site not in away]
    return [
        Finding(case.key, f"site {site} posted {name(case)} and never held it", (case.fact_first, case.fact_last))
        for case in book.cases.values()
        if case.holds
        for site in sites
        if site not in case.holds and any(entry.origin in case.holds for entry in case.entries_at(site, "posting"))
    ]


def _left(book: Book) -> list[Finding]:
    """Holds that are open at the end, although nobody was told. Those that count twice are told of already."""
    return [
        Finding(case.key, f"site {site} {_still(minor, book)} for {name(case)}", (case.fact_last,))
        for case in book.cases.values()
        if not case.exceptions
        for site, minor in case.holds.items()
        if minor and (site, case.key) not in book.hold_log.both
    ]


def _still(minor: int, book: Book) -> str:
    return f"still holds {book.say(minor)}" if minor > 0 else f"gave {book.say(-minor)} free that it did not hold"
