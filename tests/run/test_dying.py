"""A run that dies, dies at once and with its own error, whatever its connections are doing at that moment."""

from collections.abc import Callable

import pytest

from atmbench.drill.commands import PowerFail, StopSite, Withdraw
from atmbench.faults.cut import Cut
from atmbench.faults.timing import Delay
from atmbench.run.runner import run_drill
from atmbench.run.source import Source
from tests.run.stage import Stage, drill_of


def hold_a_message(stage: Stage) -> None:
    stage.world.performer.add_fault(Delay(delay_s=100.0))
    stage.do(Withdraw(terminal="T01", amount="50.00"))


ACTS: dict[str, Callable[[Stage], object]] = {
    "all is quiet": lambda stage: None,
    "a terminal hangs up": lambda stage: stage.do(PowerFail(terminal="T01")),
    "connections are reset": lambda stage: stage.world.performer.add_fault(Cut(by="reset")),
    "connections are closed": lambda stage: stage.world.performer.add_fault(Cut(by="close")),
    "a dial is not answered": lambda stage: stage.do(StopSite(site="A"), PowerFail(terminal="T01", restore_after_s=0)),
    "a message is held": hold_a_message,
}


class Died(Exception):
    """What the test kills the world with."""


@pytest.mark.parametrize("when", ACTS)
def test_a_world_that_dies_does_not_hang(when: str) -> None:
    async def script(stage: Stage) -> None:
        ACTS[when](stage)
        raise Died

    with pytest.raises(ExceptionGroup) as raised:
        Stage(drill_of(terminals=2)).play(script)
    assert [type(each) for each in raised.value.exceptions] == [Died]


def test_a_step_that_cannot_be_done_is_refused_and_cannot_pass() -> None:
    drill = drill_of(
        "steps:",
        "- {at: 9, stop_site: {site: B}}",
        "- {at: 10, cut: {by: reset}}",
        "- {at: 10, promote: {site: B}}",
        "- {at: 11, withdraw: {terminal: T01, amount: 50.00}}",
    )
    result = run_drill(Source(drill, "", "staged"))
    expected = result.audit.verdict("expected")
    assert expected.status != "PASS"
    assert "site B is down and cannot be promoted; start it first" in expected.because
