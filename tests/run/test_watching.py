"""Monitoring of a whole run: alerts come when they must by the arithmetic of the history; a spoilt rule is named."""

from math import floor

import msgspec
import pytest

from atmbench.drill.alert_defects import DEFECTS
from atmbench.drill.records import Drill
from atmbench.facts import AlertCleared, AlertFired, AnyFact, EntryPosted, FaultEnded, FaultStarted, SignedOn
from atmbench.run.runner import run_drill
from atmbench.run.source import Source, find_drill

NAME = "watched-outage"


def ran(change: Drill, plant: tuple[str, ...] = ()) -> tuple[dict[str, str], list[AnyFact]]:
    """What did not pass, and why; and the history."""
    found = find_drill(NAME)
    facts: list[AnyFact] = []
    result = run_drill(Source(change, found.text, found.name), seed=1, plant=plant, reader=facts.append)
    return {each.check: each.because for each in result.audit.verdicts if each.status != "PASS"}, facts


def drill() -> Drill:
    return find_drill(NAME).drill


def test_times_are_those_of_the_arithmetic_to_the_microsecond() -> None:
    failed, facts = ran(drill())
    assert failed == {}
    fired = {fact.alert: fact.t for fact in facts if isinstance(fact, AlertFired)}
    cleared = {fact.alert: fact.t for fact in facts if isinstance(fact, AlertCleared)}
    stalled_t = next(fact.t for fact in facts if isinstance(fact, FaultStarted) and fact.name == "stalled")
    mended_t = next(fact.t for fact in facts if isinstance(fact, FaultEnded) and fact.name == "stalled")
    made = [fact for fact in facts if isinstance(fact, EntryPosted)]
    came = {fact.entry: fact.t for fact in made if fact.actor == "B"}
    first_t = min(fact.t for fact in made if fact.actor == "A" and fact.t < mended_t < came[fact.entry])
    assert first_t >= stalled_t - 0.2, "what was on its way when it began is blocked, too"
    assert fired["replication-stalled"] == floor(first_t + 5) + 1 + 2, "older than 5 s, at two more evaluations"
    caught_up_t = max(t for entry, t in came.items() if mended_t <= t < mended_t + 1)
    assert cleared["replication-stalled"] == floor(caught_up_t) + 1
    cut_t = next(fact.t for fact in facts if isinstance(fact, FaultStarted) and fact.name == "cut")
    assert fired["primary-lost"] == floor(cut_t) + 1 + 2
    back = [fact.t for fact in facts if isinstance(fact, SignedOn) and fact.line == "primary" and fact.t > cut_t]
    assert cleared["primary-lost"] == floor(sorted(back)[5]) + 1, "six terminals are back"


@pytest.mark.full
def test_the_same_seed_gives_the_same_alerts() -> None:
    assert ran(drill())[1] == ran(drill())[1]


@pytest.mark.parametrize("name", ["replication-stalled", pytest.param("primary-lost", marks=pytest.mark.full)])
def test_a_rule_that_was_taken_out_is_named(name: str) -> None:
    found = drill()
    assert found.monitoring is not None
    rules = {each: rule for each, rule in found.monitoring.alerts.items() if each != name}
    failed, _ = ran(msgspec.structs.replace(found, monitoring=msgspec.structs.replace(found.monitoring, alerts=rules)))
    assert list(failed) == ["alerts"]
    assert failed["alerts"].startswith(f"{name} never fired after fault ")


def test_a_rule_with_another_limit_is_named() -> None:
    found = drill()
    assert found.monitoring is not None
    rules = dict(found.monitoring.alerts)
    rules["replication-stalled"] = msgspec.structs.replace(rules["replication-stalled"], above=12.0)
    failed, _ = ran(msgspec.structs.replace(found, monitoring=msgspec.structs.replace(found.monitoring, alerts=rules)))
    assert failed == {"alerts": "replication-stalled fired 15.000 s after fault 'stalled', which began at 20.000 s "
                                "(12 s allowed)"}  # fmt: skip


@pytest.mark.full
@pytest.mark.parametrize("defect", DEFECTS)
def test_monitoring_that_is_spoilt_is_found_by_its_check(defect: str) -> None:
    failed, _ = ran(drill(), (defect,))
    assert list(failed) == list(DEFECTS[defect].found_by)
