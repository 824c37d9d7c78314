"""Who is active when sites do not hear each other: split brain, fencing, and promotions that are refused."""

from collections.abc import Callable

from atmbench.facts import PromotionRefused, SiteRoleChanged
from tests.host.play import Play, Said

Ways = Callable[[str, str], str]


def parted(sender: str, receiver: str) -> str:
    return "blocked"


def together(sender: str, receiver: str) -> str:
    return ""


def deaf_b(sender: str, receiver: str) -> str:
    """B hears nothing of A, and A hears B."""
    return "blocked" if sender == "A" else ""


def roles(said: Said) -> list[tuple[str, str]]:
    return [(fact.site, fact.role) for fact in said.facts if isinstance(fact, SiteRoleChanged)]


def change_ways(play: Play, ways: Ways) -> Said:
    return Said(play.host.set_ways(ways, play.now))


def promote(play: Play, site: str = "B") -> Said:
    return Said(play.host.promote(site, play.now, "by order"))


def test_an_order_that_the_other_site_does_not_hear_makes_two_active() -> None:
    play = Play()
    change_ways(play, parted)
    assert roles(promote(play)) == [("B", "active")]
    assert (play.host.role("A"), play.host.role("B")) == ("active", "active")


def test_of_two_active_sites_the_later_one_goes_on_when_they_hear_each_other() -> None:
    play = Play()
    change_ways(play, parted)
    promote(play)
    assert roles(change_ways(play, together)) == [("A", "standby")]


def test_a_standby_that_hears_nothing_takes_over_from_a_site_that_is_well() -> None:
    play = Play(promote_after_silence_s=5)
    play.wait(10.3)
    change_ways(play, deaf_b)
    said = play.wait(20.0)
    assert roles(said) == [("A", "standby"), ("B", "active")], "A hears of it, for that way is open"
    assert play.host.role("A") == "standby"


def test_in_a_full_partition_silence_makes_two_active() -> None:
    play = Play(promote_after_silence_s=5)
    change_ways(play, parted)
    assert roles(play.wait(20.0)) == [("B", "active")]


def test_with_fencing_the_successor_begins_when_the_other_has_stood_by() -> None:
    play = Play(fencing="epoch", heartbeat_s=2)
    play.wait(10.5)
    change_ways(play, parted)
    assert roles(promote(play)) == []
    said = play.wait(5.0)
    assert roles(said) == [("A", "standby"), ("B", "active")]
    assert next(fact.because for fact in said.facts if isinstance(fact, SiteRoleChanged)).startswith("fenced: ")
    assert roles(change_ways(play, together)) == []


def test_with_fencing_silence_is_not_enough_while_the_witness_hears_the_other() -> None:
    play = Play(fencing="epoch", promote_after_silence_s=5)
    change_ways(play, parted)
    refused = [fact for fact in play.wait(12.0).facts if isinstance(fact, PromotionRefused)]
    assert [fact.because for fact in refused] == ["the witness hears of site A, which is active"] * 2
    play.host.stop("A", play.now)
    assert roles(play.wait(6.0)) == [("B", "active")]


def test_fencing_costs_no_time_where_the_sites_hear_each_other() -> None:
    play = Play(fencing="epoch")
    assert roles(promote(play)) == [("A", "standby"), ("B", "active")]


def test_a_site_that_knows_that_it_is_behind_refuses() -> None:
    play = Play(promotion_behind_max=0)
    change_ways(play, lambda sender, receiver: "unread" if receiver == "B" else "")
    play.withdraw(7)
    play.wait(3.0)
    said = promote(play)
    [refused] = said.facts
    assert isinstance(refused, PromotionRefused)
    assert (refused.site, refused.behind) == ("B", 1)
    assert play.host.role("A") == "active"
    change_ways(play, together)
    assert roles(promote(play)) == [("A", "standby"), ("B", "active")]


def test_a_site_does_not_know_what_was_never_said() -> None:
    """Records since the last heartbeat that it heard: nobody has told it of them."""
    play = Play(promotion_behind_max=0, heartbeat_s=10, replication_lag_s=5)
    play.wait(11.0)
    play.withdraw(7)
    play.host.stop("A", play.now)
    assert roles(promote(play)) == [("B", "active")]


def test_a_refused_standby_tries_again_after_as_much_silence() -> None:
    play = Play(promotion_behind_max=0, promote_after_silence_s=5, replication_lag_s=0.2)
    change_ways(play, lambda sender, receiver: "unread" if receiver == "B" else "")
    play.withdraw(7)
    play.wait(3.0)
    play.host.stop("A", play.now)
    refused = [fact for fact in play.wait(12.0).facts if isinstance(fact, PromotionRefused)]
    assert len(refused) == 2
    change_ways(play, together)
    assert roles(play.wait(6.0)) == [("B", "active")]


def test_roles_may_flap() -> None:
    play = Play()
    for _ in range(5):
        assert roles(promote(play, "B")) == [("A", "standby"), ("B", "active")]
        assert roles(promote(play, "A")) == [("B", "standby"), ("A", "active")]


def deaf_a(sender: str, receiver: str) -> str:
    """A hears nothing of B, and B hears A."""
    return "blocked" if sender == "B" else ""


def flap(play: Play) -> list[tuple[str, str]]:
    """The signs of life of A get lost for ten seconds, then those of B."""
    said = []
    for ways in (deaf_b, together, deaf_a, together):
        said += roles(change_ways(play, ways))
        said += roles(play.wait(10.0))
    return said


def test_two_sites_whose_signs_of_life_come_and_go_take_over_from_each_other() -> None:
    play = Play(promote_after_silence_s=5)
    assert [site for site, role in flap(play) if role == "active"] == ["B", "A"]


def test_with_a_hold_down_only_the_first_silence_counts() -> None:
    play = Play(promote_after_silence_s=5, hold_down_s=60)
    assert [site for site, role in flap(play) if role == "active"] == ["B"]


def test_a_hold_down_ends_and_says_how_long_it_has_to_last() -> None:
    play = Play(promote_after_silence_s=5, hold_down_s=20)
    change_ways(play, deaf_b)
    assert roles(play.wait(6.0)) == [("A", "standby"), ("B", "active")]
    change_ways(play, deaf_a)
    said = play.wait(30.0)
    refused = [fact for fact in said.facts if isinstance(fact, PromotionRefused)]
    assert [fact.site for fact in refused][:1] == ["A"]
    assert refused[0].because.endswith("s ago, and 20 s must pass before one does again")
    assert roles(said) == [("B", "standby"), ("A", "active")]


def test_an_order_counts_in_a_hold_down() -> None:
    play = Play(promote_after_silence_s=5, hold_down_s=60)
    change_ways(play, deaf_b)
    play.wait(6.0)
    change_ways(play, together)
    assert roles(promote(play, "A")) == [("B", "standby"), ("A", "active")]
