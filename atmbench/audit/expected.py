"""Check `expected`: the drill did what it says, so that a PASS of the other checks means something.

Enough transactions were approved, enough were under way at the cut, the facts that the drill asks for are
there, and no step was refused.
"""

from math import inf

from atmbench import facts
from atmbench.audit.book import Book
from atmbench.audit.capacity import judged_load, load_of
from atmbench.audit.cases import APPROVED, is_internal
from atmbench.audit.downtime import judged_downtime
from atmbench.audit.failover import first_cut
from atmbench.audit.tally import Counted
from atmbench.audit.verdict import Finding, Status, Verdict, count, judged, listed
from atmbench.audit.wronged import judged_waits, waits
from atmbench.drill.expectations import CapacityBudgets

CHECK = "expected"
KINDS = frozenset(str(kind.__struct_config__.tag) for kind in facts.AnyFact.__args__)


def check(book: Book) -> Verdict:
    """Judge what the drill expects beyond money and order."""
    wanted = book.expectations()
    book.end()
    approved = sum(case.outcome == APPROVED for case in book.cases.values())
    findings = []
    says = [f"{count(approved, 'transaction')} approved ({wanted.approved_min:,} wanted)"]
    if approved < wanted.approved_min:
        findings.append(
            Finding("", f"{approved:,} transactions were approved, at least {wanted.approved_min:,} wanted")
        )
    if wanted.in_flight_at_cut_min is not None:
        in_flight = in_flight_at_cut(book)
        says.append(f"{in_flight or 0:,} in flight at the cut ({wanted.in_flight_at_cut_min:,} wanted)")
        if in_flight is None:
            findings.append(Finding("", "the drill wants transactions in flight at a cut, and no line was cut"))
        elif in_flight < wanted.in_flight_at_cut_min:
            says_few = f"{in_flight:,} transactions were in flight at the cut, {wanted.in_flight_at_cut_min:,} wanted"
            findings.append(Finding("", says_few))
    findings += _overdrawn(book, wanted.overdrawn_max, says)
    if wanted.downtime_max_s is not None:
        findings += judged_downtime(book, wanted.downtime_max_s, says)
    if wanted.wronged_max_s is not None:
        findings += judged_waits(waits(book), wanted.wronged_max_s, says)
    findings += _shared(book, wanted.shared_parts_max, says)
    if wanted.capacity is not None:
        findings += _of_load(book, wanted.capacity, says)
    for counted in book.tally.counted:
        says.append(f"{counted.seen:,} {describe(counted)}")
        findings += _amiss(counted)
    unsure = _unsure(book)
    if unsure and not findings:
        return Verdict(CHECK, Status.UNKNOWN, "; ".join(unsure))
    return judged(CHECK, ", ".join(says), listed((*(each.says for each in findings), *unsure)), findings)


def _of_load(book: Book, limits: CapacityBudgets, says: list[str]) -> list[Finding]:
    load = load_of(book.loads, book.cases.values())
    if load is None:
        return [Finding("", "the drill sets limits for the capacity of sites, and no site stated one")]
    said, too_much = judged_load(load, limits)
    says += said
    return too_much


def _shared(book: Book, most: int | None, says: list[str]) -> list[Finding]:
    """Lines that are to stand in for each other, and fall together."""
    if most is None:
        return []
    shared = book.run().shared
    says.append(f"{count(len(shared), 'part')} shared by two lines ({most:,} allowed)")
    return [Finding("", f"{each}: they fall together") for each in shared] if len(shared) > most else []


def _overdrawn(book: Book, most: int | None, says: list[str]) -> list[Finding]:
    """Accounts that pay for cash that was not there: what two sites have both given, each by itself."""
    if most is None:
        return []
    below: dict[str, int] = {}
    for (_, when), ledger in book.ledgers.items():
        if when == "end":
            for account, balance in ledger.balances.items():
                if balance < 0 and not is_internal(account):
                    below[account] = min(balance, below.get(account, balance))
    says.append(f"{count(len(below), 'account')} below zero ({most:,} allowed)")
    if len(below) <= most:
        return []
    worst = min(below, key=lambda account: below[account])
    exposure = book.say(-sum(below.values()))
    told = f"{count(len(below), 'account')} below zero, {most:,} allowed: {exposure} in all, {worst} by "
    return [Finding("", told + book.say(-below[worst]))]


def in_flight_at_cut(book: Book) -> int | None:
    """Transactions whose request was sent and not answered at the instant of the first cut; None without a cut."""
    cut = first_cut(book)
    if cut is None:
        return None
    number = 0
    for case in book.cases.values():
        if case.request_t is not None and case.request_t <= cut.t:
            over = min((t for t in (case.answered_t, case.ended_t) if t is not None), default=inf)
            number += over >= cut.t
    return number


def describe(counted: Counted) -> str:
    """The wanted fact in words: "frame_disturbed where kind=corrupt"."""
    where = ", ".join(f"{name}={value}" for name, value in counted.wanted.where.items())
    return f"{counted.wanted.fact}{' where ' + where if where else ''}"


def _amiss(counted: Counted) -> list[Finding]:
    wanted = counted.wanted
    if wanted.at_least is not None and counted.seen < wanted.at_least:
        return [Finding("", f"{describe(counted)}: {counted.seen:,} seen, at least {wanted.at_least:,} wanted")]
    if wanted.at_most is not None and counted.seen > wanted.at_most:
        return [Finding("", f"{describe(counted)}: {counted.seen:,} seen, at most {wanted.at_most:,} allowed")]
    if wanted.at_least is None and wanted.at_most is None and not counted.seen:
        return [Finding("", f"{describe(counted)}: none seen")]
    return []


def _unsure(book: Book) -> list[str]:
    """Why the figures may not mean what they say."""
    unsure = [
        f"no fact is called {counted.wanted.fact!r}"
        for counted in book.tally.counted
        if counted.wanted.fact not in KINDS
    ]
    if book.tally.early_lost:
        unsure.append("too many facts came before RunStarted to count them")
    if book.refused_steps:
        refused = listed((f"{step.command} ({step.because})" for step in book.refused_steps), 3)
        steps = count(len(book.refused_steps), "step")
        unsure.append(f"{steps} refused, so the drill did not happen as written: {refused}")
    return unsure
