"""Conversations with a printer that speaks ESC/POS, whatever is printed: its status, and whether all has come out. Dry.

What it says of paper, cover and cutter becomes its condition. Whether something has come out it says itself: by GS r,
which waits for that, or by the "spooling" and "motor on" of a kiosk printer.
"""

from collections.abc import Mapping
from typing import Any

from atmbench import facts
from atmbench.devices import escpos_words as words
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.condition import Condition
from atmbench.devices.escpos_runner import Asking, Runner, Say
from atmbench.devices.escpos_trouble import GONE, NO_ANSWER, Trouble, paper_of, trouble_of
from atmbench.devices.escpos_words import CodePage, Profile, Status
from atmbench.devices.port import Machine, Port
from atmbench.devices.states import DeviceState, PaperState
from atmbench.errors import RemoteError

TRIES = 3
"""A question is asked so often."""
POLL_S = 0.25
"""How often it is asked whether a receipt has come out. Our choice."""
PRINT_S, LINE_S = 20.0, 0.5
"""A receipt that has not come out after this, and that for each line, is not waited for any more. Our choice."""
QUIET_S = 3.0
"""Longer than it takes to feed and cut: so soon after one answer to GS r the next one comes. Our choice."""
LOOK_S = 10.0
"""How often a printer is looked at that wants a person. Our choice."""

SILENT = Trouble("deviceNotReady", "it does not say whether the receipt has come out", DeviceState.ONLINE)


class EscPosUnit:
    """The printer `device` at `port`; `machine` is None for a real one. `profile` "kiosk" has the six-byte status."""

    def __init__(
        self,
        device: str,
        *,
        port: Port,
        machine: Machine | None,
        agenda: Agenda,
        scene: Scene,
        profile: Profile,
        page: CodePage,
    ) -> None:
        self.condition = Condition(device, scene)
        self.paper = PaperState.UNKNOWN
        self._device = device
        self._port = port
        self._machine = machine
        self._scene = scene
        self._is_kiosk = profile == "kiosk"
        self._page = page
        self._runner = Runner(
            port, agenda, hears_done=not self._is_kiosk, look=self._looking, look_after_s=self._look_after_s
        )
        self._is_dirty = False
        """Part of what was sent may wait in the printer, or hang out; kept through a power failure."""
        self._was_silent = False
        """It may have been without power since something was sent."""

    # --- what comes -------------------------------------------------------------------------------

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came from the printer."""
        if self._scene.has_power:
            self._runner.on_bytes(data, now)

    def on_port_changed(self, now: float) -> None:
        """The port is gone, or there again."""
        self._was_silent = True
        if not self._scene.has_power:
            return
        if self._port.is_open:
            self._runner.look_now(now)
        else:
            self.condition.becomes(GONE.state, GONE.because)
            self._runner.on_port_gone(now)

    def on_happened(self, event: str, detail: Mapping[str, Any], now: float) -> None:
        """Something happened at the machine. What it prints, it says itself."""

    def power_fail(self, now: float) -> None:
        """The printer has the same plug as the terminal."""
        self._runner.drop()
        self.paper = PaperState.UNKNOWN
        self.condition.becomes(DeviceState.POWER_OFF)
        if self._machine is not None:
            self._machine.order("power_off")

    def power_on(self, now: float) -> None:
        """Look whether the printer is there, and do what waits."""
        if self._machine is not None:
            self._machine.order("power_on")
        self._runner.look_now(now)

    # --- conversations ----------------------------------------------------------------------------

    def _ready(self) -> Asking[Trouble | None]:
        """What keeps it from printing; an error that somebody has mended ends when it is told to recover."""
        trouble, _ = yield from self._status()
        if trouble is not None and trouble.state is DeviceState.HARDWARE_ERROR:
            yield Say(words.RECOVER_AND_CLEAR)
            trouble, _ = yield from self._status()
        return trouble

    def _swept(self, sweep: bytes) -> Asking[Trouble | None]:
        """Have what is left of an earlier print come out, with what ends it (`sweep`); None, or why not.

        DLE ENQ 2 clears the buffer only where there is an error to recover from: after the end of the paper the rest
        is printed all the same, and its GS r is answered. That answer must not pass for the next one.
        """
        self._was_silent = self._runner.is_done = False
        yield Say(sweep)
        trouble = yield from self._come_out(PRINT_S)
        while trouble is None and self._runner.is_done:
            self._runner.is_done = False
            yield QUIET_S
        self._is_dirty = trouble is not None
        return trouble

    def _come_out(self, within_s: float) -> Asking[Trouble | None]:
        """Wait until it says that all is done; None, or why not."""
        until = self._runner.now + within_s
        if not self._is_kiosk:
            yield Say(words.TELL_WHEN_DONE)
        while True:
            yield POLL_S
            trouble, status = yield from self._status()
            if self._runner.is_done:
                return None
            if trouble is not None:
                return trouble
            if self._is_kiosk and not status.spooling and not status.moving:
                return SILENT if self._was_silent else None
            if self._runner.now >= until:
                return SILENT

    def _looking(self) -> Asking[None]:
        yield from self._ready()

    def _look_after_s(self) -> float | None:
        is_well = self.condition.state is DeviceState.ONLINE and self.paper is PaperState.FULL
        return None if is_well or not self._port.is_open else LOOK_S

    # --- status -----------------------------------------------------------------------------------

    def _status(self) -> Asking[tuple[Trouble | None, Status]]:
        """What is wrong with it, and all that it says."""
        status: Status | None = Status()
        numbers = [words.FULL] if self._is_kiosk else [words.PRINTER, words.OFFLINE_CAUSE, words.PAPER]
        for number in numbers:
            answer = yield from self._ask(number)
            status = status | answer if status is not None and answer is not None else None
            if status is None:
                break
            if number == words.OFFLINE_CAUSE and status.error:
                numbers.append(words.ERROR_CAUSE)
        if status is None:
            trouble = NO_ANSWER if self._port.is_open else GONE
            self._becomes(trouble, PaperState.UNKNOWN)
            return trouble, Status()
        found = trouble_of(status)
        self._becomes(found, paper_of(status))
        return found, status

    def _ask(self, number: int) -> Asking[Status | None]:
        for _ in range(TRIES):
            size = words.FULL_BYTES if number == words.FULL else 1
            answer = yield Say(words.query(number), size)
            if answer is None:
                self._was_silent = True
                if not self._port.is_open:
                    return None
                continue
            try:
                return words.read(number, answer)
            except RemoteError:
                continue
        return None

    def _becomes(self, trouble: Trouble | None, paper: PaperState) -> None:
        """Tell what has changed."""
        was_low, self.paper = self.paper is PaperState.LOW, paper
        state = DeviceState.ONLINE if trouble is None else trouble.state
        if trouble is not None and state is not self.condition.state:
            self.condition.failed(trouble.error, trouble.because)
        self.condition.becomes(state, "" if trouble is None else trouble.because)
        if trouble is None and paper is PaperState.LOW and not was_low:
            self._scene.tell(
                facts.DeviceStateChanged(device=self._device, state=state.value, because="the paper is near its end")
            )
