"""The performer and faults: they start, they are mended by name, by line or all, and heal mends everything there is."""

import pytest
import trio

from atmbench import facts
from atmbench.drill.commands import Mend, PowerFail, SetReplication, StopSite, Withdraw
from atmbench.drill.records import Step
from atmbench.errors import LocalError
from atmbench.faults.cut import Cut
from atmbench.faults.timing import Delay
from tests.run.stage import Stage, drill_of

DRILL = drill_of(
    "terminal: {timers: {reply_s: 10, network_reply_s: 5, echo_s: 600}, failover: {fail_back: false}}",
    "host: {replication_lag_s: 1}",
    terminals=2,
    heal_at=900,
)
WITHDRAW = Withdraw(terminal="T01", amount="50.00")


def ended(stage: Stage) -> list[str]:
    return [each.name for each in stage.facts_of(facts.FaultEnded)]


def test_a_fault_starts_with_a_name_of_its_own_or_a_given_one() -> None:
    async def script(stage: Stage) -> None:
        perform = stage.world.performer.perform
        perform(Step(at=0, name="slow", fault=Delay(delay_s=1.0)))
        perform(Step(at=0, fault=Delay(delay_s=2.0, line="primary")))
        perform(Step(at=0, cut=Cut(line="secondary", by="close")))

    stage = Stage(DRILL).play(script)
    started = stage.facts_of(facts.FaultStarted)
    assert [(each.name, each.kind) for each in started] == [("slow", "delay"), ("delay-1", "delay"), ("cut-2", "cut")]
    assert started[1].detail == {"delay_s": 2.0, "line": "primary"}


@pytest.mark.parametrize(
    ("mend", "left"),
    [
        (Mend(name="one"), ["two", "three"]),
        (Mend(line="primary"), ["three"]),
        (Mend(), []),
        (Mend(name="one", line="secondary"), ["one", "two", "three"]),
    ],
)
def test_mend_ends_one_fault_those_of_a_line_or_all(mend: Mend, left: list[str]) -> None:
    async def script(stage: Stage) -> None:
        performer = stage.world.performer
        performer.add_fault(Cut(line="primary"), "one")
        performer.add_fault(Delay(line="primary", delay_s=1.0), "two")
        performer.add_fault(Cut(line="secondary"), "three")
        performer.command(mend)
        assert list(stage.world.faults.names()) == left

    stage = Stage(DRILL).play(script)
    assert ended(stage) == [name for name in ("one", "two", "three") if name not in left]


def test_what_a_fault_held_back_is_delivered_when_it_is_mended() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Delay(mti="0210", delay_s=9.0))
        stage.do(WITHDRAW)
        await trio.sleep(3)
        assert stage.facts_of(facts.MessageReceived, actor="T01") == []
        stage.world.performer.command(Mend())
        await trio.sleep(0.1)
        assert [each.mti for each in stage.facts_of(facts.MessageReceived, actor="T01")] == ["0210"]

    Stage(DRILL).play(script)


def test_a_cut_severs_all_that_it_touches_in_one_sweep_and_nothing_else() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Cut(line="primary", terminal="T02", by="reset"))
        assert [each.actor for each in stage.facts_of(facts.LineLost)] == ["T02"], "no time has passed"
        await trio.sleep(1)

    stage = Stage(DRILL).play(script)
    assert {(each.actor, each.line) for each in stage.facts_of(facts.LineLost)} == {("T02", "primary")}


def test_heal_mends_everything() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Delay(delay_s=1.0))
        stage.do(SetReplication(paused=True), WITHDRAW)
        await trio.sleep(3)
        stage.do(StopSite(site="B"), PowerFail(terminal="T01", restore_after_s=1000))
        stage.do(PowerFail(terminal="T02", after_effect=3))
        stage.world.performer.heal()
        assert stage.world.faults.names() == ()
        assert stage.roles() == [("B", "down"), ("B", "standby")]
        assert [each.actor for each in stage.facts_of(facts.PowerRestored)] == ["T01"]
        await trio.sleep(120)
        assert stage.world.pending() == ()
        stage.do(Withdraw(terminal="T02", amount="20.00"))
        await trio.sleep(60)

    stage = Stage(DRILL).play(script)
    assert [each.actor for each in stage.facts_of(facts.PowerFailed)] == ["T01"], "a failure to come is forgotten"
    assert stage.outcomes() == ["interrupted", "approved"]


def test_heal_sends_no_more_customers() -> None:
    async def script(stage: Stage) -> None:
        await trio.sleep(20)
        assert len(stage.facts_of(facts.TransactionStarted)) > 1
        stage.world.performer.heal()
        await trio.sleep(100)
        stage.forget()
        await trio.sleep(100)

    busy = drill_of(every_s=5, terminals=2, heal_at=900)
    assert Stage(busy).play(script).facts_of(facts.TransactionStarted) == []


def test_a_name_that_is_taken_is_refused() -> None:
    async def script(stage: Stage) -> None:
        stage.world.performer.add_fault(Delay(delay_s=1.0), "slow")
        with pytest.raises(LocalError, match="a fault named 'slow' is active already"):
            stage.world.performer.add_fault(Cut(), "slow")

    assert [each.name for each in Stage(DRILL).play(script).facts_of(facts.FaultStarted)] == ["slow"]
