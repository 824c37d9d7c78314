"""A bench that lives until it is told: commands of a tester, its end, and the session as a drill."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
import trio
import trio.lowlevel
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from atmbench import facts
from atmbench.drill.acts import read_act, read_fault
from atmbench.drill.load import parse_drill
from atmbench.drill.records import Drill
from atmbench.drill.session import saved_session
from atmbench.errors import LocalError, VenueError
from atmbench.run.live import CannotNow, LiveBench
from atmbench.run.runner import audit_directory, run_drill
from atmbench.run.source import Source, find_drill
from tests.examples import RUNS
from tests.run.stage import Stage

TEXT = """
drill: talk
proves: a bench can be talked to
terminals: 4
workload: {every_s: 5, amounts: [20.00, 50.00]}
steps:
- {at: 8, name: slow, fault: {kind: delay, line: secondary, delay_s: 0.2}}
- {at: 12, mend: {name: slow}}
heal: {at: 15, within_s: 200}
"""
SOURCE = Source(parse_drill(TEXT, "talk"), TEXT, "talk")
Script = Callable[[LiveBench], Awaitable[None]]


def bench_of(path: Path, *, to_the_end: bool = False) -> LiveBench:
    return LiveBench(SOURCE, out=path / "run", venue="virtual", speed=40.0, seed=3, to_the_end=to_the_end)


def live(bench: LiveBench, script: Script) -> LiveBench:
    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bench.run)
            await script(bench)

    trio.run(main, clock=bench.clock)
    return bench


def history(bench: LiveBench) -> list[facts.AnyFact]:
    return list(bench.directory.history())


def test_it_heals_when_it_is_told_and_leaves_a_whole_run_directory(tmp_path: Path) -> None:
    async def script(bench: LiveBench) -> None:
        await trio.sleep(20)
        assert bench.view().state == "running"
        begun = trio.Event()
        bench.world.recorder.watch("heal_started", lambda _: begun.set())
        bench.heal()
        await begun.wait()
        assert bench.view().state == "healing"
        with pytest.raises(CannotNow, match="the bench heals"):
            bench.act(read_act({"promote": {"site": "B"}}))

    bench = live(bench_of(tmp_path), script)
    assert bench.result is not None
    assert (bench.view().state, bench.view().status) == ("ended", "PASS")
    with pytest.raises(CannotNow, match="the run has ended"):
        bench.heal()
    told = history(bench)
    [heal] = [each for each in told if isinstance(each, facts.HealStarted)]
    assert 15 < heal.t < 25, "twenty seconds, less what a busy machine took to begin"
    assert isinstance(told[-1], facts.RunEnded)
    assert audit_directory(bench.directory.path).audit.status.value == "PASS"
    left = {each.name for each in bench.directory.path.iterdir()}
    assert left == {
        "drill.yaml", "run.json", "history.jsonl", "journals", "report.txt", "junit.xml", "session.drill.yaml"
    }  # fmt: skip
    assert sorted(each.name for each in (bench.directory.path / "journals").iterdir())[0] == "T01.log"


@pytest.mark.full
def test_over_real_tcp_a_session_is_the_same_thing(tmp_path: Path) -> None:
    async def script(bench: LiveBench) -> None:
        await trio.sleep(4)
        bench.act(read_act({"withdraw": {"terminal": "T01", "amount": "50.00", "card": 7}}))
        bench.set_speed(20)
        await trio.sleep(20)
        bench.heal()

    bench = live(LiveBench(SOURCE, out=tmp_path / "run", speed=10.0, seed=3), script)
    assert (bench.view().venue, bench.view().status) == ("loopback", "PASS")
    text = (bench.directory.path / "session.drill.yaml").read_text()
    assert run_drill(Source(parse_drill(text, "saved"), text, "saved"), seed=3).audit.status.value == "PASS"


def test_to_the_end_heals_when_the_drill_says_so(tmp_path: Path) -> None:
    async def nothing(bench: LiveBench) -> None:
        await trio.lowlevel.checkpoint()

    bench = live(bench_of(tmp_path, to_the_end=True), nothing)
    [heal] = [each for each in history(bench) if isinstance(each, facts.HealStarted)]
    assert heal.t >= 15
    assert bench.view().status == "PASS"


def test_it_stops_at_once_and_says_so(tmp_path: Path) -> None:
    async def script(bench: LiveBench) -> None:
        await trio.sleep(6)
        bench.act(read_act({"power": {"terminal": "T02", "on": False}}))
        bench.stop()

    bench = live(bench_of(tmp_path), script)
    ended = history(bench)[-1]
    assert isinstance(ended, facts.RunEnded)
    assert ended.t <= bench.view().now == bench.view().now, "its clock stands"
    assert ended.because == "it was stopped"
    assert "T02 has no power" in ended.pending
    assert bench.result is not None
    assert {each.status.value for each in bench.result.audit.verdicts} == {"UNKNOWN"}
    assert bench.result.audit.verdict("money").because.startswith("the run was stopped, and money may be under way")
    assert (bench.directory.path / "report.txt").read_text() == bench.result.report


def test_what_a_tester_does_is_numbered_and_told_under_his_name(tmp_path: Path) -> None:
    async def script(bench: LiveBench) -> None:
        await trio.sleep(5)
        done = bench.act(read_act({"withdraw": {"terminal": "T01", "amount": "50.00", "card": 7}}))
        assert (done.command, done.name) == ("withdraw", "")
        lines = bench.directory.path.joinpath("history.jsonl").read_bytes().splitlines()
        assert len(lines) == done.seq
        fault = bench.act(read_fault({"kind": "delay", "line": "primary", "delay_s": 0.1}))
        assert fault.name == "tester-delay-1"
        with pytest.raises(CannotNow, match="no fault named 'other' is active"):
            bench.act(read_act({"mend": {"name": "other"}}))
        bench.stop()

    told = [fact for fact in history(live(bench_of(tmp_path), script)) if fact.actor == "tester"]
    assert [type(each) for each in told] == [facts.StepPerformed, facts.FaultStarted, facts.StepRefused]


@pytest.mark.parametrize(
    ("act", "says"),
    [
        ({"withdraw": {"terminal": "T99", "amount": "50.00"}}, "found terminal 'T99'"),
        ({"withdraw": {"terminal": "T01", "amount": "5.00"}}, "cannot pay"),
        ({"cut": {"line": "third"}}, "found line 'third'"),
        ({"cut": {"line": "primary"}, "name": "slow"}, "the drill has a fault named 'slow' itself"),
        ({"promote": {"site": "B"}, "name": "x"}, "meant a name with cut or fault only"),
    ],
)
def test_what_never_can_be_done_is_refused_without_a_trace(tmp_path: Path, act: dict[str, object], says: str) -> None:
    async def script(bench: LiveBench) -> None:
        await trio.sleep(2)
        with pytest.raises(LocalError, match=says) as refused:
            bench.act(read_act(act))
        assert not isinstance(refused.value, CannotNow)
        bench.stop()

    assert all(fact.actor != "tester" for fact in history(live(bench_of(tmp_path), script)))


def test_audit_now_judges_what_there_is(tmp_path: Path) -> None:
    async def script(bench: LiveBench) -> None:
        await trio.sleep(10)
        audit = bench.audit()
        assert audit.status.value == "UNKNOWN"
        assert audit.book.count == bench.view().seq
        bench.heal()

    assert live(bench_of(tmp_path), script).audit().status.value == "PASS"


def test_readers_along_get_every_line_once(tmp_path: Path) -> None:
    seen: dict[int, bytes] = {}

    async def script(bench: LiveBench) -> None:
        reader = bench.follow(10)
        while bench.result is None or reader.behind:
            found = reader.read()
            if found is None:
                await bench.news(5.0)
                continue
            for number, line in enumerate(found[1], start=found[0]):
                assert number not in seen
                seen[number] = line
            if bench.world.now() > 20 and bench.world.phase == "running":
                bench.heal()
        bench.let_go(reader)

    bench = live(bench_of(tmp_path), script)
    lines = (bench.directory.path / "history.jsonl").read_bytes().splitlines()
    assert seen == dict(enumerate(lines[10:], start=11))


def test_who_waits_hears_of_lines_that_were_written_before_the_flush(tmp_path: Path) -> None:
    bench = bench_of(tmp_path)
    heard: list[bool] = []

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await trio.testing.wait_all_tasks_blocked()
            bench.history.write(b"{}\n")  # as the recorder does by itself when it has a batch
            bench.refresh()

    async def wait() -> None:
        heard.append(await bench.news(5.0))

    trio.run(main, clock=bench.clock)
    bench.close()
    assert heard == [True]


def test_speed_changes_while_it_runs_and_is_told_in_the_session(tmp_path: Path) -> None:
    async def script(bench: LiveBench) -> None:
        await trio.sleep(2)
        bench.set_speed(50)
        assert bench.view().speed == 50
        with pytest.raises(LocalError, match="cannot run at 0 times real time"):
            bench.set_speed(0)
        await trio.sleep(2)
        bench.stop()

    text = live(bench_of(tmp_path), script).session()
    assert "the clock ran at 50 times real time.\n# A speed cannot be saved" in text


def test_no_bench_to_talk_to_where_time_jumps(tmp_path: Path) -> None:
    with pytest.raises(VenueError, match="no bench can be talked to in the venue 'moon'"):
        LiveBench(SOURCE, out=tmp_path / "run", venue="moon")


# --- sessions ---------------------------------------------------------------------------------------

# None of these moments is one at which a drill or the world does something by itself: who came first would be chance.
ACTS: list[tuple[float, dict[str, object]]] = [
    (21.503, {"transact": {"terminal": "T03", "service": "withdrawal", "amount": "50.00", "card": 4, "by_hand": True}}),
    (24.003, {"hand": {"terminal": "T03", "does": "takes_card"}}),
    (30.003, {"hand": {"terminal": "T03", "does": "takes_cash"}}),
    (31.253, {"cut": {"line": "primary", "by": "silence"}, "name": "mine"}),
    (40.128, {"power": {"terminal": "T02", "on": False}}),
    (50.003, {"workload": {"every_s": 3, "mix": {"withdrawal": 1, "balance": 1}}}),
    (70.003, {"mend": {"name": "mine"}}),
    (75.003, {"fault": {"kind": "lose", "line": "primary", "direction": "reply", "mti": "0210", "probability": 0.5}}),
    (75.503, {"hand": {"terminal": "T03", "does": "takes_cash"}}),
    (90.003, {"power": {"terminal": "T02", "on": True}}),
    (95.003, {"stop_site": {"site": "B"}}),
    (99.003, {"start_site": {"site": "B"}}),
]


def staged(drill: Drill, acts: list[tuple[float, dict[str, object]]], heal_at: float) -> Stage:
    """A world in virtual time that is told what to do at these times."""
    stage = Stage(drill, seed=11, until_told=True)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stage.world.run)
            for at, act in acts:
                await trio.sleep_until(at)
                with suppress(LocalError):  # one hand comes too late, and is no part of the session
                    stage.world.performer.act(read_act(act))
            await trio.sleep_until(heal_at)
            stage.world.heal()

    trio.run(main, clock=stage.world.clock)
    stage.world.recorder.flush()
    return stage


@pytest.mark.parametrize("drill", ["talk", "primary-cut", pytest.param("secure-primary-cut", marks=pytest.mark.full)])
def test_a_saved_session_does_the_same_again(drill: str) -> None:
    source = SOURCE if drill == "talk" else find_drill(drill)
    stage = staged(source.drill, ACTS, 120.003)
    saved = saved_session(source.drill, stage.facts, seed=11, until_s=0)
    again = run_drill(Source(parse_drill(saved, "saved"), saved, "saved"), seed=11)
    was = stage.judged()
    assert again.audit.totals == was.totals
    assert [(each.check, each.status) for each in again.audit.verdicts] == [
        (each.check, each.status) for each in was.verdicts
    ]


TERMINALS = st.sampled_from(["T01", "T02", "T03", "T04"])
LINES = st.sampled_from(["primary", "secondary"])
SITES = st.sampled_from(["A", "B"])
DEEDS = st.one_of(
    st.builds(lambda t: {"withdraw": {"terminal": t, "amount": "50.00"}}, TERMINALS),
    st.builds(lambda t, by: {"cut": {"line": t, "by": by}}, LINES, st.sampled_from(["silence", "reset", "refusal"])),
    st.builds(lambda line, kind: {"fault": {"kind": kind, "line": line, "direction": "reply"}}, LINES,
              st.sampled_from(["lose", "duplicate", "stale"])),
    st.builds(lambda t, on: {"power": {"terminal": t, "on": on}}, TERMINALS, st.booleans()),
    st.builds(lambda t, does: {"hand": {"terminal": t, "does": does}}, TERMINALS,
              st.sampled_from(["takes_card", "takes_cash", "cancels"])),
    st.builds(lambda t: {"transact": {"terminal": t, "service": "withdrawal", "amount": "20.00", "by_hand": True}},
              TERMINALS),
    st.builds(lambda every: {"workload": {"every_s": every}}, st.sampled_from([0, 2, 10])),
    st.builds(lambda site: {"promote": {"site": site}}, SITES),
    st.builds(lambda site: {"stop_site": {"site": site}}, SITES),
    st.builds(lambda site: {"start_site": {"site": site}}, SITES),
    st.builds(lambda paused: {"replication": {"paused": paused}}, st.booleans()),
    st.just({"mend": {}}),
)  # fmt: skip


@RUNS
@given(deeds=st.lists(st.tuples(st.integers(2, 60), DEEDS), max_size=12))
def test_any_saved_session_comes_to_the_same_verdict(deeds: list[tuple[int, dict[str, object]]]) -> None:
    deeds.sort(key=lambda deed: deed[0])
    acts = [(second + 0.003 + number / 1000, act) for number, (second, act) in enumerate(deeds)]
    stage = staged(SOURCE.drill, acts, 70.003)
    saved = saved_session(SOURCE.drill, stage.facts, seed=11, until_s=0)
    again = run_drill(Source(parse_drill(saved, "saved"), saved, "saved"), seed=11).audit
    was = stage.judged()
    assert (again.status, again.totals) == (was.status, was.totals), saved
