"""What Prometheus scrapes is what the metrics are, by its own parser."""

from prometheus_client.parser import text_string_to_metric_families

from atmbench.drill.metrics import METRICS
from atmbench.facts import AnyFact
from atmbench.monitor.exposition import exposition
from atmbench.monitor.figures import Figures
from atmbench.monitor.series import Series
from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill


def parsed(series: Series) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Name and labels of each sample to its value."""
    text = exposition(series).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def after_primary_cut() -> Series:
    """All metrics at the end of a whole run."""
    figures = Figures()
    facts: list[AnyFact] = []

    def read(fact: AnyFact) -> None:
        facts.append(fact)
        figures.add(fact)

    run_drill(find_drill("primary-cut"), reader=read)
    return figures.at(facts[-1].t)


def test_every_metric_is_declared_with_its_kind_and_meaning_before_anything_has_happened() -> None:
    text = exposition(Series()).decode()
    for name, about in METRICS.items():
        assert f"# HELP {name} {about.says}" in text
        assert f"# TYPE {name} {about.kind}" in text


def test_a_whole_run_is_scraped_as_it_was_counted() -> None:
    series = after_primary_cut()
    found = parsed(series)
    for name, about in METRICS.items():
        for labels, value in series.values[name].items():
            assert found[name, frozenset(zip(about.labels, labels, strict=True))] == value
    histogram = series.histograms["atmbench_response_seconds"]["withdrawal", "primary"]
    of = {("service", "withdrawal"), ("line", "primary")}
    assert found["atmbench_response_seconds_count", frozenset(of)] == sum(histogram.counts)
    assert found["atmbench_response_seconds_sum", frozenset(of)] == histogram.sum_s
    assert found["atmbench_response_seconds_bucket", frozenset({*of, ("le", "+Inf")})] == sum(histogram.counts)


def test_after_a_run_that_converged_nothing_is_under_way_and_no_money_is_off() -> None:
    series = after_primary_cut()
    for gauge in ("requests_in_flight", "store_and_forward_messages", "money_out_of_balance"):
        assert not series.of(f"atmbench_{gauge}", {}), gauge
    assert series.of("atmbench_replication_missing_entries", {}) == 0
    assert series.of("atmbench_terminals", {"state": "ready"}) == 20
    assert series.of("atmbench_terminals_on_line", {"line": "primary"}) == 20
    reversals = series.of("atmbench_reversals_total", {})
    assert reversals
    assert reversals == series.of("atmbench_reversals_accepted_total", {})
