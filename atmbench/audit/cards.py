"""Check `cards`: whoever lost a card at a terminal lost it for a reason, and everybody saw how it ended.

A terminal may keep a card if the host asked for it, if it lay in the slot and nobody took it, or if its reader or its
power failed with the card inside. Any other card that was kept is named, and any that was given back although the host
had asked for it. So is a transaction that ended while its
customer stood there, of which no screen said how. The check stands among the others where a card was kept, where
somebody was not told, or where the drill asks for it. Source: iso8583 facts 7.2, a fleet that kept thousands of cards
of customers whose bank did not answer.
"""

from collections.abc import Mapping

from atmbench import facts
from atmbench.audit.book import Book
from atmbench.audit.cases import Case
from atmbench.audit.verdict import Finding, Verdict, count, judged, listed
from atmbench.audit.witnesses import name

CHECK = "cards"


def is_asked(book: Book) -> bool:
    """Whether this check belongs to a run."""
    run = book.run_started
    return book.cards.is_used or (run is not None and run.expect.get("cards_kept_max") is not None)


def check(book: Book) -> Verdict:
    """Judge the cards that were kept, and what customers saw. What is wrong already stays wrong."""
    log, cases, most = book.cards, book.cases, book.expectations().cards_kept_max
    findings = [
        Finding(fact.key, f"{_who(fact, cases)} kept its customer's card for no reason ({fact.because})", (number,))
        for number, fact in log.without_reason
    ]
    findings += [
        Finding(key, f"{name(cases[key])}: the customer got back the card that the host had asked for", (number,))
        for number, key in log.given_back
    ]
    findings += [
        Finding(key, f"{name(cases[key])}: no screen told the customer how it ended", (cases[key].fact_last,))
        for key in log.untold
    ]
    says = (
        f"{count(log.number_kept, 'card')} kept: {log.kept['asked for']:,} that the host had asked for, "
        f"{log.kept['forgotten']:,} that nobody took, {log.kept['failed']:,} by a reader or a power that failed, "
        f"{log.number_without_reason:,} for no reason"
    )
    back = len(log.given_back) + log.given_back_beyond
    if back:
        says += f", {back:,} given back that the host had asked for"
    if most is not None:
        says += f" ({most:,} allowed in all)"
        if log.number_kept > most:
            findings.append(Finding("", f"{count(log.number_kept, 'card')} kept, {most:,} allowed"))
    if not findings:
        book.end()
    untold = len(log.untold) + log.untold_beyond
    told = f"{count(log.told, 'customer')} saw how it ended{f', {untold:,} did not' if untold else ''}"
    some = listed((_who(fact, cases) for _, fact in log.without_reason), 3)
    return judged(CHECK, f"{says}; {told}", f"{says}{f': {some}' if some else ''}; {told}", findings)


def _who(fact: facts.CardRetained, cases: Mapping[str, Case]) -> str:
    case = cases.get(fact.key)
    return name(case) if case is not None else fact.actor
