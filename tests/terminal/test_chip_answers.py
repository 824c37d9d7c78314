"""A card that does not take the bank's answer, and a PIN change that nobody knows the end of: nothing is given away."""

import pytest

from atmbench.facts import AdviceQueued, TransactionEnded
from atmbench.messages.records import Balance, Outcome, Purpose, Reason
from atmbench.terminal import inputs
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import (
    Dispense,
    EjectCard,
    Forget,
    PrintReceipt,
    ReturnDeposit,
    ShowScreen,
    StoreDeposit,
)
from atmbench.terminal.inputs import CardTaken, CustomerCancelled, DepositCounted, DepositReturned
from atmbench.terminal.screens import CREDIT_BACK, PIN_UNKNOWN
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import answer, asked, opened, sends, withdrawal

BALANCE, PIN_CHANGE, DEPOSIT = Purpose.BALANCE, Purpose.PIN_CHANGE, Purpose.DEPOSIT


def refused(play: Play, service: Purpose) -> Play:
    """The host approves, and the card does not know its issuer in the answer."""
    return answer(play, service, card_accepts=False)


def screen(play: Play) -> tuple[str, ...]:
    shown: ShowScreen = play.find(ShowScreen)
    return shown.lines


def is_back_to_work(play: Play) -> bool:
    assert isinstance(play.core, Terminal)
    if play.count(sends(Purpose.REVERSAL)):
        answer(play, Purpose.REVERSAL)
    return play.core.state is State.READY and play.core.is_free


def test_a_refused_withdrawal_pays_nothing_and_is_reversed_before_the_card_comes_out() -> None:
    play = refused(opened().given(withdrawal(), after_s=1), Purpose.WITHDRAWAL)
    play.expect(like(AdviceQueued, reason=Reason.INVALID_ANSWER), like(TransactionEnded, outcome="declined"), EjectCard)
    assert screen(play)[:3] == ("Your card did not accept the bank's answer.", "No cash was paid out.", CREDIT_BACK[0])
    assert CREDIT_BACK[0] in play.find(PrintReceipt).lines
    play.given(CardTaken(), after_s=1).never(Dispense)
    assert is_back_to_work(play)


@pytest.mark.parametrize("service", [Purpose.TRANSFER, Purpose.BILL_PAYMENT])
def test_what_moves_money_is_reversed(service: Purpose) -> None:
    play = refused(opened().given(asked(service, 2500, payee="1000000001"), after_s=1), service)
    play.expect(like(AdviceQueued, reason=Reason.INVALID_ANSWER), like(TransactionEnded, outcome="declined"))
    assert screen(play)[1:3] == ("Nothing was done.", CREDIT_BACK[0])


def test_a_refused_balance_is_not_shown_and_nothing_is_reversed() -> None:
    play = opened().given(asked(BALANCE), after_s=1)
    answer(play, BALANCE, card_accepts=False, balances=(Balance("ledger", 12_345),))
    play.expect(like(TransactionEnded, outcome="declined"), EjectCard).never(like(AdviceQueued))
    assert "123.45" not in str(play.find(ShowScreen))
    play.given(CardTaken(), after_s=1)
    assert is_back_to_work(play)


def test_a_refused_deposit_is_reversed_before_the_notes_come_back() -> None:
    play = (
        opened().given(asked(DEPOSIT, deposit_notes={1000: 3}), after_s=1).given(DepositCounted({1000: 3}), after_s=3)
    )
    refused(play, DEPOSIT).expect(like(AdviceQueued, reason=Reason.INVALID_ANSWER, amount_minor=3000), ReturnDeposit)
    assert "Your notes are given back." in screen(play)
    play.given(DepositReturned(play.find(ReturnDeposit).key), after_s=2)
    play.expect(like(TransactionEnded, outcome="declined"), EjectCard).never(StoreDeposit)


def test_a_refused_pin_change_leaves_the_customer_with_both_pins() -> None:
    """The bank has changed it; there is no message that could undo that."""
    play = refused(opened().given(asked(PIN_CHANGE), after_s=1), PIN_CHANGE)
    play.expect(like(TransactionEnded, outcome="declined")).never(like(AdviceQueued))
    assert screen(play)[1:3] == PIN_UNKNOWN


def test_a_card_that_accepts_is_served() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL, card_accepts=True).expect_acts(EjectCard).never(like(AdviceQueued))


# --- PIN change ------------------------------------------------------------------------------------


def changing() -> Play:
    return opened().given(asked(PIN_CHANGE), after_s=1).expect_acts(sends(PIN_CHANGE, amount_minor=0))


def test_a_changed_pin_is_told_and_nothing_else_happens() -> None:
    play = answer(changing(), PIN_CHANGE).expect(
        like(TransactionEnded, outcome="approved"), Forget("intent"), EjectCard
    )
    assert screen(play) == ("PIN change: done.", "Please take your card.")
    play.given(CardTaken(), after_s=1).never(like(AdviceQueued), Dispense)
    assert is_back_to_work(play)


@pytest.mark.parametrize("outcome", [Outcome.WRONG_PIN, Outcome.DECLINED, Outcome.PIN_KEY_FAILED, Outcome.MAC_FAILED])
def test_a_declined_pin_change_is_not_reversed(outcome: Outcome) -> None:
    answer(changing(), PIN_CHANGE, outcome).expect(like(TransactionEnded, outcome="declined")).never(like(AdviceQueued))


def test_a_pin_change_without_an_answer_says_that_it_may_have_happened() -> None:
    play = changing().wait(30).expect(like(TransactionEnded, outcome="no_answer")).never(like(AdviceQueued))
    assert screen(play)[1:3] == PIN_UNKNOWN


def test_so_does_one_that_is_cancelled_while_the_host_thinks() -> None:
    play = changing().given(CustomerCancelled(), after_s=1).never(like(AdviceQueued))
    assert screen(play)[1:3] == PIN_UNKNOWN


def test_a_late_approval_of_a_pin_change_changes_nothing_here() -> None:
    play = changing().wait(30)
    answer(play, PIN_CHANGE).never(like(AdviceQueued)).expect_acts()


def test_no_input_of_the_core_has_a_place_for_a_pin() -> None:
    fields = {name for kind in inputs.Input.__subclasses__() for name in kind.__struct_fields__}
    assert not {name for name in fields if "pin" in name or "chip" in name}
