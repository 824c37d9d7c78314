"""Alert rules over metrics, evaluation by evaluation: (what was, what is said)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.drill.alert_records import AlertRule, Monitoring
from atmbench.facts import AlertCleared, AlertFired, AnyFact
from atmbench.monitor.watch import Watch, describe
from tests.audit.builders import Tape, stamped

BEGINNING = next(fact for fact in Tape().play() if isinstance(fact, facts.RunStarted))
WAITING = "atmbench_host_waiting_requests"


def depth(t: float, waiting: int, site: str = "A") -> AnyFact:
    return stamped(t, site, facts.QueueDepth(site=site, waiting=waiting))


def watched(
    rule: AlertRule, given: list[AnyFact], *, until: float = 20.0, every_s: float = 1.0, plant: str = ""
) -> str:
    """What fires and is cleared, in words: "5 fired 9, 8 cleared 0"."""
    watch = Watch(Monitoring(every_s=every_s, alerts={"it": rule}), frozenset({plant} if plant else ()))
    waiting = [BEGINNING, *given]
    told = []
    while watch.deadline <= until:
        now = watch.deadline
        while waiting and waiting[0].t < now:
            watch.add(waiting.pop(0))
        for fact in watch.on_time(now):
            word = "fired" if isinstance(fact, AlertFired) else "cleared"
            told.append(f"{now:g} {word} {fact.value:g}")
    return ", ".join(told)


@pytest.mark.parametrize(
    ("for_s", "told"),
    [
        (0.0, "4 fired 9, 8 cleared 3"),
        (2.0, "6 fired 9, 8 cleared 3"),
        (3.0, "7 fired 9, 8 cleared 3"),
        (3.5, ""),
    ],
)
def test_an_alert_fires_when_its_rule_was_broken_for_long_enough(for_s: float, told: str) -> None:
    rule = AlertRule(metric=WAITING, above=3, for_s=for_s)
    assert watched(rule, [depth(3.2, 9), depth(7.9, 3)]) == told


def test_one_evaluation_that_is_kept_begins_the_wait_anew() -> None:
    rule = AlertRule(metric=WAITING, above=3, for_s=3)
    assert watched(rule, [depth(3.5, 9), depth(5.5, 0), depth(6.5, 9)]) == "10 fired 9"


def test_what_comes_and_goes_between_two_evaluations_is_not_seen() -> None:
    assert watched(AlertRule(metric=WAITING, above=3), [depth(3.2, 9), depth(3.8, 0)]) == ""


def test_below_and_labels() -> None:
    given = [depth(1.5, 9), depth(1.5, 9, "B"), depth(4.5, 1, "B")]
    assert watched(AlertRule(metric=WAITING, where={"site": "B"}, below=2), given) == "5 fired 1"
    assert watched(AlertRule(metric=WAITING, where={"site": "A"}, below=2), given) == ""
    assert watched(AlertRule(metric=WAITING, below=11), given) == "5 fired 10"


def test_a_metric_without_series_breaks_no_rule() -> None:
    assert watched(AlertRule(metric=WAITING, below=5), []) == ""


def test_growth_within_a_window() -> None:
    rule = AlertRule(metric="atmbench_frames_refused_total", increase_s=3, above=2)
    refused: list[AnyFact] = [
        stamped(t, "A", facts.FrameRefused(line="primary", because="so", size=1)) for t in (2.1, 4.1, 9.1, 9.2, 10.1)
    ]
    assert watched(rule, refused) == "11 fired 3, 13 cleared 1"


def test_an_interval_of_another_length() -> None:
    assert watched(AlertRule(metric=WAITING, above=3), [depth(3.2, 9), depth(7.9, 3)], every_s=2.5) == (
        "5 fired 9, 10 cleared 3"
    )


def test_evaluations_that_come_late_are_not_made_up_for() -> None:
    watch = Watch(Monitoring(every_s=1.0))
    list(watch.on_time(1.0))
    list(watch.on_time(4.7))
    assert watch.deadline == 5.0


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        ("", "6 fired 9, 8 cleared 3"),
        ("no-alert-rules", ""),
        ("alert-limit-ten-times", ""),
        ("alert-at-once", "4 fired 9, 8 cleared 3"),
        ("alert-never-cleared", "6 fired 9"),
    ],
)
def test_monitoring_that_is_spoilt(plant: str, told: str) -> None:
    rule = AlertRule(metric=WAITING, above=3, for_s=2)
    assert watched(rule, [depth(3.2, 9), depth(7.9, 3)], plant=plant) == told


def test_a_rule_is_told_as_one_reads_it() -> None:
    age = AlertRule(metric="atmbench_replication_oldest_age_seconds", where={"site": "B"}, above=5, for_s=2)
    assert describe(age) == "atmbench_replication_oldest_age_seconds{site=B} at worst above 5 for 2 s"
    growth = AlertRule(metric="atmbench_reversals_total", increase_s=60, above=2.5)
    assert describe(growth) == "atmbench_reversals_total in 60 s above 2.5"
    assert describe(AlertRule(metric=WAITING, below=1)) == f"{WAITING} below 1"


@given(depths=st.lists(st.integers(0, 9), max_size=30), for_s=st.integers(0, 4))
def test_alerts_fire_and_are_cleared_in_turn_and_never_too_early(depths: list[int], for_s: int) -> None:
    watch = Watch(Monitoring(alerts={"it": AlertRule(metric=WAITING, above=4, for_s=for_s)}))
    is_on, broken = False, 0
    for second, waiting in enumerate(depths):
        watch.add(depth(second + 0.5, waiting))
        broken = broken + 1 if waiting > 4 else 0
        for fact in watch.on_time(second + 1.0):
            assert isinstance(fact, AlertCleared if is_on else AlertFired)
            is_on = not is_on
        assert is_on == (broken > for_s)
