"""People of a drill: test cards only, the same for the same seed."""

from random import Random

import pytest

from atmbench.drill.records import Drill, Heal, Population, Workload
from atmbench.errors import LocalError
from atmbench.messages.records import AccountType, Purpose
from atmbench.run.population import BILLER, Walkers, build_customers, with_check_digit


def drill_with(**cards: object) -> Drill:
    return Drill(drill="d", proves="p", heal=Heal(at=1.0), cards=Population(**cards))  # type: ignore[arg-type]


def walkers_of(drill: Drill, seed: int = 1) -> Walkers:
    return Walkers(build_customers(drill, seed), Workload(amounts=("20.00",)), "NGN", Random("test"))


@pytest.mark.parametrize("number", ["4111111111111111", "5555555555554444", "378282246310005"])
def test_check_digit_of_published_test_numbers(number: str) -> None:
    assert with_check_digit(number[:-1]) == number


def test_cards_carry_the_bin_and_differ() -> None:
    cards = build_customers(drill_with(cards=50, bin="999999"), 1).cards
    assert len({card.pan for card in cards}) == 50
    assert all(card.pan.startswith("999999") and len(card.pan) == 16 for card in cards)


def test_accounts_can_be_shared() -> None:
    customers = build_customers(drill_with(cards=4, accounts_shared_by=2), 1)
    currents = [card.accounts[AccountType.CURRENT] for card in customers.cards]
    assert currents[0] == currents[1] != currents[2] == currents[3]
    assert len(customers.accounts) == 4


def test_pins_are_drawn_from_the_seed() -> None:
    first, again, other = (build_customers(drill_with(cards=20, pins=True), seed) for seed in (1, 1, 2))
    assert [card.pin for card in first.cards] == [card.pin for card in again.cards]
    assert [card.pin for card in first.cards] != [card.pin for card in other.cards]
    assert build_customers(drill_with(cards=1), 1).cards[0].pin is None


@pytest.mark.parametrize("wrong", ["99999", "99999x", ""])
def test_a_wrong_bin_is_named(wrong: str) -> None:
    with pytest.raises(LocalError, match="six digits"):
        build_customers(drill_with(bin=wrong), 1)


def test_a_command_may_name_a_card() -> None:
    drill = drill_with(cards=3)
    asked = walkers_of(drill).customer(Purpose.WITHDRAWAL, "50.00", card=2)
    assert asked.pan == build_customers(drill, 1).cards[1].pan
    assert asked.amount_minor == 5000
    with pytest.raises(LocalError, match="cards 1 to 3"):
        walkers_of(drill).customer(Purpose.WITHDRAWAL, "50.00", card=4)


def test_services_get_what_they_need() -> None:
    walkers = walkers_of(drill_with(cards=3))
    assert walkers.draw(Purpose.BALANCE, Random(1)).amount_minor == 0
    assert walkers.draw(Purpose.DEPOSIT, Random(1)).deposit_notes == {2000: 1}
    assert walkers.draw(Purpose.TRANSFER, Random(1)).to_account is AccountType.SAVINGS
    assert walkers.draw(Purpose.BILL_PAYMENT, Random(1)).payee == BILLER


def test_a_command_may_bring_several_notes() -> None:
    asked = walkers_of(drill_with()).customer(Purpose.DEPOSIT, "50.00", notes=3)
    assert asked.deposit_notes == {5000: 3}
