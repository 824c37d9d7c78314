"""Two sites: what reaches the other one, who is active, and where the money is after a failover."""

import pytest

from atmbench.errors import LocalError
from atmbench.facts import EntryPosted, RepeatAnswered, SiteRoleChanged, TombstoneLaid
from atmbench.host import replication
from atmbench.messages.records import Outcome, Purpose
from tests.host.play import CURRENT, Play, key


def fail_over(play: Play) -> None:
    """A goes dark, B takes over by order, and the terminals sign on there."""
    play.host.stop("A", play.now)
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")


def test_a_posting_appears_at_the_other_site_after_the_lag_as_the_same_entry() -> None:
    play = Play()
    (here,) = play.withdraw().facts
    assert play.host.deadline == pytest.approx(0.2)
    assert play.host.pending() == ("1 records of site A have not reached site B",)
    assert play.wait(0.1).records == []
    assert play.wait(0.1).records == [("B", here)]
    assert play.host.pending() == ()
    assert play.host.deadline is None
    assert play.balances()["A"] == play.balances()["B"]


def test_a_clock_that_rounds_down_does_not_wake_the_host_for_ever() -> None:
    play = Play()
    play.withdraw()
    assert play.host.on_time(0.2 - 1e-9) != []
    assert play.host.deadline is None


def test_a_repeat_at_the_other_site_gets_the_same_answer_once_it_is_replicated() -> None:
    play = Play()
    first = play.withdraw()
    play.wait()
    fail_over(play)
    again = play.withdraw(site="B", repeat=True)
    assert again.reply == first.reply
    assert again.facts == [RepeatAnswered(key=key(7), purpose="withdrawal")]
    play.reverse(site="B")
    assert play.reverse(site="B", repeat=True).entries() == []


def test_a_reversal_at_b_of_a_posting_that_only_a_knows_nets_to_zero_at_both() -> None:
    play = Play()
    play.host.set_replication(True, None, 0.0)
    play.withdraw()
    fail_over(play)
    assert play.reverse(site="B").facts == [TombstoneLaid(key=key(7), origin="B")]
    play.host.start("A", play.now)
    play.host.set_replication(False, None, play.now)
    said = play.wait()
    assert said.entries() == [
        ("B", f"post/{key(7)}", {CURRENT: -5000, "cash:T01": 5000}),
        ("B", f"rev/{key(7)}", {CURRENT: 5000, "cash:T01": -5000}),
        ("A", f"rev/{key(7)}", {CURRENT: 5000, "cash:T01": -5000}),
    ]
    assert {fact.origin for fact in said.facts if isinstance(fact, EntryPosted) and fact.kind == "reversal"} == {"B"}
    assert (play.change("A"), play.change("B")) == (0, 0)
    assert play.balances()["A"] == play.balances()["B"]
    assert play.host.pending() == ()


def test_a_request_that_both_sites_answered_is_posted_once_everywhere() -> None:
    play = Play()
    play.host.set_replication(True, None, 0.0)
    play.withdraw()
    play.host.promote("B", 0.0, "by order")
    play.sign_on("B")
    assert play.withdraw(site="B", repeat=True).outcome is Outcome.APPROVED
    play.host.set_replication(False, None, 0.0)
    assert play.wait().entries() == []
    assert (play.change("A"), play.change("B")) == (-5000, -5000)


def test_what_b_completes_of_a_hold_of_a_is_an_entry_of_b() -> None:
    play = Play(post_at="completion")
    play.withdraw()
    play.wait()
    play.host.promote("B", play.now, "by order")
    play.sign_on("B")
    completed = play.complete(site="B")
    assert [fact.origin for fact in completed.facts if isinstance(fact, EntryPosted)] == ["B"]


def test_a_completion_at_b_of_a_hold_that_only_a_knows_posts_once_at_both() -> None:
    play = Play(post_at="completion")
    play.withdraw()
    fail_over(play)
    assert play.complete(site="B").entries() == [("B", f"post/{key(7)}", {CURRENT: -5000, "cash:T01": 5000})]
    play.host.start("A", play.now)
    assert play.wait().kinds() == [("A", "HoldReleased"), ("A", "EntryPosted")]
    assert (play.change("A"), play.change("B")) == (-5000, -5000)
    assert (play.holds("A"), play.holds("B")) == ({}, {})


def test_a_partial_reversal_at_b_of_a_hold_that_only_a_knows_posts_what_came_out() -> None:
    play = Play(post_at="completion")
    play.withdraw()
    fail_over(play)
    play.reverse(site="B", actual_minor=2000)
    play.host.start("A", play.now)
    play.wait()
    assert (play.change("A"), play.change("B"), play.holds("A")) == (-2000, -2000, {})


class TestQueues:
    def test_records_stay_while_paused_and_go_out_afterwards(self) -> None:
        play = Play()
        play.host.set_replication(True, None, 0.0)
        play.withdraw()
        assert play.wait(100.0).records == []
        assert play.host.deadline is None
        play.host.set_replication(False, 5.0, play.now)
        assert play.host.deadline == pytest.approx(105.0)
        assert play.wait(5.0).kinds() == [("B", "EntryPosted")]

    def test_what_was_under_way_when_a_site_went_dark_starts_again(self) -> None:
        play = Play()
        play.withdraw()
        play.host.stop("B", 0.1)
        assert play.wait(10.0).records == []
        play.host.start("B", 10.0)
        assert play.host.deadline == pytest.approx(10.2)
        assert play.wait(0.2).kinds() == [("B", "EntryPosted")]

    def test_another_lag_also_concerns_what_is_under_way(self) -> None:
        play = Play()
        play.withdraw()
        play.host.set_replication(None, 0.05, 0.0)
        assert play.host.deadline == pytest.approx(0.05)

    def test_a_lag_cannot_be_negative(self) -> None:
        with pytest.raises(LocalError, match="expected 0 or more"):
            Play().host.set_replication(None, -1.0, 0.0)

    def test_a_record_that_is_due_arrives_before_a_request_of_the_same_instant(self) -> None:
        play = Play()
        play.withdraw()
        play.now = 0.2
        assert play.network(Purpose.ECHO, site="B").kinds() == [("B", "EntryPosted")]

    def test_a_full_queue_stops_the_run_with_a_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(replication, "UNSENT_RECORDS_MAX", 2)
        play = Play()
        play.withdraw(1, 100)
        play.withdraw(2, 100)
        with pytest.raises(LocalError, match="bigger than the bench allows"):
            play.withdraw(3, 100)

    def test_more_transactions_than_may_be_remembered_stop_the_run_with_a_sentence(self) -> None:
        play = Play(answers_kept_max=1)
        play.withdraw(1, 100)
        with pytest.raises(LocalError, match="answers_kept_max"):
            play.withdraw(2, 100)

    def test_one_site_alone_waits_for_nobody(self) -> None:
        play = Play(sites=("A",))
        play.withdraw()
        assert (play.host.pending(), play.host.deadline) == ((), None)

    def test_three_sites_all_come_to_know(self) -> None:
        play = Play(sites=("A", "B", "C"))
        play.withdraw()
        play.wait()
        assert play.change("B") == play.change("C") == -5000


class TestRoles:
    def test_by_order_the_other_steps_down_and_its_terminals_must_sign_on_again(self) -> None:
        play = Play()
        roles = [effect.fact for effect in play.host.promote("B", 0.0, "by order")]  # type: ignore[union-attr]
        assert roles == [
            SiteRoleChanged(site="A", role="standby", because="site B was promoted by order"),
            SiteRoleChanged(site="B", role="active", because="by order"),
        ]
        assert play.withdraw().outcome is Outcome.HOST_UNAVAILABLE
        play.host.promote("A", 0.0, "by order")
        assert play.withdraw().outcome is Outcome.SIGN_ON_NEEDED

    def test_an_order_to_the_active_site_changes_nothing(self) -> None:
        play = Play()
        assert play.host.promote("A", 0.0, "by order") == []
        assert play.withdraw().outcome is Outcome.APPROVED

    def test_a_dark_site_or_one_that_is_not_there_cannot_be_promoted(self) -> None:
        play = Play()
        play.host.stop("B", 0.0)
        with pytest.raises(LocalError, match="start it first"):
            play.host.promote("B", 0.0, "by order")
        with pytest.raises(LocalError, match="this host has A, B"):
            play.host.promote("C", 0.0, "by order")

    def test_a_standby_takes_over_after_silence_counted_from_the_last_heartbeat(self) -> None:
        play = Play(promote_after_silence_s=5.0)
        play.wait(10.4)
        play.host.stop("A", play.now)
        assert play.host.deadline == pytest.approx(15.0)
        said = play.wait(10.0)
        assert said.facts == [
            SiteRoleChanged(site="B", role="active", because="heard nothing of an active site for 5 s"),
        ]
        assert play.host.deadline is None

    def test_the_deadline_is_the_first_of_arrival_and_takeover(self) -> None:
        play = Play(sites=("A", "B", "C"), promote_after_silence_s=5.0, replication_lag_s=10.0)
        play.host.promote("B", 0.0, "by order")
        play.sign_on("B")
        play.withdraw(site="B")
        play.host.promote("A", 0.0, "by order")
        play.host.stop("A", 0.0)
        assert play.host.deadline == pytest.approx(5.0)
        assert play.wait(20.0).kinds() == [("B", "SiteRoleChanged"), ("C", "EntryPosted")]
        assert play.host.pending() == ("1 records of site B have not reached site A",)

    def test_paused_replication_is_no_silence(self) -> None:
        play = Play(promote_after_silence_s=5.0)
        play.host.set_replication(True, None, 0.0)
        assert play.host.deadline is None

    def test_without_a_silence_setting_a_standby_waits_for_an_order(self) -> None:
        play = Play()
        play.host.stop("A", 0.0)
        assert play.host.deadline is None

    def test_a_site_that_comes_back_stands_by_if_another_has_taken_over(self) -> None:
        play = Play()
        fail_over(play)
        play.host.start("A", play.now)
        assert (play.host.role("A"), play.host.role("B")) == ("standby", "active")

    def test_a_site_that_comes_back_in_time_is_active_again(self) -> None:
        play = Play(promote_after_silence_s=5.0)
        play.host.stop("A", 0.0)
        play.host.start("A", 2.0)
        assert (play.host.role("A"), play.host.deadline) == ("active", None)
        assert play.withdraw().outcome is Outcome.SIGN_ON_NEEDED

    def test_a_standby_that_comes_back_alone_waits_its_full_silence(self) -> None:
        play = Play(promote_after_silence_s=5.0)
        play.host.stop("B", 0.0)
        play.host.stop("A", 1.0)
        assert play.host.deadline is None
        play.host.start("B", 20.0)
        assert play.host.role("B") == "standby"
        assert play.host.deadline == pytest.approx(25.0)

    def test_stopping_and_starting_twice_is_the_same_as_once(self) -> None:
        play = Play()
        assert len(play.host.stop("A", 0.0)) == 1
        assert play.host.stop("A", 0.0) == []
        assert len(play.host.start("A", 0.0)) == 1
        assert play.host.start("A", 0.0) == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"sites": ()}, "at least one name"),
        ({"sites": ("A", "A")}, "none twice"),
        ({"heartbeat_s": 0.0}, "more than 0"),
        ({"replication_lag_s": -1.0}, "0 or more"),
        ({"promote_after_silence_s": 1.0}, "several heartbeats"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(LocalError, match=sentence):
        Play(**settings)  # type: ignore[arg-type]
