"""Time in the virtual venue: it stands still while anybody can run, and jumps when all wait.

With a real socket or a thread in play time would run away; this room must be used with memory wires only.
"""

from math import inf

import trio
from trio.lowlevel import (
    Abort,
    Task,
    checkpoint_if_cancelled,
    current_statistics,
    current_task,
    reschedule,
    wait_task_rescheduled,
)

from atmbench.links.timetable import Timetable


class VirtualTimetable(Timetable):
    """Alarms over a `JumpingClock`, which wakes the timetable itself: no cancel scope, no round of its own."""

    clock: "JumpingClock"
    """The clock of the run; it enters itself."""

    def __init__(self) -> None:
        super().__init__()
        self._sleeper: Task | None = None

    def wake(self) -> None:
        """Time has come for the next alarm. Called by the clock when no task can run."""
        assert self._sleeper is not None, "an alarm is set, and the timetable does not run"
        sleeper, self._sleeper = self._sleeper, None
        reschedule(sleeper)

    @property
    def is_asleep(self) -> bool:
        """Whether somebody can be woken."""
        return self._sleeper is not None

    async def run(self) -> None:
        """Ring alarms until cancelled; after those of one instant go on to the next, unless others are to run first."""
        clock = self.clock
        while True:
            self._sleeper = current_task()
            await wait_task_rescheduled(self._give_up)
            self._ring_due(clock.current_time())
            while clock.jumps_to(self.next_at):
                self._ring_due(clock.current_time())
                await checkpoint_if_cancelled()

    def _give_up(self, _: object) -> Abort:
        self._sleeper = None
        return Abort.SUCCEEDED

    def _hasten(self, at: float) -> None:
        """The clock looks for itself."""


class JumpingClock(trio.abc.Clock):
    """Virtual seconds from 0.

    trio asks a clock how long to sleep only when no task can run; that is the moment to jump to whatever
    is due next. `trio.testing.MockClock` with an autojump threshold of 0 keeps the same time, and takes
    another round of trio's loop for each jump.
    """

    def __init__(self, timetable: VirtualTimetable) -> None:
        self._timetable = timetable
        self._now = 0.0
        timetable.clock = self

    def start_clock(self) -> None:
        """Nothing to prepare."""

    def current_time(self) -> float:
        """Virtual seconds since the start."""
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Jump to the next deadline or alarm, and do not sleep. Without any there is nothing to jump to.

        Of both at one instant the deadline comes first: the timetable must be alone when it is woken.
        """
        timetable = self._timetable
        alarm_at = timetable.next_at if timetable.is_asleep else inf
        if alarm_at < deadline:
            self._jump(alarm_at)
            timetable.wake()
        elif deadline < inf:
            self._jump(deadline)
        else:
            return inf
        return 0.0

    def jumps_to(self, at: float) -> bool:
        """Jump to the next alarm, if nothing else is to happen before that. For the timetable, once it was woken.

        This spares a round of trio's loop, which would ask the same.
        """
        others = current_statistics()
        if others.tasks_runnable or others.run_sync_soon_queue_size:
            return False
        if at - self._now >= others.seconds_to_next_deadline:
            return False
        self._jump(at)
        return True

    def _jump(self, at: float) -> None:
        if at > self._now:
            self._now = at
