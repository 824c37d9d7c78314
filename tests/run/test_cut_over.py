"""A business day ends in a whole world: what goes over the lines, in each family that has a message for it."""

import pytest
import trio

from atmbench import facts
from atmbench.drill.commands import CutOver, PowerFail, Withdraw
from atmbench.drill.records import Drill
from atmbench.messages.altered import altered
from atmbench.messages.dialect import load_dialect
from tests.run.stage import Stage, drill_of

WITHDRAW = Withdraw(terminal="T01", amount="50.00")
DAY_IN = {"iso87-ascii": "15", "as2805": "15", "base24-atm": "17", "iso93-ascii": "15", "cmf": "15"}
QUIET = "terminal: {timers: {reply_s: 10, echo_s: 600}}"


def drill(dialect: str, *parts: str) -> Drill:
    """A drill that knows of days: a step ends one long after all is over here."""
    return drill_of(QUIET, f"dialect: {dialect}", "steps: [{at: 800, cutover: {}}]", *parts, heal_at=900)


def fields(stage: Stage, number: str, **where: object) -> list[str]:
    return [each.fields.get(number, "") for each in stage.facts_of(facts.MessageSent, **where)]


@pytest.mark.parametrize("dialect", DAY_IN)
def test_the_host_announces_the_day_and_the_terminal_answers(dialect: str) -> None:
    async def script(stage: Stage) -> None:
        stage.do(CutOver())
        await trio.sleep(1)
        stage.do(WITHDRAW)
        await trio.sleep(30)

    stage = Stage(drill(dialect)).play(script)
    assert [day[-4:] for day in fields(stage, "15", actor="A", purpose="cutover")] == ["0106"]
    [done] = stage.facts_of(facts.MessageReceived, actor="A", purpose="cutover")
    assert done.outcome == "approved"
    assert [(day.day[-4:], day.announced) for day in stage.facts_of(facts.BusinessDayTaken)] == [("0106", True)]
    assert [day[-4:] for day in fields(stage, DAY_IN[dialect], actor="A", purpose="withdrawal")] == ["0106"]
    assert [each.day[-4:] for each in stage.facts_of(facts.TransactionEnded)] == ["0106"]
    assert [each.day for each in stage.facts_of(facts.EntryPosted)] == ["260106"] * 2


@pytest.mark.parametrize(("dialect", "code"), [("as2805", "97"), ("base24-atm", "00")])
def test_a_request_of_the_old_day_is_answered_in_the_new_one(dialect: str, code: str) -> None:
    late = "lines: {primary: {site: A, latency_s: 2, jitter_s: 0}, secondary: {site: B}}"

    async def script(stage: Stage) -> None:
        await trio.sleep(20)
        stage.do(WITHDRAW)
        await trio.sleep(1)
        stage.do(CutOver())
        await trio.sleep(40)

    stage = Stage(drill(dialect, late)).play(script)
    number = DAY_IN[dialect]
    assert fields(stage, number, actor="T01", purpose="withdrawal") == ["0105"]
    assert fields(stage, number, actor="A", purpose="withdrawal") == ["0106"]
    [answered] = stage.facts_of(facts.MessageReceived, actor="T01", purpose="withdrawal")
    assert (answered.code, answered.outcome) == (code, "approved")
    [said] = stage.facts_of(facts.MessageSent, actor="A", purpose="withdrawal")
    assert said.code == code
    assert [each.day for each in stage.facts_of(facts.TransactionEnded)] == ["0106"]


def test_a_reversal_in_the_new_day_says_the_old_one() -> None:
    lost = "steps: [{at: 0, fault: {kind: lose, direction: reply, mti: x210}}, {at: 800, cutover: {}}]"

    async def script(stage: Stage) -> None:
        stage.do(WITHDRAW)
        await trio.sleep(5)
        stage.do(CutOver())
        await trio.sleep(60)

    stage = Stage(drill_of(QUIET, "dialect: base24-atm", lost, heal_at=900)).play(script)
    assert fields(stage, "17", actor="T01", purpose="reversal") == ["0105"]
    entries = stage.facts_of(facts.EntryPosted)
    assert {(each.kind, each.day) for each in entries} == {("posting", ""), ("reversal", "")}


def test_a_family_without_such_a_message_changes_its_day_in_silence() -> None:
    async def script(stage: Stage) -> None:
        stage.do(CutOver(), WITHDRAW)
        await trio.sleep(40)

    stage = Stage(drill("nibss")).play(script)
    assert stage.facts_of(facts.MessageSent, purpose="cutover") == []
    assert [each.day for each in stage.facts_of(facts.EntryPosted)] == ["260106"] * 2
    assert [each.day for each in stage.facts_of(facts.TransactionEnded)] == [""]


def test_a_terminal_without_power_hears_of_it_when_it_signs_on() -> None:
    async def script(stage: Stage) -> None:
        stage.do(PowerFail(terminal="T01", restore_after_s=10), CutOver())
        await trio.sleep(30)

    stage = Stage(drill("iso87-ascii")).play(script)
    [taken] = stage.facts_of(facts.BusinessDayTaken)
    assert taken.announced
    assert taken.t > 15


def test_messages_about_days_are_sealed_like_all_others() -> None:
    async def script(stage: Stage) -> None:
        stage.do(CutOver())
        await trio.sleep(5)

    change = {"security": {"mac": {"network_messages": True}}}
    dialect = altered(load_dialect("iso87-ascii"), change, "network messages sealed")
    stage = Stage(drill("iso87-ascii", "security: {mac: true}"), dialect=dialect).play(script)
    [announced] = stage.facts_of(facts.MessageSent, actor="A", purpose="cutover")
    assert {"64", "128"} & announced.fields.keys()
    assert len(stage.facts_of(facts.BusinessDayTaken)) == 1
    assert len(stage.facts_of(facts.MessageReceived, actor="A", purpose="cutover")) == 1
    assert stage.facts_of(facts.SecurityRefused) == []
