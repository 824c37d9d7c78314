"""Runs the conversations with a CCNET unit, one after the other, over its line and a terminal's agenda. Dry."""

from collections import deque
from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

from atmbench.devices.agenda import Agenda
from atmbench.devices.alarm import Alarm
from atmbench.devices.ccnet_line import Command, Line, Reply
from atmbench.devices.port import Port

JOBS_MAX = 100

Result = TypeVar("Result")
Asking: TypeAlias = Generator[Command | float, Reply | None, Result]
"""A conversation: yields what to say, or how long to rest, and is given the reply."""


class Runner:
    """`look` is what to do when nothing else is, `look_after_s` how long from now; None if not at all."""

    def __init__(
        self,
        port: Port,
        agenda: Agenda,
        *,
        unit: int,
        answer_s: float,
        look: Callable[[], Asking[None]],
        look_after_s: Callable[[], float | None],
    ) -> None:
        self.now = 0.0
        self._look = look
        self._look_after_s = look_after_s
        self.line = Line(port, unit=unit, answer_s=answer_s, set_alarm=self._set_alarm, done=self._advance)
        self._line_alarm = Alarm(agenda, self.line.on_time)
        self._wake = Alarm(agenda, self._woken)
        self._job: Asking[None] | None = None
        self._jobs: deque[Asking[None]] = deque()

    def begin(self, job: Asking[None], now: float) -> None:
        """Do this after what was begun before; never at once, since who asks is still at work."""
        assert len(self._jobs) < JOBS_MAX, "a note acceptor is asked without end"
        self._jobs.append(job)
        self.look_now(now)

    def look_now(self, now: float) -> None:
        """Look, unless something is under way: that will see."""
        if self._job is None:
            self._wake.set(now)

    def drop(self) -> None:
        """Power is gone: forget everything."""
        for job in (self._job, *self._jobs):
            if job is not None:
                job.close()
        self._job = None
        self._jobs.clear()
        self.line.drop()
        self._line_alarm.drop()
        self._wake.drop()

    def _set_alarm(self, at: float | None) -> None:
        if at is None:
            self._line_alarm.clear()
        else:
            self._line_alarm.set(at)

    def _woken(self, now: float) -> None:
        if self._job is None:
            self._job = self._jobs.popleft() if self._jobs else self._look()
        self._advance(None, now)

    def _advance(self, reply: Reply | None, now: float) -> None:
        assert self._job is not None
        self.now = now
        try:
            step = self._job.send(reply)
        except StopIteration:
            self._job = None
            after_s = 0.0 if self._jobs else self._look_after_s()
            if after_s is not None:
                self._wake.set(now + after_s)
            return
        if isinstance(step, Command):
            self.line.ask(step, now)
        else:
            self._wake.set(now + step)
