"""Replication that goes wrong: what each fault leaves at the other site, and what puts it right."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atmbench.errors import LocalError
from atmbench.facts import BalanceOverwritten, SitesCompared
from atmbench.host.book import Book
from atmbench.host.core import Host
from atmbench.host.journal import KINDS, JournalRecord, Posted
from atmbench.host.replication import Replication, Struck
from atmbench.host.settings import HostSettings
from atmbench.host.vault import EmbeddedVault
from tests.host.play import CURRENT, Play, Said, accounts, key


def strikes(*fates: Struck | None) -> Callable[[str, str, JournalRecord, float], Struck | None]:
    """What becomes of the first postings between the sites, one after the other."""
    left = list(fates)

    def strike(sender: str, receiver: str, record: JournalRecord, now: float) -> Struck | None:
        return left.pop(0) if left and isinstance(record, Posted) else None

    return strike


def ways(**states: str) -> Callable[[str, str], str]:
    """AB="blocked": the way from A to B is."""
    return lambda sender, receiver: states.get(sender + receiver, "")


def compared(play: Play, *, repair: bool = False) -> SitesCompared:
    facts = [effect.fact for effect in play.host.reconcile(repair, play.now) if hasattr(effect, "fact")]
    [found] = [fact for fact in facts if isinstance(fact, SitesCompared)]
    return found


def test_a_record_that_is_lost_is_nowhere_waited_for_and_missing_at_the_other_site() -> None:
    play = Play(strike=strikes(Struck(lost=True)))
    play.withdraw(7)
    play.withdraw(8)
    play.wait()
    assert play.host.pending() == ()
    assert (play.change("A"), play.change("B")) == (-10_000, -5_000)
    found = compared(play)
    assert (found.missing, found.different, found.first_key) == ({"A": 0, "B": 1}, 0, key(7))
    assert found.first_what == "site B lacks that it was posted at site A"


def test_a_record_that_is_altered_is_another_amount_at_the_other_site() -> None:
    play = Play(strike=strikes(None, Struck(by_minor=300)))
    play.withdraw(7)
    play.withdraw(8)
    play.wait()
    assert (play.change("A"), play.change("B")) == (-10_000, -10_300)
    found = compared(play)
    assert (found.missing, found.different, found.first_key) == ({"A": 0, "B": 0}, 1, key(8))


@pytest.mark.parametrize("fate", [Struck(lost=True), Struck(by_minor=300), Struck(by_minor=-300)])
def test_reconciliation_sets_right_what_differs_and_finds_nothing_then(fate: Struck) -> None:
    play = Play(strike=strikes(fate))
    play.withdraw(7)
    play.wait()
    assert compared(play, repair=True).repaired
    assert (play.change("A"), play.change("B")) == (-5_000, -5_000)
    assert compared(play).first_key == ""
    play.reverse(7)
    play.wait()
    assert (play.change("A"), play.change("B")) == (0, 0), "what comes later meets what was put in"


def test_records_that_change_places_come_to_the_same() -> None:
    play = Play(strike=strikes(Struck(behind_next=True)))
    play.withdraw(7)
    play.withdraw(8, amount_minor=2000)
    assert [entry for _, entry, _ in play.wait().entries()] == [f"post/{key(8)}", f"post/{key(7)}"]
    assert play.change("A") == play.change("B")


def test_a_record_that_nobody_overtakes_goes_on_when_the_fault_ends() -> None:
    play = Play(strike=strikes(Struck(behind_next=True)))
    play.withdraw(7)
    assert play.wait().entries() == []
    assert play.host.pending() != ()
    play.host.set_ways(ways(), play.now)
    assert len(play.wait().entries()) == 1


def test_a_site_that_quietly_stopped_applying_takes_records_and_catches_up_when_it_reads_again() -> None:
    play = Play()
    play.host.set_ways(ways(AB="unread"), play.now)
    play.withdraw(7)
    assert play.wait().entries() == []
    assert play.host.replication.unsent("A") == 0, "to the sender all is well"
    assert play.host.pending() == ("site B has not applied 1 records of site A",)
    play.host.set_ways(ways(), play.now)
    assert play.change("B") == play.change("A") == -5_000


def test_one_way_may_be_blocked_while_the_other_is_open() -> None:
    play = Play()
    play.host.set_ways(ways(AB="blocked"), play.now)
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    play.withdraw(7, site="B")
    assert [site for site, _, _ in play.wait().entries()] == ["A"]


def test_without_a_tail_all_take_the_lag_and_with_one_some_take_longer_in_their_order() -> None:
    play = Play(replication_lag_tail=2.0)
    for stan in range(1, 30):
        play.withdraw(stan, amount_minor=100)
    arrived = [entry for _, entry, _ in play.wait(60.0).entries()]
    assert arrived == [f"post/{key(stan)}" for stan in range(1, 30)]


# --- synchronous -----------------------------------------------------------------------------------


def test_synchronous_answers_leave_when_the_other_site_has_the_record() -> None:
    play = Play(confirms="when_replicated")
    said = play.withdraw(7)
    assert said.replies == []
    said = play.wait()
    assert [reply.stan for reply in said.replies] == [7]
    assert play.now >= 0.2


def test_synchronous_answers_wait_for_ever_or_for_so_long_where_the_way_is_closed() -> None:
    for after_s, answered in ((None, 0), (3.0, 1)):
        play = Play(confirms="when_replicated", confirms_after_s=after_s)
        play.host.set_replication(True, None, play.now)
        play.withdraw(7)
        assert len(play.wait(10.0).replies) == answered


def test_a_stored_answer_waits_for_the_record_behind_it_too() -> None:
    play = Play(confirms="when_replicated")
    play.host.set_replication(True, None, play.now)
    play.withdraw(7)
    assert play.withdraw(7).replies == []
    play.host.set_replication(False, None, play.now)
    assert len(play.wait().replies) == 2


def test_a_site_goes_on_alone_while_the_other_is_dark() -> None:
    play = Play(confirms="when_replicated")
    play.host.set_replication(True, None, play.now)
    play.withdraw(7)
    assert play.wait(10.0).replies == []
    assert [reply.stan for reply in Said(play.host.stop("B", play.now)).replies] == [7], "nobody is left to wait for"
    assert [reply.stan for reply in play.withdraw(8).replies] == [8]


def test_what_waits_at_a_site_that_goes_dark_is_answered_by_nobody() -> None:
    play = Play(confirms="when_replicated")
    play.withdraw(7)
    play.host.stop("A", play.now)
    assert play.wait(10.0).replies == []


# --- balances --------------------------------------------------------------------------------------


def test_sites_that_replicate_balances_agree_while_one_of_them_posts() -> None:
    play = Play(replicates="balances")
    play.withdraw(7)
    play.withdraw(8)
    play.reverse(8)
    said = play.wait()
    assert not [fact for fact in said.facts if isinstance(fact, BalanceOverwritten)]
    assert play.balances()["A"] == play.balances()["B"]


def conflict() -> Play:
    """Both sites post to one account and do not know of each other."""
    play = Play(replicates="balances")
    play.host.set_ways(ways(AB="blocked", BA="blocked"), play.now)
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    play.withdraw(7, amount_minor=1000)
    play.withdraw(8, amount_minor=3000, site="B", terminal="T02")
    return play


def test_an_update_conflict_loses_a_posting_at_each_site() -> None:
    play = conflict()
    play.host.set_ways(ways(), play.now)
    overwritten = [fact for fact in play.wait().facts if isinstance(fact, BalanceOverwritten)]
    assert {(fact.account, fact.was_minor, fact.now_minor) for fact in overwritten if fact.account == CURRENT} == {
        (CURRENT, 96_000, 97_000),
        (CURRENT, 96_000, 99_000),
    }
    assert play.change("A") != play.change("B")


def test_reconciliation_puts_balances_back_to_what_the_entries_come_to() -> None:
    play = conflict()
    play.host.set_ways(ways(), play.now)
    play.wait()
    assert compared(play, repair=True).balances > 0
    assert play.change("A") == play.change("B") == -4_000
    assert compared(play).balances == 0


# --- whatever happens ------------------------------------------------------------------------------

FATES = st.sampled_from(
    [None, Struck(lost=True), Struck(by_minor=100), Struck(by_minor=-100), Struck(behind_next=True)]
)


@given(fates=st.lists(FATES, max_size=12), unread=st.integers(0, 12), seed=st.integers(0, 3))
def test_reconciliation_brings_sites_together_whatever_was_done_to_records(
    fates: list[Struck | None], unread: int, seed: int
) -> None:
    play = Play(strike=strikes(*fates), replication_lag_tail=float(seed))
    for stan in range(1, 13):
        if stan == unread:
            play.host.set_ways(ways(AB="unread"), play.now)
        play.withdraw(stan, amount_minor=1000)
        if stan % 4 == 0:
            play.reverse(stan, amount_minor=1000, own_stan=stan + 500)
        play.wait(0.1)
    play.host.set_ways(ways(), play.now)
    play.wait(60.0)
    compared(play, repair=True)
    assert play.balances()["A"] == play.balances()["B"]
    assert play.change("A") == -9_000
    assert compared(play).first_key == ""


def test_every_kind_of_record_has_a_name() -> None:
    def all_kinds(kind: type[JournalRecord]) -> set[type[JournalRecord]]:
        return {kind}.union(*(all_kinds(each) for each in kind.__subclasses__()))

    assert {kind.__name__ for kind in all_kinds(JournalRecord)} - {"JournalRecord", "Replied"} == {
        kind.__name__ for kind in KINDS
    }


class AtADeadServer(EmbeddedVault):
    """What site A has cannot be read."""

    def is_readable(self, site: str) -> bool:
        return site != "A"


def test_a_site_that_cannot_be_read_is_not_compared() -> None:
    settings = HostSettings()
    books = {site: Book(site, accounts(), 10) for site in settings.sites}
    vault = AtADeadServer(Replication(settings.sites, 0.2), books)
    host = Host(settings, [], accounts(), "NGN", vault=vault)
    with pytest.raises(LocalError, match="the database of site A is down and cannot be compared; reconcile when all"):
        host.reconcile(True, 1.0)
