"""The brake of a site: what raises an alert, what stops withdrawals, and what a release that ignores balances does."""

from typing import Any

import pytest

from atmbench.facts import BrakeAlert, BrakeChanged, Fact
from atmbench.host.brake import BY_ITSELF
from atmbench.host.settings import HostSettings
from atmbench.host.software import SiteSoftware
from atmbench.messages.records import Outcome, Purpose
from tests.host.play import CURRENT, FRIEND, OTHER_PAN, Play, Said


def watched(**brake: Any) -> Play:
    return Play(brake=brake, daily_limit="100000.00")


def ignore_balances(play: Play) -> None:
    settings = HostSettings(daily_limit="100000.00")
    play.host.install("A", SiteSoftware(settings=settings, ignores_balances=True))


def brakes(said: Said) -> list[Fact]:
    return [fact for fact in said.facts if isinstance(fact, BrakeAlert | BrakeChanged)]


def alert(rule: str, seen: int, most: int, account: str = "") -> BrakeAlert:
    return BrakeAlert(site="A", rule=rule, seen=seen, most=most, account=account)


@pytest.mark.parametrize(
    ("brake", "amounts", "found"),
    [
        ({"total": {"count": 2}}, [1000, 1000], []),
        ({"total": {"count": 2}}, [1000, 1000, 1000], [alert("total.count", 3, 2)]),
        ({"total": {"amount": "30.00"}}, [1000, 2000, 1000], [alert("total.amount", 4000, 3000)]),
        ({"card": {"count": 1}}, [1000, 1000], [alert("card.count", 2, 1, CURRENT)]),
        ({"card": {"amount": "15.00"}}, [1000, 1000], [alert("card.amount", 2000, 1500, CURRENT)]),
        ({"total": {"above_balance": "0.00"}}, [90_000, 9000], []),
        ({"total": {"above_balance": "0.00"}}, [90_000, 11_000], [alert("total.above_balance", 1000, 0)]),
        ({"card": {"above_balance": "20.00"}}, [101_000, 1000], []),
        ({"card": {"above_balance": "20.00"}}, [101_000, 1001], [alert("card.above_balance", 2001, 2000, CURRENT)]),
    ],
)
def test_more_than_a_limit_within_the_window_is_an_alert(
    brake: dict[str, Any], amounts: list[int], found: list[Fact]
) -> None:
    play = watched(stops_after_s=None, **brake)
    ignore_balances(play)
    said = [play.withdraw(stan, amount_minor) for stan, amount_minor in enumerate(amounts, start=1)]
    assert [fact for each in said for fact in brakes(each)] == found
    assert said[-1].outcome is Outcome.APPROVED, "an alert alone stops nothing"


def test_what_is_older_than_the_window_counts_no_more() -> None:
    play = watched(window_s=10, total={"count": 1}, card={"amount": "10.00"})
    play.withdraw(1, 1000)
    play.wait(10)
    assert brakes(play.withdraw(2, 1000)) == []


def test_cards_are_told_apart() -> None:
    play = watched(card={"count": 1})
    play.withdraw(1, 1000)
    assert brakes(play.withdraw(2, 1000, pan=OTHER_PAN)) == []
    assert brakes(play.withdraw(3, 1000, pan=OTHER_PAN)) == [alert("card.count", 2, 1, FRIEND)]


def test_a_site_stops_so_long_after_its_alert_and_says_one_alert_for_each_rule() -> None:
    play = watched(total={"count": 1}, stops_after_s=5)
    play.withdraw(1, 1000)
    assert len(brakes(play.withdraw(2, 1000))) == 1
    play.wait(4)
    assert play.withdraw(3, 1000).outcome is Outcome.APPROVED
    assert brakes(play.wait(2)) == [BrakeChanged(site="A", on=True, because=BY_ITSELF)]
    stopped = play.withdraw(4, 1000)
    assert (stopped.outcome, stopped.facts) == (Outcome.NOT_PERMITTED, [])
    assert play.serve(Purpose.BALANCE, 5).outcome is Outcome.APPROVED, "only cash is stopped"
    assert play.reverse(3, 1000).outcome is Outcome.APPROVED


def test_how_a_stopped_site_declines_is_a_setting() -> None:
    play = watched(total={"count": 1}, declines_with="declined")
    play.withdraw(1, 1000)
    play.withdraw(2, 1000)
    play.wait(0.1)
    assert play.withdraw(3, 1000).outcome is Outcome.DECLINED


def test_an_operator_pulls_the_brake_and_lets_go_and_then_the_window_begins_anew() -> None:
    play = watched(total={"count": 1}, stops_after_s=5)
    play.withdraw(1, 1000)
    assert Said(play.host.set_brake("A", True, "told to")).facts == [BrakeChanged(site="A", on=True, because="told to")]
    assert Said(play.host.set_brake("A", True, "again")).facts == []
    assert play.withdraw(2, 1000).outcome is Outcome.NOT_PERMITTED
    assert Said(play.host.set_brake("A", False, "seen to")).facts == [
        BrakeChanged(site="A", on=False, because="seen to")
    ]
    assert brakes(play.withdraw(3, 1000)) == []
    assert brakes(play.wait(60)) == []


def test_a_brake_without_settings_is_only_for_the_operator() -> None:
    play = Play()
    play.host.set_brake("A", True, "")
    assert play.withdraw(1, 1000).outcome is Outcome.NOT_PERMITTED


def test_a_release_that_ignores_balances_approves_whatever_is_on_the_account() -> None:
    play = Play(daily_limit="100000.00")
    assert play.withdraw(1, 100_001).outcome is Outcome.INSUFFICIENT_FUNDS
    ignore_balances(play)
    assert play.withdraw(2, 100_001).outcome is Outcome.APPROVED
    assert play.change() == -100_001


def test_what_is_approved_in_stand_in_counts_and_is_above_no_balance_that_is_known() -> None:
    play = Play(stand_in={}, brake={"total": {"count": 1, "above_balance": "0.00"}}, daily_limit="100000.00")
    play.host.set_core("A", False, play.now)
    play.withdraw(1, 200_000)
    assert brakes(play.withdraw(2, 1000)) == [alert("total.count", 2, 1)]
