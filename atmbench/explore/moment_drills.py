"""The drill of a cell: one terminal, one transaction that is struck, and a clean one after it. Pure.

What is struck at site B comes after a failover: A has gone dark, B was promoted, and A stands by again.
"""

from collections.abc import Iterator

from atmbench.drill.commands import DispenserDoes, DisturbDispenser, Promote, StartSite, StopSite, Transact, Withdraw
from atmbench.drill.expectations import Expectations
from atmbench.drill.records import Drill, Heal, Population, Step
from atmbench.explore.moment_reasons import PAYS_CASH
from atmbench.explore.moment_strikes import ASKED_AT, TERMINAL, service_of, strike_steps
from atmbench.explore.moments import Asked, Cell, Confirmed, Fault, Moment, Struck
from atmbench.host.capacity_settings import Capacity, ServiceTimes
from atmbench.host.settings import Confirms, HostSettings, PostAt
from atmbench.messages.records import AccountType, Purpose
from atmbench.terminal.settings import Confirm, Failover, Reconnect, StoreAndForward, TerminalSettings, Timers

CLEAN_AT = 45.0
"""When the second customer comes, with the same card."""
HEAL_AT = 62.0
HEALS_WITHIN_S = 60.0
AMOUNT = "70.00"
"""Two notes, of which a dispenser can pay one."""
CLEAN_AMOUNT = "20.00"
LAG_S = 3.0
"""Longer than an operator takes to make the other site the active one: it does not know yet what was posted."""
QUICK_LAG_S = 0.5
"""Where an answer waits for the other site."""
SERVES_PER_S = 2.0
"""Where a request waits at a site."""

_STYLES = {
    Confirmed.NEGATIVE_ONLY: Confirm.NEGATIVE_ONLY,
    Confirmed.NONE: Confirm.NONE,
    Confirmed.ALWAYS: Confirm.ALWAYS,
    Confirmed.DUAL: Confirm.ALWAYS,
}
_TIMERS = Timers(
    reply_s=4.0, network_reply_s=2.0, echo_s=5.0, dial_s=2.0, card_taken_s=10.0, cash_taken_s=10.0, result_s=1.0
)
_STORES = StoreAndForward(reply_s=3.0, first_repeat_s=1.0, most_s=4.0, attempts_max=20)


def drill_of(cell: Cell) -> Drill:
    """The drill that strikes a cell for which there is no reason against it."""
    is_dual = cell.confirm is Confirmed.DUAL
    return Drill(
        drill=cell.name,
        proves="Money, ledgers and messages agree, whatever this moment has been struck by.",
        terminals=1,
        dialect="iso87-ascii-dual" if is_dual else "iso87-ascii",
        terminal=TerminalSettings(
            confirm=_STYLES[cell.confirm],
            timers=_TIMERS,
            reconnect=Reconnect(first_s=0.5, most_s=2.0),
            failover=Failover(missed_replies=2, fail_back=False),
            store_and_forward=_STORES,
        ),
        host=_host(cell, is_dual=is_dual),
        cards=Population(cards=2, pins=cell.service is Asked.PIN_CHANGE),
        steps=tuple(_steps(cell)),
        heal=Heal(at=HEAL_AT, within_s=HEALS_WITHIN_S),
        expect=Expectations(open_exceptions_max=_open_exceptions(cell)),
    )


def _host(cell: Cell, *, is_dual: bool) -> HostSettings:
    waits = cell.moment is Moment.AFTER_POSTING
    serves = Capacity(rate_per_s=SERVES_PER_S, service_times=ServiceTimes.FIXED)
    return HostSettings(
        replication_lag_s=QUICK_LAG_S if waits else LAG_S,
        confirms=Confirms.WHEN_REPLICATED if waits else Confirms.AT_ONCE,
        post_at=PostAt.COMPLETION if is_dual else PostAt.APPROVAL,
        capacity=serves if cell.moment is Moment.BEFORE_POSTING else None,
    )


def _open_exceptions(cell: Cell) -> int:
    """Whoever loses power while notes move cannot know how many came out: a person has to count."""
    return int(cell.fault is Fault.POWER_LOST and cell.moment in (Moment.DURING_CASH, Moment.BEFORE_CONFIRMATION))


def _steps(cell: Cell) -> Iterator[Step]:
    if cell.site is Struck.B and cell.moment is not Moment.PROMOTION:
        yield Step(at=2.0, stop_site=StopSite(site="A", by="refusal"))
        yield Step(at=2.0, promote=Promote(site="B"))
        yield Step(at=5.0, start_site=StartSite(site="A"))
    if cell.service is Asked.SHORT:
        short = DisturbDispenser(does=DispenserDoes.SHORT, terminal=TERMINAL, notes=1)
        yield Step(at=ASKED_AT - 1.0, dispenser=short)
    yield from strike_steps(cell)
    yield _customer(cell)
    yield from _clean(cell)


def _customer(cell: Cell) -> Step:
    if cell.service in PAYS_CASH:
        return Step(at=ASKED_AT, withdraw=Withdraw(terminal=TERMINAL, amount=AMOUNT, card=1))
    service = Purpose(service_of(cell))
    moves = service in (Purpose.TRANSFER, Purpose.BILL_PAYMENT)
    amount = AMOUNT if moves else "50.00" if service is Purpose.DEPOSIT else "0"
    is_transfer = service is Purpose.TRANSFER
    return Step(
        at=ASKED_AT,
        transact=Transact(
            terminal=TERMINAL,
            service=service,
            amount=amount,
            card=1,
            from_account=AccountType.CURRENT if is_transfer else AccountType.DEFAULT,
            to_account=AccountType.SAVINGS if is_transfer else AccountType.DEFAULT,
        ),
    )


def _clean(cell: Cell) -> Iterator[Step]:
    """Whose dispenser may still stop short pays a bill; who may mistake his PIN once comes twice."""
    if cell.service is Asked.SHORT:
        pays = Transact(terminal=TERMINAL, service=Purpose.BILL_PAYMENT, amount=CLEAN_AMOUNT, card=1)
        yield Step(at=CLEAN_AT, transact=pays)
        return
    yield Step(at=CLEAN_AT, withdraw=Withdraw(terminal=TERMINAL, amount=CLEAN_AMOUNT, card=1))
    if cell.service is Asked.PIN_CHANGE:
        yield Step(at=CLEAN_AT + 8.0, withdraw=Withdraw(terminal=TERMINAL, amount=CLEAN_AMOUNT, card=1))
