"""Counting of the facts that a drill asks for, also of those that came before it was known what it asks for."""

import pytest

from atmbench.audit import keeping, tally
from atmbench.audit.tally import Tally
from atmbench.audit.told import Told
from atmbench.drill.expectations import FactCount
from atmbench.facts import BalanceTold, CashTaken, CustomerTurnedAway, PowerFailed, StepPerformed
from tests.audit.builders import stamped

TAKEN = FactCount(fact="cash_taken")
OF_ONE = FactCount(fact="cash_taken", where={"key": "one"})


def taken(key: str = "one") -> CashTaken:
    return stamped(1.0, "T01", CashTaken(key=key, amount_minor=1))


def seen(counted: Tally) -> list[int]:
    return [each.seen for each in counted.counted]


def test_facts_are_counted_before_and_after_it_is_known_what_is_asked_for() -> None:
    counted = Tally()
    assert (counted.counted, counted.is_idle, counted.early_lost) == ((), False, False)
    counted.add(taken())
    counted.add(stamped(1.0, "T01", PowerFailed(during="x")))
    counted.want((TAKEN, OF_ONE))
    assert seen(counted) == [1, 1]
    counted.add(taken())
    counted.add(taken("two"))
    counted.add(stamped(1.0, "T01", PowerFailed(during="x")))
    assert seen(counted) == [3, 2]
    assert not counted.is_idle


def test_a_tally_of_nothing_is_idle() -> None:
    counted = Tally()
    counted.add(taken())
    counted.want(())
    counted.add(taken())
    assert (counted.is_idle, seen(counted)) == (True, [])


@pytest.mark.parametrize(("early", "lost", "number"), [(2, False, 2), (3, True, 0)])
def test_early_facts_are_kept_up_to_the_bound_and_none_of_more(
    early: int, lost: bool, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "EARLY_FACTS_MAX", 2)
    counted = Tally()
    for _ in range(early):
        counted.add(taken())
    counted.want((TAKEN,))
    assert (counted.early_lost, seen(counted)) == (lost, [number])


def test_so_many_of_a_kind_are_kept_and_no_more() -> None:
    kept: list[int] = []
    keep = keeping.keeping(kept, 2)
    for number in range(4):
        keep(number)
    assert kept == [0, 1]


def test_what_was_told_to_customers_is_kept_up_to_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("BALANCES_MAX", "AWAY_MAX", "REASONS_MAX", "ORDERS_MAX"):
        monkeypatch.setattr(f"atmbench.audit.told.{bound}", 2)
    told = Told()
    assert (told.balances, told.balances_beyond, told.stale) == ([], 0, 0)
    balance = BalanceTold(key="k", account="a", ledger_minor=0, available_minor=0, is_stale=True)
    for number in range(4):
        told.balance(number, balance)
        told.step(StepPerformed(command="service", detail={}))
        told.step(StepPerformed(command="cut", detail={}))
        told.away("atm", stamped(float(number), "T01", CustomerTurnedAway(because="the terminal is out of service")))
        told.away("web", stamped(9.0, "W01", CustomerTurnedAway(because="the terminal is out of service")))
        told.away("atm", stamped(9.0, "T01", CustomerTurnedAway(because="no paper")))
    assert (told.balances, told.balances_beyond, told.stale) == ([(0, balance), (1, balance)], 2, 4)
    assert told.away_at == [0.0, 1.0]
    assert [order.command for order in told.orders] == ["service", "service"]
    assert told.turned_away == {
        ("atm", "the terminal is out of service"): 4,
        ("web", "the terminal is out of service"): 4,
    }
