"""Releases in a running world: who has what, when a terminal takes it, and what is refused."""

import pytest
import trio
from msgspec.structs import replace

from atmbench.drill.commands import Chosen, Deploy, RollBack, Withdraw
from atmbench.errors import LocalError
from atmbench.facts import FrameRefused, MessageReceived, MessageSent, ReleaseDeployed, ReleaseRolledBack
from atmbench.releases.records import HostChanges, Release
from atmbench.run.rollout import DEPLOYMENTS_MAX
from tests.run.stage import Stage, drill_of

RELEASES = """
releases:
  N+1: {changes: a field more, dialect: {templates: {service: {request: {constant: {60: "SOFTWARE 02"}}}}}}
  alias: {like: new-mandatory-field}
"""


CHANGED = (ReleaseDeployed, ReleaseRolledBack)


def percent(share: float) -> Chosen:
    return Chosen(percent=share)


def deploy(**values: object) -> Deploy:
    return Deploy(release="N+1", **values)  # type: ignore[arg-type]


def running(stage: Stage) -> dict[str, str]:
    """Site or terminal to what it runs, by the facts."""
    stage.world.recorder.flush()
    return {fact.actor: fact.release for fact in stage.facts if isinstance(fact, CHANGED)}


def test_a_greater_share_of_the_fleet_has_all_those_of_a_smaller_one() -> None:
    async def script(stage: Stage) -> None:
        stage.do(deploy(terminals=percent(20)))
        few = set(running(stage))
        stage.do(deploy(terminals=percent(45)))
        more = set(running(stage))
        assert len(few) == 2
        assert len(more) == 5
        assert few < more

    Stage(drill_of(RELEASES, terminals=10)).play(script)


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        (Chosen(names=("T03", "T01")), ["T01", "T03"]),
        (Chosen(prefix="T1"), ["T10", "T11"]),
        (Chosen(percent=100), [f"T{number:02d}" for number in range(1, 12)]),
        (Chosen(region="north"), ["T02", "T10", "T11"]),
    ],
)
def test_terminals_are_chosen_by_list_prefix_share_or_region(chosen: Chosen, names: list[str]) -> None:
    async def script(stage: Stage) -> None:
        stage.do(deploy(terminals=chosen))
        assert sorted(running(stage)) == names

    Stage(drill_of(RELEASES, "regions: {north: [T02, T1*]}", terminals=11)).play(script)


def test_a_terminal_takes_a_release_when_it_is_quiet() -> None:
    async def script(stage: Stage) -> None:
        stage.do(Withdraw(terminal="T01", amount="20.00"), deploy(terminals=Chosen(names=("T01",))))
        assert not running(stage)
        assert stage.world.pending()[0] == "T01 waits for a quiet moment to change its release"
        await trio.sleep(20)
        assert running(stage) == {"T01": "N+1"}
        stage.do(Withdraw(terminal="T01", amount="20.00"))
        await trio.sleep(20)
        sent = stage.facts_of(MessageSent, actor="T01", purpose="withdrawal")
        assert [fact.fields.get("60") for fact in sent] == [None, "SOFTWARE 02"]
        assert not stage.world.rollout.pending()

    Stage(drill_of(RELEASES)).play(script)


def test_a_terminal_takes_it_at_once_if_that_is_the_order() -> None:
    async def script(stage: Stage) -> None:
        stage.do(Withdraw(terminal="T01", amount="20.00"), deploy(terminals=percent(100), when="at_once"))
        assert running(stage) == {"T01": "N+1"}

    Stage(drill_of(RELEASES)).play(script)


def test_a_rollback_gives_back_what_ran_before_the_last_deployment() -> None:
    async def script(stage: Stage) -> None:
        stage.do(deploy(site="A"), Deploy(release="optional-field", site="A"))
        stage.do(RollBack(site="A"))
        assert running(stage) == {"A": "N+1"}
        stage.do(RollBack(site="A"))
        assert running(stage) == {"A": "N"}
        with pytest.raises(LocalError, match="nothing was deployed there"):
            stage.do(RollBack(site="A"))

    Stage(drill_of(RELEASES)).play(script)


def test_a_rollback_leaves_alone_who_has_had_no_deployment() -> None:
    async def script(stage: Stage) -> None:
        stage.do(deploy(terminals=percent(50)))
        upgraded = sorted(running(stage))
        stage.do(RollBack(terminals=percent(100)))
        assert running(stage) == dict.fromkeys(upgraded, "N")
        assert len(stage.facts_of(ReleaseRolledBack)) == len(upgraded)

    Stage(drill_of(RELEASES, terminals=4)).play(script)


def test_what_runs_there_already_is_not_deployed_again() -> None:
    async def script(stage: Stage) -> None:
        stage.do(deploy(site="B"), deploy(terminals=Chosen(names=("T01",))))
        with pytest.raises(LocalError, match=r"N\+1 runs there already"):
            stage.do(deploy(site="B"))
        stage.do(deploy(terminals=percent(100)))
        assert len(stage.facts_of(ReleaseDeployed, actor="T01")) == 1

    Stage(drill_of(RELEASES, terminals=2)).play(script)


def test_only_the_site_that_has_a_release_speaks_it_and_a_name_may_stand_for_a_shipped_one() -> None:
    async def script(stage: Stage) -> None:
        stage.do(Deploy(release="alias", site="B"), Withdraw(terminal="T01", amount="20.00"))
        await trio.sleep(20)
        assert not stage.facts_of(FrameRefused)
        stage.do(Deploy(release="alias", site="A"), Withdraw(terminal="T01", amount="20.00"))
        await trio.sleep(1)
        (refused,) = stage.facts_of(FrameRefused)
        assert (refused.actor, refused.field, refused.value) == ("A", "48", "new_pin_block")

    Stage(drill_of(RELEASES)).play(script)


def test_a_terminal_without_power_has_its_release_at_once() -> None:
    async def script(stage: Stage) -> None:
        stage.driver.fail_power(100.0)
        stage.do(deploy(terminals=percent(100)))
        assert running(stage) == {"T01": "N+1"}

    Stage(drill_of(RELEASES)).play(script)


@pytest.mark.parametrize("release", ["longer-field", "other-matching-key"])
def test_an_answer_that_waits_is_in_the_speech_that_read_its_request(release: str) -> None:
    async def script(stage: Stage) -> None:
        stage.do(Withdraw(terminal="T01", amount="20.00"))
        await trio.sleep(1)
        assert stage.facts_of(MessageReceived, actor="A", purpose="withdrawal")
        assert not stage.outcomes()
        stage.do(Deploy(release=release, site="A"))
        await trio.sleep(25)
        assert stage.outcomes() == ["approved"]
        assert not stage.facts_of(FrameRefused)

    Stage(drill_of("host: {confirms: when_replicated, replication_lag_s: 2}")).play(script)


def test_a_share_of_the_fleet_is_one_of_its_machines_and_not_of_clients() -> None:
    async def script(stage: Stage) -> None:
        stage.do(deploy(terminals=percent(50)))
        assert set(running(stage)) < {"T01", "T02", "T03", "T04"}
        assert len(running(stage)) == 2
        stage.do(deploy(terminals=percent(100)))
        assert set(running(stage)) == {"T01", "T02", "T03", "T04"}

    channels = """
lines: {primary: {site: A}, secondary: {site: B}, online: {site: A, channel: online}}
channels: {online: {clients: 12}}
"""
    Stage(drill_of(RELEASES, channels, terminals=4)).play(script)


def test_a_busy_terminal_takes_all_that_was_ordered_meanwhile_in_order_when_it_is_quiet() -> None:
    async def script(stage: Stage) -> None:
        one = Chosen(names=("T01",))
        stage.do(Withdraw(terminal="T01", amount="20.00"), deploy(terminals=one))
        stage.do(Deploy(release="optional-field", terminals=one))
        assert not running(stage), "the first waits as the second does"
        with pytest.raises(LocalError, match="optional-field runs there already"):
            stage.do(Deploy(release="optional-field", terminals=one))
        stage.do(RollBack(terminals=one))
        await trio.sleep(20)
        stage.world.recorder.flush()
        changes = [(fact.before, fact.release) for fact in stage.facts if isinstance(fact, CHANGED)]
        assert changes == [("N", "N+1"), ("N+1", "optional-field"), ("optional-field", "N+1")]

    Stage(drill_of(RELEASES)).play(script)


def test_orders_that_wait_and_deployments_on_top_of_one_another_are_bounded() -> None:
    async def script(stage: Stage) -> None:
        one = Chosen(names=("T01",))
        stage.do(Withdraw(terminal="T01", amount="20.00"))
        for _ in range(DEPLOYMENTS_MAX // 2):
            stage.do(deploy(terminals=one), RollBack(terminals=one))
        with pytest.raises(LocalError, match="T01 has 100 orders that wait for a quiet moment"):
            stage.do(deploy(terminals=one))
        for number in range(DEPLOYMENTS_MAX):
            stage.do(Deploy(release=("N+1", "optional-field")[number % 2], site="A"))
        with pytest.raises(LocalError, match="A has 100 deployments already; roll some back first"):
            stage.do(deploy(site="A"))

    Stage(drill_of(RELEASES)).play(script)


def test_a_release_that_a_site_cannot_take_changes_nothing_there() -> None:
    async def script(stage: Stage) -> None:
        speech = stage.world.switch.speeches["A"]
        with pytest.raises(LocalError, match="a lot"):
            stage.do(Deploy(release="wrong", site="A"))
        assert stage.world.switch.speeches["A"] is speech
        assert not running(stage)
        with pytest.raises(LocalError, match="nothing was deployed there"):
            stage.do(RollBack(site="A"))

    wrong = Release(host=HostChanges(daily_limit="a lot"))
    Stage(replace(drill_of(), releases={"wrong": wrong})).play(script)


def test_what_terminals_could_not_say_is_refused_and_harms_nobody() -> None:
    async def script(stage: Stage) -> None:
        mandatory = Deploy(release="new-mandatory-field", terminals=percent(50))
        says = r"terminals of release new-mandatory-field cannot send their balance: .*needs field 48 \(new_pin_block\)"
        with pytest.raises(LocalError, match=says):
            stage.do(mandatory)
        stage.do(Deploy(release="new-mandatory-field", site="B"), Withdraw(terminal="T01", amount="20.00"))
        await trio.sleep(20)

    stage = Stage(drill_of(RELEASES)).play(script)
    assert stage.facts_of(MessageReceived, actor="T01", purpose="withdrawal")


def test_what_a_site_could_not_answer_is_refused_before_it_is_there() -> None:
    always = {"service": {"reply": {"mandatory": {54: "balances"}}}}
    balances = {"without": ["templates.service.reply.optional.54"], "templates": always}

    async def script(stage: Stage) -> None:
        with pytest.raises(LocalError, match=r"a site of release wordy cannot answer a balance: .* needs field 54"):
            stage.do(Deploy(release="wordy", site="A"))
        assert not running(stage)

    Stage(replace(drill_of(), releases={"wordy": Release(dialect=balances)})).play(script)
