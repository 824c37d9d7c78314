"""Serial lines to the host in the place of TCP: the same drills, the same outcome for money, on both venues."""

import pytest

from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill

DRILLS = ["primary-cut", "short-dispense", "power-fail-at-dispense"]
SPEED = 10.0


@pytest.mark.parametrize("devices", ["modelled", "serial"])
@pytest.mark.parametrize(
    ("name", "venue"),
    [(name, "virtual") for name in DRILLS]
    + [pytest.param(name, "loopback", marks=pytest.mark.full) for name in DRILLS],
)
def test_a_drill_passes_over_serial_lines(name: str, venue: str, devices: str) -> None:
    source = find_drill(name, lines="serial", devices=devices)
    result = run_drill(source, venue=venue, seed=1, speed=SPEED if venue == "loopback" else 1.0)
    assert result.audit.status == "PASS", result.report
    assert "--lines serial" in result.report
