"""Each planted defect spoils exactly what it says, and money shows it."""

import pytest

from atmbench.errors import LocalError
from atmbench.facts import TombstoneHit
from atmbench.host.defects import DEFECTS
from atmbench.messages.records import Outcome
from tests.host.play import Play, key


def drill(play: Play, defect: str) -> None:
    """What a fleet does that meets the defect."""
    match defect:
        case "forget-unknown-reversal":
            play.host.set_replication(True, None, 0.0)
            play.withdraw()
            play.host.stop("A", 0.0)
            play.host.promote("B", 0.0, "by order")
            play.sign_on("B")
            assert play.reverse(site="B").outcome is Outcome.APPROVED
            play.host.start("A", 0.0)
            play.host.set_replication(False, None, 0.0)
        case "double-post-repeat":
            play.withdraw()
            play.withdraw(repeat=True)
        case "credit-second-reversal":
            play.withdraw()
            play.reverse()
            play.reverse(repeat=True)
        case "post-late-original":
            play.reverse()
            play.withdraw()
        case "forget-partial":
            play.withdraw()
            play.reverse(actual_minor=2000)
    play.wait()


WRONG = {
    "forget-unknown-reversal": (0, -5000),
    "double-post-repeat": (-5000, -10_000),
    "credit-second-reversal": (0, 5000),
    "post-late-original": (0, -5000),
    "forget-partial": (-2000, 0),
}
"""What the customer's balance changes by: in a sound host, and with the defect."""


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_money_is_right_without_the_defect_and_wrong_with_it_at_both_sites(defect: str) -> None:
    sound, spoilt = Play(), Play(defects=[defect])
    drill(sound, defect)
    drill(spoilt, defect)
    assert (sound.change("A"), spoilt.change("A")) == WRONG[defect]
    assert (sound.change("B"), spoilt.change("B")) == WRONG[defect]


def test_a_late_original_is_approved_and_posted_without_a_word_of_the_tombstone() -> None:
    play = Play(defects=["post-late-original"])
    play.reverse()
    said = play.withdraw()
    assert said.outcome is Outcome.APPROVED
    assert TombstoneHit(key=key(7)) not in said.facts
    assert len(said.entries()) == 1


def test_a_second_credit_of_nothing_is_no_entry() -> None:
    play = Play(defects=["credit-second-reversal"])
    play.withdraw()
    play.reverse(actual_minor=5000)
    assert play.reverse(actual_minor=5000).entries() == []


def test_a_defect_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(LocalError, match="forget-unknown-reversal, double-post-repeat"):
        Play(defects=["forget-everything"])
