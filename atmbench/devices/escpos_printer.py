"""Driver of a receipt printer that speaks ESC/POS, as a terminal's printer. Dry.

It asks the printer for its status, sends the receipt, and asks on until the printer itself says that everything is
printed and cut: by GS r, which waits for that, or by the "spooling" and "motor on" of a kiosk printer. Only then is a
receipt told as printed. What fails, or is in doubt, is told as failed and cleared from the printer's buffer, so that no
half of it comes out under the next customer. This module must never hold up money: nothing of a terminal waits for it.
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
POWER_FAILED = "power failed before it had come out"
TOO_MANY = "too many receipts wait for the printer"


class EscPosPrinter:
    """A printer at `port`; `machine` is None for a real one. `profile` "kiosk" has the six-byte status.

    What `page` has not stands as a question mark on paper.
    """

    def __init__(
        self,
        *,
        port: Port,
        machine: Machine | None,
        agenda: Agenda,
        scene: Scene,
        profile: Profile = "esc-pos",
        page: CodePage = words.CODE_PAGE,
    ) -> None:
        self.condition = Condition("printer", scene)
        self.paper = PaperState.UNKNOWN
        self._port = port
        self._machine = machine
        self._scene = scene
        self._is_kiosk = profile == "kiosk"
        self._page = page
        self._runner = Runner(
            port, agenda, hears_done=not self._is_kiosk, look=self._looking, look_after_s=self._look_after_s
        )
        self._waiting: list[str] = []
        """Keys of receipts that are not told of yet; the terminal's non-volatile memory keeps them."""
        self._is_dirty = False
        """Part of a receipt may hang out; kept, too."""
        self._was_silent = False
        """It may have been without power since the receipt was sent."""

    def print(self, key: str, lines: tuple[str, ...], now: float) -> None:
        """Begin to print; ReceiptPrinted follows when it has come out, else ReceiptFailed."""
        if self._runner.is_full:
            self._scene.tell(facts.ReceiptFailed(key=key, error="deviceNotReady", because=TOO_MANY))
            return
        self._waiting.append(key)
        self._runner.begin(self._printing(key, lines), now)

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

    # --- power ------------------------------------------------------------------------------------

    def power_fail(self, now: float) -> None:
        """The printer has the same plug: what it had not printed is lost."""
        self._runner.drop()
        self._is_dirty = self._is_dirty or bool(self._waiting)
        self.paper = PaperState.UNKNOWN
        self.condition.becomes(DeviceState.POWER_OFF)
        if self._machine is not None:
            self._machine.order("power_off")

    def power_on(self, now: float) -> None:
        """Tell what was lost, and look whether the printer is there."""
        if self._machine is not None:
            self._machine.order("power_on")
        for key in self._waiting:
            self._scene.tell(facts.ReceiptFailed(key=key, error="deviceNotReady", because=POWER_FAILED))
        self._waiting.clear()
        self._runner.look_now(now)

    # --- conversations ----------------------------------------------------------------------------

    def _printing(self, key: str, lines: tuple[str, ...]) -> Asking[None]:
        trouble = yield from self._ready()
        if trouble is None and self._is_dirty:
            trouble = yield from self._swept()
        if trouble is None:
            self._was_silent = self._runner.is_done = False
            self._is_dirty = True
            yield Say(words.receipt(lines, self._page))
            trouble = yield from self._come_out(PRINT_S + LINE_S * len(lines))
            self._is_dirty = trouble is not None
            if trouble is not None:
                yield Say(words.RECOVER_AND_CLEAR)
        self._waiting.remove(key)
        if trouble is None:
            self._scene.tell(facts.ReceiptPrinted(key=key, lines=lines))
        else:
            self._scene.tell(facts.ReceiptFailed(key=key, error=trouble.error, because=trouble.because))

    def _ready(self) -> Asking[Trouble | None]:
        """What keeps it from printing; an error that somebody has mended ends when it is told to recover."""
        trouble, _ = yield from self._status()
        if trouble is not None and trouble.state is DeviceState.HARDWARE_ERROR:
            yield Say(words.RECOVER_AND_CLEAR)
            trouble, _ = yield from self._status()
        return trouble

    def _swept(self) -> Asking[Trouble | None]:
        """Have what is left of an earlier receipt come out, and cut it off; None, or why not.

        DLE ENQ 2 clears the buffer only where there is an error to recover from: after the end of the paper the rest of
        a receipt is printed all the same, and its GS r is answered. That answer must not pass for the next one.
        """
        self._was_silent = self._runner.is_done = False
        yield Say(words.sweep(self._page))
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
        was_low, self.paper = self.paper is PaperState.LOW, paper
        state = DeviceState.ONLINE if trouble is None else trouble.state
        if trouble is not None and state is not self.condition.state:
            self.condition.failed(trouble.error, trouble.because)
        self.condition.becomes(state, "" if trouble is None else trouble.because)
        if trouble is None and paper is PaperState.LOW and not was_low:
            self._scene.tell(
                facts.DeviceStateChanged(device="printer", state=state.value, because="the paper is near its end")
            )
