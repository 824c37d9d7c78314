"""A tester's session in a real terminal: cut, fail over, corrupt, mend, heal, save, and run what was saved."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from atmbench.run.runner import run_drill
from atmbench.run.source import find_drill

ROOT = Path(__file__).resolve().parents[2]
STEP_S = 0.2
TRIES = 400
"""Looks at the screen before what is awaited is given up."""
SPEED = 5

DRILL = """
drill: qa-session
proves: What a tester does to a line from the console costs nobody money.
terminals: 6
terminal:
  timers: {reply_s: 10, network_reply_s: 5, echo_s: 15}
  failover: {missed_replies: 2, fail_back_after_s: 60, fail_back_echoes: 2, probe_s: 5}
  store_and_forward: {reply_s: 8, first_repeat_s: 2, most_s: 20}
cards: {cards: 50}
workload: {every_s: 8, amounts: [20.00, 50.00]}
steps:
  - {at: 0, name: slow-answers, fault: {kind: delay, direction: reply, mti: "x210", delay_s: 2}}
heal: {at: 300, within_s: 180}
"""


class Terminal:
    """A terminal that nobody sees: keys in, text out."""

    def __init__(self, socket: str) -> None:
        self._tmux = ("tmux", "-L", socket)

    def run(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=False).stdout

    def screen(self) -> str:
        return self.run("capture-pane", "-p", "-t", "main", "-S", "-200")

    async def see(self, pattern: str) -> str:
        """The screen, as soon as it shows something."""
        for _ in range(TRIES):
            screen = self.screen()
            if re.search(pattern, screen):
                return screen
            await asyncio.sleep(STEP_S)
        raise AssertionError(f"never seen: {pattern}\n{self.screen()}")

    async def press(self, keys: str, then: str) -> str:
        """Press keys one after the other, and see what comes of the last."""
        for key in keys.split():
            self.run("send-keys", "-t", "main", key)
            await asyncio.sleep(STEP_S)
        return await self.see(then)


@contextmanager
def terminal(folder: Path, command: str) -> Iterator[Terminal]:
    found = Terminal(f"atmbench-{os.getpid()}")
    start = f"cd {folder} && PYTHONPATH={ROOT} env -u COLUMNS -u LINES {command}; echo EXIT CODE $?; exec cat"
    found.run("new-session", "-d", "-s", "main", "-x", "120", "-y", "36", start)
    try:
        yield found
    finally:
        found.run("send-keys", "-t", "main", "C-c")
        found.run("kill-server")


async def session(at: Terminal) -> None:
    await at.see(r"6 terminals .*[1-6] busy")
    await at.press("x", r"cut begins|tester-cut-1 begins")  # withdrawals are in flight: replies take two seconds
    await at.see(r"[1-6] on secondary")
    await at.press("3", r"▲ cut")
    await at.press("Tab Down p", r"B +● active")
    await at.press("1", r"moved from primary to secondary")
    await at.see(r"0 on primary .*6 on secondary")
    await at.press("3", r"Active faults")
    await at.press("BTab Down k", r"flip_bits")
    await at.press("1", r"ignored a reply: unreadable")
    await at.press("3 M", r"no fault is active")
    await at.press("6", r"nothing is wrong so far|wrong so far")
    await at.press("H", r"Mend everything")
    await at.press("y", r"ended +● PASS")
    screen = await at.see(r"● PASS +money")
    assert screen.count("● PASS") >= 8
    await at.press("S", r"saved as qa-session-session.drill.yaml")
    await at.press("q", r"EXIT CODE 0")


@pytest.mark.full
def test_a_session_is_green_and_so_is_the_drill_that_was_saved(tmp_path: Path) -> None:
    assert shutil.which("tmux") is not None, "tmux is missing; tools/_programs installs it"
    (tmp_path / "qa-session.drill.yaml").write_text(DRILL, encoding="utf-8")
    command = f"{sys.executable} -m atmbench console qa-session.drill.yaml --speed {SPEED}"
    with terminal(tmp_path, command) as at:
        asyncio.run(session(at))
    saved = tmp_path / "qa-session-session.drill.yaml"
    text = saved.read_text(encoding="utf-8")
    assert all(word in text for word in ("cut:", "promote:", "flip_bits", "mend:"))
    again = run_drill(find_drill(str(saved)))
    assert again.audit.status == "PASS", again.report
    told = subprocess.run(
        [sys.executable, "-m", "atmbench", "audit", *map(str, (tmp_path / "atmbench-runs").iterdir())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.startswith("PASS  qa-session")
