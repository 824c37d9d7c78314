"""Alert rules, evaluated over the metrics at even intervals, as Prometheus does it.

At each evaluation a rule is kept or broken. Broken for the first time, it waits; broken at every evaluation for
`for_s`, its alert fires; kept again, the alert is cleared. Between two evaluations nothing is seen. A metric that has
no series yet breaks no rule.
"""

from collections import deque
from collections.abc import Iterator, Set

from atmbench.drill import alert_defects as planted
from atmbench.drill.alert_records import AlertRule, Monitoring
from atmbench.drill.metrics import METRICS
from atmbench.facts import AlertCleared, AlertFired, AnyFact
from atmbench.monitor.figures import Figures

TICK_S = 1e-6
"""Times in a history are whole microseconds."""


class _Rule:
    """One rule and what it was at the evaluations so far."""

    def __init__(self, name: str, rule: AlertRule, every_s: float) -> None:
        self.name = name
        self.rule = rule
        self.says = describe(rule)
        self.broken_since: float | None = None
        self.fired_t: float | None = None
        self._past: deque[tuple[float, float]] = deque()
        if rule.increase_s is not None:
            self._past = deque(maxlen=round(rule.increase_s / every_s) + 1)

    def value(self, figures: Figures, now: float) -> float | None:
        """What the rule looks at."""
        rule = self.rule
        value = figures.series.of(rule.metric, rule.where)
        if rule.increase_s is None:
            return value
        self._past.append((now, value or 0.0))
        while self._past[0][0] < now - rule.increase_s - TICK_S:
            self._past.popleft()
        return (value or 0.0) - self._past[0][1]

    def is_broken_by(self, value: float, times: float = 1.0) -> bool:
        """Whether a value is beyond the limit, or beyond so many times as much."""
        rule = self.rule
        return value > rule.above * times if rule.above is not None else value < (rule.below or 0.0) / times


class Watch:
    """Evaluates all rules of a drill. `deadline` is when `on_time` must next be called."""

    def __init__(self, monitoring: Monitoring, defects: Set[str] = frozenset()) -> None:
        self._figures = Figures()
        self._every_s = monitoring.every_s
        self._evaluations = 0
        self._defects = defects
        self._rules = [_Rule(name, rule, monitoring.every_s) for name, rule in monitoring.alerts.items()]

    @property
    def deadline(self) -> float:
        """When the next evaluation is due: a whole number of intervals after the start."""
        return (self._evaluations + 1) * self._every_s

    def add(self, fact: AnyFact) -> None:
        """Take the next fact. All that came before an evaluation must be here by then."""
        self._figures.add(fact)

    def on_time(self, now: float) -> Iterator[AlertFired | AlertCleared]:
        """Evaluate all rules; what fires and what is cleared, to be recorded."""
        self._evaluations = max(self._evaluations + 1, int((now + TICK_S) / self._every_s))
        self._figures.at(now)
        for each in self._rules:
            value = each.value(self._figures, now)
            if value is not None and each.is_broken_by(value) and not self._is_within_ten_times(each, value):
                yield from self._broken(each, value, now)
            else:
                yield from self._kept(each, value or 0.0, now)

    def _is_within_ten_times(self, each: _Rule, value: float) -> bool:
        """Whether a planted defect lets this value pass."""
        return not each.is_broken_by(value, planted.TEN_TIMES) and planted.ALERT_LIMIT_TEN_TIMES in self._defects

    def _broken(self, each: _Rule, value: float, now: float) -> Iterator[AlertFired]:
        if each.broken_since is None:
            each.broken_since = now
        if each.fired_t is not None:
            return
        has_waited = now - each.broken_since >= each.rule.for_s - TICK_S
        if (has_waited or planted.ALERT_AT_ONCE in self._defects) and planted.NO_ALERT_RULES not in self._defects:
            each.fired_t = now
            yield AlertFired(alert=each.name, value=value, because=each.says, since_t=each.broken_since)

    def _kept(self, each: _Rule, value: float, now: float) -> Iterator[AlertCleared]:
        each.broken_since = None
        if each.fired_t is None or planted.ALERT_NEVER_CLEARED in self._defects:
            return
        fired_t, each.fired_t = each.fired_t, None
        yield AlertCleared(alert=each.name, value=value, lasted_s=round(now - fired_t, 6))


def describe(rule: AlertRule) -> str:
    """A rule in one line, much as in Prometheus."""
    labels = ", ".join(f"{name}={value}" for name, value in rule.where.items())
    what = f"{rule.metric}{{{labels}}}" if labels else rule.metric
    if rule.increase_s is not None:
        what += f" in {rule.increase_s:g} s"
    limit = f"above {rule.above:g}" if rule.above is not None else f"below {rule.below:g}"
    together = " at worst" if METRICS[rule.metric].is_worst else ""
    return f"{what}{together} {limit}" + (f" for {rule.for_s:g} s" if rule.for_s else "")
