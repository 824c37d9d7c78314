"""The judge: a whole history in, an audit out.

Every check runs, whatever the others say. One that raises could not judge, so it is UNKNOWN with the
text of its error, and never a pass.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from atmbench.audit import (
    alerts,
    cards,
    convergence,
    counts,
    days,
    expected,
    exposure,
    failover,
    holds,
    informed,
    money,
    posting,
    releases,
    replication,
    reversals,
    sequence,
    view,
)
from atmbench.audit.book import Book
from atmbench.audit.capacity import Load, load_of
from atmbench.audit.casebook import Casebook
from atmbench.audit.downtime import Gap, gaps
from atmbench.audit.failover import Failover
from atmbench.audit.totals import Totals, total
from atmbench.audit.verdict import Status, Verdict, merge
from atmbench.audit.witnesses import OpenException
from atmbench.audit.wronged import MadeGood, made_good, waits
from atmbench.errors import AtmbenchError
from atmbench.facts import AnyFact

Check = Callable[[Book], Verdict]

CHECKS: dict[str, Check] = {
    "money": money.check,
    "counts": counts.check,
    "replication": replication.check,
    "reversals": reversals.check,
    "sequence": sequence.check,
    "convergence": convergence.check,
    "failover": failover.check,
    "expected": expected.check,
}
"""All checks that every run has, by name, in the order of the report."""

CHECK_FAILED = "the check itself failed"
"""How the sentence of a check begins that has a bug."""

T = TypeVar("T")


class Audit(msgspec.Struct, frozen=True):
    """What the history of one run proves. `book` holds the cases for those who want to look closer."""

    status: Status
    verdicts: tuple[Verdict, ...]
    exceptions: tuple[OpenException, ...]
    failover: Failover | None
    totals: Totals | None
    load: Load | None
    """None if no site had a stated capacity."""
    downtime: tuple[Gap, ...] | None
    """Times in which nobody was served; None where the drill does not ask for them."""
    made_good: MadeGood | None
    """None if nobody's money was ever wrong."""
    book: Book

    def verdict(self, check: str) -> Verdict:
        """The verdict of one check by its name. Raises KeyError if there is no such check."""
        for verdict in self.verdicts:
            if verdict.check == check:
                return verdict
        raise KeyError(check)


def failed_otherwise(audit: Audit, fails: Sequence[str]) -> str:
    """How a run that shows a design that does not hold failed otherwise than it says; empty if just so."""
    return otherwise({verdict.check: verdict.status for verdict in audit.verdicts}, fails)


def otherwise(came_to: Mapping[str, Status], fails: Sequence[str]) -> str:
    """The same of checks by name and what each came to; those that passed may be left out."""
    failed = {name: status for name, status in came_to.items() if status is not Status.PASS}
    unsure = [name for name, status in failed.items() if status is Status.UNKNOWN]
    if unsure:
        return f"{', '.join(unsure)} could not be judged"
    missing, more = [name for name in fails if name not in failed], [name for name in failed if name not in fails]
    said = [f"{', '.join(missing)} passed" if missing else "", f"{', '.join(more)} failed" if more else ""]
    return " and ".join(filter(None, said))


def judge(history: Iterable[AnyFact]) -> Audit:
    """Audit a recorded history, fact by fact. Errors of reading it are the reader's and pass through."""
    book = Casebook()
    add = book.add
    for fact in history:
        add(fact)
    return judge_book(book)


def checks_of(book: Book) -> dict[str, Check]:
    """The checks of a run: some only where there is such a thing as they judge."""
    checks = dict(CHECKS)
    if book.hold_log.is_used:
        checks[holds.CHECK] = holds.check
    if book.posting_log.is_used:
        checks[posting.CHECK] = posting.check
    if releases.is_asked(book):
        checks[releases.CHECK] = releases.check
    if cards.is_asked(book):
        checks[cards.CHECK] = cards.check
    if informed.is_asked(book):
        checks[informed.CHECK] = informed.check
    if view.is_asked(book):
        checks[view.CHECK] = view.check
    if exposure.is_asked(book):
        checks[exposure.CHECK] = exposure.check
    if alerts.is_asked(book):
        checks[alerts.CHECK] = alerts.check
    if days.is_used(book):
        checks[days.CHECK] = days.check
    return checks


def judge_book(book: Book, checks: dict[str, Check] | None = None) -> Audit:
    """Audit a casebook that was filled while the run went on; the same answer as `judge` over its history."""
    checks = checks_of(book) if checks is None else checks
    verdicts = tuple(judge_one(name, check, book) for name, check in checks.items())
    return Audit(
        status=merge(verdict.status for verdict in verdicts),
        verdicts=verdicts,
        exceptions=_or_none(money.open_exceptions, book) or (),
        failover=_or_none(failover.scorecard, book),
        totals=_or_none(total, book),
        load=load_of(book.loads, book.cases.values()),
        downtime=_or_none(downtime_of, book),
        made_good=_or_none(lambda book: made_good(waits(book)), book),
        book=book,
    )


def downtime_of(book: Book) -> tuple[Gap, ...] | None:
    """Times in which nobody was served, where the drill asks for them."""
    return gaps(book) if book.run().expect.get("downtime_max_s") is not None else None


def judge_one(name: str, check: Check, book: Book) -> Verdict:
    """One verdict. Whatever a check raises makes it UNKNOWN: a bug in a check must not hide the others."""
    try:
        return check(book)
    except AtmbenchError as error:
        return Verdict(name, Status.UNKNOWN, str(error))
    except Exception as error:
        return Verdict(name, Status.UNKNOWN, f"{CHECK_FAILED}: {type(error).__name__}: {error}")


def _or_none(figure: Callable[[Book], T], book: Book) -> T | None:
    """Figures that need the beginning of a history; without it there are none, and the checks say why."""
    try:
        return figure(book)
    except AtmbenchError:
        return None
