"""The timetable: one task that keeps all appointments of a world, in one order.

Terminals, cables and the host wait for thousands of deadlines. If each waited in a task of its own, the
scheduler would decide who acts first at one instant, and a run could not be repeated; here the earlier
alarm rings first, and of two at one instant the one that was made first. It must never ring early.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from math import inf

import trio

RINGS_AT_ONE_INSTANT_MAX = 1_000_000
"""Somebody who asks to be called again at the same instant for ever is a bug of the bench."""


class Alarm:
    """An appointment that can be moved: `at` is a time of the trio clock; infinity is never."""

    __slots__ = ("_queued_at", "_timetable", "at", "number", "ring")

    def __init__(self, timetable: "Timetable", number: int, ring: Callable[[], None]) -> None:
        self._timetable = timetable
        self.number = number
        self.ring = ring
        self.at = inf
        self._queued_at = inf

    def set(self, at: float) -> None:
        """Ring at this time instead of any other; in the past means as soon as everybody waits."""
        self.at = at
        if at < self._queued_at:
            self._queued_at = at
            self._timetable.queue(at, self)

    def is_due_at(self, at: float) -> bool:
        """Whether an entry of the timetable still says when this alarm rings."""
        return self.at == at == self._queued_at

    def comes_up(self, at: float) -> bool:
        """An entry was taken out: True if the alarm rings now. One that was moved on goes in again."""
        if self._queued_at != at:
            return False
        self._queued_at = inf
        if self.at == at:
            self.at = inf
            return True
        if self.at != inf:
            self.set(self.at)
        return False


class Timetable:
    """Alarms over the clock that trio runs by.

    An alarm that moves later leaves its entry where it is, and finds out when the entry comes up: moving
    a deadline on with every message then costs nothing.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Alarm]] = []
        self._alarms = 0
        self._nap = trio.CancelScope()

    def alarm(self, ring: Callable[[], None]) -> Alarm:
        """A new alarm, not set. `ring` is called in the task of `run`; what it raises ends the run."""
        self._alarms += 1
        return Alarm(self, self._alarms, ring)

    @property
    def next_at(self) -> float:
        """When the next alarm rings; infinity if none is set."""
        heap = self._heap
        while heap:
            at, _, alarm = heap[0]
            if alarm.is_due_at(at):
                return at
            heappop(heap)
            alarm.comes_up(at)
        return inf

    def queue(self, at: float, alarm: Alarm) -> None:
        """For alarms only: an entry at a time earlier than the one they have."""
        heappush(self._heap, (at, alarm.number, alarm))
        self._hasten(at)

    async def run(self) -> None:
        """Ring alarms until cancelled."""
        while True:
            with trio.CancelScope(deadline=self.next_at) as self._nap:
                await trio.sleep_forever()
            self._ring_due(trio.current_time())

    def _ring_due(self, now: float) -> None:
        heap = self._heap
        for _ in range(RINGS_AT_ONE_INSTANT_MAX):
            if not heap or heap[0][0] > now:
                return
            at, _, alarm = heappop(heap)
            if alarm.comes_up(at):
                alarm.ring()
        raise AssertionError(f"alarms rang {RINGS_AT_ONE_INSTANT_MAX} times and time stood still")

    def _hasten(self, at: float) -> None:
        """An alarm was set to this time."""
        self._nap.deadline = min(self._nap.deadline, at)
