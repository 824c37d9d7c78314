"""Check `alerts`: who was told of what, and when, beside what had happened."""

from math import inf
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
    """What is amiss; where an alert fired, the finding names that fact."""
    verdict = judged(told)
    fired = {number for number, fact in enumerate(told.play(), start=1) if isinstance(fact, AlertFired)}
    assert all(set(finding.facts) <= fired for finding in verdict.findings)
    silent = ("never fired", "there was none")
    assert all(bool(each.facts) != any(word in each.says for word in silent) for each in verdict.findings)
    assert (verdict.status is Status.FAIL) == bool(verdict.findings)
    return [finding.says for finding in verdict.findings]


@pytest.mark.parametrize("fired_t", [20.0, 28.0])
def test_the_very_ends_of_a_time_are_within_it(fired_t: float) -> None:
    told = tape(within_s=8, cleared_s=2)
    fire(told, fired_t, 52.0)
    assert says(told) == []


def test_an_alert_that_is_cleared_with_its_fault() -> None:
    told = tape(within_s=8)
    fire(told, 28.0, 50.0)
    assert judged(told).because.endswith("began, and was cleared 0.000 s after its end")


def test_an_alert_that_is_still_on_is_so_for_as_long_as_it_may() -> None:
    told = tape(within_s=8, cleared_s=50)
    fire(told, 28.0)
    assert says(told) == []
    assert judged(told).because == "1 alert fired: late 8.000 s after fault 'stalled' began, and is still on"


def test_an_alert_at_the_instant_of_the_end_is_of_this_fault_and_at_that_of_another_of_the_other() -> None:
    told = tape(after="stalled", within_s=8, cleared_s=2)
    fire(told, 21.0, 22.0)
    fire(told, 50.0, 53.0)
    told.add(45.0, "conductor", FaultStarted(name="cut", kind="cut"))
    assert says(told) == ["late was cleared 3.000 s after fault 'stalled' was over (2 s allowed)"]
    told = tape(after="stalled", within_s=8, cleared_s=2)
    fire(told, 21.0, 22.0)
    told.add(60.0, "conductor", FaultStarted(name="cut", kind="cut"))
    fire(told, 60.0, 99.0)
    assert says(told) == []


def test_each_expected_alert_is_judged_for_itself() -> None:
    told = Tape(
        alerts={"a": {"within_s": 1}, "b": {"never": True}, "c": {"after": "x", "within_s": 1}, "d": {"within_s": 1.9}}
    )
    told.add(20.0, "conductor", FaultStarted(name="stalled", kind="block_records"))
    for alert in ("b", "d", "z", "y"):
        fire(told, 22.0, 23.0, alert)
    assert says(told) == [
        "a never fired after fault 'stalled', which began at 20.000 s (1 s allowed)",
        f"b fired at 22.000 s, and must not fire: {RULE}, and it was 7.5",
        "c was to detect x, and there was none",
        "d fired 2.000 s after fault 'stalled', which began at 20.000 s (1.9 s allowed)",
    ]
    told.expect = {"alerts": {"a": {"never": True}, "d": {"within_s": 3}}}
    assert judged(told).because == (
        "4 alerts fired: a did not fire; d 2.000 s after fault 'stalled' began, and was cleared before its "
        "end; not judged: b, y, z"
    )


def test_without_any_fault_none_was_detected() -> None:
    told = Tape(alerts={"late": {"within_s": 8}})
    assert says(told) == ["late was to detect a fault, and there was none"]


def test_alerts_that_nobody_expects_are_told_of() -> None:
    told = Tape()
    fire(told, 21.0, 22.0)
    assert judged(told).because == "1 alert fired: not judged: late"


def test_an_order_without_a_site_is_a_trouble_of_its_own() -> None:
    told = Tape(alerts={"late": {"within_s": 5, "cleared_s": 4}})
    told.add(10.0, "conductor", StepPerformed(command="cutover"))
    told.add(30.0, "conductor", StepPerformed(command="start_site", detail={"site": "A"}))
    fire(told, 16.0, 95.0)
    since = "step cutover"
    assert says(told) == [
        f"late fired 6.000 s after {since}, which began at 10.000 s (5 s allowed)",
        f"late was cleared 5.000 s after {since} was over (4 s allowed)",
    ]


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
    exact = tape(after="stalled", within_s=8)
    fire(exact, 28.4)
    assert says(exact) == ["late fired 8.400 s after fault 'stalled', which began at 20.000 s (8 s allowed)"]
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
    assert says(told) == ["late was still on 50.000 s after fault 'stalled' was over (2 s allowed)"]
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


def test_a_start_of_a_site_ends_its_stop_and_nothing_else() -> None:
    told = Tape(alerts={"late": {"after": "capacity", "within_s": 5, "cleared_s": 4}})
    told.add(10.0, "conductor", StepPerformed(command="capacity", detail={"site": "A"}))
    told.add(12.0, "conductor", StepPerformed(command="stop_site", detail={"site": "B"}))
    told.add(30.0, "conductor", StepPerformed(command="start_site", detail={"site": "A"}))
    fire(told, 14.0, 93.0)
    assert says(told) == []


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
    for t in (1.0, 2.0, 3.0):
        hear[AlertFired](stamped(t, "monitor", AlertFired(alert="late", value=1, because=RULE, since_t=t)))
        hear[FaultStarted](stamped(t, "conductor", FaultStarted(name=f"f{t:g}", kind="cut")))
    assert ([each.fired.t for each in log.alarms], log.alarms_beyond) == ([1.0], 2)
    assert [each.name for each in log.troubles] == ["f1"]
    hear[AlertCleared](stamped(4.0, "monitor", AlertCleared(alert="unknown", value=0, lasted_s=1)))
    assert log.alarms[0].cleared_t == inf
