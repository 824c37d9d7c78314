"""Services without a dispenser: balance, statement, transfer, bill payment, deposit; and the journal printer."""

import pytest

from atmbench.errors import LocalError
from atmbench.facts import AdviceQueued, ExceptionOpened, StateChanged, TransactionEnded
from atmbench.messages.records import Balance, Outcome, Purpose, Reason
from atmbench.terminal.core import Terminal
from atmbench.terminal.effects import (
    CountDeposit,
    EjectCard,
    Forget,
    Remember,
    ReturnDeposit,
    ShowScreen,
    StoreDeposit,
    WriteJournal,
)
from atmbench.terminal.inputs import (
    CardTaken,
    CustomerCancelled,
    DepositCounted,
    DepositReturned,
    DepositStored,
    JournalPrinterChanged,
    LinkLost,
)
from atmbench.terminal.memory import Intent, Stage
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import answer, asked, change, opened, sends, sent

DEPOSIT = Purpose.DEPOSIT


def test_a_balance_is_shown() -> None:
    play = opened().given(asked(Purpose.BALANCE), after_s=1)
    balances = (Balance("ledger", 123456), Balance("available", 100000))
    answer(play, Purpose.BALANCE, balances=balances).expect_acts(EjectCard).expect(like(ShowScreen, screen="done"))
    assert "Ledger balance: 1234.56 NGN" in play.find(ShowScreen).lines


def test_a_silent_host_is_asked_for_nothing_back_where_no_money_moves() -> None:
    play = opened().given(asked(Purpose.MINI_STATEMENT), after_s=1).wait(30)
    play.expect(like(TransactionEnded, outcome="no_answer")).never(like(AdviceQueued))


@pytest.mark.parametrize("service", [Purpose.TRANSFER, Purpose.BILL_PAYMENT])
def test_a_payment_is_remembered_as_done_before_the_customer_is_told(service: Purpose) -> None:
    play = opened().given(asked(service, 2500, payee="42"), after_s=1)
    assert sent(play, service).payee == "42"
    answer(play, service).expect(
        like(Remember, record=like(Intent, stage=Stage.COMPLETED)),
        like(TransactionEnded, outcome="approved"),
        Forget("intent"),
        like(ShowScreen, screen="done"),
    )


def test_a_payment_without_an_answer_is_reversed() -> None:
    play = opened().given(asked(Purpose.TRANSFER, 2500), after_s=1).wait(30)
    play.expect(like(AdviceQueued, reason=Reason.NO_ANSWER), sends(Purpose.REVERSAL, service=Purpose.TRANSFER))


def test_what_is_no_service_is_a_mistake_and_changes_nothing() -> None:
    play = opened()
    with pytest.raises(LocalError, match="expected one of"):
        play.core.on_input(asked(Purpose.ECHO), 1.0)
    assert isinstance(play.core, Terminal)
    assert play.core.is_free


# --- deposits --------------------------------------------------------------------------------------


def counted(notes: dict[int, int]) -> Play:
    play = opened().given(asked(DEPOSIT, deposit_notes=notes), after_s=1).expect_acts(CountDeposit)
    return play.given(DepositCounted(notes), after_s=3)


def test_a_deposit_is_stored_when_it_is_approved() -> None:
    play = counted({1000: 3, 5000: 1}).expect_acts(sends(DEPOSIT, amount_minor=8000))
    answer(play, DEPOSIT).expect(like(Remember, record=like(Intent, stage=Stage.STORING)), StoreDeposit)
    key = play.find(StoreDeposit).key
    play.given(DepositStored(key), after_s=2).expect(like(TransactionEnded, outcome="approved")).expect_acts(EjectCard)
    play.given(CardTaken(), after_s=1).never(ReturnDeposit, like(AdviceQueued))


def test_a_deposit_that_is_declined_goes_back() -> None:
    play = counted({1000: 3})
    answer(play, DEPOSIT, Outcome.NOT_PERMITTED).expect_acts(ReturnDeposit)
    play.given(DepositReturned(play.find(ReturnDeposit).key), after_s=2).expect_acts(EjectCard)
    play.expect(like(TransactionEnded, outcome="declined", code="57")).never(StoreDeposit, like(AdviceQueued))


def test_a_deposit_without_an_answer_is_reversed_before_it_goes_back() -> None:
    play = counted({1000: 3}).wait(30)
    play.expect(like(AdviceQueued, reason=Reason.NO_ANSWER, amount_minor=3000), ReturnDeposit, sends(Purpose.REVERSAL))
    answer(play, DEPOSIT).never(StoreDeposit)


def test_a_deposit_that_is_cancelled_while_the_host_thinks() -> None:
    play = counted({1000: 3}).given(CustomerCancelled(), after_s=1)
    play.expect(like(AdviceQueued, reason=Reason.CANCELLED), ReturnDeposit)


def test_notes_that_cannot_be_counted_go_back_unasked() -> None:
    counted({}).expect_acts(ReturnDeposit).never(sends(DEPOSIT))


def test_a_deposit_is_not_sent_when_the_line_went_while_counting() -> None:
    play = opened().given(asked(DEPOSIT, deposit_notes={1000: 3}), after_s=1)
    play.given(LinkLost("primary", "reset"), after_s=1).given(DepositCounted({1000: 3}), after_s=1)
    play.expect_acts(ReturnDeposit).never(sends(DEPOSIT), like(AdviceQueued))


def test_a_deposit_that_comes_back_after_its_approval_is_reversed() -> None:
    play = counted({1000: 3})
    answer(play, DEPOSIT)
    play.given(DepositReturned(play.find(StoreDeposit).key), after_s=2)
    play.expect(like(AdviceQueued, reason=Reason.INTERRUPTED, amount_minor=3000))
    play.expect(like(TransactionEnded, outcome="returned"), EjectCard).never(like(ExceptionOpened))


def test_notes_that_come_back_while_the_host_thinks_are_not_taken_for_an_answer() -> None:
    play = counted({1000: 3})
    play.given(DepositReturned(play.find(CountDeposit).key), after_s=1).never(
        like(TransactionEnded), like(AdviceQueued)
    )
    assert isinstance(play.core, Terminal)
    assert play.core.state is State.AUTHORISING


def test_an_escrow_that_falls_silent_is_for_a_person() -> None:
    play = counted({1000: 3})
    answer(play, DEPOSIT).wait(60).expect(like(ExceptionOpened, kind="suspect_deposit"))
    assert isinstance(play.core, Terminal)
    assert play.core.state is State.PARTING


def test_an_escrow_that_never_counts_gives_back() -> None:
    play = opened().given(asked(DEPOSIT, deposit_notes={1000: 3}), after_s=1).wait(60).expect(ReturnDeposit)
    play.wait(60).expect(like(ExceptionOpened, kind="suspect_deposit"), like(TransactionEnded, outcome="cancelled"))


# --- the journal printer ---------------------------------------------------------------------------

PAPER_OUT = JournalPrinterChanged(is_able=False, because="the paper is out")


def test_without_journal_paper_the_electronic_journal_has_to_do() -> None:
    play = opened().given(PAPER_OUT, after_s=1).expect(like(WriteJournal))
    assert play.find(WriteJournal).line.endswith("JOURNAL PRINTER FAILED THE PAPER IS OUT")
    play.given(asked(Purpose.BALANCE), after_s=1).expect(sends(Purpose.BALANCE))


def test_a_terminal_that_needs_journal_paper_serves_nobody_without() -> None:
    play = opened(change(needs_journal_paper=True)).given(PAPER_OUT, after_s=1)
    play.expect(like(StateChanged, old="ready", new="closed"))
    play.given(JournalPrinterChanged(is_able=True), after_s=60).expect(like(StateChanged, old="closed", new="ready"))
    assert play.find(WriteJournal).line.endswith("JOURNAL PRINTER READY")


def test_who_is_in_session_when_journal_paper_ends_is_served_to_the_end() -> None:
    play = opened(change(needs_journal_paper=True)).given(asked(Purpose.BALANCE), after_s=1)
    assert isinstance(play.core, Terminal)
    play.given(PAPER_OUT, after_s=1)
    assert play.core.state is State.AUTHORISING
    answer(play, Purpose.BALANCE).expect(like(TransactionEnded, outcome="approved"))
    play.given(CardTaken(), after_s=1).expect(like(StateChanged, new="closed"))
