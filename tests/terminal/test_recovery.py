"""After a power failure: from every stage that was remembered, and everything devices may say."""

from typing import Any

import pytest

from atmbench.facts import AdviceQueued, ExceptionOpened, TransactionEnded
from atmbench.messages.records import Purpose, Reason, Request
from atmbench.terminal.effects import (
    Dispense,
    EjectCard,
    Forget,
    PurgeNotes,
    QueryDispenser,
    QueryEscrow,
    Remember,
    RetractNotes,
    ReturnDeposit,
    StoreDeposit,
)
from atmbench.terminal.inputs import (
    CardTaken,
    CashRetracted,
    CashTaken,
    DepositCounted,
    DepositReturned,
    DepositStored,
    DispenseEnded,
    DispenserReported,
    EscrowReported,
    PoweredOn,
)
from atmbench.terminal.memory import Intent, Stage
from atmbench.terminal.settings import Cassette, Confirm, TerminalSettings
from atmbench.terminal.states import State
from tests.playbook import Play, like
from tests.terminal.cast import answer, asked, change, memory_of, opened, terminal, withdrawal

SETTINGS = change(cassettes=(Cassette("10.00", 100),))
KEY = "T07/000009/0105090000"
ALL = {"1": 5}


def power_on(
    stage: Stage, notes: dict[str, int] | None = None, settings: TerminalSettings = SETTINGS, **more: Any
) -> Play:
    """Power comes back to an interrupted transaction."""
    service = more.pop("service", Purpose.WITHDRAWAL)
    request = Request(
        purpose=service,
        service=service,
        terminal="T07",
        stan=9,
        transmitted="0105090000",
        local_time="260105090000",
        amount_minor=5000,
        currency="NGN",
        pan="9999990000000014",
    )
    intent = Intent(key=KEY, stage=stage, request=request, approved_minor=5000, notes=notes or {}, **more)
    return Play(terminal(settings, {"stan": 9, "intent": intent})).given(PoweredOn())


def reversal(reason: Reason, actual_minor: int | None = None) -> Any:
    return like(AdviceQueued, key=KEY, purpose="reversal", reason=reason, actual_minor=actual_minor, stan=10)


def ended(outcome: str) -> Any:
    return like(TransactionEnded, key=KEY, outcome=outcome)


def reported(play: Play, stage: str, notes: dict[str, int] | None = None) -> Play:
    play.expect_acts(QueryDispenser(KEY), like(object))
    return play.given(DispenserReported(key=KEY, stage=stage, notes=notes or {}), after_s=0.2).never(Dispense)


def test_before_the_cash_everything_is_reversed() -> None:
    power_on(Stage.AUTHORISING).expect(
        like(Remember, slot="saf/000001"),
        reversal(Reason.INTERRUPTED),
        ended("interrupted"),
        Forget("intent"),
        EjectCard,
    )


def test_a_service_that_moves_no_money_needs_no_reversal() -> None:
    power_on(Stage.AUTHORISING, service=Purpose.BALANCE).expect(ended("interrupted")).never(like(AdviceQueued))


def test_what_was_done_stays_done() -> None:
    power_on(Stage.COMPLETED, service=Purpose.TRANSFER).expect(ended("approved"), Forget("intent")).never(
        like(AdviceQueued)
    )


@pytest.mark.parametrize("stage", ["idle", "refused"])
def test_an_order_that_never_came_out(stage: str) -> None:
    reported(power_on(Stage.DISPENSING, ALL), stage).expect(reversal(Reason.NOT_DISPENSED), ended("not_dispensed"))


@pytest.mark.parametrize("remembered", [Stage.DISPENSING, Stage.PRESENTED])
def test_cash_that_was_taken_is_paid(remembered: Stage) -> None:
    play = reported(power_on(remembered, ALL), "taken", ALL).expect(ended("approved")).never(like(AdviceQueued))
    assert memory_of(play)["counters"].notes == {"1": 95}


def test_cash_that_was_taken_is_confirmed_where_that_is_wanted() -> None:
    play = power_on(Stage.DISPENSING, ALL, change(SETTINGS, confirm=Confirm.ALWAYS))
    reported(play, "taken", ALL).expect(like(AdviceQueued, purpose="completion", actual_minor=None))


def test_less_cash_that_was_taken_is_reversed_in_part() -> None:
    play = reported(power_on(Stage.DISPENSING, ALL), "taken", {"1": 2})
    play.expect(reversal(Reason.PARTLY_DISPENSED, 2000), ended("short"))


@pytest.mark.parametrize(
    ("remembered", "stage"),
    [
        (Stage.DISPENSING, "moving"),
        (Stage.DISPENSING, "retracted"),
        (Stage.PRESENTED, "retracted"),
        (Stage.PRESENTED, "moving"),
        (Stage.PRESENTED, "idle"),
        (Stage.DISPENSING, "something new"),
    ],
)
def test_what_nobody_can_know_is_suspect(remembered: Stage, stage: str) -> None:
    play = reported(power_on(remembered, ALL), stage)
    play.expect(reversal(Reason.SUSPECT), like(ExceptionOpened, kind="suspect_dispense", key=KEY), ended("suspect"))


def test_cash_that_still_lies_there_is_drawn_back() -> None:
    play = reported(power_on(Stage.DISPENSING, ALL), "presented", ALL).expect_acts(PurgeNotes(KEY), RetractNotes(KEY))
    play.given(CashRetracted(key=KEY, notes_counted={"1": 5}), after_s=2)
    play.expect(reversal(Reason.CASH_NOT_TAKEN), ended("retracted"))


def test_a_hand_may_be_faster_than_recovery() -> None:
    play = reported(power_on(Stage.DISPENSING, ALL), "presented", ALL)
    play.given(CashTaken(KEY), after_s=1).expect(ended("approved")).never(like(AdviceQueued))


def test_a_dispenser_that_does_not_answer_is_suspect() -> None:
    power_on(Stage.DISPENSING, ALL).wait(60).expect(reversal(Reason.SUSPECT), ended("suspect"))


def test_a_report_about_another_order_says_nothing() -> None:
    play = power_on(Stage.DISPENSING, ALL)
    play.given(DispenserReported(key="T07/000008/0105090000", stage="taken", notes=ALL), after_s=0.2).expect_acts()
    assert play.core.state is State.RECOVERING  # type: ignore[attr-defined]


def test_power_may_fail_between_storing_and_forgetting() -> None:
    play = opened().given(withdrawal(), after_s=1).wait(30)
    cut = next(n for n, effect in enumerate(play.all) if effect == Forget("intent"))
    again = Play(terminal(memory=memory_of(play, cut))).given(PoweredOn())
    again.expect(like(AdviceQueued), like(TransactionEnded, outcome="no_answer"), Forget("intent"))
    assert again.count(like(AdviceQueued)) == 1


def test_a_suspect_is_told_again_if_power_failed_before_the_exception() -> None:
    play = opened().given(withdrawal(), after_s=1)
    answer(play, Purpose.WITHDRAWAL).given(CardTaken(), after_s=1)
    order = play.find(Dispense)
    play.given(DispenseEnded(key=order.key, status="unknown", notes={}), after_s=1)
    cut = next(n for n, effect in enumerate(play.all) if isinstance(effect, Remember) and effect.slot == "saf/000001")
    again = Play(terminal(memory=memory_of(play, cut + 1))).given(PoweredOn())
    again.expect(
        like(AdviceQueued), like(ExceptionOpened, kind="suspect_dispense"), like(TransactionEnded, outcome="suspect")
    )


def test_a_deposit_is_reversed_once_even_if_power_fails_before_the_notes_move() -> None:
    play = opened().given(asked(Purpose.DEPOSIT, deposit_notes={1000: 2}), after_s=1)
    play.given(DepositCounted({1000: 2}), after_s=1).wait(30)
    cut = next(n for n, effect in enumerate(play.all) if isinstance(effect, Remember) and effect.slot == "saf/000001")
    again = Play(terminal(memory=memory_of(play, cut + 1))).given(PoweredOn()).expect(ReturnDeposit)
    assert again.count(like(AdviceQueued)) == 1


# --- deposits --------------------------------------------------------------------------------------


def test_notes_that_the_host_knows_nothing_of_go_back() -> None:
    play = power_on(Stage.COUNTING, service=Purpose.DEPOSIT).expect(ReturnDeposit(KEY)).never(like(AdviceQueued))
    play.given(DepositReturned(KEY), after_s=2).expect(ended("interrupted"), Forget("intent"))


def test_a_deposit_that_was_being_authorised_is_reversed_and_goes_back() -> None:
    play = power_on(Stage.AUTHORISING, service=Purpose.DEPOSIT).expect(
        reversal(Reason.INTERRUPTED), like(Remember, record=like(Intent, stage=Stage.RETURNING)), ReturnDeposit(KEY)
    )
    play.given(DepositReturned(KEY), after_s=2).expect(ended("interrupted"))


def test_a_deposit_that_was_being_returned_keeps_its_outcome() -> None:
    play = power_on(Stage.RETURNING, service=Purpose.DEPOSIT, outcome="no_answer").expect(ReturnDeposit(KEY))
    play.given(DepositReturned(KEY), after_s=2).expect(ended("no_answer")).never(like(AdviceQueued))


@pytest.mark.parametrize("stage", ["held", "moving"])
def test_an_approved_deposit_goes_into_the_bin(stage: str) -> None:
    play = power_on(Stage.STORING, service=Purpose.DEPOSIT).expect(QueryEscrow(KEY))
    play.given(EscrowReported(key=KEY, stage=stage), after_s=0.2).expect_acts(StoreDeposit(KEY))
    play.given(DepositStored(KEY), after_s=2).expect(ended("approved")).never(like(AdviceQueued))


def test_an_approved_deposit_that_is_in_the_bin_is_done() -> None:
    play = power_on(Stage.STORING, service=Purpose.DEPOSIT)
    play.given(EscrowReported(key=KEY, stage="stored"), after_s=0.2).expect(ended("approved"))


def test_an_approved_deposit_that_has_vanished_is_for_a_person() -> None:
    play = power_on(Stage.STORING, service=Purpose.DEPOSIT)
    play.given(EscrowReported(key=KEY, stage="empty"), after_s=0.2)
    play.expect(like(ExceptionOpened, kind="suspect_deposit"), ended("suspect"))


def test_an_approved_deposit_that_has_come_back_is_reversed() -> None:
    play = power_on(Stage.STORING, service=Purpose.DEPOSIT)
    play.given(EscrowReported(key=KEY, stage="returned"), after_s=0.2)
    play.expect(reversal(Reason.INTERRUPTED), ended("returned"), Forget("intent")).never(like(ExceptionOpened))


def test_it_is_reversed_once_even_if_power_fails_before_it_is_forgotten() -> None:
    play = opened().given(asked(Purpose.DEPOSIT, deposit_notes={1000: 2}), after_s=1)
    answer(play.given(DepositCounted({1000: 2}), after_s=1), Purpose.DEPOSIT)
    play.given(DepositReturned(play.find(StoreDeposit).key), after_s=1)
    cut = next(n for n, effect in enumerate(play.all) if isinstance(effect, Remember) and effect.slot == "saf/000001")
    again = Play(terminal(memory=memory_of(play, cut + 1))).given(PoweredOn()).never(QueryEscrow)
    again.expect(like(TransactionEnded, outcome="returned"), Forget("intent")).never(like(ExceptionOpened))
    assert again.count(like(AdviceQueued)) == 1


def test_a_deposit_in_plain_weather() -> None:
    play = opened().given(asked(Purpose.DEPOSIT, deposit_notes={1000: 2}), after_s=1)
    assert memory_of(play)["intent"].stage is Stage.COUNTING


def test_an_escrow_that_does_not_answer_is_for_a_person() -> None:
    play = power_on(Stage.STORING, service=Purpose.DEPOSIT).wait(60)
    play.expect(like(ExceptionOpened, kind="suspect_deposit"), ended("suspect"))
