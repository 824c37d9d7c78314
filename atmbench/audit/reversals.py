"""Check `reversals`: every one that was needed was sent, accepted and applied once, and none in vain.

Sources: iso8583 facts 1.8 (a second reversal posts nothing, a reversal without its original is kept as a
tombstone), 1.9 (stop only on an accepted answer; never drop in silence) and 1.10 (who reverses).
"""

from atmbench.audit.book import Book
from atmbench.audit.cases import APPROVED, COMPLETION, DEPOSIT, REVERSAL, WITHDRAWAL, Advice, Case
from atmbench.audit.verdict import Finding, Verdict, count, judged
from atmbench.audit.witnesses import agrees_at, due_minor, name
from atmbench.messages.records import Reason

UNCERTAIN = frozenset({Reason.SUSPECT.value, Reason.CASH_NOT_TAKEN.value})
"""Reasons that may be given although the customer turns out to have all the cash."""
PARTLY_DONE = frozenset({"short", "suspect", "retracted", "interrupted"})
"""Outcomes that a completion over what really came out may settle as well as a reversal."""


def is_needed(case: Case) -> bool:
    """Whether the terminal must make the host undo this transaction.

    A request that moves money was sent, and it neither ended as approved, nor was declined by a matched
    reply, nor brought the customer all that was asked for. A reversal may also be right where none is
    needed: the terminal cannot know whether its request ever left.
    """
    if case.request_t is None or not case.moves_money or case.outcome == APPROVED or case.is_declined:
        return False
    if case.service == WITHDRAWAL:
        return not case.taken_minor or case.taken_minor < case.asked_minor
    if case.service == DEPOSIT:
        return not case.accepted_minor or case.accepted_minor < case.asked_minor
    return True


def check(book: Book) -> Verdict:
    """Judge every transaction that was or should have been reversed."""
    sites = book.sites()
    book.end()
    findings: list[Finding] = []
    needed = accepted = undone = tombstones = 0
    for case in book.cases.values():
        case_is_needed = is_needed(case)
        if not (case.advices or case_is_needed or any(entry.kind == "reversal" for entry in case.entries)):
            continue
        stood = book.exposure.stood.get(case.key)
        due = 0 if stood is not None and stood.is_refused else due_minor(case)
        says = _applied(case, sites, due)
        if case_is_needed:
            needed += 1
            says += _not_sent(case)
        for advice in case.reversals():
            says += _in_vain(case, advice)
            accepted += advice.accepted_t is not None
        says += _stored_again(case)
        says += [_not_ended(case, advice) for advice in case.advices if not _is_ended(advice)]
        undone += any(case.entries_at(site, "reversal") for site in sites)
        tombstones += bool(case.tombstones)
        findings += [Finding(case.key, each, (case.fact_first, case.fact_last)) for each in says]
    return judged(
        "reversals",
        f"{count(needed, 'reversal')} needed, {accepted:,} accepted: {undone:,} undid a posting; "
        f"{tombstones:,} came before it, or had none, and are kept as tombstones",
        f"{count(len(findings), 'thing')} wrong with reversals ({needed:,} needed, {accepted:,} accepted): "
        f"{findings[0].says if findings else ''}",
        findings,
    )


def _not_sent(case: Case) -> list[str]:
    """A needed reversal that was never stored, or never left."""
    told = [
        advice
        for advice in case.advices
        if advice.purpose == REVERSAL or (advice.purpose == COMPLETION and case.outcome in PARTLY_DONE)
    ]
    if case.exceptions and all(advice.given_up or advice.accepted_t is not None for advice in told):
        return []
    ended = f"ended as {case.outcome.replace('_', ' ')}" if case.outcome else "never ended"
    if not told:
        return [f"{name(case)} was sent and {ended}, and no reversal was stored"]
    if not any(advice.sendings for advice in told):
        return [f"{name(case)} {ended}, and its reversal (STAN {told[0].stan:06d}) never left the terminal"]
    return []


def _stored_again(case: Case) -> list[str]:
    """More than one advice of one transaction: whatever comes later, the host is told once how it ended (1.8)."""
    if len(case.advices) < 2:
        return []
    stored = " and ".join(f"a {each.purpose} (STAN {each.stan:06d})" for each in case.advices[:2])
    return [f"{case.terminal} stored {stored} of {name(case)}, where one says all"]


def _is_ended(advice: Advice) -> bool:
    return advice.accepted_t is not None or advice.given_up


def _not_ended(case: Case, advice: Advice) -> str:
    sent = f"was sent {count(advice.sendings, 'time')}" if advice.sendings else "never left the terminal"
    return f"the {advice.purpose} (STAN {advice.stan:06d}) of {name(case)} {sent} and was neither accepted nor given up"


def _applied(case: Case, sites: tuple[str, ...], due: int) -> list[str]:
    """What each site made of the reversals of one case; `due` is what the customer owes or is owed in the end."""
    says = []
    full = [each for each in case.reversals() if each.accepted_t is not None and not _keeps_posting(each)]
    for site in sites:
        posted, undone = len(case.entries_at(site, "posting")), len(case.entries_at(site, "reversal"))
        if undone > 1 and not agrees_at(case, site, due):
            # More entries that end up right are corrections: two sites, or their cores, had decided differently.
            says.append(f"site {site} reversed {name(case)} {undone} times")
        elif undone and not posted:
            says.append(f"site {site} reversed {name(case)}, which it had never posted")
        elif full and posted and not undone:
            says.append(f"site {site} keeps the posting of {name(case)} although its reversal was accepted")
    if full and not case.entries and not case.tombstones and not case.received_by:
        says.append(f"the reversal of {name(case)} was accepted, met no original and left no tombstone")
    return says


def _keeps_posting(advice: Advice) -> bool:
    """Whether a host may leave the posting as it is: nothing to undo, or not known whether (iso8583 1.10)."""
    return advice.reason in UNCERTAIN or bool(advice.actual_minor and advice.actual_minor >= advice.amount_minor)


def _in_vain(case: Case, advice: Advice) -> list[str]:
    """A reversal of something that was done."""
    if advice.reason in UNCERTAIN or (advice.actual_minor and advice.actual_minor >= advice.amount_minor):
        return []
    stan = f"STAN {advice.stan:06d}, {advice.reason.replace('_', ' ') or 'no reason'}"
    if case.service == WITHDRAWAL and case.asked_minor and case.taken_minor >= case.asked_minor:
        return [f"{case.terminal} reversed {name(case)} ({stan}) although the customer has all the cash"]
    if case.outcome == APPROVED and case.moves_money:
        return [f"{case.terminal} reversed {name(case)} ({stan}) although it had ended it as approved"]
    return []
