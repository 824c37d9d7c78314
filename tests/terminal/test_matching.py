"""Which replies count (iso8583 facts 1.8): everything else is told, changes nothing, and the deadline stands."""

from typing import Any

import pytest
from msgspec.structs import replace

from atmbench.facts import AdviceQueued, ReplyIgnored
from atmbench.messages.matching import ReplyKey
from atmbench.messages.records import Outcome, Purpose, Reason
from atmbench.terminal.effects import Dispense, EjectCard
from atmbench.terminal.inputs import CardTaken
from atmbench.terminal.outstanding import RECENT_KEYS_MAX
from tests.playbook import like
from tests.terminal.cast import answer, asked, opened, reply_to, sends, sent, withdrawal


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_minor": 50000}, "other_amount"),
        ({"amount_minor": 6000, "outcome": Outcome.PARTIALLY_APPROVED}, "other_amount"),
        ({"currency": "USD"}, "other_amount"),
        ({"rrn": "000000000001"}, "other_transaction"),
        ({"local_time": "260105235959"}, "other_transaction"),
        ({"purpose": Purpose.BALANCE}, "other_transaction"),
    ],
    ids=str,
)
def test_a_reply_that_contradicts_its_request_is_no_answer(changes: dict[str, Any], reason: str) -> None:
    play = opened().given(withdrawal(), after_s=1)
    until = play.core.deadline
    answer(play, Purpose.WITHDRAWAL, changes.pop("outcome", Outcome.APPROVED), **changes)
    play.expect_acts().expect(like(ReplyIgnored, reason=reason, approved=True))
    assert play.core.deadline == until
    play.wait(30).expect(like(AdviceQueued, reason=Reason.INVALID_ANSWER)).never(Dispense)


def test_the_right_reply_after_a_wrong_one_counts() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, amount_minor=50000)
    answer(play, Purpose.WITHDRAWAL).expect_acts(EjectCard)


def test_a_year_in_the_time_does_not_matter() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, local_time=sent(play, Purpose.WITHDRAWAL).local_time[2:]).expect_acts(EjectCard)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (ReplyKey("02", "T07", 99), "unmatched"),
        (ReplyKey("04", "T07", 2), "unmatched"),
        (ReplyKey("02", "T08", 2), "other_terminal"),
    ],
    ids=str,
)
def test_a_reply_to_nothing_says_what_came_nearest(key: ReplyKey, reason: str) -> None:
    play = opened().given(withdrawal(), after_s=1)
    assert sent(play, Purpose.WITHDRAWAL).stan == 2
    given = reply_to(sent(play, Purpose.WITHDRAWAL))
    play.given(replace(given, key=key), after_s=1).expect_acts().expect(like(ReplyIgnored, reason=reason))
    if reason == "unmatched":
        assert "withdrawal with STAN 000002 waits" in play.find(ReplyIgnored).nearest


def test_a_late_reply_inside_the_next_transaction_does_not_touch_it() -> None:
    play = opened().given(withdrawal(), after_s=1).wait(30)
    late = reply_to(sent(play, Purpose.WITHDRAWAL))
    answer(play, Purpose.REVERSAL)
    answer(play, Purpose.ECHO).given(CardTaken(), after_s=1)
    play.given(withdrawal(2000), after_s=1)
    play.given(late, after_s=1).expect_acts().expect(like(ReplyIgnored, reason="late", approved=True))
    assert "had waited long enough" in play.find(ReplyIgnored).nearest
    answer(play, Purpose.WITHDRAWAL).expect_acts(EjectCard)
    assert play.count(like(AdviceQueued)) == 1


def test_a_late_reply_is_forgotten_in_the_end() -> None:
    play = opened().given(asked(Purpose.BALANCE), after_s=1)
    old = reply_to(sent(play, Purpose.BALANCE))
    answer(play, Purpose.BALANCE).given(CardTaken(), after_s=1)
    play.given(old, after_s=0.1).expect(like(ReplyIgnored, reason="late"))
    for _ in range(RECENT_KEYS_MAX):
        play.wait_until_deadline().expect(sends(Purpose.ECHO))
        answer(play, Purpose.ECHO)
    play.given(old, after_s=0.1).expect(like(ReplyIgnored, reason="unmatched"))
