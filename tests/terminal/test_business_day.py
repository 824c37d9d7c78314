"""The business day at a terminal: taken from the host, kept by what was begun before, and through a power failure."""

from typing import Any

import pytest

from atmbench.facts import BusinessDayTaken, TransactionEnded
from atmbench.messages.moments import is_later_day
from atmbench.messages.records import Purpose, Request
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import AnswerHost, Remember
from atmbench.terminal.inputs import DayAnnounced, PoweredOn
from tests.playbook import Play, like
from tests.terminal.cast import LINES, answer, change, memory_of, opened, sent, terminal, withdrawal

WITHDRAWAL, REVERSAL = Purpose.WITHDRAWAL, Purpose.REVERSAL
PATIENT = change(failover={"missed_replies": 99})


def announced(day: str) -> DayAnnounced:
    request = Request(purpose=Purpose.CUTOVER, terminal="T07", stan=3, transmitted="0105090000", business_day=day)
    return DayAnnounced(LINES[0], request)


def day_of(play: Play) -> str:
    assert isinstance(play.core, Terminal)
    return play.core._cabinet.business_day


def in_day(day: str = "260105", **more: Any) -> Play:
    return opened(PATIENT, memory={"day": day}, **more)


def test_the_day_is_remembered_before_it_is_answered() -> None:
    play = in_day().given(announced("0106"), after_s=1)
    play.expect(Remember("day", "0106"), like(BusinessDayTaken, day="0106", before="260105", announced=True))
    play.find(like(AnswerHost, line=LINES[0]))


@pytest.mark.parametrize("day", ["0105", "0104", "260105"])
def test_a_day_that_is_no_later_one_is_answered_and_left(day: str) -> None:
    play = in_day().given(announced(day), after_s=1)
    play.find(like(AnswerHost, line=LINES[0]))
    assert day_of(play) == "260105"


def test_what_was_begun_before_keeps_its_day_in_the_reversal_and_its_repeats() -> None:
    play = in_day().given(withdrawal(), after_s=1).given(announced("0106"), after_s=1).wait(60)
    assert sent(play, WITHDRAWAL).business_day == "260105"
    reversal = sent(play, REVERSAL)
    assert (reversal.repeat, reversal.business_day) == (True, "260105")
    answer(play, REVERSAL).wait(40).given(withdrawal(), after_s=1)
    assert sent(play, WITHDRAWAL).business_day == "0106"


def test_a_transaction_is_in_the_day_that_the_host_answers() -> None:
    play = answer(in_day().given(withdrawal(), after_s=1), WITHDRAWAL, business_day="0106", day_advanced=True)
    play.find(like(BusinessDayTaken, day="0106", announced=False))
    play.wait(200)  # nobody takes the card: it is reversed
    assert sent(play, REVERSAL).business_day == "0106"
    play.find(like(TransactionEnded, day="0106"))


def test_a_stored_answer_of_an_earlier_day_is_no_news() -> None:
    play = in_day("260106")
    answer(play.given(withdrawal(), after_s=1), WITHDRAWAL, business_day="0105")
    assert day_of(play) == "260106"


def test_the_day_survives_a_power_failure() -> None:
    play = in_day().given(announced("0106"), after_s=1)
    again = Play(terminal(PATIENT, memory_of(play))).given(PoweredOn())
    assert day_of(again) == "0106"


def test_who_was_never_told_says_none_and_takes_none_from_answers() -> None:
    play = opened(PATIENT).given(withdrawal(), after_s=1)
    assert sent(play, WITHDRAWAL).business_day == ""
    answer(play, WITHDRAWAL, business_day="0105")
    assert day_of(play) == ""


@pytest.mark.parametrize(
    ("one", "other", "later"),
    [
        ("0106", "0105", True),
        ("260106", "0105", True),
        ("0105", "260105", False),
        ("0104", "0105", False),
        ("0101", "1231", True),
        ("1231", "0101", False),
        ("0229", "0228", True),
    ],
)
def test_days_go_round_the_year(one: str, other: str, later: bool) -> None:
    assert is_later_day(one, other) is later
