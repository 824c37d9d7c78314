"""Monitoring while a drill runs: has the alert rules evaluated when they are due, and records what fires.

An evaluation has seen exactly what was recorded before its time, so the same seed gives the same alerts.
"""

from collections.abc import Callable

import trio

from atmbench.monitor.watch import Watch
from atmbench.run.recorder import Recorder

MONITOR = "monitor"
"""The actor of alerts."""


async def watch_over(watch: Watch, recorder: Recorder, now: Callable[[], float]) -> None:
    """Evaluate until cancelled; `watch` is a reader of the recorder. `now` gives seconds since the start of the run."""
    while True:
        await trio.sleep(max(0.0, watch.deadline - now()))
        recorder.settle()
        for fact in watch.on_time(round(now(), 6)):
            recorder.record(MONITOR, fact)
