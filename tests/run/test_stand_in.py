"""Stand-in in whole worlds where answers are lost and sites go dark: nothing is lost or doubled, and limits hold."""

from typing import Any

import msgspec
import pytest

from atmbench.drill.records import Drill
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import Source, find_drill

LOST = [{"at": 75, "fault": {"kind": "lose", "direction": "reply", "probability": 0.15}}]
DARK = [{"at": 120, "stop_site": {"site": "A"}}, {"at": 121, "promote": {"site": "B"}}]
BACK = [{"at": 160, "start_site": {"site": "A"}}]
CORES = [{"at": 100, "core": {"site": "B", "up": False}}, {"at": 170, "core": {"site": "B", "up": True}}]
CONFIRM = {"terminal": {"confirm": "always"}}
SLOW = {"host": {"replication_lag_s": 3.0}}


def run(steps: list[dict[str, Any]], seed: int, **parts: dict[str, Any]) -> RunResult:
    values = msgspec.to_builtins(find_drill("stand-in").drill)
    values["steps"] = [*values["steps"], *steps]
    values["expect"] = {"approved_min": 20, "open_exceptions_max": 80, "exposure": values["expect"]["exposure"]}
    for part, changes in parts.items():
        values[part] = values.get(part, {}) | changes
    return run_drill(Source(msgspec.convert(values, Drill), "", "stand-in"), seed=seed)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(2, 8))])
@pytest.mark.parametrize(
    ("steps", "parts"),
    [
        (LOST, {}),
        (LOST, CONFIRM | {"host": {"post_at": "completion"}}),
        ([*LOST, *DARK, *BACK], {}),
        ([*LOST, *DARK, *BACK, *CORES], CONFIRM | SLOW),
    ],
    ids=["answers lost", "posted at completion", "a site lost", "both cores away, and a site lost"],
)
def test_whatever_happens_under_stand_in_each_approval_reaches_a_core_once(
    steps: list[dict[str, Any]], parts: dict[str, Any], seed: int
) -> None:
    result = run(steps, seed, **parts)
    assert result.audit.status == "PASS", result.report
    stood = result.audit.book.exposure.stood
    assert any(case.advices for key, case in result.audit.book.cases.items() if key in stood), "some were reversed"
