"""A terminal that an operator takes out of service: it owes nobody anything before it signs off, and stays away."""

import pytest

from atmbench.facts import CustomerTurnedAway, SignedOff, SignedOn, StateChanged
from atmbench.messages.records import Outcome, Purpose
from atmbench.terminal.cabinet import Habits
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import Dial, Forget, HangUp, Remember, ShowScreen
from atmbench.terminal.inputs import CardTaken, DialFailed, LinkLost, LinkUp, PoweredOn, ServiceOrdered
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import answer, memory_of, opened, sends, terminal, withdrawal

CLOSE, OPEN = ServiceOrdered(open=False), ServiceOrdered(open=True)
SIGN_ON, SIGN_OFF, WITHDRAWAL, REVERSAL = Purpose.SIGN_ON, Purpose.SIGN_OFF, Purpose.WITHDRAWAL, Purpose.REVERSAL
MAINTENANCE = like(
    ShowScreen,
    screen="closed",
    lines=("This machine is closed for maintenance.", "Call 0800 000 000 or use another ATM."),
)


def core(play: Play) -> Terminal:
    assert isinstance(play.core, Terminal)
    return play.core


def closed() -> Play:
    """Ordered out between two customers, and signed off."""
    play = opened().given(CLOSE, after_s=1).expect_acts(sends(SIGN_OFF, "primary"))
    return answer(play, SIGN_OFF)


def test_the_order_is_remembered_then_the_terminal_closes_signs_off_and_hangs_up() -> None:
    play = opened().given(CLOSE, after_s=1)
    play.expect(Remember("closed", 1), like(StateChanged, old="ready", new="closed"), MAINTENANCE, sends(SIGN_OFF))
    assert core(play).active_line == ""
    answer(play, SIGN_OFF).expect_acts(HangUp("primary")).expect(SignedOff(line="primary", answered=True))


def test_it_does_not_dial_again_serves_nobody_and_has_nothing_open() -> None:
    play = closed()
    assert core(play).deadline is None
    assert core(play).pending() == ()
    play.given(withdrawal(), after_s=100).expect_acts().expect(like(CustomerTurnedAway, because="it is out of service"))


def test_a_sign_off_that_nobody_answers_does_not_keep_the_line() -> None:
    play = opened().given(CLOSE, after_s=1).wait(10).expect_acts(HangUp("primary"))
    play.expect(SignedOff(line="primary", answered=False))
    assert core(play).deadline is None


def test_where_nothing_says_good_bye_the_terminal_hangs_up() -> None:
    play = opened(habits=Habits(signs_off=False)).given(CLOSE, after_s=1)
    play.expect_acts(HangUp("primary")).never(sends(SIGN_OFF))
    assert core(play).deadline is None
    play.given(OPEN, after_s=1).expect_acts(Dial("primary"))


def test_another_order_of_the_same_kind_changes_nothing() -> None:
    closed().given(CLOSE, after_s=1).expect_acts().never(Dial("secondary"))
    opened().given(OPEN, after_s=1).expect_acts().never(Forget("closed"))


def test_the_customer_in_session_is_served_to_the_end() -> None:
    play = opened().given(withdrawal(), after_s=1).given(CLOSE, after_s=1).expect_acts().never(MAINTENANCE)
    answer(play, WITHDRAWAL, Outcome.INSUFFICIENT_FUNDS).never(sends(SIGN_OFF))
    play.given(CardTaken(), after_s=1).expect(MAINTENANCE).expect_acts(sends(SIGN_OFF))
    assert core(play).state is State.CLOSED


def test_what_is_stored_is_sent_before_the_sign_off() -> None:
    play = opened().given(withdrawal(), after_s=1).given(CLOSE, after_s=1).wait(30)
    play.expect(sends(REVERSAL)).given(CardTaken(), after_s=1).never(sends(SIGN_OFF))
    assert core(play).pending() != ()
    answer(play, REVERSAL).expect_acts(sends(SIGN_OFF))
    answer(play, SIGN_OFF)
    assert core(play).pending() == ()


def test_with_something_stored_and_no_host_it_keeps_dialling() -> None:
    play = opened().given(withdrawal(), after_s=1).given(CLOSE, after_s=1)
    play.given(LinkLost("primary", "reset"), after_s=1).given(CardTaken(), after_s=1).expect(MAINTENANCE)
    play.given(DialFailed("secondary", "refused"), after_s=1).wait_until_deadline().expect_acts(Dial("primary"))
    play.given(LinkUp("primary"), after_s=0.1)
    answer(play, SIGN_ON).expect_acts(sends(REVERSAL, "primary"))
    answer(play, REVERSAL).expect_acts(sends(SIGN_OFF, "primary"))


def test_the_order_survives_a_power_failure() -> None:
    again = Play(terminal(memory=memory_of(closed()))).given(PoweredOn()).expect(MAINTENANCE).expect_acts()
    assert core(again).deadline is None
    assert core(again).pending() == ()
    again.given(OPEN, after_s=1).expect(Forget("closed")).expect_acts(Dial("primary"))


def test_after_a_power_failure_it_dials_only_for_what_is_still_owed() -> None:
    play = opened().given(withdrawal(), after_s=1).given(CLOSE, after_s=1)
    again = Play(terminal(memory=memory_of(play))).given(PoweredOn()).expect(Dial("primary"))
    again.given(CardTaken(), after_s=1).given(LinkUp("primary"), after_s=1)
    answer(again, SIGN_ON).expect_acts(sends(REVERSAL))
    answer(again, REVERSAL).expect_acts(sends(SIGN_OFF))
    again.never(like(StateChanged, new="ready"))


def test_it_comes_back_by_order() -> None:
    play = closed().given(OPEN, after_s=60).expect(Forget("closed"), like(ShowScreen, screen="out_of_service"))
    play.expect_acts(Dial("primary")).given(LinkUp("primary"), after_s=0.1)
    answer(play, SIGN_ON).expect(SignedOn(line="primary"), like(StateChanged, new="ready"))
    assert core(play).is_free
    play.given(withdrawal(), after_s=1).expect_acts(sends(WITHDRAWAL, "primary"))


def test_an_order_to_come_back_waits_for_the_sign_off() -> None:
    play = opened().given(CLOSE, after_s=1).given(OPEN, after_s=0.01).expect_acts()
    answer(play, SIGN_OFF).expect_acts(HangUp("primary"), Dial("primary"))
    play.given(LinkUp("primary"), after_s=0.1)
    answer(play, SIGN_ON)
    assert core(play).is_free


@pytest.mark.parametrize("is_up", [False, True])
def test_a_terminal_that_is_not_signed_on_only_hangs_up(is_up: bool) -> None:
    play = Play(terminal()).given(PoweredOn())
    if is_up:
        play.given(LinkUp("primary"), after_s=0.1)
    play.given(CLOSE, after_s=0.1).expect(MAINTENANCE).expect_acts(HangUp("primary"))
    assert core(play).deadline is None
    play.given(LinkUp("primary"), after_s=0.1).expect_acts(HangUp("primary"))


def test_a_terminal_that_waits_to_dial_again_stops_waiting() -> None:
    play = Play(terminal(lines=("only",))).given(PoweredOn()).given(DialFailed("only", "refused"), after_s=1)
    play.given(CLOSE, after_s=0.1).expect_acts()
    assert core(play).deadline is None
