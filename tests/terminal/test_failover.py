"""Which line a terminal uses: left when replies stop, taken back only when it has earned it (7.2, F12 and F20)."""

import msgspec
import pytest

from atmbench.errors import LocalError
from atmbench.facts import AdviceQueued, LineChosen, LineSuspected, SignedOff, SignedOn, StateChanged
from atmbench.messages.records import Outcome, Purpose, Reason
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import Dial, EjectCard, HangUp, SendMessage
from atmbench.terminal.inputs import CardTaken, CustomerCancelled, DialFailed, LinkLost, LinkUp, PoweredOn
from atmbench.terminal.settings import TerminalSettings
from tests.playbook import Play, like
from tests.terminal.cast import SETTINGS, answer, asked, change, opened, sends, sent, terminal, withdrawal

SIGN_ON, SIGN_OFF, ECHO = Purpose.SIGN_ON, Purpose.SIGN_OFF, Purpose.ECHO
STEADY = change(reconnect={"jitter": 0.0})
QUIET = change(STEADY, timers={"echo_s": 1000.0})


def core(play: Play) -> Terminal:
    assert isinstance(play.core, Terminal)
    return play.core


def on_secondary(settings: TerminalSettings = STEADY) -> Play:
    play = opened(settings).given(LinkLost("primary", "reset"), after_s=1).given(LinkUp("secondary"), after_s=0.1)
    return answer(play, SIGN_ON, line="secondary")


def probing(settings: TerminalSettings = QUIET) -> Play:
    """On the secondary line, with the primary signed on beside it."""
    play = on_secondary(settings).wait_until_deadline().expect_acts(Dial("primary"))
    play.given(LinkUp("primary"), after_s=0.1).expect_acts(sends(SIGN_ON, "primary"))
    return answer(play, SIGN_ON).expect(SignedOn(line="primary"))


def test_power_on_dials_signs_on_and_opens() -> None:
    play = Play(terminal()).given(PoweredOn()).expect_acts(Dial("primary"))
    play.given(LinkUp("primary"), after_s=0.1).expect_acts(sends(SIGN_ON, "primary"))
    assert core(play).active_line == ""
    answer(play, SIGN_ON).expect(SignedOn(line="primary"), like(StateChanged, new="ready"))
    assert core(play).active_line == "primary"
    assert core(play).is_free


def test_an_idle_line_is_asked_whether_somebody_is_there() -> None:
    play = opened().wait_until_deadline().expect_acts(sends(ECHO, "primary"))
    assert play.now == pytest.approx(60.15)
    answer(play, ECHO).expect_acts()
    assert core(play).deadline == pytest.approx(play.now + 60)


def test_a_dead_line_that_still_stands_is_found_before_a_customer_does() -> None:
    play = opened().wait_until_deadline().wait_until_deadline()
    play.expect_acts(sends(ECHO)).expect(like(LineSuspected, missed=1))
    play.wait_until_deadline().expect_acts(HangUp("primary"), Dial("secondary")).expect(
        like(LineSuspected, missed=2),
        like(LineChosen, line="secondary", previous="primary"),
        like(StateChanged, new="closed"),
    )
    assert play.now == pytest.approx(80.15)


def test_an_answer_of_any_kind_ends_the_count_of_missing_ones() -> None:
    play = opened().given(withdrawal(), after_s=1).wait(30).expect(like(LineSuspected, missed=1))
    answer(play, Purpose.REVERSAL)
    answer(play, ECHO)
    play.wait(58).never(like(LineSuspected, missed=2), HangUp)


def test_a_lost_connection_moves_at_once_and_ends_what_waits_on_it() -> None:
    play = opened().given(withdrawal(), after_s=1)
    play.given(LinkLost("primary", "reset"), after_s=1).expect(
        like(LineChosen, line="secondary", because="reset"),
        Dial("secondary"),
        like(AdviceQueued, reason=Reason.NO_ANSWER),
        EjectCard,
    ).never(HangUp)
    play.given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").expect_acts(sends(Purpose.REVERSAL, "secondary", repeat=False))


def test_terminals_that_lose_a_line_together_do_not_all_dial_at_once() -> None:
    play = opened(change(STEADY, failover={"spread_s": 30.0})).given(LinkLost("primary", "reset"), after_s=1)
    play.expect_acts()
    lost_at = play.now
    play.wait_until_deadline().expect_acts(Dial("secondary"))
    assert lost_at < play.now < lost_at + 30
    play.given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary")
    back_at = play.now + 60
    while not any(isinstance(each, Dial) for each in play.wait_until_deadline().turn):
        answer(play, ECHO, line="secondary")
    assert back_at < play.now < back_at + 30, "nor do they look at the preferred line together"


@pytest.mark.parametrize("outcome", [Outcome.HOST_UNAVAILABLE, Outcome.DECLINED])
def test_a_host_that_does_not_sign_us_on_is_left(outcome: Outcome) -> None:
    play = Play(terminal()).given(PoweredOn()).given(LinkUp("primary"), after_s=0.1)
    answer(play, SIGN_ON, outcome).expect_acts(HangUp("primary"), Dial("secondary"))


def test_a_host_that_cannot_serve_is_left() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, Outcome.HOST_UNAVAILABLE).expect_acts(
        EjectCard, HangUp("primary"), Dial("secondary")
    )


def test_a_host_that_wants_a_sign_on_gets_one() -> None:
    play = opened().given(asked(Purpose.BALANCE), after_s=1)
    answer(play, Purpose.BALANCE, Outcome.SIGN_ON_NEEDED).expect_acts(EjectCard, sends(SIGN_ON, "primary"))
    answer(play, SIGN_ON).given(CardTaken(), after_s=1).never(HangUp)
    assert core(play).is_free


def test_two_dead_lines_are_tried_in_turn_and_ever_more_slowly() -> None:
    play = Play(terminal(STEADY)).given(PoweredOn())
    dialled = ["primary"]
    pauses = []
    for _ in range(8):
        failed_at = play.now
        play.given(DialFailed(dialled[-1], "refused"), after_s=0.0)
        if not any(isinstance(effect, Dial) for effect in play.turn):
            play.wait_until_deadline()
        (dial,) = [effect for effect in play.turn if isinstance(effect, Dial)]
        pauses.append(play.now - failed_at)
        dialled.append(dial.line)
    assert dialled[:5] == ["primary", "secondary", "primary", "secondary", "primary"]
    assert pauses == [0, 1, 2, 4, 8, 16, 30, 30]


def test_a_sign_on_alone_does_not_make_a_line_good() -> None:
    play = on_secondary()
    play.given(LinkLost("secondary", "reset"), after_s=0.1).expect_acts()
    assert core(play).deadline == pytest.approx(play.now + 1)
    play.wait_until_deadline().expect_acts(Dial("primary")).given(LinkUp("primary"))
    answer(play, SIGN_ON).given(LinkLost("primary", "reset"), after_s=0.1).expect_acts()
    assert core(play).deadline == pytest.approx(play.now + 2)


def test_a_real_answer_ends_the_slowness() -> None:
    play = on_secondary().wait_until_deadline()
    play.given(DialFailed("primary", "refused"), after_s=0.1)
    answer(play, ECHO, line="secondary").given(LinkLost("secondary", "reset"), after_s=1).expect_acts(Dial("primary"))


def test_jitter_comes_from_the_terminals_own_dice() -> None:
    play = Play(terminal(lines=("only",))).given(PoweredOn()).given(DialFailed("only", "refused"))
    play.wait_until_deadline().expect_acts(Dial("only"))
    assert 0.5 <= play.now < 1.0


def test_a_dial_that_takes_too_long_is_given_up() -> None:
    play = Play(terminal()).given(PoweredOn()).wait_until_deadline().expect_acts(HangUp("primary"), Dial("secondary"))
    assert play.now == 5.0
    play.given(LinkUp("primary"), after_s=0.1).expect_acts(HangUp("primary"))


# --- the way back ----------------------------------------------------------------------------------


def test_the_preferred_line_is_taken_back_after_enough_answers() -> None:
    play = probing()
    for _ in range(3):
        play.never(HangUp).wait_until_deadline().expect_acts(sends(ECHO, "primary"))
        answer(play, ECHO)
    play.expect(like(LineChosen, line="primary", previous="secondary"))
    play.expect_acts(sends(SIGN_OFF, "secondary"))
    assert core(play).active_line == "primary"
    assert core(play).is_free
    answer(play, SIGN_OFF, line="secondary").expect_acts(HangUp("secondary")).expect(
        SignedOff(line="secondary", answered=True)
    )
    assert core(play).is_free


def moved_back() -> Play:
    """On the primary line again, while the secondary has not answered the sign-off."""
    play = probing(change(QUIET, failover={"fail_back_echoes": 1})).wait_until_deadline()
    return answer(play, ECHO).expect_acts(sends(SIGN_OFF, "secondary"))


def test_a_sign_off_that_nobody_answers_is_given_up_and_nothing_else_comes_of_it() -> None:
    play = moved_back().wait(9.9).never(HangUp).given(withdrawal())
    play.wait(0.1).expect_acts(HangUp("secondary")).expect(SignedOff(line="secondary", answered=False))
    answer(play, Purpose.WITHDRAWAL, Outcome.INSUFFICIENT_FUNDS).given(CardTaken(), after_s=1)
    play.never(like(LineSuspected), like(LineChosen, because="a reply is missing"))
    assert core(play).active_line == "primary"


def test_a_line_that_is_lost_while_signing_off_is_let_go() -> None:
    play = moved_back().given(LinkLost("secondary", "reset"), after_s=1).expect_acts()
    play.expect(SignedOff(line="secondary", answered=False)).wait(20).never(HangUp)
    assert core(play).active_line == "primary"


def test_a_line_that_is_chosen_again_while_signing_off_is_dialled_after_that() -> None:
    play = moved_back().given(LinkLost("primary", "reset"), after_s=1).expect_acts()
    assert core(play).active_line == ""
    answer(play, SIGN_OFF, line="secondary").expect_acts(HangUp("secondary"), Dial("secondary"))
    play.given(LinkUp("secondary"), after_s=0.1).expect_acts(sends(SIGN_ON, "secondary"))
    answer(play, SIGN_ON, line="secondary")
    assert core(play).is_free


def test_one_missing_answer_restarts_the_damping() -> None:
    play = probing().wait(10).expect(sends(ECHO, "primary"))
    play.wait(10).expect(like(LineSuspected, line="primary", missed=1), HangUp("primary"))
    assert core(play).active_line == "secondary"
    hung_up_at = play.now
    play.wait_until_deadline().expect_acts(Dial("primary"))
    assert play.now == pytest.approx(hung_up_at + 60)


def test_a_customer_is_never_moved() -> None:
    play = probing(change(QUIET, failover={"fail_back_echoes": 1})).given(withdrawal(), after_s=1)
    play.wait(9).expect(sends(ECHO, "primary"))
    answer(play, ECHO)
    assert core(play).active_line == "secondary"
    answer(play, Purpose.WITHDRAWAL, Outcome.INSUFFICIENT_FUNDS, line="secondary").never(HangUp)
    play.given(CardTaken(), after_s=1).expect_acts(sends(SIGN_OFF, "secondary"))
    assert core(play).active_line == "primary"


def test_a_line_on_probation_steps_in_when_the_other_fails() -> None:
    play = (
        probing()
        .given(LinkLost("secondary", "reset"), after_s=1)
        .expect_acts()
        .expect(like(LineChosen, line="primary"))
    )
    assert core(play).active_line == "primary"
    assert core(play).is_free


def test_answers_on_the_line_on_probation_say_nothing_for_the_other() -> None:
    play = probing().given(withdrawal(), after_s=5)
    play.wait(5.1).expect_acts(sends(ECHO, "primary"))
    answer(play, ECHO).wait(25).expect(like(LineSuspected, line="secondary", missed=1))
    while not play.count(HangUp("secondary")):
        play.wait_until_deadline()
        if any(isinstance(each, SendMessage) and each.line == "primary" for each in play.turn):
            answer(play, ECHO)
    play.expect(like(LineSuspected, line="secondary", missed=2), like(LineChosen, line="primary"))


def test_a_standby_that_refuses_the_probe_is_left_alone_for_a_while() -> None:
    play = on_secondary()
    play.wait(59.0)
    play.wait(1.0).expect(Dial("primary")).given(LinkUp("primary"))
    answer(play, SIGN_ON, Outcome.HOST_UNAVAILABLE).expect_acts(HangUp("primary"))
    assert core(play).active_line == "secondary"
    assert core(play).is_free


def test_no_way_back_where_none_is_wanted() -> None:
    play = on_secondary(change(SETTINGS, failover={"fail_back": False}))
    for _ in range(5):
        play.wait_until_deadline().expect_acts(sends(ECHO, "secondary"))
        answer(play, ECHO, line="secondary")
    assert sent(play, ECHO).terminal == "T07"


def test_lines_must_be_there_once_each() -> None:
    for lines in ((), ("a", "a")):
        with pytest.raises(LocalError, match="each once"):
            terminal(lines=lines)


REPEATS = change(STEADY, failover={"missed_replies": 1, "repeats_request": True}, timers={"reply_s": 20.0})


def test_what_was_not_answered_is_asked_again_over_the_other_line() -> None:
    play = opened(REPEATS).given(withdrawal(), after_s=1)
    first = sent(play, Purpose.WITHDRAWAL)
    play.wait_until_deadline().expect_acts(HangUp("primary"), Dial("secondary")).never(AdviceQueued)
    play.given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").expect_acts(sends(Purpose.WITHDRAWAL, "secondary", repeat=True))
    again = sent(play, Purpose.WITHDRAWAL)
    assert msgspec.structs.replace(again, repeat=False) == first, "and the track, which is kept for this alone"
    answer(play, Purpose.WITHDRAWAL, line="secondary").expect_acts(EjectCard)


def test_a_repeat_without_an_answer_is_reversed() -> None:
    play = opened(REPEATS).given(withdrawal(), after_s=1).wait_until_deadline().given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").wait(21)
    play.expect(like(AdviceQueued, reason=Reason.NO_ANSWER))


def test_a_decline_of_what_was_asked_once_is_not_reversed() -> None:
    play = opened(REPEATS).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, Outcome.INSUFFICIENT_FUNDS).expect_acts(EjectCard).never(AdviceQueued)


def test_without_another_line_in_time_it_is_reversed() -> None:
    play = opened(REPEATS).given(withdrawal(), after_s=1).wait_until_deadline().wait(19).never(AdviceQueued)
    play.wait(2).expect(like(AdviceQueued, reason=Reason.NO_ANSWER))


def test_a_customer_who_cancels_meanwhile_is_not_asked_for_again() -> None:
    play = opened(REPEATS).given(withdrawal(), after_s=1).wait_until_deadline().given(CustomerCancelled(), after_s=1)
    play.expect(like(AdviceQueued, reason=Reason.CANCELLED)).given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary").never(sends(Purpose.WITHDRAWAL, repeat=True))


def test_a_repeat_that_is_declined_is_reversed() -> None:
    play = opened(REPEATS).given(withdrawal(), after_s=1).wait_until_deadline().given(LinkUp("secondary"), after_s=0.1)
    answer(play, SIGN_ON, line="secondary")
    answer(play, Purpose.WITHDRAWAL, Outcome.DECLINED, line="secondary")
    play.expect(like(AdviceQueued, reason=Reason.INVALID_ANSWER))
