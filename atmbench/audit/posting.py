"""Check `posting`: a posting process that went wrong has in the end posted every entry of the day once, and in time.

Rules: no entry is posted twice at a site; one that is posted at a site is posted at the others; a process that was
resumed comes to the end of its journal within the budget; a balance from a ledger behind its journal says so, which is
what is available less the ledger and less what is set aside. Told besides: how far each was behind, and how many such
balances sites told. The check stands among the others where anything befell a process.
Source: the outage of three British and Irish banks from 19 June 2012, when nobody could see how far processing had
got (iso8583 facts 7.2).
"""

from collections import Counter
from collections.abc import Iterator

from atmbench.audit.book import Book
from atmbench.audit.verdict import Finding, Verdict, count, judged
from atmbench.audit.witnesses import name
from atmbench.drill.expectations import PostingBudgets
from atmbench.facts import EntryPosted, PostingResumed

CHECK = "posting"


def check(book: Book) -> Verdict:
    """Judge the posting processes of a run."""
    budgets = book.expectations().posting or PostingBudgets()
    book.end()
    twice = _in_order(_posted_twice(book))
    skipped = _in_order(_skipped(book))
    slow = list(_slow(book, budgets))
    told = count(book.hold_log.balances, "balance")
    says = [
        f"{len(twice):,} posted twice, {len(skipped):,} skipped",
        *_depths(book),
        *_drained(book, budgets),
        f"{book.told.stale:,} of {told} told from a ledger behind its journal",
    ]
    findings = [*twice, *skipped, *slow, *_as_current(book)]
    figures = "; ".join(says)
    return judged(CHECK, figures, f"{figures}: {findings[0].says if findings else ''}", findings)


def _as_current(book: Book) -> Iterator[Finding]:
    """Balances that do not say how far their ledger is behind."""
    for each in book.hold_log.amiss:
        told = each.told
        unsaid_minor = told.available_minor + each.held_minor - told.ledger_minor - told.unposted_minor
        says = (
            f"site {told.actor} told {book.say(told.ledger_minor)} of account {told.account} at {told.t:.3f} s as "
            f"current, and {book.say(unsaid_minor)} was not posted"
        )
        yield Finding(told.key, says, (each.fact,))


def _in_order(found: Iterator[tuple[float, Finding]]) -> list[Finding]:
    return [finding for _, finding in sorted(found, key=lambda each: (each[0], each[1].key))]


def _posted_twice(book: Book) -> Iterator[tuple[float, Finding]]:
    """Entries that a site made again, with the time of the second."""
    for case in book.cases.values():
        seen: Counter[tuple[str, str]] = Counter()
        for entry in case.entries:
            place = entry.actor, entry.entry
            seen[place] += 1
            if seen[place] == 2:
                says = f"site {entry.actor} posted {_what(entry, book)} again at {entry.t:.3f} s ({name(case)})"
                yield entry.t, Finding(case.key, says, (case.fact_first, case.fact_last))


def _skipped(book: Book) -> Iterator[tuple[float, Finding]]:
    """What some sites have posted and others have not; and cash for which no site has posted anything."""
    sites = book.sites()
    for case in book.cases.values():
        facts = (case.fact_first, case.fact_last)
        if case.taken_minor and not case.entries:
            says = f"no site has posted {book.say(case.taken_minor)} that a customer took ({name(case)})"
            yield case.ended_t or 0.0, Finding(case.key, says, facts)
        first: dict[str, EntryPosted] = {}
        for entry in case.entries:
            first.setdefault(entry.entry, entry)
        for entry in first.values():
            for site in sites:
                if not any(each.entry == entry.entry for each in case.entries_at(site)):
                    yield entry.t, Finding(case.key, f"site {site} never posted {_what(entry, book)}", facts)


def _what(entry: EntryPosted, book: Book) -> str:
    amount_minor = sum(max(change, 0) for change in entry.legs.values())
    return f"{entry.entry} ({entry.service.replace('_', ' ')} of {book.say(amount_minor)})"


def _depths(book: Book) -> Iterator[str]:
    """How far each process was behind when it went on."""
    log = book.posting_log
    for resumed in log.resumed:
        lost = any(each.site == resumed.site and each.t <= resumed.t for each in log.lost)
        where = "the first entry of the day" if lost and not resumed.position else f"entry {resumed.position + 1:,}"
        behind = count(resumed.unposted, "entry", "entries")
        yield f"site {resumed.site} went on at {resumed.t:.3f} s from {where}, {behind} behind"


def _drained(book: Book, budgets: PostingBudgets) -> Iterator[str]:
    allowed = f" ({budgets.drain_s:g} s allowed)" if budgets.drain_s is not None else ""
    for each in book.posting_log.drained:
        figures = f"{each.posted:,} posted and {each.known:,} met again"
        yield f"{each.site} drained in {each.took_s:.3f} s{allowed}, {figures}"


def _slow(book: Book, budgets: PostingBudgets) -> Iterator[Finding]:
    """Processes that did not come to the end of their journal, or too late."""
    for resumed in book.posting_log.resumed:
        took_s = _took_s(book, resumed)
        if took_s is None:
            yield Finding("", f"site {resumed.site} went on at {resumed.t:.3f} s and never came to the end")
        elif budgets.drain_s is not None and took_s > budgets.drain_s:
            yield Finding("", f"site {resumed.site} drained in {took_s:.3f} s, {budgets.drain_s:g} s allowed")


def _took_s(book: Book, resumed: PostingResumed) -> float | None:
    """How long a process needed from a resumption, which may be followed by another."""
    ends = (each.t for each in book.posting_log.drained if each.site == resumed.site and each.t >= resumed.t)
    end = next(ends, None)
    return None if end is None else end - resumed.t
