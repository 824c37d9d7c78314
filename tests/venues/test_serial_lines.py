"""Serial lines to the host in the place of TCP: the same drills, the same outcome for money, on both venues."""

from itertools import product

import pytest

from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill

DRILLS = ["primary-cut", "short-dispense", "power-fail-at-dispense"]
SPEED = 10.0


QUICK = [("short-dispense", "virtual", "serial")]
FULL = [each for each in product(DRILLS, ["virtual", "loopback"], ["modelled", "serial"]) if each not in QUICK]


@pytest.mark.parametrize(
    ("name", "venue", "devices"), QUICK + [pytest.param(*each, marks=pytest.mark.full) for each in FULL]
)
def test_a_drill_passes_over_serial_lines(name: str, venue: str, devices: str) -> None:
    source = find_drill(name, lines="serial", devices=devices)
    result = run_drill(source, venue=venue, seed=1, speed=SPEED if venue == "loopback" else 1.0)
    assert result.audit.status == "PASS", result.report
    assert "--lines serial" in result.report
