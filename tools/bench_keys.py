"""Benchmark: how long a tester waits for a console: from a key to what it asks for on the screen.

    python tools/bench_keys.py [--terminals 1000] [--speed 5.5] [--keys 60] [--size 200x60]

A bench on memory wires makes about 500 messages a second; a console in a process of its own follows it and paints into
a pseudo-terminal, as into a tester's window. Half of the
keys change the screen, half sort a thousand terminals.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

DRILL = """
drill: bench-keys
proves: nothing; it is a load
terminals: {terminals}
cards: {{cards: 1000, opening_balance: "1000000.00"}}
host: {{daily_limit: "1000000.00", daily_count: 100000}}
workload: {{every_s: 20}}
terminal:
  timers: {{echo_s: 3600}}
  cassettes: [{{value: "10.00", notes: 100000}}, {{value: "20.00", notes: 100000}}, {{value: "50.00", notes: 100000}}]
heal: {{at: 7200}}
"""
SORTS = ("trouble", "stored", "line", "outcome", "name")
KEYS = tuple(
    key
    for at in range(0, 2 * len(SORTS), 2)
    for key in (
        (b"6", b"Open exceptions", "to Verdicts"),
        (b"1", b"asks host", "to Fleet"),
        (b"s", f"sort {SORTS[at % len(SORTS)]}".encode(), "sorts the fleet"),
        (b"s", f"sort {SORTS[(at + 1) % len(SORTS)]}".encode(), "sorts the fleet"),
    )
)
"""Keys, what is on the screen only when each has done its work, and what it does."""
WARM_S = 15.0
"""All terminals are in service by then, and the console has caught up."""
BETWEEN_S = 0.3
WAIT_S = 10.0


class Window:
    """A console in a pseudo-terminal of this size."""

    def __init__(self, url: str, size: tuple[int, int], folder: str) -> None:
        self._fd, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "atmbench", "console", "--attach", url],
            stdin=slave, stdout=slave, stderr=slave, cwd=folder, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(slave)

    def read(self, wait_s: float) -> bytes:
        """What is painted within this time; empty if nothing is."""
        ready, _, _ = select.select([self._fd], [], [], wait_s)
        return os.read(self._fd, 1 << 16) if ready else b""

    def watch(self, seconds: float) -> None:
        """Let it paint for so long."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.read(left)

    def press(self, key: bytes, shows: bytes) -> float:
        """Seconds until the screen says this. Raises TimeoutError if it never does."""
        seen, began = b"", time.perf_counter()
        os.write(self._fd, key)
        while (left := began + WAIT_S - time.perf_counter()) > 0:
            seen += self.read(left)
            if shows in seen:
                return time.perf_counter() - began
        raise TimeoutError(f"the console did not show {shows.decode()!r} within {WAIT_S:g} s")


def measured(terminals: int, speed: float, keys: int, size: tuple[int, int]) -> dict[str, list[float]]:
    """What keys do to the seconds until it was seen, each time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.drill.yaml"
        path.write_text(DRILL.format(terminals=terminals), encoding="utf-8")
        bench = subprocess.Popen(
            [sys.executable, "-m", "atmbench", "serve", str(path), "--venue", "virtual", "--speed", f"{speed:g}",
             "--port", "0", "--out", f"{folder}/run"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert bench.stderr is not None
        window = Window(bench.stderr.readline().split()[-1], size, folder)
        try:
            window.watch(WARM_S)
            found: dict[str, list[float]] = {}
            for number in range(keys):
                window.watch(BETWEEN_S)
                key, shows, does = KEYS[number % len(KEYS)]
                found.setdefault(does, []).append(window.press(key, shows))
            return found
        finally:
            window.process.kill()
            bench.send_signal(signal.SIGKILL)
            for process in (window.process, bench):
                process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description="How long a tester waits for a console.")
    parser.add_argument("--terminals", type=int, default=1000)
    parser.add_argument("--speed", type=float, default=5.5)
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--size", default="200x60")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    by_key = measured(given.terminals, given.speed, given.keys, (width, height))
    found = sorted(each for times in by_key.values() for each in times)
    p95 = found[int(len(found) * 0.95)]
    print(
        f"key to repaint, {given.terminals:,} terminals, {given.size}: "
        f"median {1000 * statistics.median(found):.0f} ms, p95 {1000 * p95:.0f} ms, worst {1000 * found[-1]:.0f} ms"
    )
    for does, times in by_key.items():
        print(f"  {does}: median {1000 * statistics.median(times):.0f} ms of {len(times)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
