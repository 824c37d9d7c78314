"""A site that an operator keeps apart: it serves nobody, and no record leaves or reaches it."""

import pytest

from atmbench.errors import LocalError
from atmbench.messages.records import Outcome, Purpose
from tests.host.play import Play


def test_an_isolated_site_is_not_available_not_even_for_an_echo() -> None:
    play = Play()
    play.host.isolate("A", play.now)
    assert play.host.role("A") == "isolated"
    for purpose in (Purpose.SIGN_ON, Purpose.ECHO):
        assert play.network(purpose).outcome is Outcome.HOST_UNAVAILABLE
    assert play.withdraw().outcome is Outcome.HOST_UNAVAILABLE


def test_no_record_leaves_or_reaches_it_until_it_is_back() -> None:
    play = Play()
    play.withdraw()
    play.host.isolate("A", play.now)
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    play.withdraw(8, site="B")
    assert play.wait(60).records == []
    assert play.host.pending() == (
        "1 records of site A have not reached site B",
        "1 records of site B have not reached site A",
    )
    play.host.rejoin("A", play.now)
    assert play.host.role("A") == "standby"
    play.wait()
    assert play.host.pending() == ()
    assert play.balances()["A"] == play.balances()["B"]


def test_a_standby_that_hears_nothing_takes_over_as_if_it_were_dark() -> None:
    play = Play(promote_after_silence_s=5)
    play.host.isolate("A", play.now)
    play.wait(6)
    assert play.host.role("B") == "active"


def test_without_another_site_it_is_active_again() -> None:
    play = Play()
    play.host.isolate("A", play.now)
    play.wait(10)
    play.host.rejoin("A", play.now)
    assert play.host.role("A") == "active"


def test_it_cannot_be_promoted_and_a_dark_one_cannot_be_isolated() -> None:
    play = Play()
    play.host.isolate("B", play.now)
    with pytest.raises(LocalError, match="site B is isolated and cannot be promoted"):
        play.host.promote("B", play.now, "by order")
    play.host.stop("A", play.now)
    with pytest.raises(LocalError, match="site A is down"):
        play.host.isolate("A", play.now)


def test_the_same_order_again_changes_nothing() -> None:
    play = Play()
    assert len(play.host.isolate("B", play.now)) == 1
    assert play.host.isolate("B", play.now) == []
    assert len(play.host.rejoin("B", play.now)) == 1
    assert play.host.rejoin("B", play.now) == []
    assert play.host.start("B", play.now) == []
