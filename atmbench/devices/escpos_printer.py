"""Driver of a receipt printer that speaks ESC/POS, as a terminal's printer. Dry.

It asks the printer for its status, sends the receipt, and asks on until the printer itself says that everything is
printed and cut: by GS r, which waits for that, or by the "spooling" and "motor on" of a kiosk printer. Only then is a
receipt told as printed. What fails, or is in doubt, is told as failed and cleared from the printer's buffer, so that no
half of it comes out under the next customer. This module must never hold up money: nothing of a terminal waits for it.
"""

from atmbench import facts
from atmbench.devices import escpos_words as words
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.escpos_runner import Asking, Say
from atmbench.devices.escpos_unit import LINE_S, PRINT_S, EscPosUnit
from atmbench.devices.escpos_words import CodePage, Profile
from atmbench.devices.port import Machine, Port
from atmbench.facts.statements import Statement

POWER_FAILED = "power failed before it had come out"
TOO_MANY = "too many receipts wait for the printer"


class EscPosPrinter(EscPosUnit):
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
        super().__init__("printer", port=port, machine=machine, agenda=agenda, scene=scene, profile=profile, page=page)
        self._waiting: list[str] = []
        """Keys of receipts that are not told of yet; the terminal's non-volatile memory keeps them."""

    def print(self, key: str, lines: tuple[str, ...], now: float, states: Statement | None = None) -> None:
        """Begin to print; ReceiptPrinted follows when it has come out, else ReceiptFailed."""
        if self._runner.is_full:
            self._scene.tell(facts.ReceiptFailed(key=key, error="deviceNotReady", because=TOO_MANY))
            return
        self._waiting.append(key)
        self._runner.begin(self._printing(key, lines, states), now)

    # --- power ------------------------------------------------------------------------------------

    def power_fail(self, now: float) -> None:
        """What it had not printed is lost."""
        super().power_fail(now)
        self._is_dirty = self._is_dirty or bool(self._waiting)

    def power_on(self, now: float) -> None:
        """Tell what was lost, and look whether the printer is there."""
        for key in self._waiting:
            self._scene.tell(facts.ReceiptFailed(key=key, error="deviceNotReady", because=POWER_FAILED))
        self._waiting.clear()
        super().power_on(now)

    def _printing(self, key: str, lines: tuple[str, ...], states: Statement | None) -> Asking[None]:
        trouble = yield from self._ready()
        if trouble is None and self._is_dirty:
            trouble = yield from self._swept(words.sweep(self._page))
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
            self._scene.tell(facts.ReceiptPrinted(key=key, lines=lines, states=states))
        else:
            self._scene.tell(facts.ReceiptFailed(key=key, error=trouble.error, because=trouble.because))
