"""Impact: the whole of what a run did to customers, folded from its history in one pass."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from atmbench.audit.book import Book
from atmbench.audit.casebook import Casebook
from atmbench.audit.cases import Case
from atmbench.audit.downtime import Gap, gaps
from atmbench.audit.wronged import MadeGood, made_good
from atmbench.drill.places import ATM
from atmbench.facts import AnyFact
from atmbench.impact.balances import WrongBalance, wrong_balances
from atmbench.impact.bounds import Bounds
from atmbench.impact.causes import NOT_SERVED, Cause, Causes
from atmbench.impact.customers import Customer, customer_of, turned_away
from atmbench.impact.lost_time import Lost, Restorations, Span, covered_s, lost_by
from atmbench.impact.service_time import InService, ServiceTime, together
from atmbench.impact.sightings import Sightings, TurnedAway

CUSTOMERS_MAX = 100_000
"""Customers of whom a record is made, the worst; the figures are of all."""
FLEET = "fleet"


class ServiceFigures(msgspec.Struct, frozen=True):
    """One service over one channel."""

    channel: str
    service: str
    asked: int
    """Customers who came for it, those who were turned away among them."""
    touched: int
    not_served: int
    lost_s: float


class Minutes(msgspec.Struct, frozen=True):
    """Customer minutes: what `lost_time` says of each customer, over all. The parts may overlap."""

    lost: float
    without_service: float
    money_wrong: float
    delayed: float
    waiting: float


class Impact(msgspec.Struct, frozen=True):
    """What a run did to its customers."""

    bounds: Bounds
    is_complete: bool
    """False while the run goes on, or if it broke off or was stopped: figures so far."""
    to_t: float
    currency: str
    drill: str
    seed: int
    venue: str
    transactions: int
    """As the check `money` counts them."""
    turned_away: int
    after_closing: int
    """Came when the drill let nobody begin any more; they are no part of any figure."""
    touched: int
    """Customers touched, of both kinds: of transactions, and turned away."""
    touched_transactions: int
    cards: int
    """Different cards among them, of those that a machine has read."""
    causes: dict[str, int]
    """Cause to customers; one may have several."""
    minutes: Minutes
    services: tuple[ServiceFigures, ...]
    delayed_payments: int
    longest_delay_s: float
    payments_missing: int
    """Of those, the ones that a site does not have at the end."""
    made_good: MadeGood | None
    """As the audit tells it: how many customers' money was wrong, and for how long."""
    wrong_balances: tuple[WrongBalance, ...]
    fleet: tuple[InService, ...]
    """One for each channel, the ATMs first."""
    terminals: tuple[InService, ...]
    downtime: tuple[Gap, ...]
    """Times in which nobody at all was served at the ATMs."""
    customers: tuple[Customer, ...]
    """Those whose money is not right at the end first, then those who lost most."""
    customers_beyond: int
    unkept: dict[str, int]
    """What could not be kept, in words, and how much of it."""


class ImpactLog:
    """Listens to a history, fact by fact, for all that `impact_of` needs. Bounded as the audit's book is."""

    def __init__(self) -> None:
        self.book = Casebook()
        self.seen = Sightings()
        self.time = ServiceTime()
        self._handlers: dict[type, tuple[Callable[[Any], None], ...]] = {}
        for handlers in (self.seen.handlers(lambda: self.book.count), self.time.handlers()):
            for kind, hear in handlers.items():
                self._handlers[kind] = (*self._handlers.get(kind, ()), hear)

    def add(self, fact: AnyFact) -> None:
        """Fold one fact in. Facts must come in the order of the history."""
        self.book.add(fact)
        for hear in self._handlers.get(type(fact), ()):
            hear(fact)


class _Touched(msgspec.Struct):
    """One customer who was touched, before there is a record of him."""

    lost: Lost
    why: tuple[Cause, ...]
    is_open: bool = False
    """Money is not right at the end: somebody has to do something about it."""
    case: Case | None = None
    away: TurnedAway | None = None


def impact_of_history(history: Iterable[AnyFact], bounds: Bounds | None = None) -> Impact:
    """Fold a whole history. Errors of reading it are the reader's and pass through; else as `impact_of`."""
    log = ImpactLog()
    add = log.add
    for fact in history:
        add(fact)
    return impact_of(log, bounds)


def impact_of(log: ImpactLog, bounds: Bounds | None = None) -> Impact:
    """What a run did to its customers, as far as it is told. Raises Missing if the history has no beginning."""
    bounds = bounds or Bounds()
    book, seen = log.book, log.seen
    causes = Causes(book, bounds)
    touched = list(_touched(book, seen, causes))
    touched.sort(key=lambda each: (not each.is_open, -each.lost.seconds, -len(each.why)))
    terminals = log.time.counted(book.t, book.channel_of, _in_vain_s(touched))
    whys = Counter(cause.value for each in touched for cause in each.why)
    late = [causes.delay(each.case) for each in touched if each.case is not None and Cause.DELAYED in each.why]
    return Impact(
        bounds=bounds,
        is_complete=book.ended is not None and not book.ended.stopped,
        to_t=book.t,
        currency=book.run().currency,
        drill=book.run().drill,
        seed=book.run().seed,
        venue=book.run().venue,
        transactions=len(book.cases),
        turned_away=len(seen.turned_away) + seen.turned_away_beyond,
        after_closing=seen.after_closing,
        touched=len(touched) + seen.turned_away_beyond,
        touched_transactions=sum(each.case is not None for each in touched),
        cards=len(_cards(touched, seen)),
        causes={cause.value: whys[cause.value] for cause in Cause if whys[cause.value]},
        minutes=_minutes(touched),
        services=_services(book, seen, touched),
        delayed_payments=len(late),
        longest_delay_s=max((delay.seconds for delay in late if delay is not None), default=0.0),
        payments_missing=sum(delay is not None and not delay.is_over for delay in late),
        made_good=made_good(tuple(causes.waits.values())),
        wrong_balances=wrong_balances(book),
        fleet=_by_channel(terminals),
        terminals=terminals,
        downtime=gaps(book),
        customers=tuple(_record(each, book, causes, seen) for each in touched[:CUSTOMERS_MAX]),
        customers_beyond=max(0, len(touched) - CUSTOMERS_MAX),
        unkept=_unkept(log),
    )


def _touched(book: Book, seen: Sightings, causes: Causes) -> Iterator[_Touched]:
    restorations = Restorations(book, causes)
    for case in book.cases.values():
        why = causes.of(case)
        if why:
            lost = lost_by(case, why, causes, restorations)
            yield _Touched(lost, why, is_open=_is_open(case, why, causes), case=case)
    for away in seen.turned_away:
        (from_t, to_t), is_over = restorations.without_service(away.terminal, away.service, away.t, away.t)
        lost_s = covered_s([(from_t, to_t)])
        lost = Lost(seconds=lost_s, without_service_s=lost_s, is_over=is_over, without=(from_t, to_t))
        yield _Touched(lost, (Cause.TURNED_AWAY,), away=away)


def _is_open(case: Case, why: tuple[Cause, ...], causes: Causes) -> bool:
    wait, delay = causes.waits.get(case.key), causes.delay(case)
    is_wrong = Cause.BOOKS_DIFFER in why or (wait is not None and not wait.is_over)
    return is_wrong or (Cause.DELAYED in why and delay is not None and not delay.is_over)


def _in_vain_s(touched: Iterable[_Touched]) -> dict[str, float]:
    """Terminal to the time in which somebody had come for nothing and nobody had been served since."""
    spans: dict[str, list[Span]] = {}
    for each in touched:
        who = each.case if each.case is not None else each.away
        if who is not None and each.lost.without is not None:
            spans.setdefault(who.terminal, []).append(each.lost.without)
    return {terminal: covered_s(each) for terminal, each in spans.items()}


def _record(each: _Touched, book: Book, causes: Causes, seen: Sightings) -> Customer:
    if each.case is not None:
        return customer_of(each.case, each.why, each.lost, book, causes, seen)
    assert each.away is not None
    return turned_away(each.away, each.lost, book)


def _cards(touched: Iterable[_Touched], seen: Sightings) -> set[str]:
    visits = (seen.visits.get(each.case.key) for each in touched if each.case is not None)
    return {visit.card for visit in visits if visit is not None and visit.card}


def _minutes(touched: Iterable[_Touched]) -> Minutes:
    every = [each.lost for each in touched]
    return Minutes(
        lost=_in_minutes(sum(lost.seconds for lost in every)),
        without_service=_in_minutes(sum(lost.without_service_s for lost in every)),
        money_wrong=_in_minutes(sum(lost.money_wrong_s for lost in every)),
        delayed=_in_minutes(sum(lost.delayed_s for lost in every)),
        waiting=_in_minutes(sum(lost.waiting_s for lost in every)),
    )


def _in_minutes(seconds: float) -> float:
    return round(seconds / 60, 6)


def _services(book: Book, seen: Sightings, touched: Iterable[_Touched]) -> tuple[ServiceFigures, ...]:
    """Channel and service, in the order of their first customers, the ATMs first."""
    asked: Counter[tuple[str, str]] = Counter()
    for case in book.cases.values():
        asked[book.channel_of(case.terminal), case.service] += 1
    for away in seen.turned_away:
        asked[book.channel_of(away.terminal), away.service] += 1
    met: dict[tuple[str, str], list[_Touched]] = {}
    for each in touched:
        who = each.case if each.case is not None else each.away
        assert who is not None
        met.setdefault((book.channel_of(who.terminal), who.service), []).append(each)
    return tuple(
        ServiceFigures(
            channel=channel,
            service=service,
            asked=number,
            touched=len(met.get((channel, service), ())),
            not_served=sum(not NOT_SERVED.isdisjoint(each.why) for each in met.get((channel, service), ())),
            lost_s=round(sum(each.lost.seconds for each in met.get((channel, service), ())), 6),
        )
        for (channel, service), number in sorted(asked.items(), key=lambda each: (each[0][0] != ATM, *each[0]))
    )


def _by_channel(terminals: Iterable[InService]) -> tuple[InService, ...]:
    channels: dict[str, list[InService]] = {}
    for each in terminals:
        channels.setdefault(each.channel, []).append(each)
    return tuple(
        together(FLEET if channel == ATM else channel, each)
        for channel, each in sorted(channels.items(), key=lambda pair: (pair[0] != ATM, pair[0]))
    )


def _unkept(log: ImpactLog) -> dict[str, int]:
    unkept = {
        "customers whose screens and receipts were not kept": log.seen.visits_beyond,
        "customers turned away of whom only the number is known": log.seen.turned_away_beyond,
        "terminals whose time was not kept": len(log.time.beyond),
        "statements that were not looked at": log.book.informed.said_beyond,
        "balances told that were not looked at": log.book.told.balances_beyond,
    }
    return {what: number for what, number in unkept.items() if number}
