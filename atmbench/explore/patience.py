"""Patience with one run: a run that does not end is a crash of the bench, and the search goes on.

A drill bounds what a run does: its steps, its customers, its time. So a run ends, unless the bench itself turns in a
circle; only then the wall's clock matters here. It must never stop a run that is merely slow.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from atmbench.audit.verdict import Status
from atmbench.explore.coverage import Watch
from atmbench.explore.trial import Asked, Trial, run_trial
from atmbench.facts import AnyFact

RUN_WALL_S_MAX = 120.0
"""A drawn drill takes a hundredth of a second to one second; of a whole fleet, some ten."""
AGAIN_S = 1.0
"""If the first alarm was lost in a callback that cannot raise."""
HUNG = "RunHung"


class RunHung(BaseException):
    """A run took longer than any can. No handler of `Exception` may take it for an error of its own."""


def watched(
    asked: Asked, reader: Callable[[AnyFact], None] | None = None, *, wall_s: float = RUN_WALL_S_MAX
) -> tuple[Trial, Watch]:
    """One run, with what it touched; `reader` sees each fact, too. One that hangs is a trial that crashed."""
    watch = Watch()

    def read(fact: AnyFact) -> None:
        watch(fact)
        if reader is not None:
            reader(fact)

    try:
        with _alarm(wall_s):
            trial = run_trial(asked, watch if reader is None else read)
    except RunHung as hung:
        trial = Trial(asked.drill.drill, asked.seed, asked.plant, Status.UNKNOWN, crash=f"{HUNG}: {hung}")
    if HUNG in trial.crash:  # trio tells it as an error of its own, if the alarm met it at work
        trial = Trial(trial.drill, trial.seed, trial.plant, Status.UNKNOWN, crash=f"{HUNG}: no end within {wall_s:g} s")
    return trial, watch


@contextmanager
def _alarm(wall_s: float) -> Iterator[None]:
    """Raise RunHung in the main thread after so long; elsewhere there are no signals, and no alarm."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise RunHung(f"no end within {wall_s:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, wall_s, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
