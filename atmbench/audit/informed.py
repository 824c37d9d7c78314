"""Check `customers_informed`: what screens and receipts stated is what happened, also while a site is away.

A bank that was silent has not declined, and one that declined was not silent; what is told as done was approved; cash
on the screen is cash that the dispenser counted, and cash on paper is cash that a hand took; a promised credit is on
its way; a balance is the one that the site told for this inquiry; a card that is called kept is in the bin; nobody is
asked to begin where nobody is served; and whoever is sent away is told what else he can do. The wording is not judged.
Source: incident of 14 August 2023, what customers were told; iso8583 facts 7.2 F7, each screen shows an outcome.
"""

from collections.abc import Callable, Iterator

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import APPROVALS, Case
from atmbench.audit.informed_log import Said, Welcomed
from atmbench.audit.verdict import FINDINGS_MAX, Finding, Status, Verdict, count
from atmbench.audit.witnesses import name
from atmbench.facts import BalanceTold
from atmbench.facts.statements import BACK, KEPT, Stated

CHECK = "customers_informed"
OWES_A_WAY_OUT = frozenset({Stated.SILENT, Stated.NOT_PAID, Stated.UNKNOWN, Stated.TURNED_AWAY, Stated.CLOSED})
"""After these a customer has not got what he came for, and stands before the machine."""


class _Truth(msgspec.Struct, frozen=True):
    """What a statement is held against. `case` is None if it is about no transaction."""

    book: Book
    case: Case | None
    balances: dict[str, list[BalanceTold]]


def is_asked(book: Book) -> bool:
    """Whether this check belongs to a run: something was told that can be true or false."""
    return book.informed.is_used


def check(book: Book) -> Verdict:
    """Judge all that customers were told. What was false stays false, whatever is still to come."""
    log = book.informed
    findings = []
    false_in_outages = 0
    for said, false in falsehoods(book):
        false_in_outages += said.in_outage
        findings += [Finding(said.key, f"{_where(said, book)} {each}", (said.number,)) for each in false]
    findings += [_welcomed(each) for each in log.still_welcoming(book.t)]
    beyond = f"; {log.said_beyond:,} more were not looked at" if log.said_beyond else ""
    says = (
        f"{count(log.screens, 'screen')} and {count(log.receipts, 'receipt')} told customers something, "
        f"{log.in_outages:,} of them while the terminal had lost a line{beyond}"
    )
    if not findings:
        book.end()
        return Verdict(CHECK, Status.UNKNOWN, says) if beyond else Verdict(CHECK, Status.PASS, f"{says}: all true")
    wrong = f"{says}: {count(len(findings), 'statement')} false, {false_in_outages:,} of them then"
    return Verdict(CHECK, Status.FAIL, f"{wrong}: {findings[0].says}", tuple(findings[:FINDINGS_MAX]))


def falsehoods(book: Book) -> Iterator[tuple[Said, list[str]]]:
    """Every statement of a screen or a receipt that is false, with what of it is, in words."""
    balances: dict[str, list[BalanceTold]] = {}
    for _, told in book.told.balances:
        balances.setdefault(told.key, []).append(told)
    for said in book.informed.said:
        false = list(_false(said, _Truth(book, book.cases.get(said.key), balances)))
        if false:
            yield said, false


def _where(said: Said, book: Book) -> str:
    case = book.cases.get(said.key)
    paper = "the receipt" if said.is_paper else "the screen"
    return f"{paper} of {name(case) if case is not None else said.terminal}"


def _welcomed(seen: Welcomed) -> Finding:
    says = f"the screen of {seen.terminal} asked customers to begin from {seen.from_t:.3f} s on, when it served nobody"
    return Finding("", says, seen.facts)


def _false(said: Said, truth: _Truth) -> Iterator[str]:
    """What of a statement is false, in words."""
    states = said.states
    is_blind_alley = states.how in OWES_A_WAY_OUT and not states.way_out and not said.is_paper
    if is_blind_alley and not _follows(truth):
        yield f"says {states.how} and not what else the customer can do"
    case = truth.case
    if case is None or states.how in (Stated.TURNED_AWAY, Stated.CLOSED):
        return
    outcome = _OUTCOMES.get(Stated(states.how)) if states.how else None
    if outcome is not None:
        yield from outcome(said, case)
    yield from _false_amounts(said, case, truth)
    if states.credits_back and not case.advices:
        yield "promises a credit, and nothing was stored that would bring it"
    if not said.is_paper:
        yield from _false_card(said, truth.book)


def _follows(truth: _Truth) -> bool:
    """Whether notes are on their way back to the customer, who is told what to do with them."""
    return truth.case is not None and truth.case.service == "deposit"


def _answers(said: Said, case: Case) -> list[str]:
    """What the bank had answered by then, and the terminal had not ignored."""
    return [answer.outcome for answer in case.answers if answer.t <= said.t and not answer.ignored]


def _false_done(said: Said, case: Case) -> Iterator[str]:
    answers = _answers(said, case)
    if not any(outcome in APPROVALS for outcome in answers):
        yield f"says that it was done, and the bank {_had_said(answers)}"


def _false_decline(said: Said, case: Case) -> Iterator[str]:
    answers = _answers(said, case)
    if said.states.reason not in answers:
        yield f"says that the bank declined ({said.states.reason.replace('_', ' ')}), and it {_had_said(answers)}"


def _false_silence(said: Said, case: Case) -> Iterator[str]:
    answers = _answers(said, case)
    if answers:
        yield f"says that the bank could not be reached, and it {_had_said(answers)}"


def _had_said(answers: list[str]) -> str:
    return f"had answered {', '.join(answers).replace('_', ' ')}" if answers else "had said nothing"


_OUTCOMES: dict[Stated, Callable[[Said, Case], Iterator[str]]] = {
    Stated.DONE: _false_done,
    Stated.DECLINED: _false_decline,
    Stated.SILENT: _false_silence,
}


def _false_amounts(said: Said, case: Case, truth: _Truth) -> Iterator[str]:
    states, say = said.states, truth.book.say
    if states.paid_minor is not None:
        is_counted_by_hand = said.is_paper or not states.paid_minor
        was_minor = case.taken_minor if is_counted_by_hand else case.presented_minor
        if states.paid_minor != was_minor:
            what = "was taken" if is_counted_by_hand else "lay in the exit"
            yield f"says that {say(states.paid_minor)} was paid, and {say(was_minor)} {what}"
    if states.received_minor is not None and states.received_minor != case.accepted_minor:
        yield f"says that {say(states.received_minor)} was received, and {say(case.accepted_minor)} is in the bin"
    told = truth.balances.get(said.key)
    if states.balances and told:
        right = [{"ledger": each.ledger_minor, "available": each.available_minor} for each in told]
        if not any(states.balances.items() <= each.items() for each in right):
            shown = ", ".join(f"{kind} {say(amount)}" for kind, amount in states.balances.items())
            yield f"tells a balance ({shown}) that no site had told for it"


def _false_card(said: Said, book: Book) -> Iterator[str]:
    log, card = book.informed, said.states.card
    if not card or said.key in log.excused or book.ended is None or book.ended.stopped:
        return
    if card == KEPT and said.key not in log.kept:
        yield "says that the card is kept, and it was given back"
    elif card == BACK and said.key not in log.ejected:
        yield "asks the customer to take his card, and it never came out"
