"""Planted defects of what watches a host do what they say: an alarm, an alert or a comparison is missing or wrong."""

from typing import Any

import pytest

from atmbench.facts import BalanceOverwritten, BrakeAlert, BrakeChanged, Fact, SiteAlarmRaised
from atmbench.host.defects.watching import DEFECTS, TEN_TIMES
from atmbench.host.replication import Struck
from atmbench.host.settings import HostSettings
from atmbench.host.software import SiteSoftware
from tests.host.play import PIN_PAN, TERMINALS, Play, Said, sealed
from tests.host.test_alarms import OTHER_KEY
from tests.host.test_replication_faults import compared, strikes


def sound_and_spoilt(name: str) -> pytest.MarkDecorator:
    """No defect, and this one."""
    assert name in DEFECTS
    return pytest.mark.parametrize("defect", ["", name])


def host(defect: str, **more: Any) -> Play:
    return Play(defects=[defect] if defect else [], **more)


def alarms(said: list[Said]) -> list[tuple[str, str]]:
    return [(fact.site, fact.what) for each in said for fact in each.facts if isinstance(fact, SiteAlarmRaised)]


def refused(play: Play, times: int) -> list[Said]:
    """So many customers whose PINs were sealed under a key that the site has not."""
    block = sealed("1234", key=OTHER_KEY)
    return [
        play.withdraw(stan, pan=PIN_PAN, pin_block=block, terminal=TERMINALS[stan % 2]) for stan in range(1, times + 1)
    ]


KEYS = {"key_refusals": 3, "within_s": 30, "stands_apart": False}


@sound_and_spoilt("no-key-alarm")
def test_no_key_alarm(defect: str) -> None:
    assert alarms(refused(host(defect, alarms=KEYS), 40)) == ([] if defect else [("A", "security")])


@sound_and_spoilt("key-alarm-at-ten-times")
def test_key_alarm_at_ten_times(defect: str) -> None:
    most = 3 * TEN_TIMES if defect else 3
    assert alarms(refused(host(defect, alarms=KEYS), most - 1)) == []
    assert alarms(refused(host(defect, alarms=KEYS), most)) == [("A", "security")]


@sound_and_spoilt("alarm-for-other-site")
def test_alarm_for_other_site(defect: str) -> None:
    assert alarms(refused(host(defect, alarms=KEYS), 3)) == [("B" if defect else "A", "security")]


@sound_and_spoilt("no-unreached-alarm")
def test_no_unreached_alarm(defect: str) -> None:
    said = host(defect, alarms={"unreached_s": 30}).wait(60.0)
    assert alarms([said]) == ([] if defect else [("A", "unreached")])


@sound_and_spoilt("alarm-though-heard")
def test_alarm_though_heard(defect: str) -> None:
    play = host(defect, alarms={"unreached_s": 30})
    said = []
    for stan in range(1, 4):
        said += [play.wait(20.0), play.withdraw(stan)]
    assert alarms(said) == ([("A", "unreached")] if defect else [])


def braked(defect: str, amounts: int) -> list[type[Fact]]:
    """What the brake of a site says when a release ignores balances, and 900.00 are drawn again and again."""
    play = host(defect, brake={"total": {"above_balance": "100.00"}, "stops_after_s": 1}, daily_limit="100000.00")
    settings = HostSettings(daily_limit="100000.00")
    play.host.install("A", SiteSoftware(settings=settings, ignores_balances=True))
    said = [play.withdraw(stan, 90_000) for stan in range(1, amounts + 1)]
    said.append(play.wait(2.0))
    return [type(fact) for each in said for fact in each.facts if isinstance(fact, BrakeAlert | BrakeChanged)]


@sound_and_spoilt("no-brake-alert")
def test_no_brake_alert(defect: str) -> None:
    assert braked(defect, 2) == ([BrakeChanged] if defect else [BrakeAlert, BrakeChanged])


@sound_and_spoilt("brake-at-ten-times")
def test_brake_at_ten_times(defect: str) -> None:
    assert braked(defect, 2) == ([] if defect else [BrakeAlert, BrakeChanged])
    assert braked(defect, 4) == [BrakeAlert, BrakeChanged]


@sound_and_spoilt("overwrite-untold")
def test_overwrite_untold(defect: str) -> None:
    play = host(defect, replicates="balances")
    play.withdraw(1)
    play.host.set_ways(lambda sender, receiver: "blocked", play.now)
    play.withdraw(2)
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    play.withdraw(3, site="B")
    effects = play.host.set_ways(lambda sender, receiver: "", play.now)
    facts = [fact for fact in (*Said(effects).facts, *play.wait().facts) if isinstance(fact, BalanceOverwritten)]
    assert bool(facts) is not bool(defect)


@sound_and_spoilt("compare-missing-only")
def test_compare_missing_only(defect: str) -> None:
    play = host(defect, strike=strikes(Struck(by_minor=300)))
    play.withdraw(7)
    play.wait()
    assert compared(play).different == (0 if defect else 1)
