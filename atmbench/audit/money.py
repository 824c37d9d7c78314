"""Check `money`: every transaction agrees at every witness, or a person was told of it.

Rule: after healing, cash that reached the customer is what each site has posted, net of reversals, over
accounts of customers. A transaction that does not agree must be named by an ExceptionOpened, which says that nobody
knows how much of it came about: so it excuses no more than that.
"""

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import Case
from atmbench.audit.verdict import Finding, Verdict, count, judged
from atmbench.audit.witnesses import OpenException, agrees, is_explained, tell


class Reconciliation(msgspec.Struct, frozen=True):
    """All transactions, sorted by whether their witnesses agree."""

    judged: int
    moved: int
    """Transactions after which money had moved, and rightly so."""
    wrong: tuple[Case, ...]
    """Disagree, and nobody was told."""
    named: tuple[Case, ...]
    """Disagree, and a person was told."""
    unexplained: tuple[Case, ...]
    """Those of them that disagree in a way which what he was told does not explain."""


def reconcile(book: Book) -> Reconciliation:
    """Sort all cases. Raises Missing if the history has no beginning."""
    sites = book.sites()
    wrong: list[Case] = []
    still_open: list[Case] = []
    moved = 0
    for case in book.cases.values():
        if not agrees(case, sites):
            (still_open if case.exceptions else wrong).append(case)
        elif case.entries and not case.exceptions:
            moved += bool(case.taken_minor or case.accepted_minor or case.outcome == "approved")
    unexplained = tuple(case for case in still_open if not is_explained(case, sites))
    return Reconciliation(len(book.cases), moved, tuple(wrong), tuple(still_open), unexplained)


def open_exceptions(book: Book) -> tuple[OpenException, ...]:
    """Transactions that a person has to settle, with every witness's figure."""
    sites = book.sites()
    named = [case for case in book.cases.values() if case.exceptions and not agrees(case, sites)]
    return tuple(
        OpenException(
            case.key,
            case.terminal,
            case.stan,
            tuple(dict.fromkeys(exception.kind for exception in case.exceptions)),
            case.exceptions[0].because,
            tell(case, book),
            owner=case.exceptions[0].owner,
        )
        for case in named
    )


def check(book: Book) -> Verdict:
    """Judge every transaction, and the number of open exceptions."""
    sites = book.sites()
    book.end()
    most = book.expectations().open_exceptions_max
    result = reconcile(book)
    findings = [
        Finding(case.key, tell(case, book), (case.fact_first, case.fact_last))
        for case in (*result.wrong, *result.unexplained)
    ]
    held, held_by = _held(book, sites)
    findings += held
    too_many = len(result.named) > most
    if too_many:
        found = {finding.key for finding in findings}
        findings += [
            Finding(case.key, f"{tell(case, book)}; open exception: {case.exceptions[0].because}", (case.fact_last,))
            for case in result.named
            if case.key not in found
        ]
    left = f"{count(len(result.named), 'open exception')} ({most:,} allowed)"
    failed = [
        f"{count(len(result.wrong), 'transaction')} of {result.judged:,} disagree between witnesses "
        f"and nobody was told: {_sum_of(result.wrong, book)}"
        if result.wrong
        else "",
        f"{count(len(result.unexplained), 'transaction')} came out as no exception explains it"
        if result.unexplained
        else "",
        f"money is still held at {held_by}" if held else "",
        f"{left}" if too_many else "",
    ]
    but = f"all but {len(result.named):,}, of which a person was told" if result.named else "every one"
    return judged(
        "money",
        f"{count(result.judged, 'transaction')}: devices and {count(len(sites), 'site')} agree on {but}, "
        f"{result.moved:,} moved money; {left}",
        "; ".join(part for part in failed if part),
        findings,
    )


def _sum_of(cases: tuple[Case, ...], book: Book) -> str:
    taken = sum(case.taken_minor for case in cases)
    asked = sum(_asked_minor(case, book) for case in cases)
    return f"{book.say(asked)} asked for, {book.say(taken)} taken in cash"


def _asked_minor(case: Case, book: Book) -> int:
    """What a customer asked for, though the request may go by another key since it was altered on its way."""
    sent = book.cases.get(book.sent_as(case.key), case)
    return sent.asked_minor


def _held(book: Book, sites: tuple[str, ...]) -> tuple[list[Finding], str]:
    """Holds that are left although nothing is open: the customer cannot use the money."""
    findings: list[Finding] = []
    where: list[str] = []
    for site in sites:
        ledger = book.ledgers.get((site, "end"))
        if ledger is None:
            continue  # `counts` says that it is missing
        held = sum(ledger.holds.values())
        holding = [case for case in book.cases.values() if case.holds.get(site)]
        if held == sum(case.holds[site] for case in holding if case.exceptions):
            continue
        where.append(f"site {site} ({book.say(held)})")
        named = [case for case in holding if not case.exceptions]
        findings += [
            Finding(
                case.key,
                f"site {site} still holds {book.say(case.holds[site])} for {tell(case, book)}",
                (case.fact_first, case.fact_last),
            )
            for case in named
        ] or [Finding("", f"site {site} holds {book.say(held)} at the end, for no transaction that is known")]
    return findings, " and ".join(where)
