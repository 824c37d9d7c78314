"""Workers: the answers of one process, and an end at once where nobody waits for them."""

import os
import signal
from contextlib import suppress
from functools import partial
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from select import select

import pytest

from atmbench.errors import VenueError
from atmbench.explore.jobs import crew, over


def test_one_process_answers_by_itself() -> None:
    with crew(1) as alone:
        assert list(alone.over(abs, [-1, 2, -3])) == [1, 2, 3]
    assert active_children() == []


def test_workers_whom_nobody_waits_for_are_ended_at_once() -> None:
    ours: list[BaseProcess] = []
    with suppress(KeyboardInterrupt), crew(2) as workers:
        next(workers.over(partial(select, [], [], []), [0, 30, 30]))
        ours += active_children()
        raise KeyboardInterrupt
    assert [each.exitcode for each in ours] == [-signal.SIGTERM] * 2


@pytest.mark.full
def test_a_process_that_dies_is_said() -> None:
    with pytest.raises(VenueError, match="one of 2 worker processes died"):
        list(over(os._exit, [1, 1], jobs=2))
