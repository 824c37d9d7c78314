"""The end of a business day at the host: which day an entry is in, whoever makes it and whenever."""

from typing import Any

import pytest

from atmbench.errors import LocalError
from atmbench.facts import BusinessDayBegan, BusinessDayCounted, EntryPosted
from atmbench.host.effects import AskTerminal, HostEffect
from atmbench.messages.records import Purpose
from tests.host.play import Play, Said, service

LAG_S = 5.0
FIRST, SECOND, THIRD = "", "260106", "260107"


class Days(Play):
    """Two sites, five seconds apart, on the fifth of January."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(replication_lag_s=LAG_S, **settings)

    def cut_over(self, site: str = "", to: str = "") -> list[HostEffect]:
        return self.host.days.order(site, to, self.now)

    def move(self, site: str) -> None:
        """Another site is the active one."""
        self.host.promote(site, self.now, "by order")
        self.sign_on(site)


def days(said: Said) -> list[tuple[str, str, str]]:
    """Site, kind and day of entries."""
    return [(site, fact.kind, fact.day) for site, fact in said.records if isinstance(fact, EntryPosted)]


def began(effects: list[HostEffect]) -> list[tuple[str, str, str]]:
    return [(site, fact.before, fact.day) for site, fact in Said(effects).records if isinstance(fact, BusinessDayBegan)]


def asked(effects: list[HostEffect]) -> list[tuple[str, str]]:
    return [(each.request.terminal, each.request.business_day) for each in effects if isinstance(each, AskTerminal)]


def test_a_day_that_ends_is_told_and_the_active_site_announces_the_next() -> None:
    play = Days()
    effects = play.cut_over()
    assert began(effects) == [("A", "260105", SECOND), ("B", "260105", SECOND)]
    assert asked(effects) == [("T01", SECOND), ("T02", SECOND)]
    assert began(play.cut_over("A", "260109")) == [("A", SECOND, "260109")]


def test_who_signs_on_later_hears_of_it_behind_the_answer() -> None:
    play = Days()
    play.cut_over()
    effects = play.host.on_request("A", service(Purpose.SIGN_ON, 1), play.now, "secondary")
    assert [type(each).__name__ for each in effects] == ["SendReply", "AskTerminal"]


def test_an_entry_has_the_day_of_its_posting_at_both_sites() -> None:
    play = Days()
    assert days(play.withdraw(7)) == [("A", "posting", FIRST)]
    play.cut_over()
    assert days(play.withdraw(8)) == [("A", "posting", SECOND)]
    assert days(play.wait(LAG_S)) == [("B", "posting", FIRST), ("B", "posting", SECOND)]


def test_what_undoes_an_entry_is_in_the_day_of_what_it_undoes() -> None:
    play = Days()
    play.withdraw(7)
    play.cut_over()
    assert days(play.reverse(7)) == [("A", "reversal", FIRST)]
    assert days(play.wait(LAG_S)) == [("B", "posting", FIRST), ("B", "reversal", FIRST)]


def test_a_reversal_that_comes_before_its_original_has_its_day_all_the_same() -> None:
    play = Days()
    play.withdraw(7)
    play.cut_over()
    play.move("B")
    assert days(play.reverse(7, site="B")) == []
    assert days(play.wait(LAG_S)) == [("B", "posting", FIRST), ("B", "reversal", FIRST), ("A", "reversal", FIRST)]


def test_a_repeat_gets_the_answer_of_its_day() -> None:
    play = Days()
    first = play.withdraw(7).reply
    play.cut_over()
    assert play.withdraw(7).reply == first
    assert play.withdraw(8, business_day="0105").reply.day_advanced
    assert not play.withdraw(9, business_day="0106").reply.day_advanced
    assert not play.withdraw(10).reply.day_advanced, "who says no day is told of no other"


def test_a_site_that_is_still_in_the_first_day_says_so_to_who_says_another() -> None:
    play = Days()
    play.cut_over("A")
    play.move("B")
    said = play.withdraw(7, site="B", business_day="0106")
    assert (days(said), said.reply.business_day) == ([("B", "posting", FIRST)], "260105")
    assert play.withdraw(8, site="B", business_day="0105").reply.business_day == FIRST, "as if no day had ended"


def test_a_repeat_that_is_new_here_is_in_the_day_that_it_says() -> None:
    play = Days()
    play.cut_over()
    play.move("B")
    said = play.withdraw(7, site="B", repeat=True, business_day="0105")
    assert days(said) == [("B", "posting", FIRST)]
    assert not said.reply.day_advanced
    assert days(play.withdraw(8, site="B", repeat=True)) == [("B", "posting", SECOND)], "it says none"


def test_a_site_that_has_missed_the_end_of_a_day_says_so_to_whoever_is_in_the_next() -> None:
    play = Days()
    play.cut_over("A")
    play.move("B")
    for repeat in (False, True):
        said = play.withdraw(7 + repeat, site="B", repeat=repeat, business_day="0106")
        assert days(said) == [("B", "posting", FIRST)]
        assert (said.reply.business_day, said.reply.day_advanced) == ("260105", False)
    assert play.withdraw(9, site="B", business_day="0105").reply.business_day == FIRST


def test_of_two_days_the_earlier_one_counts_which_the_repeat_has_kept() -> None:
    play = Days()
    play.cut_over()
    assert days(play.withdraw(7, business_day="0105")) == [("A", "posting", SECOND)]
    play.host.stop("A", play.now)
    play.move("B")
    play.withdraw(7, site="B", repeat=True, business_day="0105")
    play.host.start("A", play.now)
    found = days(play.wait(2 * LAG_S))
    assert [each for each in found if each[0] == "A"] == [("A", "reversal", SECOND), ("A", "reversal", FIRST)]
    assert [each for each in found if each[0] == "B"] == []


def test_where_sites_go_by_their_own_day_one_transaction_is_in_two() -> None:
    play = Days(entry_day="own")
    play.withdraw(7)
    play.cut_over()
    assert days(play.wait(LAG_S)) == [("B", "posting", SECOND)]
    assert days(play.reverse(7)) == [("A", "reversal", SECOND)]


def test_two_sites_that_post_one_key_in_two_days_come_to_one() -> None:
    play = Days()
    play.withdraw(7)
    play.cut_over("B")
    play.host.stop("A", play.now)
    play.move("B")
    assert days(play.withdraw(7, site="B")) == [("B", "posting", SECOND)]
    play.host.start("A", play.now)
    found = days(play.wait(2 * LAG_S))
    assert [each for each in found if each[0] == "B"] == [("B", "reversal", SECOND), ("B", "reversal", FIRST)]
    assert [each for each in found if each[0] == "A"] == []


def test_a_completion_whose_original_is_not_known_here_is_in_the_day_that_the_terminal_says() -> None:
    play = Days(post_at="completion")
    play.cut_over()
    play.move("B")
    assert days(play.complete(7, site="B", business_day="0105")) == [("B", "posting", FIRST)]
    assert days(play.complete(8, site="B", business_day="0106")) == [("B", "posting", SECOND)]


def test_a_site_that_was_dark_is_in_the_day_of_the_others_when_it_is_back() -> None:
    play = Days()
    play.host.stop("A", play.now)
    assert began(play.cut_over()) == [("B", "260105", SECOND)]
    assert began(play.host.start("A", play.now)) == [("A", "260105", SECOND)]


@pytest.mark.parametrize(
    ("site", "to", "says"),
    [
        ("C", "", "there is no site 'C'"),
        ("A", "", "site A does not run, so no business day ends there"),
        ("", "260104", "business day 260104 was ordered while 260105 goes on; expected a later one"),
        ("", "260705", "business day 260705 was ordered; expected none after 260704: no year travels with a day"),
    ],
)
def test_a_day_that_cannot_end_says_why(site: str, to: str, says: str) -> None:
    play = Days()
    if site == "A":
        play.host.stop("A", play.now)
    with pytest.raises(LocalError, match=says):
        play.cut_over(site, to)


def test_each_site_counts_its_days_once_one_has_ended() -> None:
    play = Days()
    play.withdraw(7, 5000)
    assert list(play.host.days.count()) == []
    play.cut_over()
    play.withdraw(8, 2000)
    play.reverse(7)
    counted = [
        (fact.day, fact.entries, fact.reversals, fact.cash)
        for site, fact in Said(list(play.host.days.count())).records
        if isinstance(fact, BusinessDayCounted) and site == "A"
    ]
    assert counted == [("260105", 2, 1, {"cash:T01": 0}), (SECOND, 1, 0, {"cash:T01": 2000})]


def test_a_site_that_was_rebuilt_is_in_the_day_of_the_one_it_is_like() -> None:
    play = Days()
    play.withdraw(7)
    play.wait(LAG_S)
    play.cut_over()
    play.move("B")
    play.host.stop("A", play.now)
    play.cut_over()
    play.host.start("A", play.now, rebuilt=True)
    play.move("A")
    assert days(play.withdraw(8)) == [("A", "posting", THIRD)]
