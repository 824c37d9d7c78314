"""Zones and clocks in a whole world: DE7 is in UTC, DE12 and DE13 are local; a step makes no two transactions one."""

import pytest
import trio

from atmbench import facts
from atmbench.drill.commands import StepClock, Withdraw
from atmbench.drill.load import parse_drill
from atmbench.errors import LocalError
from atmbench.messages.wall_clock import SET_S_MAX
from tests.run.stage import Stage, drill_of

ZONES = drill_of(
    "utc_offset_s: 3600",
    "utc_offsets_s: {B: 0, north: 7200}",
    "regions: {north: [T02]}",
    terminals=2,
    heal_at=900,
)


def sent_by(stage: Stage, terminal: str) -> list[dict[str, str]]:
    found = stage.facts_of(facts.MessageSent, actor=terminal, purpose="withdrawal")
    return [each.fields for each in found]


def test_terminals_of_two_zones_agree_on_universal_time_alone() -> None:
    async def script(stage: Stage) -> None:
        stage.do(Withdraw(terminal="T01", amount="50.00"), Withdraw(terminal="T02", amount="50.00"))
        await trio.sleep(30)

    stage = Stage(ZONES).play(script)
    ((here,), (north,)) = sent_by(stage, "T01"), sent_by(stage, "T02")
    assert here["7"][:-2] == north["7"][:-2] == "01050800"
    assert (here["13"], here["12"][:4]) == ("0105", "0900")
    assert (north["13"], north["12"][:4]) == ("0105", "1000")
    assert stage.outcomes() == ["approved", "approved"]


def test_summer_time_moves_local_time_alone() -> None:
    async def script(stage: Stage) -> None:
        stage.do(StepClock(of="north", step_s=-3600, local=True), Withdraw(terminal="T02", amount="50.00"))
        await trio.sleep(30)

    stage = Stage(ZONES).play(script)
    (sent,) = sent_by(stage, "T02")
    assert (sent["7"][:-2], sent["12"][:4]) == ("01050800", "0900")
    (stepped,) = stage.facts_of(facts.ClockStepped)
    assert (stepped.actor, stepped.by_s, stepped.shows[:-2]) == ("T02", -3600, "2601050900")


def test_an_hour_that_comes_twice_makes_no_two_transactions_one() -> None:
    drill = drill_of("terminal: {timers: {echo_s: 100000}}", "utc_offset_s: 3600", heal_at=900)

    async def script(stage: Stage) -> None:
        stage.do(Withdraw(terminal="T01", amount="50.00"))
        await trio.sleep(60)
        stage.do(StepClock(of="T01", step_s=-60), Withdraw(terminal="T01", amount="50.00"))
        await trio.sleep(60)

    stage = Stage(drill).play(script)
    first, second = sent_by(stage, "T01")
    assert (first["12"], first["13"]) == (second["12"], second["13"]), "the same second, as the clock has it"
    keys = {each.key for each in stage.facts_of(facts.TransactionStarted)}
    assert len(keys) == 2
    assert stage.facts_of(facts.RepeatAnswered) == []
    assert len(stage.facts_of(facts.EntryPosted, actor="A")) == 2


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("utc_offsets_s: {C: 0}", "found place with a clock 'C', meant one of A, B, T01, T02."),
        ("utc_offset_s: 90000", "found 90000 for 'utc_offset_s', meant a whole number of at least -50400"),
    ],
)
def test_a_zone_of_nobody_is_a_sentence(part: str, says: str) -> None:
    with pytest.raises(Exception, match="line 4") as raised:
        parse_drill(f"drill: d\nproves: nothing\nterminals: 2\n{part}\nheal: {{at: 10}}\n", "d.yaml")
    assert says in str(raised.value)


def test_a_clock_that_is_set_again_and_again_stays_within_a_year() -> None:
    async def script(stage: Stage) -> None:
        stage.do(StepClock(of="north", step_s=SET_S_MAX))
        with pytest.raises(LocalError, match="the clock of T02 would be off by 31,622,401 s; expected 31,622,400 s"):
            stage.do(StepClock(step_s=1))
        stage.do(StepClock(of="T02", step_s=-SET_S_MAX, local=True), StepClock(step_s=1))

    stage = Stage(ZONES).play(script)
    assert len(stage.facts_of(facts.ClockStepped)) == 1 + 1 + 4, "none was set by the order that was refused"
