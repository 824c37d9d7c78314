"""Customer impact for people: the figures in short tables, and those who lost most with their stories in words."""

import textwrap
from collections.abc import Iterable, Sequence

from atmbench import money
from atmbench.audit.verdict import count
from atmbench.impact.bounds import Bounds
from atmbench.impact.causes import Cause
from atmbench.impact.impact import Impact
from atmbench.impact.service_time import InService
from atmbench.report.customers import made_good_lines
from atmbench.report.impact_story import story_lines

WIDTH = 100
CUSTOMERS_IN_FULL = 10
"""Customers whose stories are told unless more are asked for."""
TERMINALS_IN_FULL = 10
BALANCES_IN_FULL = 10
TOUCHED_BY = {
    Cause.TURNED_AWAY: "could not begin",
    Cause.NO_ANSWER: "no answer from the bank",
    Cause.BANK_TROUBLE: "sent away by a bank that had not looked at card or account",
    Cause.MACHINE: "failed by the machine, or nobody knows what it did",
    Cause.UNFINISHED: "began, and it never ended",
    Cause.MONEY_WRONG: "wrong money for a time: posted and not paid, or paid and not posted",
    Cause.BOOKS_DIFFER: "devices and books of the sites disagree to the end",
    Cause.DELAYED: "a delayed transfer or bill payment",
    Cause.SLOW: "too long a wait for an answer",
    Cause.STALE_BALANCE: "a stale balance",
    Cause.CARD_KEPT: "a card kept for no reason",
    Cause.TOLD_FALSE: "a screen or receipt that stated what was not so",
}


def render_impact(impact: Impact, most: int = CUSTOMERS_IN_FULL) -> str:
    """The whole text, in lines of at most WIDTH columns, with the stories of the `most` customers who lost most."""
    parts = [
        _head(impact),
        _minutes(impact),
        _causes(impact),
        _services(impact),
        made_good_lines(impact.made_good),
        _balances(impact),
        _availability(impact),
        _stories(impact, most),
        [f"  not kept: {number:,} {what}" for what, number in impact.unkept.items()],
    ]
    lines = [line for part in parts if part for line in (*part, "")]
    return "\n".join(line.rstrip() for line in lines[:-1]) + "\n"


def _head(impact: Impact) -> list[str]:
    lost = f"{impact.minutes.lost:.3f} customer minutes lost"
    lines = [
        f"IMPACT  {impact.drill}: {count(impact.touched, 'customer')} touched, {lost}",
        f"Seed: {impact.seed}   venue: {impact.venue}   {impact.currency}   to {impact.to_t:.3f} s",
    ]
    away = impact.touched - impact.touched_transactions
    says = (
        f"{count(impact.transactions, 'transaction')}, {impact.touched_transactions:,} of them touched, with "
        f"{count(impact.cards, 'card')}; {count(away, 'customer')} turned away, of whom no machine has read a card"
    )
    if impact.after_closing:
        says += f". {impact.after_closing:,} who came when the drill let nobody begin any more count nowhere"
    lines += _wrapped(says)
    if not impact.is_complete:
        lines += _wrapped("The run goes on, broke off or was stopped: these are the figures so far")
    return lines


def _minutes(impact: Impact) -> list[str]:
    minutes, bounds = impact.minutes, impact.bounds
    parts = (
        (minutes.lost, "in all; what overlaps counts once for each customer"),
        (
            minutes.without_service,
            "without service: until the same was served again there, or the customers' time ended",
        ),
        (minutes.money_wrong, "with wrong money"),
        (minutes.delayed, f"with a transfer or bill payment that took more than {bounds.late_s:g} s to all sites"),
        (minutes.waiting, f"waiting for an answer that took more than {bounds.slow_s:g} s, or the drill's own budget"),
    )
    return ["CUSTOMER MINUTES", *(f"  {number:10.3f}  {what}" for number, what in parts)]


def _causes(impact: Impact) -> list[str]:
    lines = [f"  {number:6,}  {TOUCHED_BY[Cause(cause)]}" for cause, number in impact.causes.items()]
    return ["TOUCHED BY (one customer may be by several)", *lines] if lines else []


def _services(impact: Impact) -> list[str]:
    lines = [f"  {'channel':<12} {'service':<16} {'came':>7} {'touched':>8} {'not served':>11} {'minutes':>10}"]
    for each in impact.services:
        name = each.service.replace("_", " ") or "(unknown)"
        lines.append(
            f"  {each.channel:<12} {name:<16} {each.asked:>7,} {each.touched:>8,} {each.not_served:>11,} "
            f"{each.lost_s / 60:>10.3f}"
        )
    late = count(impact.delayed_payments, "transfer or bill payment", "transfers and bill payments")
    missing = f", {impact.payments_missing:,} of them missing at a site to the end" if impact.payments_missing else ""
    longest = f", the longest for {impact.longest_delay_s:.3f} s" if impact.delayed_payments else ""
    return ["SERVICES", *lines, *_wrapped(f"{late} delayed{longest}{missing}", "  ")]


def _balances(impact: Impact) -> list[str]:
    wrong = impact.wrong_balances
    if not wrong:
        return []
    lines = [
        f"  site {each.site}, account {each.account}: shows {_say(each.shows_minor, impact)}, its entries make it "
        f"{_say(each.entries_make_minor, impact)}"
        for each in wrong[:BALANCES_IN_FULL]
    ]
    more = [f"  and {len(wrong) - BALANCES_IN_FULL:,} more"] if len(wrong) > BALANCES_IN_FULL else []
    return ["BALANCES that are wrong at the end, whoever came or not", *lines, *more]


def _availability(impact: Impact) -> list[str]:
    if not impact.terminals:
        return []
    lines = [
        "AVAILABILITY, from when a terminal was first in service",
        "  In service: it can begin with a customer. In vain: from one not served to the next who was.",
        _columns(),
    ]
    lines += [_row(each) for each in impact.fleet]
    worst = sorted(
        (each for each in impact.terminals if each.out_of_service_s or each.in_vain_s),
        key=lambda each: -max(each.out_of_service_s, each.in_vain_s),
    )
    lines += [_row(each) for each in worst[:TERMINALS_IN_FULL]]
    if len(worst) > TERMINALS_IN_FULL:
        lines.append(
            f"  and {len(worst) - TERMINALS_IN_FULL:,} more terminals that were out of service or in vain for a time"
        )
    out = max(impact.terminals, key=lambda each: each.out_of_service_s)
    if out.out_of_service_s:
        most = f"{out.name} was out of service for {out.out_of_service_s:.3f} s, the most of all"
        lines += _wrapped(f"{most}: {_of_allowed(out.out_of_service_s, impact.bounds)}", "  ")
    down_s = sum(gap.seconds for gap in impact.downtime)
    gaps = count(len(impact.downtime), "gap")
    nobody = f"nobody at all was served at the ATMs for {down_s:.3f} s in {gaps}: {_of_allowed(down_s, impact.bounds)}"
    return lines + (_wrapped(nobody, "  ") if impact.downtime else [])


def _columns() -> str:
    heads = f"{'in service s':>14} {'out s':>11} {'longest s':>11} {'in vain s':>11} {'available':>11}"
    return f"  {'':<12} {'terminals':>9} {heads}"


def _row(each: InService) -> str:
    share = "-" if each.availability is None else f"{each.availability * 100:.4f} %"
    return (
        f"  {each.name:<12} {each.terminals:>9,} {each.in_service_s:>14,.3f} {each.out_of_service_s:>11,.3f} "
        f"{each.longest_out_s:>11,.3f} {each.in_vain_s:>11,.3f} {share:>11}"
    )


def _of_allowed(seconds: float, bounds: Bounds) -> str:
    if not bounds.allowed_s:
        return "nothing is allowed"
    return f"{seconds / bounds.allowed_s * 100:.2g} % of the {bounds.allowed_s / 3600:g} h allowed in 12 months"


def _stories(impact: Impact, most: int) -> list[str]:
    told = impact.customers[:most]
    if not told:
        return []
    lines = ["CUSTOMERS, those whose money is not right at the end first, then those who lost most"]
    for number, customer in enumerate(told, start=1):
        lines += story_lines(customer, impact.currency, f"{number}. ")
    left = impact.touched - len(told)
    return [*lines, f"  and {left:,} more (--most, --customer, --format json)"] if left else lines


def _say(amount_minor: int, impact: Impact) -> str:
    return f"{'-' if amount_minor < 0 else ''}{money.display(abs(amount_minor), impact.currency)}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def over_budget(
    impact: Impact, *, minutes_max: float | None, touched_max: int | None, availability_min: float | None
) -> Iterable[str]:
    """What is more than is allowed, in sentences. What is None is not judged; availability is a share of 1."""
    if minutes_max is not None and impact.minutes.lost > minutes_max:
        yield f"{impact.minutes.lost:.3f} customer minutes lost, {minutes_max:g} allowed"
    if touched_max is not None and impact.touched > touched_max:
        yield f"{count(impact.touched, 'customer')} touched, {touched_max:,} allowed"
    if availability_min is not None:
        yield from _too_little_service(impact.terminals, availability_min)


def _too_little_service(terminals: Sequence[InService], least: float) -> Iterable[str]:
    for each in terminals:
        share = each.availability
        if share is not None and share < least:
            yield f"{each.name} was available for {share * 100:.4f} % of its time, {least * 100:g} % wanted"
