"""One terminal in virtual time with real parts: customers in front of it, its power, and what its lines bring."""

import pytest
import trio

from atmbench import facts
from atmbench.drill.commands import PowerFail, Withdraw
from atmbench.faults.base import Direction
from atmbench.faults.cut import Cut
from atmbench.faults.octets import Truncate
from atmbench.faults.timing import Delay
from atmbench.faults.traffic import Stale
from atmbench.fleet.driver import WAITING_CUSTOMERS_MAX
from tests.run.stage import Stage, drill_of

DRILL = drill_of(
    "terminal: {timers: {reply_s: 10, network_reply_s: 5, echo_s: 600}, failover: {missed_replies: 9}}",
    heal_at=900,
)


def ask(stage: Stage, amount: int = 50) -> None:
    stage.world.performer.command(Withdraw(terminal="T01", amount=f"{amount}.00"))


def turned_away(stage: Stage) -> list[str]:
    return [each.because for each in stage.facts_of(facts.CustomerTurnedAway)]


# --- customers -------------------------------------------------------------------------------------


def test_customers_wait_in_order_and_one_too_many_goes_away() -> None:
    amounts = [10 * (number + 1) for number in range(WAITING_CUSTOMERS_MAX + 2)]

    async def script(stage: Stage) -> None:
        for amount in amounts:
            ask(stage, amount)
        assert turned_away(stage) == ["too many people are waiting"]
        await trio.sleep(400)

    stage = Stage(DRILL).play(script)
    started = stage.facts_of(facts.TransactionStarted)
    assert [each.amount_minor for each in started] == [amount * 100 for amount in amounts[:-1]]
    assert len(turned_away(stage)) == 1


def test_who_still_waits_when_everything_is_mended_goes_away() -> None:
    """A queue would outlast the heal phase, and the world would not converge though nothing is wrong."""

    async def script(stage: Stage) -> None:
        for _ in range(3):
            ask(stage)
        stage.world.performer.heal()
        await trio.sleep(60)
        assert stage.world.pending() == ()

    stage = Stage(DRILL).play(script)
    assert turned_away(stage) == ["the drill lets nobody begin any more"] * 2
    assert stage.outcomes() == ["approved"]


def test_nobody_is_served_without_power_and_who_waits_goes_away() -> None:
    async def script(stage: Stage) -> None:
        ask(stage)
        ask(stage)
        stage.driver.fail_power(restore_after_s=20)
        ask(stage)
        await trio.sleep(60)

    stage = Stage(DRILL).play(script)
    assert turned_away(stage) == ["the terminal went out of service", "the terminal has no power"]
    assert len(stage.facts_of(facts.TransactionStarted)) == 1


def test_nobody_is_served_out_of_service() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Cut(by="refusal"))
        await trio.sleep(5)
        ask(stage)
        stage.world.performer.mend()
        await trio.sleep(60)
        ask(stage)
        await trio.sleep(30)

    stage = Stage(DRILL).play(script)
    assert turned_away(stage) == ["the terminal is out of service"]
    assert stage.outcomes() == ["approved"]


# --- power -----------------------------------------------------------------------------------------


def test_power_comes_back_after_its_time_and_the_terminal_signs_on_again() -> None:
    async def script(stage: Stage) -> None:
        stage.driver.fail_power(restore_after_s=7)
        assert stage.driver.pending() == ("T01 has no power",)
        assert stage.driver.active_line == ""
        await trio.sleep(60)
        assert stage.driver.pending() == ()
        assert stage.driver.active_line == "primary"

    stage = Stage(DRILL).play(script)
    [failed], [restored] = stage.facts_of(facts.PowerFailed), stage.facts_of(facts.PowerRestored)
    assert failed.during == "while ready"
    assert restored.t - failed.t == pytest.approx(7)
    assert (restored.open_transaction, restored.stored_messages) == ("", 0)
    [signed_on] = stage.facts_of(facts.SignedOn, line="primary")
    assert signed_on.t > restored.t
    assert not stage.facts_of(facts.LineLost), "a terminal without power notices nothing"


def test_memory_survives_and_tells_what_was_open() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Delay(mti="0210", delay_s=2.0))
        ask(stage)
        await trio.sleep(1)
        stage.driver.fail_power(restore_after_s=10)
        await trio.sleep(60)

    stage = Stage(DRILL).play(script)
    [started], [restored] = stage.facts_of(facts.TransactionStarted), stage.facts_of(facts.PowerRestored)
    assert restored.open_transaction == started.key
    assert stage.outcomes() == ["interrupted"]
    assert [each.key for each in stage.facts_of(facts.AdviceAccepted, purpose="reversal")] == [started.key]


def test_stored_messages_are_counted_when_power_comes() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Cut(by="silence"))
        ask(stage)
        await trio.sleep(15)
        assert stage.outcomes() == ["no_answer"]
        stage.driver.fail_power(restore_after_s=10)
        await trio.sleep(11)

    [restored] = Stage(DRILL).play(script).facts_of(facts.PowerRestored)
    assert (restored.open_transaction, restored.stored_messages) == ("", 1)


def test_power_fails_after_an_effect_of_the_next_transaction_and_of_no_later_one() -> None:
    async def script(stage: Stage) -> None:
        ask(stage, 10)
        stage.driver.fail_power(restore_after_s=10, after_effect=1)
        await trio.sleep(40)
        assert stage.outcomes() == ["approved"], "the failure is meant for the next customer"
        ask(stage, 20)
        await trio.sleep(40)
        ask(stage, 30)
        await trio.sleep(40)

    stage = Stage(DRILL).play(script)
    assert [each.during for each in stage.facts_of(facts.PowerFailed)] == ["after Remember"]
    assert [each.amount_minor for each in stage.facts_of(facts.TransactionStarted)] == [1000, 3000]
    assert stage.outcomes() == ["approved", "approved"]


def test_a_failure_that_has_not_come_yet_is_forgotten_when_power_is_restored() -> None:
    async def script(stage: Stage) -> None:
        stage.driver.fail_power(restore_after_s=10, after_effect=5)
        stage.driver.restore_power()
        ask(stage)
        await trio.sleep(40)

    stage = Stage(DRILL).play(script)
    assert stage.facts_of(facts.PowerFailed) == []
    assert stage.facts_of(facts.PowerRestored) == [], "there was power all the time"
    assert stage.outcomes() == ["approved"]


def test_power_can_be_restored_before_its_time_and_only_once() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.command(PowerFail(terminal="T01", restore_after_s=30))
        await trio.sleep(3)
        stage.driver.restore_power()
        await trio.sleep(60)

    stage = Stage(DRILL).play(script)
    [failed], [restored] = stage.facts_of(facts.PowerFailed), stage.facts_of(facts.PowerRestored)
    assert restored.t - failed.t == pytest.approx(3)


def test_power_may_fail_again_while_it_is_gone() -> None:
    async def script(stage: Stage) -> None:
        stage.driver.fail_power(restore_after_s=10)
        await trio.sleep(5)
        stage.driver.fail_power(restore_after_s=10)
        await trio.sleep(60)
        ask(stage)
        await trio.sleep(40)

    stage = Stage(DRILL).play(script)
    assert len(stage.facts_of(facts.PowerRestored)) == 1
    assert stage.outcomes() == ["approved"]


# --- lines -----------------------------------------------------------------------------------------


def test_a_dial_that_nobody_answers_fails_after_its_time() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Cut(line="primary", by="reset"))
        stage.world.performer.mend()
        stage.world.performer.add_fault(Cut(line="primary", by="silence"))
        await trio.sleep(9)

    stage = Stage(DRILL).play(script)
    [lost] = stage.facts_of(facts.LineLost, line="primary")
    assert lost.because
    failed = stage.facts_of(facts.DialFailed)[0]
    assert (failed.line, failed.because) == ("primary", "nobody had answered when the terminal gave up")


def test_an_answer_that_is_no_message_changes_nothing_and_the_line_goes_on() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Truncate(mti="0210", keep=30, first=1))
        ask(stage)
        await trio.sleep(60)
        assert stage.outcomes() == ["no_answer"]
        ask(stage)
        await trio.sleep(40)

    stage = Stage(DRILL).play(script)
    [refused] = stage.facts_of(facts.FrameRefused)
    assert (refused.actor, refused.line, refused.size) == ("T01", "primary", 30)
    assert [each.reason for each in stage.facts_of(facts.ReplyIgnored)] == ["unreadable"]
    assert [each.amount_minor for each in stage.facts_of(facts.CashTaken)] == [5000]
    assert stage.outcomes() == ["no_answer", "approved"]
    assert stage.facts_of(facts.LineLost) == []


def test_an_answer_of_no_believable_length_costs_the_line_and_no_money() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Delay(mti="0210", delay_s=1.0, first=1))
        ask(stage)
        await trio.sleep(0.5)
        stage.driver.cables["primary"].take_astray(Direction.REPLY, b"\xff\xff0210")
        await trio.sleep(90)
        ask(stage)
        await trio.sleep(40)

    stage = Stage(DRILL).play(script)
    assert len(stage.facts_of(facts.FrameRefused, actor="T01")) == 1
    assert [each.line for each in stage.facts_of(facts.LineLost)] == ["primary"]
    assert stage.outcomes() == ["no_answer", "approved"]
    assert [each.amount_minor for each in stage.facts_of(facts.CashTaken)] == [5000]


def test_an_old_answer_pays_nobody() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Stale(mti="0210"))
        ask(stage, 50)
        await trio.sleep(40)
        ask(stage, 50)
        await trio.sleep(60)

    stage = Stage(DRILL).play(script)
    assert len(stage.facts_of(facts.ReplyIgnored)) == 1
    assert stage.outcomes() == ["approved", "no_answer"]
    assert [each.amount_minor for each in stage.facts_of(facts.CashTaken)] == [5000]
