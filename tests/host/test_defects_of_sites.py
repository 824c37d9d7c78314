"""Each planted defect of sites, days, batches and stand-in spoils exactly what it says."""

from typing import Any

import pytest

from atmbench.facts import BalanceTold, EntryPosted
from atmbench.host.batch_settings import Batch
from atmbench.host.core import Host
from atmbench.host.defects import days, replication, risk
from atmbench.host.settings import HostSettings
from atmbench.messages.records import Outcome, Purpose
from tests.host.play import CURRENT, PIN_PAN, Play, Said, accounts, cards, sealed, security_module

LOOKED_AT = {
    "limit-of-each-site",
    "skip-reversal-records",
    "add-what-both-sites-posted",
    "drop-records-on-promotion",
    "answer-before-confirmed",
    "hold-only-where-placed",
    "promote-without-standing-down",
    "serve-as-standby",
    "promote-however-far-behind",
    "reverse-in-present-day",
    "end-day-at-one-site",
    "skip-rest-of-broken-batch",
    "tell-stale-balance-as-current",
    "stand-in-without-limits",
    "post-repeated-core-advice",
    "stand-in-not-replicated",
    "brake-spares-stand-in",
    "successor-tells-no-core",
}


def test_every_defect_is_looked_at() -> None:
    assert replication.DEFECTS.keys() | days.DEFECTS.keys() | risk.DEFECTS.keys() == LOOKED_AT


def plays(defect: str, **settings: Any) -> tuple[Play, Play]:
    """The same host without the defect, and with it."""
    return Play(**settings), Play(defects=[defect], **settings)


# --- what sites tell each other -------------------------------------------------------------------


def test_a_reversal_stays_where_it_was_taken() -> None:
    for play, at_b in zip(plays("skip-reversal-records"), (0, -5000), strict=True):
        play.withdraw()
        play.wait()
        play.reverse()
        play.wait()
        assert (play.change("A"), play.change("B")) == (0, at_b)


def test_what_both_sites_have_posted_counts_twice_at_both() -> None:
    for play, change in zip(plays("add-what-both-sites-posted"), (-5000, -10_000), strict=True):
        play.host.set_replication(True, None, play.now)
        play.withdraw()
        play.sign_on_at("B")
        play.withdraw(site="B", repeat=True)
        play.host.set_replication(False, None, play.now)
        play.wait()
        assert (play.change("A"), play.change("B")) == (change, change)


def test_what_was_on_its_way_to_the_promoted_site_is_gone() -> None:
    for play, at_b in zip(plays("drop-records-on-promotion"), (-5000, 0), strict=True):
        play.withdraw()
        play.sign_on_at("B")
        play.wait()
        assert (play.change("A"), play.change("B")) == (-5000, at_b)


def test_an_answer_leaves_before_the_other_site_has_its_record() -> None:
    for play, answers in zip(plays("answer-before-confirmed", confirms="when_replicated"), (0, 1), strict=True):
        assert len(play.withdraw().replies) == answers
        assert len(play.wait().replies) == 1 - answers


def test_the_other_site_holds_nothing_and_posts_all_the_same() -> None:
    for play, at_b in zip(plays("hold-only-where-placed", post_at="completion"), ({CURRENT: 5000}, {}), strict=True):
        play.withdraw()
        play.wait()
        assert (play.holds("A"), play.holds("B")) == ({CURRENT: 5000}, at_b)
        play.complete()
        play.wait()
        assert (play.holds("A"), play.holds("B"), play.change("B")) == ({}, {}, -5000)


# --- who serves -----------------------------------------------------------------------------------


def test_a_site_is_promoted_and_the_other_goes_on() -> None:
    for play, role in zip(plays("promote-without-standing-down"), ("standby", "active"), strict=True):
        play.host.promote("B", play.now, "by order")
        assert (play.host.role("A"), play.host.role("B")) == (role, "active")


def test_a_standby_lets_terminals_in() -> None:
    outcomes = (Outcome.HOST_UNAVAILABLE, Outcome.APPROVED)
    for play, outcome in zip(plays("serve-as-standby"), outcomes, strict=True):
        assert play.network(Purpose.SIGN_ON, site="B").outcome is outcome
        assert play.withdraw(site="B").outcome is outcome


def test_a_standby_that_is_behind_takes_over() -> None:
    for play, role in zip(
        plays("promote-however-far-behind", promotion_behind_max=0), ("standby", "active"), strict=True
    ):
        play.host.set_replication(True, None, play.now)
        play.withdraw()
        play.wait(2)
        play.host.promote("B", play.now, "by order")
        assert play.host.role("B") == role


# --- days and batches -----------------------------------------------------------------------------


def test_a_reversal_goes_into_the_day_in_which_it_comes() -> None:
    for play, day in zip(plays("reverse-in-present-day"), ("", "260106"), strict=True):
        play.withdraw()
        play.host.days.order("", "", play.now)
        [entry] = [fact for fact in play.reverse().facts if isinstance(fact, EntryPosted)]
        assert entry.day == day


def test_the_day_ends_at_the_active_site_alone() -> None:
    for play, day in zip(plays("end-day-at-one-site"), ("260106", "260105"), strict=True):
        play.host.days.order("", "", play.now)
        assert (play.host.days.of("A"), play.host.days.of("B")) == ("260106", day)


def test_the_rest_of_a_batch_is_never_posted() -> None:
    batch = {"every_s": 10, "items": 10}
    for play, change in zip(plays("skip-rest-of-broken-batch", batch=batch), (-20_000, -10_000), strict=True):
        for stan in range(1, 5):
            play.withdraw(stan)
        play.host.postings.order("A", "break_off", play.now)
        play.wait(11)
        play.host.postings.order("A", "resume", play.now)
        play.wait(20)
        assert (play.change("A"), play.change("B")) == (change, -20_000)


@pytest.mark.parametrize(("defects", "unposted"), [((), -5000), (("tell-stale-balance-as-current",), 0)])
def test_a_balance_does_not_say_that_its_ledger_is_behind(defects: tuple[str, ...], unposted: int) -> None:
    play = Play()
    settings = HostSettings(batch=Batch(every_s=10))
    more: dict[str, Any] = {"module": security_module(), "tells_balances": True, "defects": frozenset(defects)}
    play.host = Host(settings, cards(), accounts(), "NGN", **more)
    play.sign_on("A")
    play.withdraw(7)
    [told] = [fact for fact in play.serve(Purpose.BALANCE, 8).facts if isinstance(fact, BalanceTold)]
    assert (told.ledger_minor, told.available_minor) == (100_000, 95_000)
    assert (told.unposted_minor, told.is_stale) == (unposted, unposted != 0)


# --- what is lent without the core ----------------------------------------------------------------


def core(play: Play, up: bool) -> Said:
    return Said(play.host.set_core("A", up, play.now))


def test_stand_in_has_no_limits() -> None:
    outcomes = (Outcome.AMOUNT_LIMIT, Outcome.APPROVED)
    for play, outcome in zip(
        plays("stand-in-without-limits", stand_in={"card_amount": "20.00"}), outcomes, strict=True
    ):
        core(play, False)
        assert play.withdraw().outcome is outcome


def test_an_advice_that_is_sent_again_is_posted_again() -> None:
    given: dict[str, Any] = {"stand_in": {}, "core_advices_per_s": 100, "core_answer_s": 2}
    for play, change in zip(plays("post-repeated-core-advice", **given), (-5000, -10_000), strict=True):
        core(play, False)
        play.withdraw()
        core(play, True)
        play.wait(1.5)
        core(play, False)
        core(play, True)
        play.wait(5)
        assert (play.change("A"), play.change("B")) == (change, change)


@pytest.mark.parametrize("defect", ["stand-in-not-replicated", "successor-tells-no-core"])
def test_the_other_site_never_posts_what_was_approved_in_stand_in(defect: str) -> None:
    for play, at_b in zip(plays(defect, stand_in={}), (-5000, 0), strict=True):
        core(play, False)
        play.withdraw()
        play.wait()
        play.host.stop("A", play.now)
        play.host.promote("B", play.now, "by order")
        play.wait(5)
        assert play.change("B") == at_b


def test_the_brake_does_not_stop_what_is_approved_in_stand_in() -> None:
    for play, approved in zip(plays("brake-spares-stand-in", stand_in={}), (False, True), strict=True):
        play.host.set_brake("A", True, "by order")
        assert play.withdraw(7).outcome is not Outcome.APPROVED
        core(play, False)
        assert (play.withdraw(8).outcome is Outcome.APPROVED) is approved


# --- PINs ------------------------------------------------------------------------------------------


def test_a_pin_that_was_changed_at_one_site_is_wrong_at_the_other() -> None:
    outcomes = (Outcome.APPROVED, Outcome.WRONG_PIN)
    for play, outcome in zip(plays("forget-pin-changed-elsewhere"), outcomes, strict=True):
        blocks = {"pin_block": sealed("1234"), "new_pin_block": sealed("8765")}
        assert play.serve(Purpose.PIN_CHANGE, 1, pan=PIN_PAN, **blocks).outcome is Outcome.APPROVED
        play.wait()
        play.sign_on_at("B")
        assert play.withdraw(2, site="B", pan=PIN_PAN, pin_block=sealed("8765")).outcome is outcome


def test_a_wrong_pin_counts_at_the_site_that_saw_it() -> None:
    outcomes = (Outcome.PIN_TRIES_EXCEEDED, Outcome.WRONG_PIN)
    for play, outcome in zip(plays("forget-pin-tries-elsewhere", pin_tries_max=2), outcomes, strict=True):
        assert play.withdraw(1, pan=PIN_PAN, pin_block=sealed("9999")).outcome is Outcome.WRONG_PIN
        play.wait()
        play.sign_on_at("B")
        assert play.withdraw(2, site="B", pan=PIN_PAN, pin_block=sealed("9999")).outcome is outcome


# --- limits ----------------------------------------------------------------------------------------


def test_each_site_has_a_limit_of_its_own() -> None:
    outcomes = (Outcome.AMOUNT_LIMIT, Outcome.APPROVED)
    for play, outcome in zip(plays("limit-of-each-site", daily_limit="50.00"), outcomes, strict=True):
        play.withdraw(1)
        play.wait()
        play.sign_on_at("B")
        assert play.withdraw(2, site="B").outcome is outcome


def test_what_was_reversed_counts_against_the_limit() -> None:
    outcomes = (Outcome.APPROVED, Outcome.AMOUNT_LIMIT)
    for play, outcome in zip(plays("keep-limit-used-by-reversed", daily_limit="50.00"), outcomes, strict=True):
        play.withdraw(7)
        play.reverse(7)
        assert play.change("A") == 0
        assert play.withdraw(8).outcome is outcome
