"""Facts in, the values of metrics out: each as an operator would count it by hand."""

from typing import Any

import pytest

from atmbench import facts
from atmbench.drill.metrics import METRICS, MetricKind
from atmbench.facts import AnyFact
from atmbench.monitor import figures
from atmbench.monitor.figures import Figures
from atmbench.monitor.series import BUCKETS_S, SERIES_MAX, Histogram, Series
from tests.audit.builders import Tape, key_of, stamped

KEY = key_of("T01", 118)
OTHER = key_of("T01", 119)
BEGINNING = next(fact for fact in Tape().play() if isinstance(fact, facts.RunStarted))


def folded(*given: AnyFact) -> Figures:
    found = Figures()
    for fact in (BEGINNING, *given):
        found.add(fact)
    return found


def values(found: Figures, metric: str, now: float = 100.0) -> dict[tuple[str, ...], float]:
    """Series of a metric that are not 0."""
    return {labels: value for labels, value in found.at(now).values[f"atmbench_{metric}"].items() if value}


def tape(terminals: tuple[str, ...] = ("T01",)) -> Tape:
    return Tape(terminals=terminals)


def at(t: float, actor: str, fact: AnyFact) -> AnyFact:
    return stamped(t, actor, fact)


def test_a_withdrawal_is_counted_at_each_of_its_steps() -> None:
    told = tape()
    told.ask(10.0, KEY)
    told.send(10.5, KEY)
    before = folded(*told.facts)
    assert values(before, "requests_total") == {("0200", "primary", "A"): 1.0}
    assert values(before, "requests_in_flight") == {("primary",): 1.0}
    told.reply(11.2, KEY)
    told.end(15.0, KEY)
    after = folded(*told.facts)
    assert values(after, "requests_in_flight") == {}
    assert values(after, "replies_total") == {("0210", "00", "primary", "A"): 1.0}
    assert values(after, "transactions_total") == {("withdrawal", "approved"): 1.0}
    histogram = after.series.histograms["atmbench_response_seconds"]["withdrawal", "primary"]
    assert histogram.sum_s == pytest.approx(1.2), "from when it was asked for, not from when it was sent"
    assert dict(histogram.cumulative())["2.5"] == 1
    assert dict(histogram.cumulative())["1.0"] == 0


def test_a_site_that_gets_and_answers_is_not_counted_again() -> None:
    told = tape()
    told.ask(10.0, KEY)
    told.send(10.0, KEY)
    told.arrive(10.1, KEY)
    told.reply(10.2, KEY, at="A")
    found = folded(*told.facts)
    assert sum(values(found, "requests_total").values()) == 1
    assert values(found, "replies_total") == {}


def test_a_second_answer_is_a_reply_and_no_response_time() -> None:
    told = tape()
    told.ask(10.0, KEY)
    told.send(10.0, KEY)
    told.reply(11.0, KEY)
    told.reply(12.0, KEY)
    found = folded(*told.facts)
    assert values(found, "replies_total") == {("0210", "00", "primary", "A"): 2.0}
    assert sum(found.series.histograms["atmbench_response_seconds"]["withdrawal", "primary"].counts) == 1


def test_a_stored_reversal_grows_older_until_it_is_accepted() -> None:
    queued = [
        at(t, "T01", facts.AdviceQueued(key=KEY, purpose="reversal", stan=stan, amount_minor=5000, reason="no_answer"))
        for t, stan in ((20.0, 119), (30.0, 121))
    ]
    accepted = facts.AdviceAccepted(key=KEY, purpose="reversal", stan=119, code="00", attempts=2)
    found = folded(*queued)
    assert values(found, "store_and_forward_messages") == {(): 2.0}
    assert values(found, "store_and_forward_oldest_age_seconds", 50.0) == {(): 30.0}
    assert values(found, "reversals_total") == {("no_answer",): 2.0}
    found.add(at(51.0, "T01", accepted))
    assert values(found, "store_and_forward_oldest_age_seconds", 52.0) == {(): 22.0}
    assert values(found, "reversals_accepted_total") == {(): 1.0}
    found.add(at(53.0, "T01", facts.ExceptionOpened(kind="memory_lost", key="", terminal="T01", because="so")))
    assert values(found, "store_and_forward_messages") == {}
    assert values(found, "open_exceptions_total") == {("memory_lost",): 1.0}


def test_terminals_are_counted_by_state_and_by_line() -> None:
    def move(t: float, terminal: str, new: str) -> AnyFact:
        return at(t, terminal, facts.StateChanged(old="", new=new, because="so"))

    found = folded(
        move(1.0, "T01", "closed"),
        at(1.5, "T01", facts.SignedOn(line="primary")),
        move(2.0, "T01", "ready"),
        move(2.0, "T02", "ready"),
        at(2.0, "T02", facts.SignedOn(line="primary")),
    )
    assert values(found, "terminals") == {("ready",): 2.0}
    assert values(found, "terminals_on_line") == {("primary", "A"): 2.0}
    found.add(at(3.0, "T02", facts.LineLost(line="primary", because="reset")))
    found.add(at(3.0, "T02", facts.LineChosen(line="secondary", previous="primary", because="so")))
    found.add(at(4.0, "T02", facts.SignedOn(line="secondary")))
    assert values(found, "terminals_on_line") == {("primary", "A"): 1.0, ("secondary", "B"): 1.0}
    found.add(at(5.0, "T01", facts.LineLost(line="secondary", because="reset")))
    assert values(found, "terminals_on_line")["primary", "A"] == 1.0, "it was not signed on over that line"
    found.add(at(6.0, "T01", facts.PowerFailed(during="ready")))
    assert values(found, "terminals") == {("ready",): 1.0, (figures.OFF,): 1.0}
    assert values(found, "terminals_on_line") == {("secondary", "B"): 1.0}
    assert values(found, "sign_ons_total") == {("primary", "A"): 2.0, ("secondary", "B"): 1.0}
    assert values(found, "line_changes_total") == {("secondary",): 1.0}


def test_a_power_failure_ends_what_was_in_flight() -> None:
    told = tape(("T01", "T02"))
    for key in (KEY, key_of("T02", 7)):
        told.ask(10.0, key)
        told.send(10.0, key)
    found = folded(*told.facts, at(11.0, "T01", facts.PowerFailed(during="authorising")))
    assert values(found, "requests_in_flight") == {("primary",): 1.0}


def test_what_the_other_site_lacks_is_counted_and_ages() -> None:
    told = tape()
    told.ask(9.0, KEY)
    told.post(10.0, KEY, sites=("A",))
    found = folded(*told.facts)
    assert values(found, "replication_missing_entries") == {("B",): 1.0}
    assert values(found, "replication_oldest_age_seconds", 17.5) == {("B",): 7.5}
    late = facts.EntryPosted(
        entry=f"post/{KEY}", kind="posting", key=KEY, service="withdrawal", legs={"x": -5, "cash:T01": 5}, origin="A"
    )
    found.add(at(18.0, "B", late))
    assert values(found, "replication_missing_entries") == {}
    assert values(found, "replication_lag_seconds") == {("B",): 8.0}


def test_an_entry_that_nobody_has_any_more_is_not_missing() -> None:
    told = tape()
    told.ask(9.0, KEY)
    told.post(10.0, KEY, sites=("A",))
    lost = facts.EntryLost(entry=f"post/{KEY}", key=KEY, legs={"x": -5000, "cash:T01": 5000})
    found = folded(*told.facts, at(12.0, "A", lost))
    assert values(found, "replication_missing_entries") == {}


@pytest.mark.parametrize(
    ("ended", "taken", "off"),
    [
        (False, False, {}),
        (False, True, {}),
        (True, True, {}),
        (True, False, {("A", "NGN"): 5000.0, ("B", "NGN"): 5000.0}),
    ],
)
def test_money_is_out_of_balance_when_a_transaction_is_over_and_ledger_and_devices_differ(
    ended: bool, taken: bool, off: dict[tuple[str, str], float]
) -> None:
    told = tape()
    told.ask(9.0, KEY)
    told.post(10.0, KEY)
    if taken:
        told.take(14.0, KEY)
    if ended:
        told.end(15.0, KEY)
    assert values(folded(*told.facts), "money_out_of_balance") == off


def test_a_reversal_sets_a_balance_right_and_a_site_without_the_entry_is_off() -> None:
    told = tape()
    told.ask(9.0, KEY)
    told.post(10.0, KEY, sites=("A",))
    told.take(12.0, KEY)
    told.end(15.0, KEY)
    told.ask(20.0, OTHER)
    told.post(21.0, OTHER)
    told.end(30.0, OTHER, "no_answer")
    found = folded(*told.facts)
    assert values(found, "money_out_of_balance") == {("A", "NGN"): 5000.0, ("B", "NGN"): 10000.0}
    told = tape()
    told.services[OTHER] = "withdrawal"
    told.post(31.0, OTHER, -5000, kind="reversal")
    for fact in told.facts:
        found.add(fact)
    assert values(found, "money_out_of_balance") == {("B", "NGN"): 5000.0}


@pytest.mark.parametrize(
    ("actor", "fact", "metric", "labels"),
    [
        ("T01", facts.ReplyIgnored(line="primary", reason="late"), "replies_ignored_total", ("primary", "late")),
        ("T01", facts.FrameRefused(line="primary", because="so", size=3), "frames_refused_total", ("primary",)),
        ("T01", facts.CustomerTurnedAway(because="so", service="balance"), "customers_turned_away_total", ("balance",)),
        ("T01", facts.LineLost(line="secondary", because="so"), "lines_lost_total", ("secondary", "B")),
        ("A", facts.SiteAlarmRaised(site="A", what="security", because="so"), "site_alarms_total", ("A", "security")),
        ("A", facts.QueueDepth(site="A", waiting=7), "host_waiting_requests", ("A",)),
    ],
)
def test_what_else_is_counted(actor: str, fact: Any, metric: str, labels: tuple[str, ...]) -> None:
    value = 7.0 if metric == "host_waiting_requests" else 1.0
    assert values(folded(at(1.0, actor, fact)), metric) == {labels: value}


def test_a_promotion_moves_what_is_active() -> None:
    role = facts.SiteRoleChanged
    found = folded()
    assert values(found, "site_active") == {("A",): 1.0}
    found.add(at(5.0, "A", role(site="A", role="down", because="so")))
    found.add(at(9.0, "B", role(site="B", role="active", because="so")))
    assert values(found, "site_active") == {("B",): 1.0}


def test_series_of_a_metric_are_bounded() -> None:
    series = Series()
    for number in range(SERIES_MAX + 3):
        series.add("atmbench_frames_refused_total", (str(number),))
        series.put("atmbench_site_active", (str(number),), 1.0)
        series.observe("atmbench_response_seconds", (str(number), "primary"), 1.0)
    assert (len(series.values["atmbench_frames_refused_total"]), series.beyond) == (SERIES_MAX, 9)
    series.add("atmbench_frames_refused_total", ("0",))
    assert series.of("atmbench_frames_refused_total", {"line": "0"}) == 2.0


def test_series_are_put_together_as_the_metric_says() -> None:
    series = Series()
    for site, value in (("A", 2.0), ("B", 5.0)):
        series.put("atmbench_replication_oldest_age_seconds", (site,), value)
        series.put("atmbench_replication_missing_entries", (site,), value)
    assert series.of("atmbench_replication_oldest_age_seconds", {}) == 5.0
    assert series.of("atmbench_replication_missing_entries", {}) == 7.0
    assert series.of("atmbench_replication_missing_entries", {"site": "A"}) == 2.0
    assert series.of("atmbench_replication_missing_entries", {"site": "C"}) is None


def test_a_bucket_holds_what_is_not_longer_than_its_end() -> None:
    histogram = Histogram()
    for seconds in (*BUCKETS_S, 61.0):
        histogram.observe(seconds)
    assert [seen for _, seen in histogram.cumulative()] == list(range(1, len(BUCKETS_S) + 2))


def test_every_metric_has_a_name_and_labels_that_prometheus_takes() -> None:
    for name, metric in METRICS.items():
        assert name.startswith("atmbench_")
        assert name.endswith("_total") == (metric.kind is MetricKind.COUNTER), name
        assert metric.says.endswith("."), name
        assert all(label.isidentifier() for label in metric.labels)
