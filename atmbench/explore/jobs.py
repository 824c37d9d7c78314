"""Many trials over the processors of this machine, in the order in which they were asked for.

A worker is a process that imports the bench once. At most a bounded number of trials wait for it, however many are
asked for. It must never change what a trial comes to: one process or eight, the answers are the same.
"""

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from multiprocessing.process import BaseProcess
from typing import TypeVar

from atmbench.errors import VenueError

JOBS_MAX = 256
AHEAD = 4
"""Pieces of work that wait for each worker: none is idle, and no list of a million is made."""
GARBAGE_THRESHOLDS = (2_000, 10, 10)
"""How often Python looks for rings among objects. Each world that is over is one: as rarely as the command line looks
for a single run, thousands of them would pile up first, a gigabyte for each worker."""

Given = TypeVar("Given")
Got = TypeVar("Got")


def processors() -> int:
    """How many workers this machine is good for."""
    return min(len(os.sched_getaffinity(0)), JOBS_MAX)


def over(work: Callable[[Given], Got], asked: Iterable[Given], *, jobs: int) -> Iterator[Got]:
    """What `work` makes of each, in order. `work` is a function of a module; with one job no process is started.

    Raises VenueError if a worker dies (killed, or out of memory).
    """
    with crew(jobs) as each:
        yield from each.over(work, asked)


@contextmanager
def crew(jobs: int) -> Iterator["Crew"]:
    """Workers for several pieces of work, one after the other: each process imports the bench once for all of them."""
    if jobs <= 1:
        before = gc.get_threshold()
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        try:
            yield Crew(1, None)
        finally:
            gc.set_threshold(*before)
        return
    others = active_children()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin) as pool:
        try:
            yield Crew(jobs, pool)
        except BaseException:
            _end_at_once(others)  # nobody waits for what they are at
            raise
        finally:
            pool.shutdown(cancel_futures=True)


class Crew:
    """So many workers; without a pool, the process that asks."""

    def __init__(self, jobs: int, pool: ProcessPoolExecutor | None) -> None:
        self._jobs = jobs
        self._pool = pool

    def over(self, work: Callable[[Given], Got], asked: Iterable[Given]) -> Iterator[Got]:
        """As the function of this name."""
        if self._pool is None:
            yield from map(work, asked)
            return
        try:
            yield from _in_order(self._pool, work, asked, ahead=self._jobs * AHEAD)
        except BrokenProcessPool:
            raise VenueError(
                f"one of {self._jobs} worker processes died; was it killed, or is memory short? Try fewer with --jobs"
            ) from None


def _in_order(
    pool: ProcessPoolExecutor, work: Callable[[Given], Got], asked: Iterable[Given], *, ahead: int
) -> Iterator[Got]:
    waiting: deque[Future[Got]] = deque()
    for each in asked:
        waiting.append(pool.submit(work, each))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _end_at_once(others: Container[BaseProcess]) -> None:
    """End our workers, and none of the `others`: a run that is under way could take many seconds yet."""
    for process in active_children():
        if process not in others:
            process.terminate()


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it tells the workers to stop
    gc.set_threshold(*GARBAGE_THRESHOLDS)
