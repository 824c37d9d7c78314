"""What the sites did to one another: what decides at the end counts however often something happened before."""

import pytest

from atmbench.audit import site_log
from atmbench.audit.casebook import Casebook
from atmbench.audit.site_log import SiteLog
from atmbench.audit.verdict import Status
from atmbench.facts import (
    AnyFact,
    BalanceOverwritten,
    BusinessDayBegan,
    BusinessDayCounted,
    BusinessDayTaken,
    DialFailed,
    RecordDisturbed,
    SiteAlarmRaised,
    SiteRoleChanged,
    SitesCompared,
)
from tests.audit.builders import Tape, stamped

OFTEN = 10_001
"""More often than any run has to remember."""


def overwritten(account: str, key: str = "") -> BalanceOverwritten:
    return BalanceOverwritten(account=account, was_minor=1, now_minor=2, key=key, origin="A")


def test_a_balance_that_was_set_right_is_right_however_many_were_overwritten_before() -> None:
    tape = Tape()
    left, right = tape.withdraw(1.0), tape.withdraw(10.0, stan=130)
    tape.add(11.0, "B", overwritten("left", left))
    for number in range(OFTEN):
        tape.add(12.0, "B", overwritten(f"right {number % 9}", right))
    for number in range(9):
        tape.add(13.0, "B", overwritten(f"right {number}"))
    assert [finding.key for finding in tape.judge().verdict("replication").findings] == [left]


def test_the_last_comparison_is_told_however_many_there_were() -> None:
    tape = Tape()
    for _ in range(OFTEN):
        tape.add(50.0, "A", SitesCompared(missing={"A": 0, "B": 2}, different=1, balances=3))
    tape.add(60.0, "A", SitesCompared(missing={}, different=0, balances=0, repaired=True))
    verdict = tape.judge().verdict("replication")
    assert verdict.status is Status.PASS
    assert verdict.because.endswith("; reconciled at 60.000 s: 0 differences, set right")


def test_of_what_is_kept_one_by_one_the_first_are_kept_up_to_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("ROLES_MAX", "DAYS_MAX", "ALARMS_MAX", "DIALS_MAX"):
        monkeypatch.setattr(site_log, bound, 2)
    book = Casebook()
    for t in (1.0, 2.0, 3.0):
        facts: tuple[AnyFact, ...] = (
            SiteRoleChanged(site="A", role="standby", because="by order"),
            BusinessDayBegan(day="260106", before="260105", because="by order"),
            BusinessDayTaken(day="0106", before="260105", line="primary", announced=True),
            BusinessDayCounted(day="260105", entries=1, reversals=0, cash={}),
            SiteAlarmRaised(site="A", what="unreached", because="nobody comes"),
            DialFailed(line="primary", because="refused"),
        )
        for fact in facts:
            book.add(stamped(t, "A", fact))
    log = book.site_log
    for kept in (log.roles, log.days, log.days_taken, log.day_counts, log.alarms, log.dials):
        assert [fact.t for fact in kept] == [1.0, 2.0]


def test_nothing_has_happened_between_sites_until_they_say_so() -> None:
    book, new = Casebook(), SiteLog()
    assert (new.roles, new.overwritten, new.compared, new.days, new.days_taken) == ([], {}, None, [], [])
    assert (new.day_counts, new.alarms, new.dials, new.records_disturbed) == ([], [], [], False)
    disturbed = RecordDisturbed(name="f", kind="reorder", sender="A", receiver="B", record="held", key="", what="late")
    book.add(stamped(1.0, "A", disturbed))
    assert book.site_log.records_disturbed is True
