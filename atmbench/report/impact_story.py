"""The story of one customer who was touched, in words: what he tried, what he saw, and when his money came back."""

import textwrap
from collections.abc import Iterator

from atmbench import money
from atmbench.facts.statements import Stated
from atmbench.impact.causes import Cause
from atmbench.impact.customers import KEPT, TAKEN, Customer
from atmbench.impact.sightings import DARK, Shown

WIDTH = 100
IN_PASSING = frozenset({"please_wait", "take_card", "starting", "counting", "out_of_service", "closed"})
"""Screens that say nothing of how it went."""
FATES = {KEPT: "the machine kept the card", TAKEN: "the customer has the card"}


def story_lines(customer: Customer, currency: str, mark: str = "", *, all_screens: bool = False) -> list[str]:
    """One customer as lines of at most WIDTH columns: a headline after `mark`, then a sentence a line.

    `all_screens` tells every screen that is kept; else the one that said how it went.
    """
    indent = " " * (2 + len(mark))
    lines = textwrap.wrap(_headline(customer, currency), WIDTH, initial_indent=f"  {mark}", subsequent_indent=indent)
    for sentence in _sentences(customer, currency, all_screens=all_screens):
        lines += textwrap.wrap(sentence, WIDTH, initial_indent=f"{indent}- ", subsequent_indent=f"{indent}  ")
    return lines


def _headline(customer: Customer, currency: str) -> str:
    tried = customer.service.replace("_", " ") or "a service that nobody named"
    if customer.amount_minor:
        tried += f" of {_say(customer.amount_minor, currency)}"
    at = f"at {customer.asked_t:.3f} s" if customer.asked_t is not None else "(no terminal began it)"
    who = [f"card {customer.card}" if customer.card else "", f"account {customer.account}" if customer.account else ""]
    named = ", ".join(filter(None, who)) or "card not read"
    key = f" [{customer.key}]" if customer.key else ""
    return f"{customer.terminal} ({customer.channel}) {at}: {tried}; {named}{key}"


def _sentences(customer: Customer, currency: str, *, all_screens: bool) -> Iterator[str]:
    yield _how_it_ended(customer, currency)
    screens = _worth_telling(customer, all_screens=all_screens)
    for shown in screens:
        yield _shown(shown, is_full=all_screens)
    if customer.receipt is not None:
        is_same = not all_screens and bool(screens) and screens[-1].states == customer.receipt.states
        yield "the receipt says the same" if is_same else _shown(customer.receipt, is_full=all_screens)
    for false in customer.told_false:
        yield f"NOT SO: it {false}"
    yield from _money(customer, currency)
    yield from _payment(customer, currency)
    for told in customer.exceptions:
        yield f"a person was told: {told}"
    if customer.card_fate in FATES:
        yield FATES[customer.card_fate]
    yield _lost(customer)


def _how_it_ended(customer: Customer, currency: str) -> str:
    if Cause.TURNED_AWAY in customer.causes:
        return f"turned away: {customer.because}"
    how = f"ended as {customer.outcome.replace('_', ' ')}" if customer.outcome else "never ended"
    after = ""
    if customer.waited_s is not None:
        what = "answered after" if customer.is_answered else "no answer counted in"
        after = f", {what} {customer.waited_s:.3f} s"
    cash = ""
    if customer.service == "withdrawal":
        cash = f"; {_say(customer.paid_minor, currency)} taken in cash"
    elif customer.service == "deposit":
        cash = f"; {_say(customer.received_minor, currency)} of notes in the bin"
    also = [cause.value.replace("_", " ") for cause in customer.causes]
    return f"{how}{after}{cash} ({', '.join(also)})"


def _worth_telling(customer: Customer, *, all_screens: bool) -> tuple[Shown, ...]:
    if all_screens:
        return customer.screens
    telling = [shown for shown in customer.screens if shown.screen not in IN_PASSING]
    return tuple((telling or customer.screens)[-1:])


def _shown(shown: Shown, *, is_full: bool) -> str:
    if shown.screen == DARK:
        return f"the screen went dark at {shown.t:.3f} s" if is_full else "the screen was dark"
    what = "receipt" if shown.screen == "receipt" else f"screen at {shown.t:.3f} s" if is_full else "screen"
    how = shown.states.how if shown.states is not None else ""
    stated = f" ({how.replace('_', ' ')})" if how and how != Stated.INVITED else ""
    return f'{what}{stated}: "{" / ".join(" ".join(line.split()) for line in shown.lines)}"'


def _money(customer: Customer, currency: str) -> Iterator[str]:
    wrong = customer.money
    if wrong is None:
        return
    booked, due = _say(wrong.booked_minor, currency), _say(wrong.due_minor, currency)
    back = (
        f"right in all books at {wrong.back_t:.3f} s"
        if wrong.back_t is not None
        else "and it is still wrong at the end"
    )
    yield f"money: {booked} booked, {due} due; wrong from {wrong.from_t:.3f} s on for {wrong.seconds:.3f} s, {back}"


def _payment(customer: Customer, currency: str) -> Iterator[str]:
    delay = customer.delay
    if delay is not None and Cause.DELAYED in customer.causes:
        if delay.is_over:
            yield f"at all sites {delay.seconds:.3f} s after it was asked for"
        else:
            sites = " and ".join(f"site {site}" for site in delay.missing_at)
            yield f"{sites} does not have it {delay.seconds:.3f} s later, at the end"
    if customer.reads and Cause.BOOKS_DIFFER in customer.causes:
        each = ", ".join(f"site {site} {_say(minor, currency)}" for site, minor in customer.reads.items())
        yield f"booked at the end: {each}"


def _lost(customer: Customer) -> str:
    lost = customer.lost
    parts = (
        (lost.without_service_s, "without service"),
        (lost.money_wrong_s, "with wrong money"),
        (lost.delayed_s, "with a payment on its way"),
        (lost.waiting_s, "waiting"),
    )
    said = ", ".join(f"{seconds:.3f} s {what}" for seconds, what in parts if seconds)
    if not said:
        return "lost no time by it"
    not_over = "" if lost.is_over else _not_over(customer)
    told = [part for part in parts if part[0]]
    if len(told) == 1:
        return f"lost {said}{not_over}"
    return f"lost {lost.seconds:.3f} s in all: {said}{not_over}"


def _not_over(customer: Customer) -> str:
    """Money that is still wrong is known to be; of service it is known only that nobody had it there any more."""
    is_wrong = customer.money is not None and customer.money.back_t is None
    is_missing = Cause.DELAYED in customer.causes and customer.delay is not None and not customer.delay.is_over
    return "; not over at the end" if is_wrong or is_missing else "; nobody was served with the same there again"


def _say(amount_minor: int, currency: str) -> str:
    return f"{'-' if amount_minor < 0 else ''}{money.display(abs(amount_minor), currency)}"
