"""One site that runs another release than the other: its tables, its BINs, and how long it knows a request."""

from msgspec.structs import replace

from atmbench.host.settings import HostSettings
from atmbench.host.software import SiteSoftware
from atmbench.messages.records import Outcome
from tests.host.play import Play, cards, key

USUAL = HostSettings()


def test_a_site_decides_by_its_own_limit_and_the_other_does_not() -> None:
    play = Play()
    play.host.install("A", SiteSoftware(settings=replace(USUAL, daily_limit="30.00")))
    assert play.withdraw(1, 5000).outcome is Outcome.AMOUNT_LIMIT
    play.host.promote("B", play.now, "for the test")
    play.sign_on("B")
    assert play.withdraw(2, 5000, site="B").outcome is Outcome.APPROVED


def test_a_site_that_lacks_a_bin_knows_none_of_its_cards_until_it_has_it_again() -> None:
    play = Play()
    play.host.install("A", SiteSoftware(settings=USUAL, lacks_bins=(cards()[0].pan[:6],)))
    assert play.withdraw(1).outcome is Outcome.CARD_UNKNOWN
    play.host.install("A", SiteSoftware(settings=USUAL))
    assert play.withdraw(2).outcome is Outcome.APPROVED


def test_a_request_that_comes_again_after_the_window_is_posted_again() -> None:
    play = Play()
    play.host.install("A", SiteSoftware(settings=USUAL, duplicate_window_s=5))
    play.withdraw(1)
    play.wait(4)
    assert play.withdraw(1).entries() == []
    play.wait(2)
    again = play.withdraw(1)
    assert again.outcome is Outcome.APPROVED
    assert [entry for _, entry, _ in again.entries()] == [f"post/{key(1)}/A1"]
    assert ("A", "RepeatAnswered") not in again.kinds()
