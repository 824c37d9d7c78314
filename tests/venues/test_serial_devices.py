"""Machines at serial lines in the place of modelled devices: the same drills, the same outcome for money."""

from collections import Counter

import pytest

from atmbench.drill.records import Devices
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import find_drill

DRILLS = ["primary-cut", "short-dispense", "power-fail-at-dispense"]
SPEED = 10.0


def run(name: str, devices: str, venue: str = "virtual") -> RunResult:
    speed = SPEED if venue == "loopback" else 1.0
    return run_drill(find_drill(name, devices=devices), venue=venue, seed=1, speed=speed)


@pytest.mark.parametrize(
    ("name", "venue"),
    [("short-dispense", "virtual")]
    + [pytest.param(name, "virtual", marks=pytest.mark.full) for name in DRILLS if name != "short-dispense"]
    + [pytest.param(name, "loopback", marks=pytest.mark.full) for name in DRILLS],
)
def test_a_drill_passes_with_machines_at_serial_lines(name: str, venue: str) -> None:
    result = run(name, "serial", venue)
    assert result.audit.status == "PASS", result.report


def troubles(devices: str) -> Counter[tuple[str, str]]:
    cases = run("short-dispense", devices).audit.book.cases.values()
    return Counter((case.terminal, case.outcome) for case in cases if case.outcome != "approved")


def test_what_a_drill_orders_of_a_dispenser_ends_the_same_whoever_dispenses() -> None:
    """Terminal by terminal: refused, short, and jammed with a count that nobody knows."""
    modelled = troubles("modelled")
    assert {outcome for _, outcome in modelled} == {"not_dispensed", "short", "suspect"}
    assert troubles("serial") == modelled


def test_machines_that_a_drill_names_stay_where_they_are() -> None:
    own = find_drill("power-fail-in-recycler", devices="serial").drill.devices
    assert (own.note_acceptor, own.dispenser, own.printer) == ("bill-to-bill", "lcdm-4000", "esc-pos")
    assert find_drill("power-fail-in-recycler", devices="modelled").drill.devices == Devices()
    assert find_drill("primary-cut", devices="serial").drill.devices.note_acceptor == "ccnet"
