"""The console under test: over a recorded run at a time, or attached to a small bench. No waiting for the clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.notifications import Notification
from textual.pilot import Pilot

from atmbench.console.app import ConsoleApp
from atmbench.console.attach import Attach
from atmbench.console.bench_process import BenchProcess
from atmbench.console.sources import Replay
from tests.console.small_bench import SmallBench

TURNS_MAX = 500


async def until(pilot: Pilot[int], app: ConsoleApp, is_so: Any) -> None:
    """Let the application work until something is so."""
    for _ in range(TURNS_MAX):
        if is_so():
            app.repaint()
            await pilot.pause()
            return
        await pilot.pause()
    raise AssertionError(f"it never was so; notices: {said(app)}, {app.notice}")


async def told(pilot: Pilot[int]) -> None:
    """Let a replay tell all that lies before its playhead."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    source = app.source
    assert isinstance(source, Replay)
    await until(pilot, app, lambda: source.is_told and app.model.count > 0)


@asynccontextmanager
async def replaying(
    path: Path, at_s: float, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    app = ConsoleApp(Replay(path, at_s=at_s))
    async with app.run_test(size=size) as pilot:
        await told(pilot)
        yield app, pilot


@asynccontextmanager
async def attached(
    bench: SmallBench, size: tuple[int, int] = (80, 24), process: BenchProcess | None = None
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    async with bench.open():
        app = ConsoleApp(Attach(bench.url), process)
        async with app.run_test(size=size) as pilot:
            await until(pilot, app, lambda: app.model.count == len(bench.history))
            yield app, pilot


async def press(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    app.repaint()
    await pilot.pause()


def shown(app: ConsoleApp, selector: str) -> str:
    """The text that a widget shows."""
    widget = app.screen.query_one(selector)
    lines = [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]
    return "\n".join(lines)


def said(app: ConsoleApp) -> list[str]:
    """What the application has told its user."""
    notes: list[Notification] = list(app._notifications)
    return [note.message for note in notes]
