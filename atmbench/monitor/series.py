"""Series of metrics: values by the values of their labels. Plain arithmetic, and bounded."""

from collections.abc import Iterator, Mapping

from atmbench.drill.metrics import METRICS

SERIES_MAX = 5_000
"""Series of one metric; what would be one more is counted and not kept."""
BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0)
"""Upper ends of what response times are sorted into."""

Labels = tuple[str, ...]


class Histogram:
    """How often a time was within each bucket, and their sum."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = 0.0

    def observe(self, seconds: float) -> None:
        """Count one time."""
        place = next((place for place, most in enumerate(BUCKETS_S) if seconds <= most), len(BUCKETS_S))
        self.counts[place] += 1
        self.sum_s += seconds

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """Upper end of each bucket as text, and how many were within it or one below."""
        seen = 0
        for most, count in zip((*BUCKETS_S, None), self.counts, strict=True):
            seen += count
            yield "+Inf" if most is None else str(most), seen


class Series:
    """All values of one run, by metric and labels."""

    def __init__(self) -> None:
        self.values: dict[str, dict[Labels, float]] = {name: {} for name in METRICS}
        self.histograms: dict[str, dict[Labels, Histogram]] = {}
        self.beyond = 0
        """Values that belonged to a series too many."""

    def add(self, metric: str, labels: Labels, by: float = 1.0) -> None:
        """Let a counter or gauge grow by so much."""
        series = self.values[metric]
        if labels in series or self._has_room(series):
            series[labels] = series.get(labels, 0.0) + by

    def put(self, metric: str, labels: Labels, value: float) -> None:
        """Set a gauge."""
        series = self.values[metric]
        if labels in series or self._has_room(series):
            series[labels] = value

    def observe(self, metric: str, labels: Labels, seconds: float) -> None:
        """Count a time in a histogram."""
        series = self.histograms.setdefault(metric, {})
        if labels not in series:
            if not self._has_room(series):
                return
            series[labels] = Histogram()
        series[labels].observe(seconds)

    def _has_room(self, series: Mapping[Labels, object]) -> bool:
        if len(series) < SERIES_MAX:
            return True
        self.beyond += 1
        return False

    def of(self, metric: str, where: Mapping[str, str]) -> float | None:
        """The value of a metric over all series with these labels; None if there is none."""
        about = METRICS[metric]
        wanted = [(about.labels.index(label), value) for label, value in where.items()]
        found = [
            value
            for labels, value in self.values[metric].items()
            if all(labels[place] == each for place, each in wanted)
        ]
        if not found:
            return None
        return max(found) if about.is_worst else sum(found)
