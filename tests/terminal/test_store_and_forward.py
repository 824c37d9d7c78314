"""Store-and-forward (iso8583 facts 1.9): order, repeats, and how a message leaves."""

from typing import Any

import pytest

from atmbench.facts import AdviceAccepted, AdviceQueued, ExceptionOpened
from atmbench.messages.records import Outcome, Purpose, Request
from atmbench.terminal.cabinet import Habits
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import Forget, Remember, SendMessage
from atmbench.terminal.inputs import LinkUp, PoweredOn
from atmbench.terminal.memory import Stored
from atmbench.terminal.settings import AgesBy
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import LINES, answer, change, memory_of, opened, sends, sent, terminal, withdrawal

PATIENT = change(failover={"missed_replies": 99})
REVERSAL = Purpose.REVERSAL


def unanswered(settings: Any = PATIENT) -> Play:
    """A terminal that has just sent the reversal of a withdrawal."""
    return opened(settings).given(withdrawal(), after_s=1).wait(30)


def reversals(play: Play) -> list[Request]:
    return [each.request for each in play.all if isinstance(each, SendMessage) and each.request.purpose is REVERSAL]


def test_repeats_say_so_and_are_the_same_otherwise() -> None:
    play = unanswered().wait(200)
    first, *repeats = reversals(play)
    assert not first.repeat
    assert repeats
    for repeat in repeats:
        assert repeat.repeat
        assert (repeat.stan, repeat.transmitted, repeat.original) == (first.stan, first.transmitted, first.original)


def test_a_dialect_may_want_a_new_transmission_time_in_repeats() -> None:
    play = opened(PATIENT, habits=Habits(renews_transmitted=True)).given(withdrawal(), after_s=1).wait(230)
    first, *repeats = reversals(play)
    assert len({each.transmitted for each in (first, *repeats)}) == 1 + len(repeats) > 2
    for repeat in repeats:
        assert repeat.repeat
        assert (repeat.stan, repeat.local_time, repeat.original) == (first.stan, first.local_time, first.original)
    assert memory_of(play)["saf/000001"].request == first


def test_repeats_come_ever_more_slowly() -> None:
    play = unanswered()
    gaps = []
    for _ in range(4):
        before = play.now
        while not any(isinstance(each, SendMessage) and each.request.purpose is REVERSAL for each in play.turn) or (
            play.now == before
        ):
            play.wait_until_deadline()
        gaps.append(play.now - before)
    assert gaps == pytest.approx([20.0, 25.0, 35.0, 55.0])


def stepped(play: Play, by_s: int) -> Play:
    """The clock on the wall is set; timers go on."""
    cabinet = play.core._cabinet  # type: ignore[attr-defined]
    clock_text = cabinet._clock_text
    cabinet._clock_text = lambda now: clock_text(now + by_s)
    return play


def ageing(by: AgesBy) -> Any:
    return change(PATIENT, store_and_forward={"expires_after_s": 3600.0, "ages_by": by})


@pytest.mark.parametrize("by_s", [7200, -7200])
def test_a_clock_that_is_set_makes_nothing_old(by_s: int) -> None:
    play = stepped(unanswered(ageing(AgesBy.TIMER)), by_s).wait(200)
    assert len(reversals(play)) > 3
    assert "saf/000001" in memory_of(play)


def test_by_the_clock_it_would_be_given_up_and_told() -> None:
    play = stepped(unanswered(ageing(AgesBy.CLOCK)), 7200).wait(200)
    opened_: ExceptionOpened = play.find(like(ExceptionOpened, kind="advice_given_up"))
    assert opened_.because.endswith("it is older than 3600 s")
    assert {"saf/000001", "parked/000001"} & memory_of(play).keys() == {"parked/000001"}


def test_what_is_too_old_by_the_timer_is_given_up() -> None:
    settings = change(PATIENT, store_and_forward={"expires_after_s": 60.0})
    play = unanswered(settings).wait(200)
    assert len(reversals(play)) == 3
    play.find(like(ExceptionOpened, kind="advice_given_up"))


def test_only_a_valid_answer_ends_it() -> None:
    play = unanswered()
    answer(play, REVERSAL, rrn="999999999999")
    assert "saf/000001" in memory_of(play)
    answer(play, REVERSAL).expect(like(AdviceAccepted, attempts=1), Forget("saf/000001"))


def test_no_customer_while_something_is_stored() -> None:
    play = unanswered().wait(10)
    assert isinstance(play.core, Terminal)
    assert play.core.state is State.PARTING
    assert not play.core.is_free
    answer(play, REVERSAL).wait(30)
    assert play.core.is_free


def test_a_host_that_is_away_is_asked_again() -> None:
    play = unanswered()
    answer(play, REVERSAL, Outcome.HOST_UNAVAILABLE)
    assert "saf/000001" in memory_of(play)
    play.never(like(ExceptionOpened))


def test_a_poison_message_is_set_aside_and_the_queue_behind_it_drains() -> None:
    memory = two_stored()
    play = Play(terminal(change(PATIENT, store_and_forward={"attempts_max": 3}), memory)).given(PoweredOn())
    answer(play.given(LinkUp(LINES[0]), after_s=1), Purpose.SIGN_ON)
    while not play.count(like(ExceptionOpened)):
        play.wait_until_deadline()
    play.expect(
        like(ExceptionOpened, kind="advice_given_up", key="T07/000011/0105090000"),
        like(Remember, slot="parked/000001"),
        Forget("saf/000001"),
        like(Remember, slot="saf/000002"),
        sends(REVERSAL, stan=22, repeat=False),
    )
    assert [each.repeat for each in reversals(play)] == [False, True, True, False]
    assert all(key.startswith(("stan", "saf", "parked")) for key in memory_of(play))


def two_stored() -> dict[str, Any]:
    play = unanswered()
    stored = memory_of(play)["saf/000001"]
    first, second = (
        Stored(
            key=f"T07/{stan:06d}/0105090000",
            request=Request(purpose=REVERSAL, terminal="T07", stan=stan + 1, transmitted="0105090000"),
            outcome=stored.outcome,
        )
        for stan in (11, 21)
    )
    return {"saf/000002": second, "saf/000001": first, "stan": 22}


def test_the_order_of_the_queue_survives_a_power_failure() -> None:
    play = Play(terminal(memory=two_stored())).given(PoweredOn())
    play.expect(like(AdviceQueued, stan=12), like(AdviceQueued, stan=22))
    answer(play.given(LinkUp(LINES[0]), after_s=1), Purpose.SIGN_ON).expect(sends(REVERSAL, stan=12))
    answer(play, REVERSAL).expect(sends(REVERSAL, stan=22))


def test_a_message_that_may_have_been_sent_is_a_repeat_after_a_power_failure() -> None:
    memory = memory_of(unanswered())
    assert memory["saf/000001"].attempts == 1
    play = Play(terminal(memory=memory)).given(PoweredOn()).given(LinkUp(LINES[0]), after_s=1)
    answer(play, Purpose.SIGN_ON).expect(sends(REVERSAL, repeat=True, stan=memory["saf/000001"].request.stan))
    play.never(like(AdviceQueued))


def test_a_power_failure_while_parking_does_not_send_it_again() -> None:
    memory = memory_of(unanswered())
    memory["parked/000001"] = memory["saf/000001"]
    play = Play(terminal(memory=memory)).given(PoweredOn()).expect(Forget("saf/000001"))
    answer(play.given(LinkUp(LINES[0]), after_s=1), Purpose.SIGN_ON).never(sends(REVERSAL))


def test_a_code_that_helps_nobody_is_set_aside_at_once() -> None:
    play = unanswered()
    answer(play, REVERSAL, Outcome.FORMAT_ERROR).expect(
        like(ExceptionOpened, kind="advice_given_up"), like(Remember, slot="parked/000001")
    )


def test_too_much_set_aside_closes_the_terminal() -> None:
    play = unanswered(change(PATIENT, store_and_forward={"messages_max": 1}))
    answer(play, REVERSAL, Outcome.FORMAT_ERROR).wait(31)
    assert isinstance(play.core, Terminal)
    assert play.core.state is State.CLOSED


def test_the_stan_of_a_reversal_is_of_its_own() -> None:
    play = unanswered()
    assert sent(play, REVERSAL).stan == sent(play, Purpose.WITHDRAWAL).stan + 1
