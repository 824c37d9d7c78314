"""What a drill of lines and terminals shows to hold does not hold where it is done otherwise, and the audit says so."""

import msgspec
import pytest

from atmbench.audit.judge import Audit
from atmbench.drill.commands import SetBrake
from atmbench.drill.records import Drill, Step
from atmbench.host.settings import SuspectPolicy
from atmbench.run.runner import run_drill
from atmbench.run.source import Source, find_drill
from tests.terminal.cast import change

pytestmark = pytest.mark.full


def judged(name: str, drill: Drill | None = None, *plant: str) -> Audit:
    found = find_drill(name)
    return run_drill(Source(drill or found.drill, found.text, found.name), seed=1, plant=plant).audit


def failed(audit: Audit) -> dict[str, str]:
    return {verdict.check: verdict.because for verdict in audit.verdicts if verdict.status != "PASS"}


@pytest.mark.parametrize(
    ("drill", "defect", "checks"),
    [
        ("reversal-through-an-outage", "forget-reversal", {"money", "counts", "expected"}),
        ("lost-reversal-answers", "credit-second-reversal", {"money", "counts"}),
        ("late-reply", "dispense-on-late-reply", {"money", "counts", "sequence"}),
        ("overtaken-original", "post-late-original", {"money", "counts", "expected"}),
        ("repeat-at-the-other-site", "double-post-repeat", {"money", "counts"}),
        ("duplicate-reply", "double-post-repeat", {"money", "counts"}),
        ("poison-reversal", "saf-drops-at-cap", {"money", "expected"}),
    ],
)
def test_a_terminal_or_a_host_that_does_otherwise_is_found(drill: str, defect: str, checks: set[str]) -> None:
    assert checks <= set(failed(judged(drill, None, defect)))


def test_a_line_without_echoes_is_found_dead_by_customers() -> None:
    drill = find_drill("dead-but-connected").drill
    rarely = msgspec.structs.replace(drill, terminal=change(drill.terminal, timers={"echo_s": 3600.0}))
    found = failed(judged("dead-but-connected", rarely))
    assert set(found) == {"failover", "expected"}, "no money is lost, and twenty customers got nothing"
    assert "transaction_ended where outcome=no_answer" in found["expected"]


def test_a_host_that_credits_suspect_dispenses_without_a_count_is_found() -> None:
    drill = find_drill("power-fail-at-dispense").drill
    kind = msgspec.structs.replace(drill, host=msgspec.structs.replace(drill.host, suspect=SuspectPolicy.CREDIT))
    found = failed(judged("power-fail-at-dispense", kind))
    assert set(found) == {"expected"}
    assert "kind=suspect_dispense, actor=A: 0 seen" in found["expected"]


def test_what_is_asked_again_at_a_site_that_declines_it_costs_nobody_money() -> None:
    drill = find_drill("repeat-at-the-other-site").drill
    braked = Step(at=33, brake=SetBrake(site="B", on=True)), Step(at=85, brake=SetBrake(site="B", on=False))
    audit = judged("repeat-at-the-other-site", msgspec.structs.replace(drill, steps=(*drill.steps, *braked)))
    assert not failed(audit), "A has posted it; B, which does not know yet, has declined it"
