"""A PIN pad as something that can be spoken to: one task after the other, and whether it is well.

A pad that is silent, was tampered with or is not plugged in is looked at until it is well again; whatever was wanted of
it meanwhile fails at once. This module must never know what a task is about.
"""

from collections import deque
from collections.abc import Callable

import msgspec

from atmbench.devices import szzt_words as words
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.alarm import Alarm
from atmbench.devices.condition import Condition
from atmbench.devices.port import Port
from atmbench.devices.states import DeviceState
from atmbench.devices.szzt_line import Answer, Line
from atmbench.devices.szzt_steps import Steps
from atmbench.devices.szzt_words import Failed

ROLE = "pin_pad"
TASKS_MAX = 50
"""So much may be wanted of a pad at once."""
POLL_S = 1.0
"""From one look at a pad that is not well to the next."""
START_S = 8.0
"""A pad that is silent for longer after power came, or after it was plugged in, is offline. Our choice."""
_WAITING = frozenset({DeviceState.ONLINE, DeviceState.STARTING})
"""States in which something may be asked for."""


class _Task(msgspec.Struct):
    """Something that is wanted of the pad, and who must hear if it comes to nothing."""

    work: Steps[None]
    failed: Callable[[Failed], None]
    is_look: bool = False
    """It finds out how the pad is, which is not well."""


class Unit:
    """One pad. `recover()` is what to do before it is well again, `ill(failed)` hears when it is not any more."""

    def __init__(
        self,
        port: Port,
        agenda: Agenda,
        scene: Scene,
        *,
        pressed: Callable[[int, float], None],
        recover: Callable[[], Steps[None]],
        ill: Callable[[Failed], None],
    ) -> None:
        self.condition = Condition(ROLE, scene)
        self.condition.state = DeviceState.POWER_OFF  # nobody need be told: it has never been on
        self.now = 0.0
        """When what is being done now happens."""
        self.line = Line(port, agenda, answered=self._step, pressed=pressed)
        self._port = port
        self._agenda = agenda
        self._recover = recover
        self._ill = ill
        self._poll = Alarm(agenda, self._look)
        self._task: _Task | None = None
        self._waiting: deque[_Task] = deque()
        self._offline_at = 0.0

    # --- one after the other ----------------------------------------------------------------------

    def begin(self, work: Steps[None], failed: Callable[[Failed], None], now: float) -> None:
        """Do this when all before it is done. `failed` hears if it comes to nothing, but not before this returns."""
        self.now = now
        if self.condition.state not in _WAITING:
            self._fail_later(failed, _not_ready(f"the PIN pad is {self.condition.state}"), now)
        elif len(self._waiting) >= TASKS_MAX:
            self._fail_later(failed, _not_ready(f"{TASKS_MAX} orders wait for the PIN pad already"), now)
        else:
            self._waiting.append(_Task(work, failed))
            self._agenda.plan(now, self._go_on)

    def _fail_later(self, failed: Callable[[Failed], None], because: Failed, now: float) -> None:
        def fail(at: float) -> None:
            self.now = at
            failed(because)

        self._agenda.plan(now, fail)

    def _go_on(self, now: float) -> None:
        if self._task is None and self._waiting and self.condition.state is DeviceState.ONLINE:
            self._task = self._waiting.popleft()
            self._step(None, now)

    def _step(self, answer: Answer | None, now: float) -> None:
        self.now = now
        task = self._task
        assert task is not None, "only a task asks"
        try:
            ask = task.work.send(answer)
        except StopIteration:
            self._task = None
        except Failed as failed:
            self._task = None
            task.failed(failed)
            if not task.is_look:
                self._judge(failed)
        else:
            self.line.ask(ask, now)
            return
        self._go_on(now)

    def _drop_tasks(self) -> list[_Task]:
        dropped = [*([self._task] if self._task is not None else []), *self._waiting]
        self._task = None
        self._waiting.clear()
        self.line.drop()
        return dropped

    # --- how it is --------------------------------------------------------------------------------

    def tell_failed(self, failed: Failed) -> None:
        """Tell the history what the pad did not do."""
        if failed.is_news:
            self.condition.failed(failed.error, failed.because)

    def _judge(self, failed: Failed, otherwise: DeviceState = DeviceState.ONLINE) -> None:
        """What a failure says of the pad itself."""
        state = otherwise
        if failed.rtn in (words.TAMPERED, words.REMOVED):
            state = DeviceState.FRAUD_ATTEMPT
        elif failed.is_silent:
            state = DeviceState.OFFLINE
        if state is not DeviceState.ONLINE:
            self._is_ill(state, failed)

    def _is_ill(self, state: DeviceState, failed: Failed) -> None:
        self.condition.becomes(state, failed.because)
        if state is DeviceState.NO_DEVICE:
            self._poll.clear()
        else:
            self._poll.set(self.now + POLL_S)
        self._fail_all(failed)

    def _fail_all(self, failed: Failed) -> None:
        for task in self._drop_tasks():
            task.failed(failed)
        self._ill(failed)

    def _look(self, now: float) -> None:
        """See how the pad is, and make it ready."""
        if self._task is None and self.condition.state is not DeviceState.ONLINE:
            self._task = _Task(self._looking(), self._still_ill, is_look=True)
            self._step(None, now)

    def _looking(self) -> Steps[None]:
        yield from self._recover()
        self.condition.becomes(DeviceState.ONLINE)

    def _still_ill(self, failed: Failed) -> None:
        if self.condition.state is DeviceState.STARTING and failed.is_silent and self.now < self._offline_at:
            self._poll.set(self.now + POLL_S)
        else:
            self._judge(failed, otherwise=DeviceState.HARDWARE_ERROR)

    # --- port and power ---------------------------------------------------------------------------

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came in: an answer, or keys."""
        if self.condition.state is not DeviceState.POWER_OFF:
            self.now = now
            self.line.on_bytes(data, now)

    def on_port_changed(self, now: float) -> None:
        """The pad was pulled out, or plugged in again."""
        if self.condition.state is DeviceState.POWER_OFF:
            return
        self.now = now
        if self._port.is_open:
            self.condition.becomes(DeviceState.STARTING)
            self._offline_at = now + START_S
            self._fail_all(_not_ready("the PIN pad was plugged in anew"))
            self._look(now)
        else:
            self._is_ill(DeviceState.NO_DEVICE, _not_ready("the PIN pad is not plugged in"))

    def power_fail(self) -> None:
        """Power is gone: what was under way is lost, and nobody is told."""
        self._drop_tasks()
        self._poll.drop()
        self.condition.becomes(DeviceState.POWER_OFF)

    def power_on(self, now: float) -> None:
        """Power is back."""
        self.condition.becomes(DeviceState.STARTING)
        self.on_port_changed(now)


def _not_ready(because: str) -> Failed:
    return Failed("deviceNotReady", because, is_news=False)
