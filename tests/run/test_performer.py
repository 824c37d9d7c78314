"""The performer: each command does in the world what it says, at once."""

from typing import Any

import pytest
import trio

from atmbench import facts
from atmbench.drill.commands import (
    Command,
    CustomerDoes,
    DispenserDoes,
    DisturbCustomer,
    DisturbDispenser,
    OrderService,
    PowerFail,
    Promote,
    SetReplication,
    StartSite,
    StopSite,
    Transact,
    Withdraw,
)
from atmbench.errors import LocalError
from atmbench.messages.records import AccountType, Purpose
from tests.run.stage import Stage, drill_of

DRILL = drill_of(
    "terminal: {timers: {reply_s: 10, network_reply_s: 5, echo_s: 600}, failover: {fail_back: false}}",
    "host: {replication_lag_s: 1}",
    terminals=2,
    heal_at=900,
)
WITHDRAW = Withdraw(terminal="T01", amount="50.00", card=1)


def ended(stage: Stage) -> list[str]:
    return [each.name for each in stage.facts_of(facts.FaultEnded)]


def after(*commands: Command, seconds: float = 60.0) -> Stage:
    """Commands all at once, and the time that their work takes."""

    async def script(stage: Stage) -> None:
        stage.do(*commands)
        await trio.sleep(seconds)

    return Stage(DRILL).play(script)


# --- customers and devices -------------------------------------------------------------------------


def test_withdraw_is_a_customer_with_this_card_at_this_terminal() -> None:
    stage = after(Withdraw(terminal="T02", amount="70.00", card=1))
    [started] = stage.facts_of(facts.TransactionStarted)
    assert (started.actor, started.service, started.amount_minor) == ("T02", "withdrawal", 7000)
    assert started.card == "999999******0014"
    assert [each.amount_minor for each in stage.facts_of(facts.CashTaken)] == [7000]
    [performed] = stage.facts_of(facts.StepPerformed)
    assert (performed.actor, performed.command) == ("conductor", "withdraw")
    assert performed.detail == {"terminal": "T02", "amount": "70.00", "card": 1}


@pytest.mark.parametrize("service", [Purpose.BALANCE, Purpose.MINI_STATEMENT, Purpose.BILL_PAYMENT, Purpose.DEPOSIT])
def test_transact_is_a_customer_with_another_wish(service: Purpose) -> None:
    stage = after(Transact(terminal="T01", service=service, amount="20.00"))
    assert [each.service for each in stage.facts_of(facts.TransactionStarted)] == [service]
    assert stage.outcomes() == ["approved"]


def test_transact_moves_between_the_accounts_it_names() -> None:
    stage = after(
        Transact(
            terminal="T01",
            service=Purpose.TRANSFER,
            amount="20.00",
            from_account=AccountType.SAVINGS,
            to_account=AccountType.CURRENT,
        )
    )
    [posted] = stage.facts_of(facts.EntryPosted, actor="A")
    assert posted.legs == {"2000000001": -2000, "1000000001": 2000}


def test_a_dispenser_misbehaves_so_often_and_there_only() -> None:
    refuse = DisturbDispenser(does=DispenserDoes.REFUSE, terminal="T01", times=2)
    other = Withdraw(terminal="T02", amount="50.00")
    stage = after(refuse, WITHDRAW, WITHDRAW, WITHDRAW, other, seconds=200)
    by_terminal = [(each.actor, each.outcome) for each in stage.facts_of(facts.TransactionEnded)]
    assert [outcome for actor, outcome in by_terminal if actor == "T01"] == ["not_dispensed"] * 2 + ["approved"]
    assert [outcome for actor, outcome in by_terminal if actor == "T02"] == ["approved"]


def test_without_a_terminal_all_customers_misbehave() -> None:
    leave = DisturbCustomer(does=CustomerDoes.LEAVES_CASH)
    stage = after(leave, WITHDRAW, Withdraw(terminal="T02", amount="50.00"), seconds=100)
    assert sorted(each.actor for each in stage.facts_of(facts.CashRetracted)) == ["T01", "T02"]
    assert stage.facts_of(facts.CashTaken) == []


def test_power_fails_for_its_time_at_one_terminal() -> None:
    stage = after(PowerFail(terminal="T02", restore_after_s=12))
    [failed], [restored] = stage.facts_of(facts.PowerFailed), stage.facts_of(facts.PowerRestored)
    assert (failed.actor, restored.actor) == ("T02", "T02")
    assert restored.t - failed.t == pytest.approx(12)


def test_a_terminal_ordered_out_of_service_signs_off_and_comes_back_by_order() -> None:
    async def script(stage: Stage) -> None:
        stage.do(OrderService(terminal="T01", open=False))
        await trio.sleep(30)
        stage.do(WITHDRAW, Withdraw(terminal="T02", amount="50.00"))
        await trio.sleep(30)
        assert [each.actor for each in stage.facts_of(facts.TransactionEnded)] == ["T02"]
        stage.do(OrderService(open=True))
        await trio.sleep(30)
        stage.do(WITHDRAW)
        await trio.sleep(60)

    stage = Stage(DRILL).play(script)
    [sign_off] = stage.facts_of(facts.MessageSent, purpose="sign_off", mti="0800")
    assert (sign_off.actor, sign_off.line) == ("T01", "primary")
    assert [(each.actor, each.answered) for each in stage.facts_of(facts.SignedOff)] == [("T01", True)]
    assert [each.actor for each in stage.facts_of(facts.SignedOn)] == ["T01"]
    assert [each.actor for each in stage.facts_of(facts.TransactionEnded)] == ["T02", "T01"]
    assert stage.outcomes() == ["approved", "approved"]


def test_an_order_to_a_terminal_without_power_waits_for_it() -> None:
    stage = after(PowerFail(terminal="T01", restore_after_s=5), OrderService(open=False))
    assert [each.actor for each in stage.facts_of(facts.SignedOff)] == ["T02"]
    assert stage.facts_of(facts.PowerRestored, actor="T01")
    assert stage.facts_of(facts.LineUp, actor="T01") == []


def test_heal_puts_terminals_back_into_service() -> None:
    async def script(stage: Stage) -> None:
        stage.do(OrderService(open=False), PowerFail(terminal="T02", restore_after_s=1000))
        await trio.sleep(10)
        assert "it is not signed on to any host" not in str(stage.world.drivers["T01"].pending())
        stage.world.performer.heal()
        await trio.sleep(10)
        assert [driver.pending() for driver in stage.world.drivers.values()] == [(), ()]

    stage = Stage(DRILL).play(script)
    assert [each.actor for each in stage.facts_of(facts.SignedOn)] in (["T01", "T02"], ["T02", "T01"])


# --- sites -----------------------------------------------------------------------------------------


def test_promote_moves_the_active_role_and_terminals_follow() -> None:
    async def script(stage: Stage) -> None:
        stage.do(Promote(site="B"))
        assert stage.roles() == [("A", "standby"), ("B", "active")]
        stage.do(WITHDRAW)
        await trio.sleep(60)
        stage.do(WITHDRAW)
        await trio.sleep(60)

    stage = Stage(DRILL).play(script)
    assert [each.line for each in stage.facts_of(facts.LineChosen, actor="T01")] == ["secondary"]
    assert stage.outcomes()[-1] == "approved"
    assert {each.origin for each in stage.facts_of(facts.EntryPosted)} == {"B"}


@pytest.mark.parametrize(("by", "lost"), [("silence", 0), ("reset", 2), ("close", 2), ("refusal", 2)])
def test_a_site_that_stops_is_dark_on_its_lines_until_it_starts(by: Any, lost: int) -> None:
    async def script(stage: Stage) -> None:
        stage.do(StopSite(site="A", by=by))
        assert stage.roles() == [("A", "down")]
        assert [each.line for each in stage.facts_of(facts.LineLost)] == ["primary"] * lost
        await trio.sleep(1)
        stage.do(WITHDRAW)
        await trio.sleep(60)
        assert stage.facts_of(facts.MessageReceived, actor="A") == []
        assert stage.facts_of(facts.MessageSent, actor="A") == []
        stage.do(StartSite(site="A"))
        assert stage.roles()[-1] == ("A", "active")
        assert ended(stage) == ["dark-A"]
        await trio.sleep(60)
        stage.do(WITHDRAW)
        await trio.sleep(60)

    stage = Stage(DRILL).play(script)
    assert stage.outcomes()[-1:] == ["approved"]


def test_stopping_and_starting_twice_is_the_same_as_once() -> None:
    async def script(stage: Stage) -> None:
        stage.do(StartSite(site="A"))
        stage.do(StopSite(site="A"), StopSite(site="A"))
        await trio.sleep(1)
        stage.do(StartSite(site="A"), StartSite(site="A"))

    stage = Stage(DRILL).play(script)
    assert stage.roles() == [("A", "down"), ("A", "active")]
    assert [each.name for each in stage.facts_of(facts.FaultStarted)] == ended(stage) == ["dark-A"]


def test_a_site_that_cannot_be_rebuilt_stays_dark() -> None:
    """No other site is active whose book it could take: the step is refused, and nothing is changed by it."""

    async def script(stage: Stage) -> None:
        stage.do(StopSite(site="A"))
        with pytest.raises(LocalError, match="site A cannot be rebuilt"):
            stage.do(StartSite(site="A", rebuilt=True))
        assert (stage.roles(), ended(stage)) == ([("A", "down")], [])
        stage.do(StartSite(site="A"))
        assert (stage.roles()[-1], ended(stage)) == (("A", "active"), ["dark-A"])

    Stage(DRILL).play(script)


def test_replication_can_be_paused_resumed_and_slowed() -> None:
    async def script(stage: Stage) -> None:
        stage.do(SetReplication(paused=True), WITHDRAW)
        await trio.sleep(30)
        assert [each.actor for each in stage.facts_of(facts.EntryPosted)] == ["A"]
        assert "records of site A have not reached site B" in stage.world.pending()[0]
        stage.do(SetReplication(paused=False))
        await trio.sleep(2)
        assert [each.actor for each in stage.facts_of(facts.EntryPosted)] == ["A", "B"]
        stage.do(SetReplication(lag_s=20), WITHDRAW)
        await trio.sleep(60)

    at_a, at_b = Stage(DRILL).play(script).facts_of(facts.EntryPosted)[2:]
    assert (at_a.actor, at_b.actor) == ("A", "B")
    assert at_b.t - at_a.t == pytest.approx(20, abs=0.01)


# --- what cannot be done ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (Withdraw(terminal="T09", amount="50.00"), "there is no terminal 'T09'; this drill has T01 to T02"),
        (PowerFail(terminal="T09"), "there is no terminal 'T09'; this drill has T01 to T02"),
        (DisturbDispenser(does=DispenserDoes.REFUSE, terminal="T09"), "there is no terminal 'T09'"),
        (Withdraw(terminal="T01", amount="50.00", card=7), "there is no card 7; this drill has cards 1 to 1"),
        (Promote(site="Z"), "there is no site 'Z'; this host has A, B"),
    ],
)
def test_what_is_not_there_is_one_sentence_and_changes_nothing(command: Command, says: str) -> None:
    async def script(stage: Stage) -> None:
        with pytest.raises(LocalError, match=f"^{says}"):
            stage.do(command)
        await trio.sleep(30)

    stage = Stage(DRILL).play(script)
    assert [each for each in stage.facts if not isinstance(each, facts.StepPerformed)] == []
