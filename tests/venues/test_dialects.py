"""What the bench proves, it proves in every dialect: the shape of messages changes nothing about money."""

from functools import lru_cache

import pytest

from atmbench.messages.dialect import dialect_names
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import find_drill

NAMES = [name for name in dialect_names() if name != "iso87-ascii-dual"]
"""All but one in which a withdrawal has another MTI than the faults of these drills look for; it has its own drill."""
QUICK = ("iso87-bcd-tpdu", "cmf", "base24-atm")
"""BCD behind a TPDU, 2003, tokens: the quick suite runs these beside the text of the stock drills, the long one all."""
DRILLS = ["secure-primary-cut", "primary-cut", "every-service", "partial-and-retract", "replication-lag-failover"]
DRILLS += ["confirm-always", "short-dispense"]
RUNS = [
    pytest.param(name, drill, marks=[] if drill == DRILLS[0] and name in QUICK else [pytest.mark.full])
    for name in NAMES
    for drill in DRILLS
]
OVER_TCP = ("iso87-ascii", *QUICK, "as2805", "nibss")
"""One of each way to frame and to fill: what a message says is the same whatever carries it."""
SPEED = 10.0


@pytest.mark.parametrize(("name", "drill"), RUNS)
def test_a_stock_drill_passes_in_every_dialect(name: str, drill: str) -> None:
    result = run_drill(find_drill(drill, dialect=name), seed=1)
    assert result.audit.status == "PASS", result.report


@pytest.mark.full
@pytest.mark.parametrize("name", OVER_TCP)
@pytest.mark.parametrize("drill", ["primary-cut", "secure-primary-cut"])
def test_a_cut_primary_costs_nothing_over_real_tcp(name: str, drill: str) -> None:
    result = run_drill(find_drill(drill, dialect=name), venue="loopback", speed=SPEED, seed=1)
    assert result.audit.status == "PASS", result.report


@lru_cache
def _usual() -> RunResult:
    return run_drill(find_drill("partial-and-retract"), seed=1)


@pytest.mark.parametrize("name", [pytest.param("cmf", marks=pytest.mark.full), "base24-atm", "as2805"])
def test_the_same_money_moves_whatever_is_spoken(name: str) -> None:
    result = run_drill(find_drill("partial-and-retract", dialect=name), seed=1)
    moved = {key: case.taken_minor for key, case in result.audit.book.cases.items()}
    assert moved == {key: case.taken_minor for key, case in _usual().audit.book.cases.items()}
    assert any(moved.values())
