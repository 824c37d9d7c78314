"""Time to make good: how long each customer's money was wrong, from the moment it was until all ledgers had it right.

Wrong is what was posted and not paid out, and what was paid out and not posted. The clock begins when any site has
first posted so, or cash changed hands without it, with the knowledge of how the transaction ended; it stops when the
last site has entered what sets it right. What waits only for the usual way to the other site is not wrong: an entry
counts from where it is first known. Nor is cash that was paid out on a hold, before the batch that posts it, or on an
approval in stand-in until its core has heard of it; what the core then refuses is the bank's loss, and no customer's.
Source: rules that give failed withdrawals so many hours (iso8583 facts 7.2); how many is the drill's to say
(`wronged_max_s`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import ceil

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import Case, is_internal
from atmbench.audit.verdict import Finding, count
from atmbench.audit.witnesses import due_minor, name, posted_minor
from atmbench.facts import EntryPosted
from atmbench.messages.masking import mask_pan

P95 = 0.95


class Wait(msgspec.Struct, frozen=True):
    """One customer whose money was wrong for a time."""

    key: str
    who: str
    """Transaction and masked account."""
    from_t: float
    seconds: float
    """Until it was right, or until the last fact."""
    is_over: bool
    facts: tuple[int, ...]


class MadeGood(msgspec.Struct, frozen=True):
    """All customers whose money was wrong for a time, and how long, in seconds."""

    customers: int
    still_wrong: int
    median_s: float
    p95_s: float
    longest_s: float
    longest: str
    """Whose that was."""


def waits(book: Book) -> tuple[Wait, ...]:
    """Every customer whose money was wrong, the longest first. Raises Missing if the history has no beginning."""
    sites = book.sites()
    found = [wait for case in book.cases.values() if (wait := _wait(case, sites, book)) is not None]
    return tuple(sorted(found, key=lambda wait: -wait.seconds))


def made_good(found: Sequence[Wait]) -> MadeGood | None:
    """The distribution of waits that are sorted, the longest first; None if nobody had to wait."""
    if not found:
        return None
    return MadeGood(
        customers=len(found),
        still_wrong=sum(not wait.is_over for wait in found),
        median_s=_within(found, 0.5),
        p95_s=_within(found, P95),
        longest_s=found[0].seconds,
        longest=found[0].who,
    )


def judged_waits(found: Sequence[Wait], most_s: float, says: list[str]) -> Iterator[Finding]:
    """Whoever waited longer than is allowed, by account and transaction; what is said of all goes to `says`."""
    late = [wait for wait in found if wait.seconds > most_s]
    longest = f", the longest for {found[0].seconds:.3f} s" if found else ""
    says.append(f"{count(len(found), 'customer')} with wrong money{longest} ({most_s:g} s allowed)")
    for wait in late:
        still = "" if wait.is_over else ", and still is"
        told = f"{wait.who}: money was wrong for {wait.seconds:.3f} s from {wait.from_t:.3f} s on{still}"
        yield Finding(wait.key, f"{told}; {most_s:g} s allowed", wait.facts)


def _within(found: Sequence[Wait], share: float) -> float:
    """The time within which so large a share of them had it right."""
    return found[-ceil(share * len(found))].seconds


def _wait(case: Case, sites: Sequence[str], book: Book) -> Wait | None:
    if not case.outcome and book.ended is None:
        return None  # nobody can know yet how it ends
    stood = book.exposure.stood.get(case.key)
    due = due_minor(case)
    if (not case.entries and not due) or (stood is not None and stood.is_refused):
        return None
    is_set_aside = bool(case.holds) or stood is not None or any(entry.in_batch for entry in case.entries)
    from_t = _wrong_from(case, due, is_set_aside=is_set_aside)
    if from_t is None:
        return None
    ends = [max((entry.t for entry in case.entries_at(site)), default=from_t) for site in sites]
    is_over = all(posted_minor(case, case.net_at(site)) == due for site in sites)
    to_t = max(ends) if is_over else book.t
    return Wait(case.key, _who(case), from_t, to_t - from_t, is_over, (case.fact_first, case.fact_last))


def _wrong_from(case: Case, due: int, *, is_set_aside: bool) -> float | None:
    """When what is known of the entries, at whichever site first, began to be other than what was due.

    Cash that is paid out while its money `is_set_aside` is not paid for nothing.
    """
    first: dict[str, EntryPosted] = {}
    for entry in case.entries:
        first.setdefault(entry.entry, entry)
    steps = sorted(first.values(), key=lambda step: step.t)
    if case.cash_t is not None and due and (not steps or (case.cash_t < steps[0].t and not is_set_aside)):
        return case.cash_t
    net: Counter[str] = Counter()
    for step in steps:
        net.update(step.legs)
        if posted_minor(case, net) != due:
            return step.t
    return None


def _who(case: Case) -> str:
    """Transaction and customer: his account if any ledger knows it, else his card."""
    accounts = [account for entry in case.entries for account in entry.legs if not is_internal(account)]
    if accounts:
        return f"{name(case)}, account {mask_pan(accounts[0])}"
    card = case.sent[0] if case.sent is not None else None
    return f"{name(case)}, card {card}" if card else name(case)
