"""What a tester does that a drill's own customers do by themselves: hands, power until told, and who comes at all."""

import msgspec
import pytest
import trio

from atmbench import facts
from atmbench.drill.commands import ChangeWorkload, HandDoes, OrderMachine, SwitchPower, Transact, UseHand
from atmbench.drill.load import parse_drill
from atmbench.drill.records import OUTFITS, Drill, Step
from atmbench.errors import LocalError
from atmbench.faults.all import Delay
from atmbench.messages.records import Purpose
from tests.run.stage import Stage, drill_of

HEAD = "terminal: {timers: {reply_s: 10, network_reply_s: 5, echo_s: 600}}"
DRILL = drill_of(HEAD, heal_at=900)
SERIAL = drill_of(HEAD, "devices: {dispenser: lcdm-4000, card_reader: omron-3s4yr}", heal_at=900)
BY_HAND = Transact(terminal="T01", service=Purpose.WITHDRAWAL, amount="50.00", card=1, by_hand=True)
CARD = UseHand(terminal="T01", does=HandDoes.TAKES_CARD)
CASH = UseHand(terminal="T01", does=HandDoes.TAKES_CASH)
CANCEL = UseHand(terminal="T01", does=HandDoes.CANCELS)


@pytest.mark.parametrize("drill", [DRILL, SERIAL], ids=["modelled", "machines"])
def test_a_hand_takes_card_and_cash_when_it_is_told(drill: Drill) -> None:
    async def script(stage: Stage) -> None:
        stage.do(BY_HAND)
        await trio.sleep(12)
        assert stage.facts_of(facts.CardTaken) == []
        stage.do(CARD)
        await trio.sleep(12)
        assert len(stage.facts_of(facts.CardTaken)) == 1
        assert stage.facts_of(facts.CashTaken) == []
        stage.do(CASH)
        await trio.sleep(8)

    stage = Stage(drill).play(script)
    assert [each.amount_minor for each in stage.facts_of(facts.CashTaken)] == [5000]
    assert stage.outcomes() == ["approved"]


@pytest.mark.parametrize("drill", [DRILL, SERIAL], ids=["modelled", "machines"])
def test_what_no_hand_takes_the_terminal_keeps(drill: Drill) -> None:
    async def script(stage: Stage) -> None:
        stage.do(BY_HAND)
        await trio.sleep(100)

    stage = Stage(drill).play(script)
    assert stage.facts_of(facts.CardTaken) == []
    assert len(stage.facts_of(facts.CardRetained)) == 1


@pytest.mark.parametrize("drill", [DRILL, SERIAL], ids=["modelled", "machines"])
def test_a_hand_that_finds_nothing_is_refused(drill: Drill) -> None:
    async def script(stage: Stage) -> None:
        with pytest.raises(LocalError, match="no card lies in the slot"):
            stage.do(CARD)
        with pytest.raises(LocalError, match="no cash lies in the exit"):
            stage.do(CASH)
        with pytest.raises(LocalError, match="nobody is served at T01 whose cancel"):
            stage.do(CANCEL)
        stage.do(Transact(terminal="T01", service=Purpose.WITHDRAWAL, amount="50.00", card=1))
        await trio.sleep(60)
        with pytest.raises(LocalError, match="no card lies in the slot"):
            stage.do(CARD)

    assert Stage(drill).play(script).outcomes() == ["approved"]


def test_values_of_a_machines_order_are_its_own_whatever_their_names() -> None:
    async def script(stage: Stage) -> None:
        stage.do(OrderMachine(device="dispenser", do="take_cash", terminal="T01", values={"self": 3, "rest": 4}))
        await trio.sleep(2)

    stage = Stage(SERIAL).play(script)
    assert [each.command for each in stage.facts_of(facts.StepPerformed)] == ["machine"]


def test_cancel_is_heeded_until_the_card_is_taken() -> None:
    async def script(stage: Stage) -> None:
        stage.do(BY_HAND)
        await trio.sleep(3)
        stage.do(CANCEL)
        await trio.sleep(2)
        stage.do(CARD)
        await trio.sleep(10)

    stage = Stage(DRILL).play(script)
    assert stage.outcomes() == ["cancelled"]
    assert stage.facts_of(facts.CashTaken) == []


def test_the_customer_after_one_by_hand_has_hands_of_his_own() -> None:
    async def script(stage: Stage) -> None:
        stage.do(BY_HAND, Transact(terminal="T01", service=Purpose.WITHDRAWAL, amount="50.00", card=1))
        await trio.sleep(4)
        stage.do(CARD)
        await trio.sleep(6)
        stage.do(CASH)
        await trio.sleep(30)

    assert Stage(DRILL).play(script).outcomes() == ["approved", "approved"]


@pytest.mark.parametrize("devices", ["modelled", "serial"])
def test_a_wrong_pin_is_declined_and_the_next_customer_types_the_right_one(devices: str) -> None:
    text = (
        "drill: pins\nproves: p\nterminals: 1\nexpect: {approved_min: 0}\ncards: {cards: 1, pins: true}\nsecurity: {}\n"
        f"dialect: iso87-ascii\nheal: {{at: 900}}\n{HEAD}\n"
    )
    drill = parse_drill(text, "pins")
    if devices == "serial":
        drill = msgspec.structs.replace(drill, devices=msgspec.structs.replace(OUTFITS["modelled"], pin_pad="zt598"))

    async def script(stage: Stage) -> None:
        await trio.sleep(30)
        balance = Transact(terminal="T01", service=Purpose.BALANCE, card=1, wrong_pin=True)
        stage.do(balance)
        await trio.sleep(40)
        stage.do(Transact(terminal="T01", service=Purpose.BALANCE, card=1))
        await trio.sleep(40)

    assert Stage(drill).play(script).outcomes() == ["declined", "approved"]


def test_power_stays_off_until_it_is_told_to_come_back() -> None:
    async def script(stage: Stage) -> None:
        stage.do(SwitchPower(terminal="T01", on=False))
        await trio.sleep(300)
        assert stage.driver.core is None
        stage.do(SwitchPower(terminal="T01", on=True))
        with pytest.raises(LocalError, match="T01 has power already"):
            stage.do(SwitchPower(terminal="T01", on=True))
        await trio.sleep(30)

    stage = Stage(DRILL).play(script)
    [failed], [restored] = stage.facts_of(facts.PowerFailed), stage.facts_of(facts.PowerRestored)
    assert restored.t - failed.t == pytest.approx(300)


def test_healing_gives_power_back_that_was_off_until_told() -> None:
    drill = drill_of("steps: [{at: 10, power: {terminal: T01, on: false}}]", "expect: {approved_min: 0}")
    assert Stage(drill).run().status.value == "PASS"


def test_the_workload_changes_from_now_on_and_ends_with_the_drill() -> None:
    steps = """
steps:
- {at: 20, workload: {every_s: 20, amounts: [70.00]}}
- {at: 400, workload: {every_s: 0}}
- {at: 600, workload: {every_s: 20, mix: {balance: 1}}}
"""
    stage = Stage(drill_of(steps, HEAD, heal_at=800))
    assert stage.run().status.value == "PASS"
    came = [(each.t, each.service, each.amount_minor) for each in stage.facts_of(facts.TransactionStarted)]
    first, later = [each for each in came if each[0] < 430], [each for each in came if each[0] >= 430]
    assert len(first) > 5
    assert {each[1:] for each in first} == {("withdrawal", 7000)}
    assert min(each[0] for each in first) > 20
    assert len(later) > 3
    assert {each[1] for each in later} == {"balance"}
    assert all(600 < each[0] < 840 for each in later)


def test_a_workload_can_begin_where_there_was_none() -> None:
    drill = parse_drill("drill: d\nproves: p\nterminals: 2\nheal: {at: 300}\nexpect: {approved_min: 0}\n", "d")

    async def script(stage: Stage) -> None:
        stage.do(ChangeWorkload(every_s=10))
        await trio.sleep(100)

    assert len(Stage(drill).play(script).outcomes()) > 5


def test_what_a_tester_does_has_his_name_and_is_refused_with_his_name() -> None:
    async def script(stage: Stage) -> None:
        performer = stage.world.performer
        assert performer.act(Step(at=0, transact=BY_HAND)) == ""
        assert performer.act(Step(at=0, fault=Delay(delay_s=0.1))) == "tester-delay-1"
        with pytest.raises(LocalError, match="active already"):
            performer.act(Step(at=0, fault=Delay(delay_s=0.1), name="tester-delay-1"))
        with pytest.raises(LocalError):
            performer.act(Step(at=0, hand=CASH))
        performer.perform(Step(at=0, hand=CASH))

    stage = Stage(DRILL).play(script)
    assert [(each.actor, each.command) for each in stage.facts_of(facts.StepPerformed)] == [("tester", "transact")]
    assert [each.actor for each in stage.facts_of(facts.StepRefused)] == ["conductor", "tester", "tester"]
