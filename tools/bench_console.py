"""Benchmark: what the console costs over a large fleet: facts folded a second, and CPU while it shows 3,000 a second.

    python tools/bench_console.py [--terminals 1000] [--facts-s 3000] [--size 200x60]

A drill with a cut runs on `virtual` first, and is then shown screen by screen, at the pace of the facts as a live bench
would give them: five times a second. The figures are of this process alone, with no terminal behind it.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from atmbench.console.app import REPAINT_S, ConsoleApp
from atmbench.console.model import Model
from atmbench.console.sources import Replay
from atmbench.console.views.status import MODES
from atmbench.drill.load import parse_drill
from atmbench.facts import AnyFact, read_history
from atmbench.run.runner import run_drill
from atmbench.run.source import Source

REPAINTS = 20
DRILL = """
drill: bench-console
proves: nothing; it is a load
terminals: {terminals}
cards: {{cards: 2000}}
workload: {{every_s: 20, amounts: [20.00, 50.00]}}
steps:
  - {{at: 20, cut: {{line: primary, by: silence}}}}
  - {{at: 25, promote: {{site: B}}}}
  - {{at: 60, mend: {{}}}}
heal: {{at: 90, within_s: 300}}
"""


def record(terminals: int, out: Path) -> None:
    text = DRILL.format(terminals=terminals)
    run_drill(Source(parse_drill(text, "bench-console"), text, "bench-console"), out=out)


def fold(history: list[AnyFact]) -> float:
    """Facts a second into a model, with the audit's casebook."""
    model = Model()
    started = time.process_time()
    model.add_all(history)
    return len(history) / (time.process_time() - started)


async def show(run: Path, history: list[AnyFact], facts_s: int, size: tuple[int, int]) -> dict[str, float]:
    """Screen to the share of a core that it takes."""
    app = ConsoleApp(Replay(run))
    step = int(facts_s * REPAINT_S)
    batches = batched(history, step)
    found = {}
    async with app.run_test(size=size) as pilot:
        await app.source.close()
        for mode in MODES:
            app.switch_mode(mode)
            await pilot.pause()
            started = time.process_time()
            for _ in range(REPAINTS):
                app.model.add_all(next(batches))
                app.repaint()
                await pilot.pause()  # until it is painted
            found[mode] = (time.process_time() - started) / (REPAINTS * REPAINT_S)
    return found


def batched(history: list[AnyFact], size: int) -> Iterator[list[AnyFact]]:
    for at in range(0, len(history), size):
        yield history[at : at + size]
    while True:
        yield []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--terminals", type=int, default=1000)
    parser.add_argument("--facts-s", type=int, default=3000)
    parser.add_argument("--size", default="200x60")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        record(given.terminals, run)
        with (run / "history.jsonl").open("rb") as file:
            history = list(read_history(file))
        print(f"{len(history):,} facts of {given.terminals:,} terminals; folded at {fold(history):,.0f} facts/s")
        shares = asyncio.run(show(run, history, given.facts_s, (width, height)))
    for mode, share in shares.items():
        print(f"{mode:<10} {share:6.1%} of a core at {given.facts_s:,} facts/s, {given.size}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
