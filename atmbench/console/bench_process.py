"""A bench of our own: `atmbench serve` as a process that begins and ends with the console."""

import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from atmbench.errors import VenueError

LOOPBACK = "127.0.0.1"
READY_TRIES = 300
"""Times that a new bench is asked whether it answers, `READY_EVERY_S` apart."""
READY_EVERY_S = 0.1
END_S = 20.0
"""How long a bench may take to write down its run after it was asked to end."""
SAID_LINES_MAX = 12


class BenchProcess:
    """Starts `atmbench serve` on a free port of this machine."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._folder = tempfile.TemporaryDirectory(prefix="atmbench-console-")
        self._log = Path(self._folder.name) / "bench.log"
        self._report = Path(self._folder.name) / "bench.out"
        command = [sys.executable, "-m", "atmbench", "serve", *arguments, "--port", str(self.port)]
        with self._log.open("wb") as log, self._report.open("wb") as report:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=report, stderr=log, start_new_session=True
            )

    def wait_until_ready(self, answers: Callable[[str, float], bool]) -> None:
        """Return when the bench answers. Raises VenueError with what it said if it ends before, or takes too long.

        `answers` asks it, and if there is no answer takes the time that it is given.
        """
        for _ in range(READY_TRIES):
            if self._process.poll() is not None:
                raise VenueError(f"the bench did not start:\n{self.said()}")
            if answers(self.url, READY_EVERY_S):
                return
        self.end()
        raise VenueError(f"the bench did not answer within {READY_TRIES * READY_EVERY_S:g} s:\n{self.said()}")

    def said(self) -> str:
        """The last lines that the bench has said beside its report."""
        return "\n".join(_text(self._log).splitlines()[-SAID_LINES_MAX:])

    def end(self) -> tuple[int, str]:
        """Ask the bench to end, and wait until its run is written down: its exit code and report.

        By SIGTERM: a bench that a script's background job has started hears no SIGINT.
        """
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        report = _text(self._report)
        self._folder.cleanup()
        return self._process.returncode, report


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        port: int = found.getsockname()[1]
        return port
