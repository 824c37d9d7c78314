"""Overload in whole worlds: what the mitigations of the stock drills are for, by taking them away."""

from typing import Any

import msgspec
import pytest

from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill
from atmbench.facts import AnyFact, CapacityStated, RequestsCounted, RequestShed
from atmbench.run.runner import RunResult, run_drill
from atmbench.run.source import Source, find_drill

pytestmark = pytest.mark.full

UNMITIGATED: dict[str, dict[str, Any]] = {
    "retry-storm": {
        "host": {"capacity": {"stale_after_s": None, "advices_first": False}},
        "terminal": {
            "store_and_forward": {"first_repeat_s": 1.0, "factor": 1.0},
            "reconnect": {"first_s": 1.0, "factor": 1.0, "jitter": 0.0},
        },
    },
    "sign-on-storm": {
        "host": {"capacity": {"sheds": "newest"}},
        "terminal": {
            "failover": {"spread_s": 0.0},
            "reconnect": {"first_s": 1.0, "factor": 1.0, "jitter": 0.0},
        },
    },
    "sick-primary": {"host": {"capacity": {"fence_after_s": None}}},
    "unequal-sites": {
        "host": {"capacity": {"queue_max": 200, "stale_after_s": None, "advices_first": False}},
        "terminal": {"failover": {"spread_s": 0.0}},
    },
}
FINDINGS = {
    "retry-storm": ["transactions were approved", "requests served in vain"],
    "sign-on-storm": [
        "transactions were approved",
        "site A: sign-ons in a second 40",
        "site A: requests served in vain",
    ],
    "sick-primary": ["site A: p99 of answers", "site A: on duty after it was impaired inf s", "reversals for want"],
    "unequal-sites": ["site B: p99 of answers", "site B: requests served in vain"],
}
"""What is said of each without its mitigations."""


def changed(drill: Drill, changes: dict[str, Any]) -> Source:
    """The drill with other settings: only what is given differs."""
    values = _merged(msgspec.to_builtins(drill), changes)
    return Source(msgspec.convert(values, Drill), "", drill.drill)


def _merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(values.get(key, {}), change) if isinstance(change, dict) else change
        for key, change in changes.items()
    }
    return values | both


def findings(result: RunResult) -> list[str]:
    return [finding.says for verdict in result.audit.verdicts for finding in verdict.findings]


@pytest.mark.parametrize("name", UNMITIGATED)
def test_without_its_mitigations_a_drill_fails_and_says_of_what(name: str) -> None:
    result = run_drill(changed(find_drill(name).drill, UNMITIGATED[name]), seed=1)
    assert result.audit.status == "FAIL"
    said = findings(result)
    for each in FINDINGS[name]:
        assert any(each in says for says in said), (each, said)


def test_a_storm_of_retries_goes_on_when_its_cause_and_all_customers_have_gone() -> None:
    storm = run_drill(changed(find_drill("retry-storm").drill, UNMITIGATED["retry-storm"]), seed=1)
    assert storm.audit.verdict("convergence").status == "FAIL"
    calm = run_drill(changed(find_drill("retry-storm").drill, UNMITIGATED["retry-storm"] | {"steps": []}), seed=1)
    load = calm.audit.load
    assert load is not None
    assert (load.reversals, load.sites[0].sheds) == (0, 0), "the same fleet and host without the twenty seconds"


def test_sites_that_are_equal_hold_the_peak_and_one_that_is_not_is_named() -> None:
    drill = find_drill("unequal-sites").drill
    expect = {"facts": [], "capacity": {"sheds_max": 0, "p99_answer_s": 3.0}}
    equal = run_drill(changed(drill, {"expect": expect, "host": {"capacity": {"sites": {"B": {"rate_per_s": 40.0}}}}}))
    assert equal.audit.status == "PASS", equal.report
    unequal = run_drill(changed(drill, {"expect": expect}))
    assert [says.split(" ", 2)[:2] for says in findings(unequal)] == [["site", "B:"], ["site", "B:"]]


def test_the_report_and_the_summary_tell_what_the_sites_could_serve() -> None:
    report = run_drill(find_drill("sick-primary"), seed=1).report
    section = report.partition("CAPACITY")[2].partition("REPLAY")[0]
    assert "site A was impaired at 40.000 s, and was off duty" in section
    assert "the site was taken off duty" in section
    assert max(map(len, report.splitlines())) <= 100


DRILL = """
drill: small
proves: nothing
terminals: 6
cards: {cards: 10}
workload: {every_s: 5}
host: {capacity: {rate_per_s: 3, queue_max: 4, service_times: lognormal, stale_after_s: 5, when_full: refuse}}
steps:
- {at: 20, capacity: {site: A, sick: {answers: 0.2, delay_s: [3, 30]}}}
- {at: 40, capacity: {site: A, rate_per_s: 0.5, servers: 2}}
heal: {at: 60}
expect: {approved_min: 1}
"""


def facts_of(seed: int) -> list[AnyFact]:
    seen: list[AnyFact] = []
    result = run_drill(Source(parse_drill(DRILL, "small"), DRILL, "small"), seed=seed, reader=seen.append)
    assert result.audit.status == "PASS", result.report
    return seen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_site_says_of_itself_agrees_with_what_was_seen_of_it(seed: int) -> None:
    seen = facts_of(seed)
    assert facts_of(seed) == seen, "the same seed, the same history"
    [counted] = [fact for fact in seen if isinstance(fact, RequestsCounted) and fact.site == "A"]
    shed = [fact for fact in seen if isinstance(fact, RequestShed) and fact.site == "A"]
    assert counted.arrived == counted.served + counted.shed
    assert (counted.shed, counted.inside) == (len(shed), 0)
    assert counted.deepest <= 4
    changes = [(fact.t, fact.rate_per_s, fact.answers) for fact in seen if isinstance(fact, CapacityStated)]
    assert [each for each in changes if each[0] > 0] == [(20, 3.0, 0.2), (40, 0.5, 0.2), (60, 3.0, 1.0)]
