"""The modelled card reader: where the card is, and whose hand was faster."""

from atmbench import facts
from atmbench.devices.card_reader import CardReader
from atmbench.devices.times import DeviceTimes
from atmbench.drill.commands import CustomerDoes, DisturbCustomer
from atmbench.terminal import inputs
from atmbench.terminal.effects import (
    EjectCard,
    RetainCard,
)
from tests.devices.play import KEY, NEXT_KEY, Play


def test_a_card_is_ejected_and_taken() -> None:
    play = Play().perform(EjectCard(KEY)).until(60)
    assert play.heard() == [inputs.CardTaken()]
    assert play.told() == [facts.CardEjected(key=KEY), facts.CardTaken(key=KEY)]


def test_a_card_that_is_left_is_retained_and_one_that_was_taken_is_not() -> None:
    play = Play()
    play.devices.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CARD))
    play.perform(EjectCard(KEY)).until(30).perform(RetainCard("not taken", KEY)).until(60)
    assert play.heard() == []
    assert play.told() == [facts.CardEjected(key=KEY), facts.CardRetained(because="not taken", key=KEY)]
    play.perform(EjectCard(NEXT_KEY)).until(90).perform(RetainCard("too late", NEXT_KEY)).until(120)
    assert play.told() == [facts.CardEjected(key=NEXT_KEY), facts.CardTaken(key=NEXT_KEY)]


def test_the_next_card_comes_in_when_the_last_one_is_in_the_bin() -> None:
    play = Play()
    play.devices.disturb(DisturbCustomer(does=CustomerDoes.LEAVES_CARD))
    play.perform(EjectCard(KEY)).until(30).perform(RetainCard("not taken", KEY)).until(30.1)
    assert play.told() == [facts.CardEjected(key=KEY)]
    play.devices.card_reader.insert("", 30.1, lambda refused, at: None)
    play.perform(EjectCard(NEXT_KEY)).until(30.2)
    assert play.told() == [facts.CardRetained(because="not taken", key=KEY)]
    play.until(60)
    assert play.told() == [facts.CardEjected(key=NEXT_KEY), facts.CardTaken(key=NEXT_KEY)], "and no card is lost"


def test_a_hand_may_be_faster_than_the_bin() -> None:
    play = Play().perform(EjectCard(KEY)).until(2.5).perform(RetainCard("not taken", KEY)).until(60)
    assert play.heard() == [inputs.CardTaken()]
    reader = play.devices.card_reader
    assert isinstance(reader, CardReader)
    assert reader.retained == 0


def test_a_card_in_the_slot_can_be_taken_in_the_dark_and_is_gone() -> None:
    play = Play().perform(EjectCard(KEY)).until(2).power_fails().until(10).power_comes()
    assert play.told() == [facts.CardEjected(key=KEY), facts.CardTaken(key=KEY)]
    play.perform(EjectCard(KEY)).until(12)
    assert play.heard() == [inputs.CardTaken()]
    assert play.told() == []


def test_a_card_that_stayed_in_the_slot_is_drawn_in_when_power_comes() -> None:
    play = Play().perform(EjectCard(KEY)).until(2).power_fails().until(2.5).power_comes().until(10)
    assert play.heard() == []
    assert play.perform(EjectCard(KEY)).until(60).heard() == [inputs.CardTaken()]
    assert [type(each) for each in play.told()] == [facts.CardEjected, facts.CardEjected, facts.CardTaken]


def test_a_late_hand_does_not_take_the_card_that_came_back() -> None:
    play = Play(times=DeviceTimes(customer_takes_card_s=(4.0, 4.0))).perform(EjectCard(KEY)).until(2)
    play.power_fails().until(2.1).power_comes().perform(EjectCard(KEY)).until(7)
    assert play.heard() == []
    assert play.until(8).heard() == [inputs.CardTaken()]
