"""What a customer knows of the own PIN, whatever becomes of the answer to a change."""

import pytest

from atmbench.devices.holder import Holder
from atmbench.messages.records import Outcome


def asked_for(new: str = "2222") -> Holder:
    holder = Holder("1111")
    holder.chooses(new)
    return holder


def enters(holder: Holder, right: str) -> list[str]:
    """The PINs that they enter until the right one, told each time that it was wrong."""
    entered = []
    for _ in range(4):
        entered.append(holder.pin)
        holder.hears(Outcome.APPROVED if holder.pin == right else Outcome.WRONG_PIN)
        if holder.pin == right == entered[-1]:
            return entered
    return entered


def test_a_changed_pin_is_the_one_they_enter() -> None:
    holder = asked_for()
    holder.hears(Outcome.APPROVED, of_change=True)
    assert enters(holder, "2222") == ["2222"]
    assert holder.other == "", "once it has served, the old one is forgotten"


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.PIN_KEY_FAILED, Outcome.TOO_LATE])
def test_a_declined_change_leaves_the_old_one(outcome: Outcome) -> None:
    holder = asked_for()
    holder.hears(outcome, of_change=True)
    assert (holder.pin, holder.other) == ("1111", "")


@pytest.mark.parametrize("right", ["1111", "2222"])
def test_without_an_answer_they_try_the_new_one_first_then_the_old_one(right: str) -> None:
    """As the screen tells them."""
    assert enters(asked_for(), right) == ["2222", "1111"][: 1 if right == "2222" else 2]


@pytest.mark.parametrize("right", ["1111", "2222"])
def test_after_a_mac_that_failed_they_try_the_old_one_first(right: str) -> None:
    holder = asked_for()
    holder.hears(Outcome.MAC_FAILED, of_change=True)
    assert enters(holder, right) == ["1111", "2222"][: 1 if right == "1111" else 2]


def test_who_doubts_and_changes_again_with_the_wrong_one_enters_the_other_next() -> None:
    holder = asked_for()
    holder.chooses("3333")
    holder.hears(Outcome.WRONG_PIN, of_change=True)
    assert enters(holder, "1111") == ["1111"]


def test_another_refusal_says_nothing_of_a_change_without_an_answer() -> None:
    holder = asked_for()
    holder.hears(Outcome.HOST_UNAVAILABLE)
    assert enters(holder, "2222") == ["2222"]


def test_a_wrong_pin_without_a_doubt_changes_nothing() -> None:
    holder = Holder("1111")
    holder.hears(Outcome.WRONG_PIN)
    assert holder.pin == "1111"


def test_a_pin_never_shows() -> None:
    assert repr(asked_for()) == "Holder(PIN, no chip)"
