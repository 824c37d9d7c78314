"""Planted defects of what customers are told do what they say: a screen or a receipt is false, and nothing else."""

import pytest

from atmbench.facts.statements import BACK, KEPT, Stated, Statement
from atmbench.messages.records import Balance, Outcome, Purpose
from atmbench.terminal.defects.told import TOLD_DEFECTS
from atmbench.terminal.effects import PrintReceipt, ShowScreen
from atmbench.terminal.inputs import CardTaken, CashTaken, DispenseEnded, LinkLost
from tests.playbook import Play, like
from tests.terminal.cast import answer, asked, opened, withdrawal

WITHDRAWAL, TRANSFER, BALANCE = Purpose.WITHDRAWAL, Purpose.TRANSFER, Purpose.BALANCE


def sound_and_spoilt(name: str) -> pytest.MarkDecorator:
    """A terminal without a defect, and one with it."""
    assert name in TOLD_DEFECTS
    return pytest.mark.parametrize(("defects", "is_spoilt"), [(frozenset[str](), False), (frozenset({name}), True)])


def shown(play: Play) -> Statement:
    """What the last screen that says how it went states."""
    for effect in reversed(play.all):
        if isinstance(effect, ShowScreen) and effect.states is not None:
            return effect.states
    raise AssertionError("no screen states anything")


def printed(play: Play) -> Statement:
    states = play.find(PrintReceipt).states
    assert isinstance(states, Statement)
    return states


@sound_and_spoilt("blame-funds-when-silent")
def test_blame_funds_when_silent(defects: frozenset[str], is_spoilt: bool) -> None:
    play = opened(defects=defects).given(withdrawal(), after_s=1).wait(30)
    assert shown(play).reason == ("insufficient_funds" if is_spoilt else "")
    assert shown(play).how == (Stated.DECLINED if is_spoilt else Stated.SILENT)


@sound_and_spoilt("take-cash-when-silent")
def test_take_cash_when_silent(defects: frozenset[str], is_spoilt: bool) -> None:
    play = opened(defects=defects).given(withdrawal(), after_s=1).wait(30)
    assert shown(play).paid_minor == (5000 if is_spoilt else 0)


def paid(defects: frozenset[str], notes: dict[str, int], status: str) -> Play:
    """A withdrawal of 50.00 that is approved, and for which the dispenser moves these notes."""
    play = answer(opened(defects=defects).given(withdrawal(), after_s=1), WITHDRAWAL).given(CardTaken(), after_s=1)
    key = play.find(like(ShowScreen, screen="take_card")) and play.core._session.open_intent().key  # type: ignore[attr-defined]
    play.given(DispenseEnded(key=key, status=status, notes=notes), after_s=1)
    return play.given(CashTaken(key), after_s=1) if notes else play


@sound_and_spoilt("receipt-of-approved-amount")
def test_receipt_of_approved_amount(defects: frozenset[str], is_spoilt: bool) -> None:
    play = paid(defects, {"1": 2}, "short")
    assert printed(play).paid_minor == (5000 if is_spoilt else 2000)


@sound_and_spoilt("receipt-as-if-paid")
def test_receipt_as_if_paid(defects: frozenset[str], is_spoilt: bool) -> None:
    play = paid(defects, {}, "refused")
    assert printed(play).paid_minor == (5000 if is_spoilt else 0)
    assert shown(play).how == Stated.NOT_PAID


@sound_and_spoilt("call-returned-card-kept")
def test_call_returned_card_kept(defects: frozenset[str], is_spoilt: bool) -> None:
    play = opened(defects=defects).given(withdrawal(), after_s=1)
    answer(play, WITHDRAWAL, Outcome.INSUFFICIENT_FUNDS)
    assert shown(play).card == (KEPT if is_spoilt else BACK)


@sound_and_spoilt("welcome-while-closed")
def test_welcome_while_closed(defects: frozenset[str], is_spoilt: bool) -> None:
    play = opened(defects=defects).given(LinkLost("primary", "reset"), after_s=1)
    assert shown(play).how == (Stated.INVITED if is_spoilt else Stated.CLOSED)


@sound_and_spoilt("call-done-transfer-failed")
def test_call_done_transfer_failed(defects: frozenset[str], is_spoilt: bool) -> None:
    play = answer(opened(defects=defects).given(asked(TRANSFER, 2500), after_s=1), TRANSFER)
    assert shown(play).how == (Stated.DECLINED if is_spoilt else Stated.DONE)


@sound_and_spoilt("call-declined-transfer-done")
def test_call_declined_transfer_done(defects: frozenset[str], is_spoilt: bool) -> None:
    play = opened(defects=defects).given(asked(TRANSFER, 2500), after_s=1)
    answer(play, TRANSFER, Outcome.INSUFFICIENT_FUNDS)
    assert shown(play).how == (Stated.DONE if is_spoilt else Stated.DECLINED)


@sound_and_spoilt("tell-no-way-out")
def test_tell_no_way_out(defects: frozenset[str], is_spoilt: bool) -> None:
    play = opened(defects=defects).given(LinkLost("primary", "reset"), after_s=1)
    assert shown(play).way_out is not is_spoilt
    assert len(play.find(like(ShowScreen, screen="out_of_service")).lines) == (1 if is_spoilt else 2)


@sound_and_spoilt("tell-last-balance")
def test_tell_last_balance(defects: frozenset[str], is_spoilt: bool) -> None:
    play = opened(defects=defects)
    for amount_minor in (100, 200):
        play.given(asked(BALANCE), after_s=1)
        answer(play, BALANCE, balances=(Balance("ledger", amount_minor),))
        assert shown(play).balances == {"ledger": 100 if is_spoilt else amount_minor}
        play.given(CardTaken(), after_s=1)
