"""Where facts come from: a recorded run that is played both ways, and a bench that breaks off in the middle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from atmbench import facts
from atmbench.console import attach as attach_module
from atmbench.console import orders
from atmbench.console.attach import Attach
from atmbench.console.model import Model
from atmbench.console.playhead import SPEEDS, Playhead
from atmbench.console.sources import BATCH_MAX, OrderRefused, Replay
from atmbench.errors import LocalError
from atmbench.facts import AnyFact, to_line
from atmbench.store.run_directory import RunDirectory
from tests.console.small_bench import SmallBench
from tests.console.tell import at, begun, withdrawal

ENDED = at(9.0, "conductor", facts.RunEnded(because="done"))
SUSPECTED = at(5.0, "T01", facts.LineSuspected(line="primary", missed=2))
HISTORY = [begun(), *withdrawal(1.0), SUSPECTED, ENDED]


# --- the playhead ---------------------------------------------------------------------------------


def test_time_goes_on_at_its_speed_and_stops_at_the_end() -> None:
    head = Playhead(10.0)
    head.advance(5.0)
    assert head.position_s == 0.0
    head.toggle()
    head.change_speed(+1)
    head.advance(2.0)
    assert (head.speed, head.position_s, head.is_playing) == (2.0, 4.0, True)
    head.advance(4.0)
    assert (head.position_s, head.is_playing) == (10.0, False)
    head.toggle()
    assert (head.position_s, head.is_playing) == (0.0, True)


def test_positions_and_speeds_stay_within_their_bounds() -> None:
    head = Playhead(10.0, 99.0, is_playing=True)
    assert (head.position_s, head.is_playing) == (10.0, False)
    head.seek(-1)
    assert head.position_s == 0.0
    head.change_speed(+99)
    assert head.speed == SPEEDS[-1]
    head.change_speed(-99)
    assert head.speed == SPEEDS[0]


def test_nothing_is_played_of_a_run_without_length() -> None:
    head = Playhead(0.0)
    head.toggle()
    assert not head.is_playing


# --- replay ---------------------------------------------------------------------------------------


def run_of(path: Path, history: list[AnyFact], rest: bytes = b"") -> Path:
    path.mkdir(exist_ok=True)
    (path / "history.jsonl").write_bytes(b"".join(to_line(fact) for fact in history) + rest)
    return path


def read_all(replay: Replay) -> list[AnyFact]:
    found: list[AnyFact] = []
    while (batch := replay.read()) is not None:
        found = [*([] if batch.restarts else found), *batch.facts]
    return found


def test_only_what_lies_before_the_playhead_is_told(tmp_path: Path) -> None:
    replay = Replay(run_of(tmp_path, HISTORY))
    assert replay.playhead.end_s == 9.0
    assert read_all(replay) == HISTORY[:1]
    replay.seek(1.1)
    assert read_all(replay) == HISTORY[1:3]
    replay.seek(9.0)
    assert read_all(replay) == HISTORY[3:]
    asyncio.run(replay.close())


def test_going_back_tells_it_again_from_the_beginning(tmp_path: Path) -> None:
    replay = Replay(run_of(tmp_path, HISTORY), at_s=9.0)
    assert read_all(replay) == HISTORY
    replay.seek(1.0)
    batch = replay.read()
    assert batch is not None
    assert batch.restarts
    assert list(batch.facts) == HISTORY[:2]
    asyncio.run(replay.close())


def test_half_a_line_at_the_end_is_passed_over_and_a_broken_one_is_named(tmp_path: Path) -> None:
    replay = Replay(run_of(tmp_path / "a", HISTORY, b'{"fact":"run_'), at_s=99.0)
    assert read_all(replay) == HISTORY
    asyncio.run(replay.close())
    broken = Replay(run_of(tmp_path / "b", HISTORY, b"nonsense\n"), at_s=99.0)
    with pytest.raises(LocalError, match=f"line {len(HISTORY) + 1} of"):
        read_all(broken)
    asyncio.run(broken.close())


def test_an_empty_history_has_no_length(tmp_path: Path) -> None:
    replay = Replay(run_of(tmp_path, []))
    assert (replay.playhead.end_s, replay.read()) == (0.0, None)
    asyncio.run(replay.close())


def test_a_folder_without_a_history_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="no run directory"):
        Replay(tmp_path)


def test_a_replay_says_why_it_takes_no_orders(tmp_path: Path) -> None:
    replay = Replay(run_of(tmp_path, HISTORY))
    with pytest.raises(OrderRefused, match="cannot cut primary: this is a replay"):
        asyncio.run(replay.send(orders.cut("primary")))


def test_a_whole_recorded_run_gives_the_verdict_that_it_had(recorded: Path) -> None:
    async def play() -> Model:
        model, replay = Model(), Replay(recorded, at_s=1e9)
        async for batch in replay.batches():
            assert len(batch.facts) <= BATCH_MAX
            model.add_all(batch.facts)
            if model.ended is not None:
                await replay.close()
                return model
        raise AssertionError("the batches have ended")

    model = asyncio.run(play())
    audit = model.audit()
    assert audit is not None
    assert audit.status == "PASS"
    assert model.count == sum(1 for _ in RunDirectory.open(recorded).history())
    assert model.money.unsettled == {}


# --- attached -------------------------------------------------------------------------------------


@asynccontextmanager
async def closing(source: Attach) -> AsyncIterator[Attach]:
    try:
        yield source
    finally:
        await source.close()


def follow(bench: SmallBench, token: str = "") -> tuple[list[AnyFact], list[str], int]:
    """All facts of a bench, notices that are not empty, and how many facts were missed."""

    async def talk() -> tuple[list[AnyFact], list[str], int]:
        found: list[AnyFact] = []
        notices: list[str] = []
        missed = 0
        async with bench.open(), closing(Attach(bench.url, token)) as source:
            async for batch in source.batches():
                found = [*([] if batch.restarts else found), *batch.facts]
                notices += [batch.notice] if batch.notice else []
                missed += batch.missed
        return found, notices, missed

    return asyncio.run(talk())


def test_facts_come_in_their_order_until_the_run_has_ended() -> None:
    assert follow(SmallBench(HISTORY)) == (HISTORY, [], 0)


def test_a_broken_connection_is_taken_up_after_the_last_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach_module, "FIRST_RETRY_S", 0.01)
    bench = SmallBench(HISTORY)
    bench.break_after = [3, 0, 2]
    found, notices, _ = follow(bench)
    assert found == HISTORY
    assert bench.streams_from == [0, 3, 3, 5]
    assert len(notices) == 3
    assert all("trying again" in notice for notice in notices)


def test_missed_facts_are_counted() -> None:
    bench = SmallBench(HISTORY)
    bench.missed = (2, 4)
    assert follow(bench) == (HISTORY[4:], [], 3)


def test_a_wrong_token_is_said_at_once() -> None:
    with pytest.raises(LocalError, match="does not let us in: a token is needed; give --token-file"):
        follow(SmallBench(HISTORY, token="secret"))
    assert follow(SmallBench(HISTORY, token="secret"), "secret")[0] == HISTORY


def test_what_is_no_bench_is_said() -> None:
    bench = SmallBench(HISTORY)
    bench.is_bench = False
    with pytest.raises(LocalError, match="is no bench: 200"):
        follow(bench)


def test_a_line_that_is_no_fact_is_said() -> None:
    bench = SmallBench(HISTORY)
    bench.nonsense = b'{"seq":"one"}\n'
    with pytest.raises(LocalError, match="sent a line that is no fact"):
        follow(bench)


def test_another_run_at_the_same_address_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach_module, "FIRST_RETRY_S", 0.01)

    async def talk() -> list[AnyFact]:
        bench = SmallBench(HISTORY[:3])
        found: list[AnyFact] = []
        async with bench.open():
            source = Attach(bench.url)
            async for batch in source.batches():
                found = [*([] if batch.restarts else found), *batch.facts]
                if bench.run_directory == "run-1" and len(found) == 3:
                    bench.run_directory, bench.history = "run-2", [begun(drill="another"), ENDED]
            await source.close()
        return found

    assert asyncio.run(talk()) == [begun(drill="another"), ENDED]


def test_orders_are_carried_out_or_refused_with_the_reason() -> None:
    async def talk() -> None:
        bench = SmallBench(HISTORY)
        async with bench.open():
            source = Attach(bench.url)
            assert await source.send(orders.cut("primary")) == "cut primary (f1)"
            assert await source.send(orders.mend("a b/c")) == "mend a b/c"
            bench.refuse = "there is no terminal 'T99'"
            with pytest.raises(OrderRefused, match="there is no terminal 'T99'"):
                await source.send(orders.withdraw("T99", "50.00"))
            assert bench.ordered == [
                ("POST", "/v1/faults", {"kind": "cut", "line": "primary", "by": "silence"}),
                ("DELETE", "/v1/faults/a%20b%2Fc", None),
            ]
            await source.close()
        gone = Attach(bench.url)
        with pytest.raises(OrderRefused, match="does not answer"):
            await gone.send(orders.mend_all())
        await gone.close()

    asyncio.run(talk())
