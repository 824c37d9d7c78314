"""A switch whose core is away: what it approves alone, and what the core makes of that when it is back."""

from typing import Any

import pytest

from atmbench.facts import (
    CoreAdvised,
    CoreAnswered,
    CoreChanged,
    EntryPosted,
    ExceptionOpened,
    Fact,
    RepeatAnswered,
    StandInApproved,
)
from atmbench.host.journal import REFUSED_BY_CORE
from atmbench.host.settings import HostSettings
from atmbench.host.software import SiteSoftware
from atmbench.messages.records import Outcome, Purpose, Reason
from tests.host.play import CURRENT, OTHER_PAN, PIN_PAN, Play, Said, key, sealed

LIMITS: dict[str, Any] = {"card_amount": "100.00", "card_count": 3, "total_amount": "250.00"}
LIMIT_MINOR = 100_000
"""What is on each account at the start."""


def away(stand_in: dict[str, Any] | None = LIMITS, **settings: Any) -> Play:
    """A play whose core at site A has gone."""
    play = Play(stand_in=stand_in, **settings)
    core(play, False)
    return play


def core(play: Play, up: bool, site: str = "A") -> Said:
    return Said(play.host.set_core(site, up, play.now))


def of(said: Said, kind: type[Fact], site: str = "") -> list[Any]:
    return [fact for where, fact in said.records if isinstance(fact, kind) and site in ("", where)]


def test_a_core_that_goes_away_and_comes_back_is_told_once_each() -> None:
    play = Play()
    assert core(play, False).facts == [CoreChanged(site="A", up=False)]
    assert core(play, False).facts == []
    assert core(play, True).facts == [CoreChanged(site="A", up=True)]


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.BALANCE, Purpose.TRANSFER, Purpose.DEPOSIT])
def test_without_stand_in_nothing_is_served_while_the_core_is_away(purpose: Purpose) -> None:
    said = away(None).serve(purpose, amount_minor=5000)
    assert said.outcome is Outcome.HOST_UNAVAILABLE
    assert said.facts == []


def test_a_withdrawal_is_approved_without_its_balance_and_moves_no_money_yet() -> None:
    play = away()
    said = play.withdraw(7, 5000)
    assert said.outcome is Outcome.APPROVED
    assert said.facts == [StandInApproved(key=key(7), account=CURRENT, amount_minor=5000)]
    play.wait(60)
    assert play.change("A") == play.change("B") == 0
    assert play.host.pending() == tuple(f"the core of site {site} has not heard of 1 transactions" for site in "AB")


def test_cards_pins_and_the_daily_limit_are_checked_as_ever() -> None:
    play = away({}, daily_limit="60.00")
    assert play.withdraw(7, 5000, pan=PIN_PAN, pin_block=sealed("9999")).outcome is Outcome.WRONG_PIN
    assert play.withdraw(8, 5000, pan=PIN_PAN, pin_block=sealed("1234")).outcome is Outcome.APPROVED
    assert play.withdraw(9, 5000, pan=PIN_PAN, pin_block=sealed("1234")).outcome is Outcome.AMOUNT_LIMIT
    change = play.serve(Purpose.PIN_CHANGE, 10, pan=PIN_PAN, pin_block=sealed("1234"), new_pin_block=sealed("4321"))
    assert change.outcome is Outcome.NOT_PERMITTED


def test_the_limits_in_stand_in_are_per_card_and_in_total() -> None:
    play = away()
    assert play.withdraw(1, 6000).outcome is Outcome.APPROVED
    assert play.withdraw(2, 5000).outcome is Outcome.AMOUNT_LIMIT
    assert play.withdraw(3, 1000).outcome is Outcome.APPROVED
    assert play.withdraw(4, 1000).outcome is Outcome.APPROVED
    assert play.withdraw(5, 1000).outcome is Outcome.COUNT_LIMIT
    assert play.withdraw(6, 10_000, pan=OTHER_PAN).outcome is Outcome.APPROVED
    assert play.withdraw(7, 8000, pan=PIN_PAN, pin_block=sealed("1234")).outcome is Outcome.NOT_PERMITTED
    assert play.serve(Purpose.BALANCE, 8).outcome is Outcome.NOT_PERMITTED


def test_what_was_reversed_counts_for_no_limit() -> None:
    play = away()
    play.withdraw(1, 10_000)
    assert play.withdraw(2, 1000).outcome is Outcome.AMOUNT_LIMIT
    play.reverse(1, 10_000, reason=Reason.NO_ANSWER)
    assert play.withdraw(3, 1000).outcome is Outcome.APPROVED


def test_how_the_rest_is_declined_is_a_setting() -> None:
    play = away({"declines_with": "host_unavailable"})
    assert play.serve(Purpose.BALANCE).outcome is Outcome.HOST_UNAVAILABLE


def test_a_repeat_gets_the_stored_answer_and_is_not_approved_twice() -> None:
    play = away()
    first = play.withdraw(7)
    again = play.withdraw(7)
    assert again.reply == first.reply
    assert again.facts == [RepeatAnswered(key=key(7), purpose="withdrawal")]


def test_advices_are_replayed_in_order_at_the_stated_rate_and_post_at_both_sites() -> None:
    play = away(core_advices_per_s=2, core_answer_s=0.2)
    for stan in (3, 1, 2):
        play.withdraw(stan, 1000)
    play.wait(10)
    core(play, True)
    start = play.now
    said = play.wait(0.4)
    assert [fact.key for fact in of(said, CoreAdvised)] == [key(3)]
    said = play.wait(5)
    assert [fact.key for fact in of(said, CoreAdvised)] == [key(1), key(2)], "half a second between two"
    assert play.now - start > 1
    assert play.change("A") == play.change("B") == -3000
    assert play.host.pending() == ()


def test_the_core_hears_half_way_and_the_switch_hears_that_it_did() -> None:
    play = away(core_advices_per_s=100, core_answer_s=2)
    play.withdraw(1, 1000)
    play.wait()
    core(play, True)
    assert [type(fact) for fact in play.wait(0.9).facts] == [CoreAdvised]
    said = play.wait(0.2)
    assert [type(fact) for fact in said.facts] == [CoreAnswered, EntryPosted]
    assert of(said, CoreAnswered) == [
        CoreAnswered(key=key(1), purpose="completion", stands_in=True, outcome="approved")
    ]


@pytest.mark.parametrize(("lost_after_s", "heard"), [(0.5, False), (1.5, True)])
def test_an_advice_that_was_under_way_when_the_core_went_is_sent_again_and_posted_once(
    lost_after_s: float, heard: bool
) -> None:
    play = away(core_advices_per_s=100, core_answer_s=2)
    play.withdraw(1, 1000)
    core(play, True)
    first = play.wait(lost_after_s)
    core(play, False)
    assert len(of(first, CoreAnswered)) == heard
    assert play.wait(30).facts == []
    core(play, True)
    said = play.wait(5)
    assert [(fact.key, fact.repeat) for fact in of(said, CoreAdvised)] == [(key(1), True)]
    assert len(of(said, RepeatAnswered)) == heard
    assert len(of(said, CoreAnswered)) == (not heard)
    assert play.change("A") == play.change("B") == -1000


def test_what_the_core_does_not_take_becomes_an_exception_with_an_owner() -> None:
    play = away({"owner": "desk 7"}, daily_limit="2000.00")
    play.withdraw(1, 70_000)
    play.withdraw(2, 70_000)
    core(play, True)
    said = play.wait(5)
    assert [fact.outcome for fact in of(said, CoreAnswered)] == ["approved", "insufficient_funds"]
    (opened,) = of(said, ExceptionOpened)
    assert (opened.kind, opened.key, opened.terminal, opened.owner) == ("stand_in_refused", key(2), "T01", "desk 7")
    assert opened.because.endswith("insufficient funds")
    balances = play.balances()
    assert balances["A"] == balances["B"]
    assert balances["A"][CURRENT] == LIMIT_MINOR - 70_000
    assert balances["A"][REFUSED_BY_CORE] == -70_000, "the cash is out, so somebody has paid for it"
    assert balances["A"]["cash:T01"] == 140_000


def test_what_was_used_elsewhere_is_over_the_limit_when_the_core_hears_of_it() -> None:
    play = away({}, replication_lag_s=5)
    play.withdraw(1, 40_000)
    play.sign_on_at("B")
    play.withdraw(2, 40_000, site="B")
    answered = of(play.wait(20), CoreAnswered, "B")
    assert [(fact.key, fact.outcome) for fact in answered] == [(key(1), "amount_limit")]


def test_a_reversal_waits_for_the_core_and_goes_with_its_original() -> None:
    play = Play(stand_in=LIMITS)
    play.withdraw(1, 3000)
    play.wait()
    core(play, False)
    play.withdraw(2, 2000)
    play.reverse(2, 2000, own_stan=901)
    play.reverse(1, 3000, own_stan=902)
    assert play.change("A") == -3000, "the core has not heard of it"
    play.wait(5)
    assert play.change("B") == 0, "the core of site B has"
    core(play, True)
    said = play.wait(5)
    assert [(fact.key, fact.purpose) for fact in of(said, CoreAdvised)] == [
        (key(2), "completion"),
        (key(1), "reversal"),
    ]
    assert play.change("A") == play.change("B") == 0
    assert of(said, ExceptionOpened) == []


def test_an_original_that_was_reversed_is_no_matter_of_funds_any_more() -> None:
    play = away({}, daily_limit="2000.00")
    play.withdraw(1, 150_000)
    play.reverse(1, 150_000)
    core(play, True)
    said = play.wait(5)
    assert [fact.outcome for fact in of(said, CoreAnswered)] == ["approved"]
    assert play.change("A") == 0


def test_a_reversal_after_a_refusal_gives_back_what_the_bank_has_paid() -> None:
    play = away({}, daily_limit="2000.00")
    play.withdraw(1, 150_000)
    core(play, True)
    play.wait(5)
    play.reverse(1, 150_000, actual_minor=50_000, reason=Reason.PARTLY_DISPENSED)
    play.wait(5)
    assert play.balances()["B"][REFUSED_BY_CORE] == -50_000
    assert play.balances()["A"]["cash:T01"] == 50_000


def test_a_failover_in_stand_in_neither_loses_nor_doubles_an_approval() -> None:
    play = away()
    play.withdraw(1, 2000)
    play.wait()
    play.withdraw(2, 3000)
    play.host.stop("A", play.now)  # the second has not reached site B
    play.host.promote("B", play.now, "by order")
    said = play.wait(5)
    assert [(where, fact.key) for where, fact in said.records if isinstance(fact, CoreAnswered)] == [("B", key(1))]
    assert play.change("B") == -2000
    Said(play.host.start("A", play.now))
    said = play.wait(5)
    assert [(fact.key, fact.stands_in) for fact in of(said, CoreAnswered, "B")] == [(key(2), True)]
    core(play, True)
    said = play.wait(5)
    assert [(fact.key, fact.stands_in) for fact in of(said, CoreAnswered)] == [(key(1), False), (key(2), False)]
    assert not of(said, CoreAnswered, "B"), "the core of A hears what that of B has decided"
    assert play.change("A") == play.change("B") == -5000


def test_limits_in_stand_in_hold_over_a_failover() -> None:
    play = away()
    core(play, False, "B")
    play.withdraw(1, 9000)
    play.wait()
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    assert play.withdraw(2, 2000, site="B").outcome is Outcome.AMOUNT_LIMIT
    assert play.withdraw(3, 1000, site="B").outcome is Outcome.APPROVED


def test_a_request_that_a_core_approves_elsewhere_needs_no_advice() -> None:
    play = away({}, replication_lag_s=5)
    play.withdraw(1, 2000)
    play.sign_on_at("B")
    play.withdraw(1, 2000, site="B")
    play.wait(20)
    assert play.change("B") == -2000
    core(play, True)
    said = play.wait(5)
    assert [fact.stands_in for fact in of(said, CoreAnswered)] == [False]
    assert play.change("A") == -2000


def test_a_standby_whose_core_is_away_hears_later_what_the_active_site_did() -> None:
    play = Play()
    core(play, False, "B")
    play.withdraw(1, 2000)
    play.wait(5)
    assert (play.change("A"), play.change("B")) == (-2000, 0)
    core(play, True, "B")
    play.wait(5)
    assert play.change("B") == -2000


def test_a_site_that_is_rebuilt_knows_what_no_core_has_heard() -> None:
    play = away()
    core(play, False, "B")
    play.withdraw(1, 2000)
    play.wait()
    play.host.stop("B", play.now)
    play.host.start("B", play.now, rebuilt=True)
    play.host.promote("B", play.now, "by order")
    core(play, True, "B")
    said = play.wait(5)
    assert [(where, fact.key) for where, fact in said.records if isinstance(fact, CoreAnswered)] == [("B", key(1))]


def test_a_card_that_the_core_does_not_know_any_more_is_refused() -> None:
    play = away({})
    play.withdraw(1, 2000)
    play.host.install("A", SiteSoftware(settings=HostSettings(), lacks_bins=("999999",)))
    core(play, True)
    assert [fact.outcome for fact in of(play.wait(5), CoreAnswered)] == ["declined"]
    assert play.change("A") == play.change("B") == 0


def test_a_site_that_goes_dark_tells_its_core_when_it_is_back() -> None:
    play = away(core_advices_per_s=100, core_answer_s=2)
    play.withdraw(1, 1000)
    play.wait()
    core(play, True)
    play.wait(0.5)
    play.host.stop("A", play.now)
    assert of(play.wait(30), CoreAnswered) == []
    play.host.start("A", play.now)
    assert [fact.key for fact in of(play.wait(5), CoreAnswered, "A")] == [key(1)]


def test_a_switch_that_answers_when_records_are_replicated_does_so_in_stand_in() -> None:
    play = away(confirms="when_replicated")
    assert play.withdraw(1, 1000).replies == []
    (reply,) = play.wait(1).replies
    assert reply.outcome is Outcome.APPROVED
