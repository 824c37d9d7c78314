"""Check `alerts`: who was told of what, and when, beside what had happened."""

from typing import Any

import pytest

from atmbench.audit import alert_log
from atmbench.audit.alert_log import AlertLog
from atmbench.audit.verdict import Status, Verdict
from atmbench.facts import AlertCleared, AlertFired, FaultEnded, FaultStarted, StepPerformed
from tests.audit.builders import Tape, stamped

RULE = "atmbench_x above 5"


def tape(**wanted: Any) -> Tape:
    """A fault from 20 to 50 s, and an alert that is expected."""
    told = Tape(alerts={"late": wanted})
    told.add(20.0, "conductor", FaultStarted(name="stalled", kind="block_records"))
    told.add(50.0, "conductor", FaultEnded(name="stalled"))
    return told


def fire(told: Tape, t: float, cleared_t: float | None = None, alert: str = "late") -> None:
    told.add(t, "monitor", AlertFired(alert=alert, value=7.5, because=RULE, since_t=t))
    if cleared_t is not None:
        told.add(cleared_t, "monitor", AlertCleared(alert=alert, value=0.0, lasted_s=cleared_t - t))


def judged(told: Tape) -> Verdict:
    return told.judge().verdict("alerts")


def says(told: Tape) -> list[str]:
    verdict = judged(told)
    assert (verdict.status is Status.FAIL) == bool(verdict.findings)
    return [finding.says for finding in verdict.findings]


def test_a_run_that_nobody_watches_has_no_such_check() -> None:
    assert all(each.check != "alerts" for each in Tape().judge().verdicts)


def test_an_alert_in_time_is_told_with_its_times() -> None:
    told = tape(after="stalled", within_s=8, cleared_s=1)
    fire(told, 28.0, 51.0)
    fire(told, 60.0, alert="another")
    assert judged(told).because == (
        "2 alerts fired: late 8.000 s after fault 'stalled' began, and was cleared 1.000 s after its end; "
        "not judged: another"
    )


def test_an_alert_that_is_late_or_does_not_come_is_named_with_its_fault() -> None:
    told = tape(after="stalled", within_s=7.9)
    fire(told, 28.0)
    since = "fault 'stalled', which began at 20.000 s (7.9 s allowed)"
    assert says(told) == [f"late fired 8.000 s after {since}"]
    assert says(tape(after="stalled", within_s=7.9)) == [f"late never fired after {since}"]


def test_an_alert_before_its_fault_is_none_of_it() -> None:
    told = tape(within_s=8)
    fire(told, 19.0, 19.5)
    fire(told, 21.0, 50.0)
    assert says(told) == ["late fired at 19.000 s, before fault 'stalled' began at 20.000 s"]


def test_an_alert_that_must_never_fire() -> None:
    told = tape(never=True)
    assert judged(told).because == "0 alerts fired: late did not fire"
    fire(told, 30.0)
    assert says(told) == [f"late fired at 30.000 s, and must not fire: {RULE}, and it was 7.5"]


def test_an_alert_is_cleared_in_time_and_stays_so() -> None:
    told = tape(within_s=8, cleared_s=2)
    fire(told, 21.0, 53.0)
    assert says(told) == ["late was cleared 3.000 s after fault 'stalled' was over (2 s allowed)"]
    told = tape(within_s=8, cleared_s=2)
    fire(told, 21.0)
    assert says(told) == ["late was never cleared, 50.000 s after fault 'stalled' was over (2 s allowed)"]
    told = tape(within_s=8, cleared_s=2)
    fire(told, 21.0, 51.0)
    fire(told, 70.0, 71.0)
    assert says(told) == ["late was cleared 21.000 s after fault 'stalled' was over (2 s allowed)"]


def test_what_fires_again_after_something_else_began_is_not_held_against_the_first() -> None:
    told = tape(after="stalled", within_s=8, cleared_s=2)
    told.add(60.0, "conductor", FaultStarted(name="cut", kind="cut"))
    fire(told, 21.0, 51.0)
    fire(told, 70.0, 99.0)
    assert says(told) == []


def test_a_fault_that_did_not_happen_was_not_detected() -> None:
    assert says(tape(after="another", within_s=8)) == ["late was to detect another, and there was none"]


def test_a_stop_of_a_site_is_a_trouble_and_its_start_the_end() -> None:
    told = Tape(alerts={"late": {"after": "stop_site", "within_s": 5, "cleared_s": 4}})
    told.add(5.0, "conductor", StepPerformed(command="withdraw"))
    told.add(10.0, "conductor", StepPerformed(command="stop_site", detail={"site": "A"}))
    told.add(30.0, "conductor", StepPerformed(command="start_site", detail={"site": "A"}))
    fire(told, 14.0, 35.0)
    assert says(told) == ["late was cleared 5.000 s after step stop_site of site A was over (4 s allowed)"]


def test_healing_ends_what_nobody_mended() -> None:
    told = Tape(alerts={"late": {"within_s": 5, "cleared_s": 4}})
    told.add(10.0, "conductor", FaultStarted(name="stalled", kind="block_records"))
    fire(told, 14.0, 93.0)
    assert judged(told).because.endswith("and was cleared 3.000 s after its end")


def test_a_run_that_broke_off_is_not_judged() -> None:
    told = tape(within_s=8)
    told.without = (type(told.play()[-1]),)
    assert judged(told).status is Status.UNKNOWN


def test_alerts_and_troubles_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_log, "ALERTS_MAX", 1)
    monkeypatch.setattr(alert_log, "TROUBLES_MAX", 1)
    log = AlertLog()
    hear = log.handlers(lambda: 3)
    for t in (1.0, 2.0):
        hear[AlertFired](stamped(t, "monitor", AlertFired(alert="late", value=1, because=RULE, since_t=t)))
        hear[FaultStarted](stamped(t, "conductor", FaultStarted(name=f"f{t:g}", kind="cut")))
    assert ([each.fired.t for each in log.alarms], log.alarms_beyond) == ([1.0], 1)
    assert [each.name for each in log.troubles] == ["f1"]
