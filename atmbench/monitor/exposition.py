"""Metrics as the text that Prometheus scrapes, by its own client library; the only module that knows it.

The values are those of one moment: nothing is registered for good, and nothing of the process itself is told.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from atmbench.drill.metrics import METRICS, MetricKind
from atmbench.monitor.series import Series

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
TOTAL = "_total"


def exposition(series: Series) -> bytes:
    """All metrics in the text format 0.0.4. A metric without a series yet has its name and its meaning only."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(series))
    return generate_latest(registry)


class _Once(Collector):
    """Hands a registry what it asks for."""

    def __init__(self, series: Series) -> None:
        self._series = series

    def collect(self) -> Iterator[Metric]:
        """A family for each metric."""
        for name, about in METRICS.items():
            if about.kind is MetricKind.HISTOGRAM:
                yield self._histogram(name)
                continue
            family: CounterMetricFamily | GaugeMetricFamily
            if about.kind is MetricKind.COUNTER:
                family = CounterMetricFamily(name.removesuffix(TOTAL), about.says, labels=about.labels)
            else:
                family = GaugeMetricFamily(name, about.says, labels=about.labels)
            for labels, value in self._series.values[name].items():
                family.add_metric(labels, value)
            yield family

    def _histogram(self, name: str) -> HistogramMetricFamily:
        about = METRICS[name]
        family = HistogramMetricFamily(name, about.says, labels=about.labels)
        for labels, histogram in self._series.histograms.get(name, {}).items():
            family.add_metric(labels, list(histogram.cumulative()), histogram.sum_s)
        return family
