"""A terminal whose lines an operator takes out of service: it uses another, or tells customers that there is none."""

from typing import Any

from atmbench.facts import LineChosen, SignedOff, StateChanged
from atmbench.messages.records import Outcome, Purpose
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import Dial, Forget, HangUp, Remember, ShowScreen
from atmbench.terminal.inputs import CardTaken, LineOrdered, LinkLost, LinkUp, PoweredOn, ServiceOrdered
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import answer, change, memory_of, opened, sends, terminal, withdrawal

SIGN_ON, SIGN_OFF, WITHDRAWAL = Purpose.SIGN_ON, Purpose.SIGN_OFF, Purpose.WITHDRAWAL
PAUSED = "This service is paused.\nTry another ATM or the branch."
SCREEN = like(ShowScreen, screen="closed", lines=tuple(PAUSED.splitlines()))


def core(play: Play) -> Terminal:
    assert isinstance(play.core, Terminal)
    return play.core


def close(line: str, because: str = PAUSED) -> LineOrdered:
    return LineOrdered(line, open=False, because=because)


def lift(line: str) -> LineOrdered:
    return LineOrdered(line, open=True)


def moved() -> Play:
    """The primary line is out of service, and the terminal serves over the secondary."""
    play = opened().given(close("primary"), after_s=1)
    play.expect_acts(Dial("secondary"), sends(SIGN_OFF, "primary")).expect(
        like(LineChosen, line="secondary", because="line primary is out of service by order")
    )
    answer(play, SIGN_OFF).expect_acts(HangUp("primary"))
    return answer(play.given(LinkUp("secondary"), after_s=0.1), SIGN_ON, line="secondary")


def shut_out() -> Play:
    play = moved().given(close("secondary"), after_s=1)
    return answer(play, SIGN_OFF, line="secondary")


def test_another_line_is_used_and_the_one_that_is_out_is_signed_off() -> None:
    play = moved()
    assert core(play).active_line == "secondary"
    assert core(play).state is State.READY
    assert core(play).pending() == ()


def test_it_is_remembered_before_anything_follows() -> None:
    play = opened().given(close("primary", ""), after_s=1)
    play.expect(Remember("lines out", {"primary": ""}), sends(SIGN_OFF, "primary"))


def test_a_line_that_is_out_is_not_looked_at() -> None:
    settings = change(failover={"fail_back_after_s": 5.0}, timers={"echo_s": 1000.0})
    play = opened(settings).given(close("primary"), after_s=1)
    answer(play, SIGN_OFF)
    answer(play.given(LinkUp("secondary"), after_s=0.1), SIGN_ON, line="secondary")
    play.wait(100).expect_acts()
    play.given(lift("primary"), after_s=1).wait(5).expect_acts(Dial("primary"))


def test_a_preferred_line_that_is_lifted_while_it_signs_off_is_looked_at_later() -> None:
    """On probation it is signed on, and the order to leave it is over before its host has answered the sign-off."""
    settings = change(
        failover={"fail_back_after_s": 5.0, "fail_back_echoes": 9, "probe_s": 50.0}, timers={"echo_s": 1000.0}
    )
    play = opened(settings).given(close("primary"), after_s=1)
    answer(play, SIGN_OFF)
    answer(play.given(LinkUp("secondary"), after_s=0.1), SIGN_ON, line="secondary")
    play.given(lift("primary"), after_s=1).wait(5).expect_acts(Dial("primary"))
    answer(play.given(LinkUp("primary"), after_s=0.1), SIGN_ON)
    play.given(close("primary"), after_s=1).given(lift("primary"), after_s=0.01)
    answer(play, SIGN_OFF)
    play.wait(6).expect_acts(Dial("primary"))


def test_the_customer_in_session_is_served_over_the_line_to_the_end() -> None:
    play = opened().given(withdrawal(), after_s=1).given(close("primary"), after_s=1).expect_acts()
    answer(play, WITHDRAWAL, Outcome.INSUFFICIENT_FUNDS).never(sends(SIGN_OFF))
    play.given(CardTaken(), after_s=1).expect_acts(Dial("secondary"), sends(SIGN_OFF, "primary"))


def test_without_any_line_customers_are_told_why() -> None:
    play = moved().given(close("secondary"), after_s=1)
    play.expect(like(StateChanged, new="closed", because="out of service by order"), SCREEN)
    answer(play, SIGN_OFF, line="secondary").expect(SignedOff(line="secondary", answered=True))
    assert core(play).closed_because == PAUSED
    assert core(play).pending() == ()
    assert core(play).deadline is None
    assert not core(play).is_ordered_out


def test_the_line_that_comes_back_first_is_used() -> None:
    shut_out().given(lift("primary"), after_s=10).expect_acts(Dial("primary"))
    shut_out().given(lift("secondary"), after_s=10).expect_acts(Dial("secondary"))


def test_the_last_line_that_comes_back_is_forgotten_as_an_order() -> None:
    play = shut_out().given(lift("secondary"), after_s=10).given(lift("primary"), after_s=1)
    play.expect(Forget("lines out"))
    assert "lines out" not in memory_of(play)


def test_an_order_holds_through_a_power_failure() -> None:
    memory = memory_of(moved())
    play = Play(terminal(memory=memory)).given(PoweredOn())
    play.expect_acts(Dial("secondary"))
    both: dict[str, Any] = {"lines out": {"primary": "", "secondary": PAUSED}}
    play = Play(terminal(memory=both)).given(PoweredOn()).expect_acts()
    assert core(play).deadline is None


def test_a_line_that_is_lost_is_not_left_for_one_that_is_out() -> None:
    play = moved()
    play.given(LinkLost("secondary", "reset"), after_s=1).expect_acts(Dial("secondary"))


def test_the_same_order_again_changes_nothing() -> None:
    moved().given(close("primary"), after_s=1).expect_acts()
    opened().given(lift("primary"), after_s=1).expect_acts().never(Forget("lines out"))


def test_a_terminal_ordered_out_says_what_the_operator_wants_it_to_say() -> None:
    play = opened().given(ServiceOrdered(open=False, because=PAUSED), after_s=1)
    play.expect(Remember("closed", PAUSED), SCREEN, sends(SIGN_OFF))
    play.given(ServiceOrdered(open=False, because="Later."), after_s=1)
    play.expect(like(ShowScreen, screen="closed", lines=("Later.",)))
    memory = memory_of(play)
    again = Play(terminal(memory=memory)).given(PoweredOn())
    assert core(again).closed_because == "Later."
