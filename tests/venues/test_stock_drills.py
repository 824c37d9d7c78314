"""Every stock drill proves what it says at every venue, and a planted bug is found at both."""

import pytest

from atmbench.audit.judge import failed_otherwise
from atmbench.drill.stock import stock_drill_names
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import find_drill

SPEED = 20.0
VENUES = ["virtual", pytest.param("loopback", marks=pytest.mark.full)]


def run(name: str, venue: str, *plant: str) -> RunResult:
    speed = SPEED if venue == "loopback" else 1.0
    return run_drill(find_drill(name), venue=venue, seed=1, speed=speed, plant=plant)


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("name", stock_drill_names())
def test_a_stock_drill_passes(name: str, venue: str) -> None:
    result = run(name, venue)
    fails = find_drill(name).drill.fails
    assert failed_otherwise(result.audit, fails) == "", result.report
    assert result.audit.status == ("FAIL" if fails else "PASS")


@pytest.mark.parametrize("venue", VENUES)
def test_a_host_that_forgets_reversals_is_found_and_the_transactions_are_named(venue: str) -> None:
    result = run("replication-lag-failover", venue, "forget-unknown-reversal")
    assert result.audit.status == "FAIL"
    money = result.audit.verdict("money")
    assert money.status == "FAIL"
    wronged = [result.audit.book.cases[finding.key] for finding in money.findings if finding.key]
    assert len(wronged) >= 2
    assert not any(case.taken_minor for case in wronged), "who has the cash is not wronged by this bug"
    told = [case for case in wronged if f"  - {case.terminal} STAN {case.stan:06d} withdrawal" in result.report]
    assert told[:2] == wronged[:2]


@pytest.mark.parametrize(
    ("name", "defect", "check"),
    [
        ("mac-flipped", "accept-any-mac", "expected"),
        ("mac-flipped", "trust-any-answer", "money"),
        ("wrong-pin-key", "count-unreadable-pin-as-wrong", "expected"),
        ("replayed-arqc", "take-replayed-arqc", "expected"),
        ("replayed-pin-key", "take-used-pin-key", "expected"),
    ],
)
@pytest.mark.parametrize("venue", VENUES)
def test_a_planted_hole_in_the_security_is_found(name: str, defect: str, check: str, venue: str) -> None:
    assert run(name, venue, defect).audit.verdict(check).status == "FAIL"
