"""Everything that goes wrong on serial wires, at once: money is right with MACs, and shown to be wrong without them."""

import msgspec
import pytest

from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import find_drill

NAME = "noisy-serial-lines"
SPEED = 10.0
LOSES_MONEY_SEED = 5
"""A seed with which noise alters a request that a host without MACs acts upon."""


def run(seed: int, venue: str = "virtual", *plant: str) -> RunResult:
    speed = SPEED if venue == "loopback" else 1.0
    return run_drill(find_drill(NAME), venue=venue, seed=seed, speed=speed, plant=plant)


@pytest.mark.full
@pytest.mark.parametrize(
    ("venue", "seed"), [*(("virtual", seed) for seed in range(2, 21)), ("loopback", 2), ("loopback", 3)]
)
def test_a_message_counts_once_or_not_at_all_whatever_happens_on_the_wire(venue: str, seed: int) -> None:
    result = run(seed, venue)
    assert result.audit.status == "PASS", result.report


@pytest.mark.full
def test_a_host_that_takes_any_mac_moves_money_by_noise() -> None:
    """What slips past the LRC is in the ledgers, and the audit names the transactions."""
    result = run(LOSES_MONEY_SEED, "virtual", "accept-any-mac")
    money = result.audit.verdict("money")
    assert money.status == "FAIL"
    assert money.findings
    assert "got another DE" in result.report or "altered on its way" in result.report


@pytest.mark.full
def test_without_macs_the_same_wires_lose_money() -> None:
    source = find_drill(NAME)
    drill = msgspec.structs.replace(source.drill, security=None)
    result = run_drill(msgspec.structs.replace(source, drill=drill), seed=LOSES_MONEY_SEED)
    assert result.audit.verdict("money").status == "FAIL"
