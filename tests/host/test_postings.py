"""Posting in batches: what is approved counts at once, the ledger follows, and a process that lost its place."""

from typing import Any

import pytest

from atmbench.errors import LocalError
from atmbench.facts import BalanceTold, EntryPosted, Fact, PostingBrokenOff, PostingDrained, PostingResumed
from atmbench.host.batch_settings import Batch
from atmbench.host.core import Host
from atmbench.host.effects import Record
from atmbench.host.settings import HostSettings
from atmbench.messages.records import Outcome, Purpose
from tests.host.play import Play, Said, accounts, cards, security_module


def batched(**more: Any) -> Play:
    """Batches of four entries every ten seconds."""
    return Play(batch={"every_s": 10, "items": 4, **more}, replication_lag_s=0.5, daily_limit="9999.00")


def order(play: Play, does: str, site: str = "A") -> list[Fact]:
    return [each.fact for each in play.host.postings.order(site, does, play.now) if isinstance(each, Record)]


def available(play: Play) -> int | None:
    said = play.serve(Purpose.BALANCE, stan=900 + int(play.now))
    return next(each.amount_minor for each in said.reply.balances if each.kind == "available")


def posted(said: Said, site: str = "A") -> list[str]:
    return [entry.split("/")[2] for where, entry, _ in said.entries() if where == site]


def test_an_approval_changes_what_is_available_and_a_batch_the_ledger_at_both_sites() -> None:
    play = batched()
    assert play.withdraw(7).entries() == []
    assert (play.change("A"), available(play)) == (0, 95_000)
    assert "the posting process of site A has not come to 1 entry" in play.host.pending()
    batch = play.wait(10)
    assert {(site, fact.in_batch) for site, fact in batch.records if isinstance(fact, EntryPosted)} == {
        ("A", True),
        ("B", True),
    }
    assert play.host.pending() == ()
    assert (play.change("A"), play.change("B"), available(play)) == (-5_000, -5_000, 95_000)


def test_nobody_can_spend_what_waits_to_be_posted() -> None:
    play = batched()
    play.withdraw(7, amount_minor=80_000)
    assert play.withdraw(8, amount_minor=30_000).outcome is Outcome.INSUFFICIENT_FUNDS
    play.reverse(7, 80_000)
    assert play.withdraw(9, amount_minor=30_000).outcome is Outcome.APPROVED
    play.wait(10)
    assert (play.change("A"), play.change("B")) == (-30_000, -30_000)


def test_a_batch_takes_so_many_and_the_next_the_rest() -> None:
    play = batched()
    for stan in range(7, 13):
        play.withdraw(stan, amount_minor=100)
    assert posted(play.wait(10)) == ["000007", "000008", "000009", "000010"]
    assert play.change("A") == -400
    play.wait(10)
    assert play.change("A") == -600


def broken_off(play: Play) -> Said:
    """Four are in the ledger by a whole batch, two more by one that broke off in its middle."""
    for stan in range(7, 15):
        play.withdraw(stan, amount_minor=100)
    play.wait(10)
    assert order(play, "break_off") == []
    said = play.wait(10)
    assert [fact for fact in said.facts if isinstance(fact, PostingBrokenOff)] == [
        PostingBrokenOff(site="A", position=4, unposted=2)
    ]
    assert play.change("A") == -600
    assert posted(play.wait(20)) == []
    return said


def test_a_process_that_resumes_where_its_last_batch_began_meets_what_is_posted_and_posts_the_rest() -> None:
    play = batched()
    broken_off(play)
    assert order(play, "resume") == [PostingResumed(site="A", position=4, unposted=2)]
    drained = [fact for fact in play.wait(10).facts if isinstance(fact, PostingDrained)]
    assert drained == [PostingDrained(site="A", took_s=10.0, posted=2, known=2)]
    assert play.change("A") == play.change("B") == -800


def test_a_process_that_lost_its_position_replays_the_day_and_posts_nothing_twice() -> None:
    play = batched()
    broken_off(play)
    order(play, "lose_position")
    assert order(play, "resume") == [PostingResumed(site="A", position=0, unposted=2)]
    said = play.wait(20)
    assert len(posted(said)) == 2
    assert [fact for fact in said.facts if isinstance(fact, PostingDrained)] == [
        PostingDrained(site="A", took_s=20.0, posted=2, known=6)
    ]
    assert play.change("A") == play.change("B") == -800


def test_a_process_that_replays_blindly_posts_again_what_is_in_the_ledger() -> None:
    play = batched(replay="blindly")
    broken_off(play)
    order(play, "lose_position")
    order(play, "resume")
    assert len(posted(play.wait(20))) == 8
    assert (play.change("A"), play.change("B")) == (-1_400, -800)


def test_a_process_that_goes_on_at_the_end_never_posts_what_it_had_left() -> None:
    play = batched()
    broken_off(play)
    order(play, "resume_at_end")
    play.withdraw(20, amount_minor=100)
    play.wait(20)
    assert play.host.pending() == ()
    assert (play.change("A"), play.change("B")) == (-700, -900)


def test_a_dark_site_posts_nothing_until_it_is_back() -> None:
    play = batched()
    play.withdraw(7)
    play.host.stop("A", play.now)
    assert posted(play.wait(20)) == []
    play.host.start("A", play.now)
    assert posted(play.wait(10)) == ["000007"]
    assert play.change("A") == -5_000


def test_a_site_that_is_rebuilt_has_the_journal_and_the_place_of_the_other() -> None:
    play = batched()
    broken_off(play)
    play.host.stop("A", play.now)
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    play.withdraw(20, amount_minor=100, site="B")
    play.host.start("A", play.now, rebuilt=True)
    order(play, "resume")
    play.wait(20)
    assert play.change("A") == play.change("B") == -900


def test_healing_resumes_what_stands_still_and_forgets_what_was_to_break_off() -> None:
    play = batched()
    broken_off(play)
    order(play, "break_off", site="B")
    said = Said(play.host.postings.heal(play.now))
    assert said.kinds() == [("A", "PostingResumed")]
    for stan in range(30, 34):
        play.withdraw(stan, amount_minor=100)
    play.wait(30)
    assert play.change("A") == play.change("B") == -1_200


def test_a_balance_from_a_ledger_behind_its_journal_is_marked() -> None:
    play = batched()
    settings = HostSettings(batch=Batch(every_s=10))
    play.host = Host(settings, cards(), accounts(), "NGN", module=security_module(), tells_balances=True)
    play.sign_on("A")
    play.withdraw(7)
    told = [fact for fact in play.serve(Purpose.BALANCE, 8).facts if isinstance(fact, BalanceTold)]
    assert [(each.ledger_minor, each.available_minor, each.unposted_minor, each.is_stale) for each in told] == [
        (100_000, 95_000, -5_000, True)
    ]
    play.wait(10)
    told = [fact for fact in play.serve(Purpose.BALANCE, 9).facts if isinstance(fact, BalanceTold)]
    assert [(each.ledger_minor, each.unposted_minor, each.is_stale) for each in told] == [(95_000, 0, False)]


def test_a_host_that_posts_at_once_has_no_process() -> None:
    with pytest.raises(LocalError, match="this host posts at once; add `batch:`"):
        order(Play(), "resume")


def test_there_is_no_process_of_a_site_that_is_not_there() -> None:
    with pytest.raises(LocalError, match="there is no site 'C'; this host has A, B"):
        order(batched(), "resume", site="C")
