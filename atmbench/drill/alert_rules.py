"""Rules for the monitoring of a drill that types cannot say. Pure generators of broken rules."""

from collections.abc import Iterator

from atmbench.datafile import Path
from atmbench.drill.alert_records import EVALUATIONS_MAX, AlertExpectation, AlertRule, Monitoring
from atmbench.drill.broken import Broken, known_rules
from atmbench.drill.metrics import METRICS, MetricKind


def alert_rules(monitoring: Monitoring | None, expected: dict[str, AlertExpectation]) -> Iterator[Broken]:
    """All rules that the monitoring of a drill breaks, and what is expected of it."""
    for name, rule in monitoring.alerts.items() if monitoring is not None else ():
        yield from _rule(rule, monitoring.every_s if monitoring is not None else 1.0, ("monitoring", "alerts", name))
    for name, wanted in expected.items():
        path: Path = ("expect", "alerts", name)
        if monitoring is None:
            yield Broken(path, "an alert where nothing watches", "monitoring: {alerts: {...}} with a rule for it")
        timed = wanted.within_s is not None or wanted.cleared_s is not None or wanted.after
        if wanted.never == bool(timed):
            yield Broken(path, "never with times, or neither", "never: true, or within_s (and after, cleared_s)")
        elif not wanted.never and wanted.within_s is None:
            yield Broken(path, "no time in which it must fire", "within_s beside it")


def _rule(rule: AlertRule, every_s: float, path: Path) -> Iterator[Broken]:
    yield from known_rules(rule.metric, METRICS, "metric", (*path, "metric"))
    if (rule.above is None) == (rule.below is None):
        yield Broken(path, "above and below, or neither", "exactly one of them")
    metric = METRICS.get(rule.metric)
    if metric is None:
        return
    for label in rule.where:
        yield from known_rules(label, metric.labels, f"label of {rule.metric}", (*path, "where", label))
    if metric.kind is MetricKind.HISTOGRAM:
        yield Broken((*path, "metric"), "a histogram, which has no one value", "a counter or a gauge")
    elif rule.increase_s is not None and metric.kind is not MetricKind.COUNTER:
        yield Broken((*path, "increase_s"), f"the growth of a {metric.kind}", "a counter (its name ends in _total)")
    elif rule.increase_s is not None and not every_s <= rule.increase_s <= every_s * EVALUATIONS_MAX:
        meant = f"between one evaluation ({every_s:g} s) and {EVALUATIONS_MAX:,} of them"
        yield Broken((*path, "increase_s"), f"{rule.increase_s:g} s", meant)
