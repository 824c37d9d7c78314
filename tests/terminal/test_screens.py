"""Screens state what they say: amounts, cards and promises stand in the words and in the statement alike."""

import pytest

from atmbench.facts.statements import BACK, KEPT, Stated, Statement
from atmbench.messages.records import SERVICES, Outcome, Purpose
from atmbench.terminal.client_screens import for_client
from atmbench.terminal.effects import ShowScreen
from atmbench.terminal.screens import CREDIT_BACK, TAKE_CARD, WELCOME, Screens
from atmbench.terminal.settings import Identity

SCREENS = Screens(Identity(), "NGN")
ALL = [
    WELCOME,
    TAKE_CARD,
    SCREENS.out_of_service,
    SCREENS.closed(""),
    SCREENS.closed("Try the branch."),
    SCREENS.cannot_pay(5500, [5000, 6000]),
    SCREENS.cannot_pay(5500, []),
    SCREENS.take_cash(5000, 5000),
    SCREENS.take_cash(2000, 5000),
    SCREENS.card_not_taken(),
    SCREENS.not_dispensed(),
    SCREENS.not_known(),
    SCREENS.retracted(),
    SCREENS.deposited(7000),
    SCREENS.notes_returned(("You have cancelled.",), Statement(how=Stated.CANCELLED)),
    SCREENS.notes_returned(("No.",), None, card_is_kept=True),
    *(SCREENS.no_answer(service) for service in SERVICES),
    *(SCREENS.card_refused(service) for service in SERVICES),
    *(SCREENS.cancelled(service) for service in SERVICES),
    *(SCREENS.declined(outcome, is_reversed, is_kept)
      for outcome in Outcome for is_reversed in (True, False) for is_kept in (True, False)),
]  # fmt: skip


def stated(screen: ShowScreen) -> Statement:
    assert screen.states is not None
    return screen.states


@pytest.mark.parametrize("screen", ALL, ids=lambda screen: screen.screen)
def test_what_a_screen_states_is_what_it_says(screen: ShowScreen) -> None:
    states, words = stated(screen), " ".join(screen.lines)
    assert (states.card == BACK) is ("Please take your card." in words)
    assert states.card != KEPT or "kept" in words or "keep this card" in words or screen.screen == "card_kept"
    assert states.credits_back is (CREDIT_BACK[0] in words)
    assert (states.paid_minor == 0) is ("No cash was paid out." in words)
    if states.paid_minor:
        assert SCREENS.amount(states.paid_minor) in words
    if states.received_minor is not None:
        assert SCREENS.amount(states.received_minor) in words
    assert (states.how == Stated.INVITED) is (screen is WELCOME)


def test_a_machine_that_has_nobody_to_call_states_no_way_out() -> None:
    silent = Screens(Identity(help_text=""), "NGN")
    assert not stated(silent.out_of_service).way_out
    assert not stated(silent.no_answer(Purpose.WITHDRAWAL)).way_out
    assert stated(SCREENS.out_of_service).way_out


def test_a_client_states_nothing_of_cards() -> None:
    screen = for_client(SCREENS.declined(Outcome.RETAIN_CARD, is_reversed=False, card_is_kept=False))
    assert stated(screen).card == ""
    assert stated(screen).reason == "retain_card"
