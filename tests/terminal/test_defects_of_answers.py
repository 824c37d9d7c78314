"""Planted defects in what a terminal does on one answer or one input: the sound terminal first, then the spoilt one."""

import pytest

from atmbench import facts
from atmbench.messages.records import Outcome, Purpose
from atmbench.terminal.defects import DEFECTS
from atmbench.terminal.effects import Dispense, EjectCard, RetainCard
from atmbench.terminal.inputs import (
    CardTaken,
    CashTaken,
    DepositCounted,
    DepositReturned,
    DispenseEnded,
    DispenserReported,
    PoweredOn,
)
from atmbench.terminal.memory import Stage
from atmbench.terminal.settings import TerminalSettings
from tests.playbook import Play, like
from tests.terminal.cast import (
    LINES,
    SETTINGS,
    answer,
    asked,
    change,
    memory_of,
    opened,
    reply_to,
    sends,
    sent,
    terminal,
    withdrawal,
)

SOUND = frozenset[str]()
ADVICES = like(facts.AdviceQueued, purpose="reversal")
STAYS = change(
    failover={"missed_replies": 99}, store_and_forward={"attempts_max": 2, "reply_s": 5, "first_repeat_s": 1}
)


def planted(name: str) -> frozenset[str]:
    assert name in DEFECTS
    return frozenset({name})


def paying(defects: frozenset[str], settings: TerminalSettings = SETTINGS) -> Play:
    """A withdrawal that was approved and paid in full."""
    play = opened(settings, defects=defects).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL).given(CardTaken(), after_s=1)
    order: Dispense = play.find(Dispense)
    play.given(DispenseEnded(key=order.key, status="presented", notes=order.notes), after_s=1)
    return play.given(CashTaken(order.key), after_s=1)


def unanswered(defects: frozenset[str], settings: TerminalSettings = STAYS) -> Play:
    """A withdrawal without an answer, whose reversal was sent once and waits for its own."""
    return opened(settings, defects=defects).given(withdrawal(), after_s=1).wait(31)


@pytest.mark.parametrize(("defects", "acts"), [(SOUND, False), (planted("ignore-reply-terminal"), True)])
def test_ignore_reply_terminal(defects: frozenset[str], acts: bool) -> None:
    play = opened(defects=defects).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, terminal="T08")
    assert bool(play.count(EjectCard)) is acts


@pytest.mark.parametrize(("defects", "acts"), [(SOUND, False), (planted("take-next-answer"), True)])
def test_take_next_answer(defects: frozenset[str], acts: bool) -> None:
    play = opened(defects=defects).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, stan=sent(play, Purpose.WITHDRAWAL).stan - 1)
    assert bool(play.count(EjectCard)) is acts


@pytest.mark.parametrize("name", ["ignore-reply-terminal", "take-next-answer"])
def test_a_reply_of_another_kind_is_not_taken_for_an_answer(name: str) -> None:
    play = opened(defects=planted(name)).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, terminal="T08", purpose=Purpose.BALANCE, stan=1)
    assert not play.count(EjectCard)


@pytest.mark.parametrize(("defects", "pays"), [(SOUND, False), (planted("pay-on-host-unavailable"), True)])
def test_pay_on_host_unavailable(defects: frozenset[str], pays: bool) -> None:
    play = opened(defects=defects).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, Outcome.HOST_UNAVAILABLE).given(CardTaken(), after_s=1)
    assert bool(play.count(Dispense)) is pays


@pytest.mark.parametrize(("defects", "reversals"), [(SOUND, 0), (planted("reverse-on-duplicate-reply"), 1)])
def test_reverse_on_duplicate_reply(defects: frozenset[str], reversals: int) -> None:
    play = paying(defects)
    answer(play, Purpose.WITHDRAWAL)
    assert play.count(ADVICES) == reversals


@pytest.mark.parametrize(("defects", "reversals"), [(SOUND, 1), (planted("reverse-twice"), 2)])
def test_reverse_twice(defects: frozenset[str], reversals: int) -> None:
    play = unanswered(defects)
    answer(play, Purpose.WITHDRAWAL)
    assert play.count(ADVICES) == reversals


@pytest.mark.parametrize(("defects", "accepted"), [(SOUND, 0), (planted("any-answer-settles"), 1)])
def test_any_answer_settles(defects: frozenset[str], accepted: int) -> None:
    play = answer(unanswered(defects), Purpose.REVERSAL, Outcome.HOST_UNAVAILABLE)
    assert play.count(facts.AdviceAccepted) == accepted


@pytest.mark.parametrize(("defects", "told"), [(SOUND, 1), (planted("saf-drops-declined"), 0)])
def test_saf_drops_declined(defects: frozenset[str], told: int) -> None:
    play = answer(unanswered(defects), Purpose.REVERSAL, Outcome.INVALID_TRANSACTION)
    assert play.count(facts.ExceptionOpened) == told


@pytest.mark.parametrize(("defects", "told"), [(SOUND, 1), (planted("head-blocks-queue"), 0)])
def test_head_blocks_queue(defects: frozenset[str], told: int) -> None:
    play = unanswered(defects).wait(120)
    assert play.count(facts.ExceptionOpened) == told
    assert (play.count(sends(Purpose.REVERSAL)) > 2) is not bool(told)


@pytest.mark.parametrize(("defects", "requests"), [(SOUND, 1), (planted("request-before-reversal"), 2)])
def test_request_before_reversal(defects: frozenset[str], requests: int) -> None:
    play = unanswered(defects).given(CardTaken(), after_s=2).given(withdrawal(), after_s=1)
    assert play.count(sends(Purpose.WITHDRAWAL)) == requests


@pytest.mark.parametrize(("defects", "orders"), [(SOUND, 0), (planted("dispense-at-power-up"), 1)])
def test_dispense_at_power_up(defects: frozenset[str], orders: int) -> None:
    before = opened().given(withdrawal(), after_s=1)
    memory = memory_of(answer(before, Purpose.WITHDRAWAL).given(CardTaken(), after_s=1))
    assert memory["intent"].stage is Stage.DISPENSING
    play = Play(terminal(memory=memory, defects=defects), at=60).given(PoweredOn())
    play.given(DispenserReported(key=memory["intent"].key, stage="moving", notes={}), after_s=1)
    assert play.count(Dispense) == orders


@pytest.mark.parametrize(("defects", "kept"), [(SOUND, 1), (planted("return-wanted-card"), 0)])
def test_return_wanted_card(defects: frozenset[str], kept: int) -> None:
    play = opened(defects=defects).given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, Outcome.RETAIN_CARD)
    assert play.count(RetainCard) == kept
    assert play.count(EjectCard) == 1 - kept


@pytest.mark.parametrize(("defects", "reversals"), [(SOUND, 1), (planted("returned-notes-credited"), 0)])
def test_returned_notes_credited(defects: frozenset[str], reversals: int) -> None:
    play = opened(defects=defects).given(asked(Purpose.DEPOSIT, deposit_notes={1000: 1}), after_s=1)
    key = play.find(facts.TransactionStarted).key
    play.given(DepositCounted({1000: 1}), after_s=1)
    play.given(reply_to(sent(play, Purpose.DEPOSIT), line=LINES[0]), after_s=0.1)
    play.given(DepositReturned(key), after_s=1)
    assert play.count(ADVICES) == reversals
