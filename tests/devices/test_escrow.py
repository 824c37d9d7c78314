"""The modelled escrow: transcripts of one terminal's deposits."""

from atmbench import facts
from atmbench.devices.escrow import Escrow
from atmbench.terminal import inputs
from atmbench.terminal.effects import (
    CountDeposit,
    QueryEscrow,
    ReturnDeposit,
    StoreDeposit,
)
from tests.devices.play import KEY, NEXT_KEY, Play


def test_a_deposit_is_counted_and_stored() -> None:
    play = Play().perform(CountDeposit(key=KEY, notes={1000: 3, 5000: 1})).until(2.8)
    assert play.heard() == [inputs.DepositCounted({1000: 3, 5000: 1})]
    play.perform(StoreDeposit(KEY)).until(10)
    assert play.heard() == [inputs.DepositStored(KEY)]
    assert play.told() == [facts.CashAccepted(key=KEY, amount_minor=8000)]
    assert play.devices.count("end").deposited == {"1000": 3, "5000": 1}


def test_a_deposit_can_be_given_back() -> None:
    play = Play().perform(CountDeposit(key=KEY, notes={1000: 3})).until(10)
    play.perform(
        ReturnDeposit(KEY),
    ).until(20).perform(QueryEscrow(KEY), QueryEscrow(NEXT_KEY)).until(30)
    assert play.heard()[1:] == [
        inputs.DepositReturned(KEY),
        inputs.EscrowReported(key=KEY, stage="returned"),
        inputs.EscrowReported(key=NEXT_KEY, stage="empty"),
    ]
    assert play.told() == [facts.CashReturned(key=KEY, amount_minor=3000)]
    assert play.devices.count("end").deposited == {}


def test_held_notes_stay_when_power_fails() -> None:
    play = Play().perform(CountDeposit(key=KEY, notes={1000: 3})).until(10).power_fails().until(20).power_comes()
    play.heard()
    play.perform(QueryEscrow(KEY)).until(21).perform(ReturnDeposit(KEY)).until(30)
    assert play.heard() == [inputs.EscrowReported(key=KEY, stage="held"), inputs.DepositReturned(KEY)]


def test_power_fails_while_a_deposit_moves_and_the_escrow_cannot_say_where_it_is() -> None:
    outcomes = set()
    for seed in range(20):
        play = Play(seed).perform(CountDeposit(key=KEY, notes={1000: 3})).until(10).perform(StoreDeposit(KEY))
        play.until(11).heard()
        play.power_fails().until(20).power_comes().perform(QueryEscrow(KEY)).until(21)
        assert play.heard() == [inputs.EscrowReported(key=KEY, stage="moving")]
        was_stored = play.told() == [facts.CashAccepted(key=KEY, amount_minor=3000)]
        escrow = play.devices.acceptor
        assert isinstance(escrow, Escrow)
        assert (escrow.stored == {1000: 3}) is was_stored
        assert (escrow.held == {1000: 3}) is not was_stored
        outcomes.add(was_stored)
    assert outcomes == {True, False}


def test_an_escrow_that_is_not_empty_takes_no_other_notes() -> None:
    play = Play().perform(CountDeposit(key=KEY, notes={1000: 3})).until(10)
    play.heard()
    play.perform(CountDeposit(key=NEXT_KEY, notes={5000: 1})).until(20)
    assert play.heard() == [inputs.DepositCounted({})]
    play.perform(StoreDeposit(NEXT_KEY)).until(30)
    assert play.told() == [facts.CashAccepted(key=KEY, amount_minor=3000)], "a fact has the key of its notes"
