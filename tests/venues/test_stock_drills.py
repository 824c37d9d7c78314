"""Every stock drill proves what it says at every venue, and a planted bug is found at both."""

import pytest

from atmbench.audit.judge import failed_otherwise
from atmbench.drill.stock import stock_drill_names
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import find_drill

SPEED = 20.0
SPEED_OF_CAPACITY = 5.0
"""Such a drill is judged by answer times, and what a busy machine adds to them counts so many times over."""
VENUES = ["virtual", pytest.param("loopback", marks=pytest.mark.full)]
LONG = (
    "day-change-in-flight",
    "dukpt-primary-cut",
    "mac-flipped",
    "noisy-serial-lines",
    "pin-pad-fails",
    "power-fail-in-recycler",
    "repeat-at-the-other-site",
    "retry-storm",
    "sign-on-storm",
    "unequal-sites",
)
"""Each takes a second or more in virtual time, too."""
RUNS = [
    pytest.param(name, venue, marks=[] if venue == "virtual" and name not in LONG else pytest.mark.full)
    for venue in ("virtual", "loopback")
    for name in stock_drill_names()
]


def run(name: str, venue: str, *plant: str) -> RunResult:
    source = find_drill(name)
    real = SPEED_OF_CAPACITY if source.drill.host.capacity else SPEED
    return run_drill(source, venue=venue, seed=1, speed=real if venue == "loopback" else 1.0, plant=plant)


@pytest.mark.parametrize(("name", "venue"), RUNS)
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
