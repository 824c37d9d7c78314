"""Customers: one record for each who was touched, as a complaint desk would want it."""

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.cases import Case, is_internal
from atmbench.audit.witnesses import due_minor, posted_minor
from atmbench.facts import ExceptionOpened
from atmbench.impact.causes import Cause, Causes, Delay, waited_s
from atmbench.impact.lost_time import Lost
from atmbench.impact.sightings import Shown, Sightings, TurnedAway, Visit
from atmbench.messages.masking import mask_pan

KEPT, TAKEN, OFFERED = "kept", "taken", "offered"


class Money(msgspec.Struct, frozen=True):
    """Whose money was wrong, and since when. Amounts in minor units, times in seconds of the run."""

    booked_minor: int
    """Most that any site had posted of it at first."""
    due_minor: int
    """What should have been posted: cash in the customer's hand, notes in the bin, or a payment that was done."""
    from_t: float
    seconds: float
    back_t: float | None
    """When the last ledger had it right; None if it is wrong to the end."""


class Customer(msgspec.Struct, frozen=True):
    """One customer who was touched. A person who came twice is two of them, and has the same card."""

    key: str
    """Of the transaction; empty for one who was turned away."""
    terminal: str
    channel: str
    card: str
    """Masked PAN; empty if no machine has read it."""
    account: str
    """Masked, where any ledger has named it."""
    service: str
    amount_minor: int
    asked_t: float | None
    causes: tuple[Cause, ...]
    outcome: str
    """As the terminal ended it; "turned_away" and why in `because` for one who could not begin."""
    because: str
    is_answered: bool
    """By his bank, as far as the terminal let the answer count."""
    waited_s: float | None
    """From the request to the answer, or to the word that there was none."""
    screens: tuple[Shown, ...]
    receipt: Shown | None
    told_false: tuple[str, ...]
    paid_minor: int
    """Cash that the dispenser saw in a hand."""
    received_minor: int
    """Notes in the deposit bin."""
    money: Money | None
    delay: Delay | None
    """Of a transfer or bill payment that was done, however soon."""
    reads: dict[str, int]
    """Site to what it has posted of it in the end, where the witnesses disagree."""
    exceptions: tuple[str, ...]
    """What a person was told of it, and who, if that is known."""
    card_fate: str
    """KEPT, TAKEN (the customer has it), OFFERED (it came out), or empty: no card reader has said."""
    lost: Lost
    facts: tuple[int, int]
    """Numbers of the first and last fact in the history."""


def customer_of(
    case: Case, why: tuple[Cause, ...], lost: Lost, book: Book, causes: Causes, seen: Sightings
) -> Customer:
    """The record of one who began a transaction."""
    visit = seen.visits.get(case.key, Visit())
    differs = Cause.BOOKS_DIFFER in why or Cause.DELAYED in why
    return Customer(
        key=case.key,
        terminal=case.terminal,
        channel=book.channel_of(case.terminal),
        card=visit.card or _card_sent(case),
        account=_account(case),
        service=case.service,
        amount_minor=case.asked_minor,
        asked_t=case.started_t,
        causes=why,
        outcome=case.outcome,
        because="",
        is_answered=case.answered_t is not None,
        waited_s=waited_s(case),
        screens=visit.screens,
        receipt=visit.receipt,
        told_false=tuple(causes.false.get(case.key, ())),
        paid_minor=case.taken_minor,
        received_minor=case.accepted_minor,
        money=_money(case, causes),
        delay=causes.delay(case),
        reads={site: posted_minor(case, case.net_at(site)) for site in book.sites()} if differs else {},
        exceptions=tuple(_exception(each) for each in case.exceptions),
        card_fate=_card_fate(case, visit, book),
        lost=lost,
        facts=(case.fact_first, case.fact_last),
    )


def turned_away(away: TurnedAway, lost: Lost, book: Book) -> Customer:
    """The record of one who could not begin."""
    return Customer(
        key="",
        terminal=away.terminal,
        channel=book.channel_of(away.terminal),
        card="",
        account="",
        service=away.service,
        amount_minor=0,
        asked_t=away.t,
        causes=(Cause.TURNED_AWAY,),
        outcome=Cause.TURNED_AWAY.value,
        because=away.because,
        is_answered=False,
        waited_s=None,
        screens=(away.screen,) if away.screen is not None else (),
        receipt=None,
        told_false=(),
        paid_minor=0,
        received_minor=0,
        money=None,
        delay=None,
        reads={},
        exceptions=(),
        card_fate="",
        lost=lost,
        facts=(away.number, away.number),
    )


def _money(case: Case, causes: Causes) -> Money | None:
    wait = causes.waits.get(case.key)
    if wait is None:
        return None
    sites = dict.fromkeys(entry.actor for entry in case.entries)
    first = [posted_minor(case, case.entries_at(site)[0].legs) for site in sites]
    return Money(
        booked_minor=max(first, default=0),
        due_minor=due_minor(case),
        from_t=wait.from_t,
        seconds=round(wait.seconds, 6),
        back_t=round(wait.from_t + wait.seconds, 6) if wait.is_over else None,
    )


def _exception(opened: ExceptionOpened) -> str:
    owner = f" ({opened.owner})" if opened.owner else ""
    return f"{opened.because}{owner}"


def _account(case: Case) -> str:
    accounts = (account for entry in case.entries for account in entry.legs if not is_internal(account))
    account = next(accounts, "")
    return mask_pan(account) if account else ""


def _card_sent(case: Case) -> str:
    return (case.sent[0] or "") if case.sent is not None else ""


def _card_fate(case: Case, visit: Visit, book: Book) -> str:
    if case.key in book.informed.kept:
        return KEPT
    if visit.card_taken:
        return TAKEN
    return OFFERED if case.key in book.informed.ejected else ""
