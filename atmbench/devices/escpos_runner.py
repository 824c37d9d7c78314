"""Runs the conversations with a receipt printer, one after the other, over its port and a terminal's agenda. Dry.

A conversation is a generator. It yields a `Say`, and is sent the answer, or None if none came in time; or a number of
seconds to wait. Answers carry no mark of their question: what comes unasked is dropped, and after silence
there is a pause, so that a late answer is not taken for that to the next question.
"""

from collections import deque
from collections.abc import Callable, Generator
from typing import TypeAlias, TypeVar

import msgspec

from atmbench.devices.agenda import Agenda
from atmbench.devices.alarm import Alarm
from atmbench.devices.escpos_words import is_done
from atmbench.devices.port import Port

ANSWER_S = 1.0
"""For an answer to a real-time question, which waits for nothing. Our choice."""
PAUSE_S = 0.5
"""After silence. Our choice."""
JOBS_MAX = 16
"""More than these are not begun: a printer that is slow must not make a terminal remember without end."""


class Say(msgspec.Struct, frozen=True):
    """Bytes, and how many are the answer; none goes on at once."""

    data: bytes
    answer_bytes: int = 0


T = TypeVar("T")
Asking: TypeAlias = Generator[Say | float, bytes | None, T]


class Runner:
    """`look` is what to do when nothing else is, `look_after_s` how long from now; None if not at all.

    `hears_done`: the answer to GS r may come at any time, and is noted in `is_done`.
    """

    def __init__(
        self,
        port: Port,
        agenda: Agenda,
        *,
        hears_done: bool,
        look: Callable[[], Asking[None]],
        look_after_s: Callable[[], float | None],
    ) -> None:
        self.now = 0.0
        self.is_done = False
        self._port = port
        self._hears_done = hears_done
        self._look = look
        self._look_after_s = look_after_s
        self._alarm = Alarm(agenda, self._ring)
        self._job: Asking[None] | None = None
        self._jobs: deque[Asking[None]] = deque()
        self._wanted = 0
        """How many bytes of an answer are waited for."""
        self._answer = bytearray()
        self._is_late = False

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be begun."""
        return len(self._jobs) >= JOBS_MAX

    def begin(self, job: Asking[None], now: float) -> None:
        """Do this after what was begun before; never at once, since who asks is still at work."""
        assert not self.is_full, "a printer is asked without end"
        self._jobs.append(job)
        self.look_now(now)

    def look_now(self, now: float) -> None:
        """Do what waits, or look, unless something is under way: that will see."""
        if self._job is None:
            self._alarm.set(now)

    def drop(self) -> None:
        """Power is gone: forget everything."""
        for job in (self._job, *self._jobs):
            if job is not None:
                job.close()
        self._job = None
        self._jobs.clear()
        self._forget_answer()
        self._alarm.drop()

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came from the printer."""
        for byte in data:
            if self._hears_done and is_done(byte):
                self.is_done = True
            elif self._wanted:
                self._answer.append(byte)
                if len(self._answer) == self._wanted:
                    answer = bytes(self._answer)
                    self._forget_answer()
                    self._advance(answer, now)

    def on_port_gone(self, now: float) -> None:
        """What is waited for will not come."""
        if self._wanted:
            self._forget_answer()
            self._advance(None, now)

    def _forget_answer(self) -> None:
        self._wanted, self._is_late = 0, False
        self._answer.clear()

    def _ring(self, now: float) -> None:
        if self._job is None:
            self._job = self._jobs.popleft() if self._jobs else self._look()
        elif self._wanted:
            self._forget_answer()
            self._is_late = True
            self._alarm.set(now + PAUSE_S)
            return
        self._is_late = False
        self._advance(None, now)

    def _advance(self, answer: bytes | None, now: float) -> None:
        self.now = now
        while self._job is not None:
            self._alarm.clear()
            try:
                step = self._job.send(answer)
            except StopIteration:
                self._end(now)
                return
            answer = None
            if not isinstance(step, Say):
                self._alarm.set(now + step)
                return
            if step.answer_bytes and self._port.is_open:
                self._wanted = step.answer_bytes
                self._alarm.set(now + ANSWER_S)
            self._port.send(step.data)
            if self._wanted:
                return

    def _end(self, now: float) -> None:
        self._job = None
        after_s = 0.0 if self._jobs else self._look_after_s()
        if after_s is not None:
            self._alarm.set(now + after_s)
