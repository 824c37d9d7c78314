"""Two consoles and a curl at one bench: each acts, and all are told the same."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from atmbench.cli_console import start_bench
from atmbench.console import orders
from atmbench.console.app import ConsoleApp
from atmbench.console.attach import Attach
from atmbench.console.bench_process import BenchProcess
from atmbench.console.sources import Batch
from atmbench.facts import AnyFact, FaultEnded, FaultStarted, read_history, to_line

WAIT_S = 60.0


class Listening(Attach):
    """Keeps what the bench has told it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.heard: list[AnyFact] = []
        self._more = asyncio.Event()

    async def batches(self) -> AsyncIterator[Batch]:
        async for batch in super().batches():
            assert not batch.missed
            self.heard += batch.facts
            self._more.set()
            yield batch

    async def until(self, has: Callable[[AnyFact], bool]) -> None:
        """Wait until a fact has come."""
        async with asyncio.timeout(WAIT_S):
            while not any(map(has, self.heard)):
                self._more.clear()
                await self._more.wait()


class Console:
    """A console at a window of its own, in a task of its own: an application is that of its task."""

    def __init__(self, url: str) -> None:
        self.source = Listening(url)
        self.app = ConsoleApp(self.source)
        self.task: asyncio.Task[None] = asyncio.create_task(self._live())

    async def _live(self) -> None:
        async with self.app.run_test(size=(80, 24)) as pilot:
            while self.app.model.ended is None:
                await pilot.pause(0.02)


def curl(bench: BenchProcess, path: str, *words: str) -> list[str]:
    return ["curl", "--silent", "--fail", "--no-buffer", *words, bench.url + path]


@pytest.mark.full
def test_two_consoles_and_a_curl_see_the_same_facts(tmp_path: Path) -> None:
    bench = start_bench("all-quiet", venue="loopback", speed=10.0, seed=1, out=tmp_path / "run")
    stream = subprocess.Popen(curl(bench, "/v1/facts?since=0&follow=true"), stdout=subprocess.PIPE)

    async def go() -> list[list[AnyFact]]:
        first, second = Console(bench.url), Console(bench.url)
        await first.source.until(lambda fact: fact.t > 0)
        await first.source.send(orders.cut("primary"))
        await second.source.until(lambda fact: isinstance(fact, FaultStarted) and fact.actor == "tester")
        await second.source.send(orders.mend_line("primary"))
        await first.source.until(lambda fact: isinstance(fact, FaultEnded) and fact.actor == "tester")
        await asyncio.to_thread(subprocess.run, curl(bench, "/v1/heal", "--request", "POST"), check=True)
        async with asyncio.timeout(WAIT_S):
            await asyncio.gather(first.task, second.task)
        return [first.source.heard, second.source.heard]

    with stream:
        try:
            heard = asyncio.run(go())
            streamed, _ = stream.communicate(timeout=WAIT_S)
        finally:
            stream.kill()
            bench.end()
    history = list(read_history((tmp_path / "run" / "history.jsonl").read_bytes().splitlines()))
    told = list(read_history(line for line in streamed.splitlines() if line.strip()))
    assert len(history) > 200
    for facts in (*heard, told):
        assert [to_line(fact) for fact in facts] == [to_line(fact) for fact in history]
