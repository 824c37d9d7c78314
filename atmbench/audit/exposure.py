"""Check `exposure`: what was approved above the balance costs no more than it may, and somebody knew in time.

Judged where a site stood in for its core, where a core went away, where a brake was used, or where a drill asks for it.
Every approval in stand-in must reach a core, and each core no more than once: that of a site which takes over may not
know yet what the other's has taken, and both make the same entry. What a core refuses must have been told to a person;
a site whose brake is on must approve no withdrawal. A withdrawal costs what its account lacked when it was approved, as
far as the notes were taken.
"""

from collections import Counter

import msgspec

from atmbench import money
from atmbench.audit.book import Book
from atmbench.audit.cases import APPROVED, Case
from atmbench.audit.exposure_log import ExposureLog, Stood
from atmbench.audit.verdict import Finding, Status, Verdict, count, judged, listed
from atmbench.drill.expectations import ExposureBudgets

CHECK = "exposure"


class Exposure(msgspec.Struct, frozen=True):
    """What was lent without anybody wanting to. Amounts in minor units, times in seconds of the run."""

    stood_in: int
    """Withdrawals approved in stand-in."""
    stood_in_minor: int
    taken: int
    """Of these, the ones that a core took from the customer afterwards."""
    refused: dict[str, int]
    """Why a core refused the others, to how many."""
    refused_minor: int
    """What the bank pays for these itself: the notes that were taken."""
    repeats: int
    """Advices to a core that were sent again."""
    above: int
    """Withdrawals above the balance for which notes were taken."""
    total_minor: int
    accounts: int
    worst_account: str
    worst_minor: int
    first_t: float | None
    """When the first withdrawal above the balance was approved."""
    alert_s: float | None
    """From then to the first alert; None if there was none after it."""
    last_note_s: float | None
    """From then to the last notes that came out for such a withdrawal."""
    stops: tuple[str, ...]
    """When a brake was put on or let go, in words."""


def is_asked(book: Book) -> bool:
    """Whether this check belongs to a run."""
    run = book.run_started
    return book.exposure.is_used or (run is not None and run.expect.get("exposure") is not None)


def check(book: Book) -> Verdict:
    """Judge stand-in, exposure, alerts and brakes."""
    budgets = book.expectations().exposure or ExposureBudgets()
    log, seen = book.exposure, exposure_of(book)
    book.end()
    findings = [*_replayed(log, book), *_braked(log), *_too_much(seen, budgets, book), *_too_late(seen, budgets)]
    beyond = log.above_beyond + log.stood_untold
    if beyond and not findings:
        return Verdict(CHECK, Status.UNKNOWN, f"{count(beyond, 'withdrawal')} more than are kept")
    return judged(CHECK, said(seen, book), f"{listed((each.says for each in findings), 3)}", findings)


def exposure_of(book: Book) -> Exposure:
    """The figures of a run."""
    log = book.exposure
    by_account: dict[str, int] = {}
    number = 0
    for key, above in log.above.items():
        cost_minor = min(above.amount_minor, book.cases[key].taken_minor)
        if cost_minor:
            number += 1
            by_account[above.account] = by_account.get(above.account, 0) + cost_minor
    first_t = min((above.t for above in log.above.values()), default=None)
    alert_t = next((alert.t for alert in log.alerts if first_t is not None and alert.t >= first_t), None)
    worst = max(by_account, key=lambda account: by_account[account], default="")
    stood = log.stood.values()
    refused = {key: each for key, each in log.stood.items() if each.is_refused}
    return Exposure(
        stood_in=len(stood),
        stood_in_minor=sum(each.amount_minor for each in stood),
        taken=sum(each.outcome == APPROVED for each in stood),
        refused=dict(sorted(Counter(each.outcome for each in refused.values()).items())),
        refused_minor=sum(min(each.amount_minor, book.cases[key].taken_minor) for key, each in refused.items()),
        repeats=log.repeats,
        above=number,
        total_minor=sum(by_account.values()),
        accounts=len(by_account),
        worst_account=worst,
        worst_minor=by_account.get(worst, 0),
        first_t=first_t,
        alert_s=_since(first_t, alert_t),
        last_note_s=_since(first_t, log.last_note_t),
        stops=tuple(f"{'on' if each.on else 'off'} at site {each.site} at {each.t:.3f} s" for each in log.brakes),
    )


def said(seen: Exposure, book: Book) -> str:
    """The figures in a sentence."""
    parts = []
    if seen.stood_in:
        approvals = f"{count(seen.stood_in, 'approval')} in stand-in ({book.say(seen.stood_in_minor)})"
        loss = f" ({book.say(seen.refused_minor)}, paid by the bank)" if seen.refused else ""
        parts.append(f"{approvals}, each told to a core once and {sum(seen.refused.values()):,} refused{loss}")
    above = f"{count(seen.above, 'withdrawal')} above the balance, {book.say(seen.total_minor)} in all"
    if seen.above:
        above += f", {book.say(seen.worst_minor)} of one account"
    parts.append(above)
    if seen.alert_s is not None:
        parts.append(f"alert after {seen.alert_s:.3f} s")
    if seen.last_note_s is not None:
        parts.append(f"last notes after {seen.last_note_s:.3f} s")
    if seen.stops:
        parts.append(f"brake {listed(seen.stops)}")
    return ", ".join(parts)


def _since(first_t: float | None, t: float | None) -> float | None:
    return None if first_t is None or t is None else t - first_t


def _replayed(log: ExposureLog, book: Book) -> list[Finding]:
    findings = []
    for key, stood in log.stood.items():
        says = _amiss(stood, book.cases[key])
        if says:
            what = f"{key}, approved in stand-in at site {stood.site} ({book.say(stood.amount_minor)}), {says}"
            findings.append(Finding(key, what, (stood.fact,)))
    return findings


def _amiss(stood: Stood, case: Case) -> str:
    if stood.is_forgotten and not stood.taken_at and not case.taken_minor:
        return ""  # nothing came of it, and nobody knows of it any more
    # An entry or a hold without: a core at another site had approved it, too, and that counts.
    if not stood.taken_at and not case.entries and not case.holds:
        return "never reached a core"
    if stood.times > 1:
        return f"was taken by a core {stood.times} times"
    if stood.is_refused and not case.exceptions:
        return f"was refused by the core ({stood.outcome.replace('_', ' ')}), and nobody was told"
    return ""


def _braked(log: ExposureLog) -> list[Finding]:
    return [Finding(key, f"{key} was approved at a site whose brake was on") for key in log.braked]


def _too_much(seen: Exposure, budgets: ExposureBudgets, book: Book) -> list[Finding]:
    currency = book.run().currency
    found = []
    for what, minor, most in (
        ("withdrawals above the balance", seen.total_minor, budgets.total_max),
        (f"above the balance of account {seen.worst_account}", seen.worst_minor, budgets.card_max),
    ):
        if most is not None and minor > money.parse(most, currency):
            found.append(Finding("", f"{what}: {book.say(minor)}, {most} allowed"))
    return found


def _too_late(seen: Exposure, budgets: ExposureBudgets) -> list[Finding]:
    if seen.first_t is None:
        is_timed = budgets.alert_s is not None or budgets.last_note_s is not None
        never = "the drill wants to be warned of withdrawals above the balance, and there were none"
        return [Finding("", never)] if is_timed else []
    found = []
    since = f"after the first withdrawal above the balance at {seen.first_t:.3f} s"
    if budgets.alert_s is not None and (seen.alert_s is None or seen.alert_s > budgets.alert_s):
        when = "no alert" if seen.alert_s is None else f"the first alert {seen.alert_s:.3f} s"
        found.append(Finding("", f"{when} {since}, {budgets.alert_s:g} s allowed"))
    if budgets.last_note_s is not None and (seen.last_note_s or 0.0) > budgets.last_note_s:
        when = f"notes came out for such withdrawals until {seen.last_note_s:.3f} s"
        found.append(Finding("", f"{when} {since}, {budgets.last_note_s:g} s allowed"))
    return found
