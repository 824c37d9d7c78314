"""Pictures of every screen over a fixed history. They are what the README shows, too.

A picture that changed is looked at before it is taken over:
pytest tests/console/test_pictures.py -m "full or not full" --snapshot-update
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from atmbench.console.app import ConsoleApp
from atmbench.console.sources import Replay
from tests.console.play import press, told

Compare = Callable[..., bool]
SMALL, LARGE = (80, 24), (160, 50)
IN_FLIGHT_S, OVER_S = 56.0, 1e9
SHOTS: dict[str, tuple[float, tuple[str, ...]]] = {
    "fleet": (IN_FLIGHT_S, ()),
    "terminal": (44.0, ("2", "n", "n")),
    "lines": (IN_FLIGHT_S, ("3",)),
    "trace": (IN_FLIGHT_S, ("4",)),
    "exchange": (IN_FLIGHT_S, ("4", "slash", *"T06 0210", "enter", "enter")),
    "story": (IN_FLIGHT_S, ("5", "n", "home")),
    "verdicts": (OVER_S, ("6",)),
    "help": (IN_FLIGHT_S, ("question_mark",)),
    "light": (IN_FLIGHT_S, ("ctrl+t",)),
}

QUICK = ("fleet", "terminal", "verdicts")
"""Pictures that are compared with every change; the others, and the large ones, by the long tests."""


def compare(snap: Compare, recorded: Path, name: str, size: tuple[int, int]) -> bool:
    at_s, keys = SHOTS[name]
    app = ConsoleApp(Replay(recorded, at_s=at_s))

    async def go(pilot: Pilot[int]) -> None:
        await told(pilot)
        await press(pilot, *keys)

    return snap(app, terminal_size=size, run_before=go)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.full) for name in SHOTS]
)
def test_small(snap_compare: Compare, recorded: Path, name: str) -> None:
    assert compare(snap_compare, recorded, name, SMALL)


@pytest.mark.full
@pytest.mark.parametrize("name", SHOTS)
def test_large(snap_compare: Compare, recorded: Path, name: str) -> None:
    assert compare(snap_compare, recorded, name, LARGE)
