"""Driver of a journal printer that speaks ESC/POS: the electronic journal's lines, on a roll that nobody cuts. Dry.

A line is off the list when the printer itself says that it has come out. What was under way when paper ended or power
failed is printed again: a line may stand there twice, and is not missing, unless more wait than the terminal keeps.
The electronic journal is complete whatever happens here. This module must never hold up money.
"""

from collections import deque
from itertools import islice

from atmbench.devices import escpos_words as words
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.escpos_runner import Asking, Say
from atmbench.devices.escpos_trouble import GONE, Trouble
from atmbench.devices.escpos_unit import LINE_S, LOOK_S, PRINT_S, EscPosUnit
from atmbench.devices.escpos_words import CodePage
from atmbench.devices.port import Machine, Port
from atmbench.devices.states import PaperState
from atmbench.terminal import inputs

LINES_MAX = 500
"""So many lines wait for paper; of those beyond only the electronic journal tells. Our choice."""
LINES_AT_ONCE = 20
"""Our choice: well within the buffer of a printer."""
TOO_MANY = f"more than {LINES_MAX} lines wait for paper; of the next ones only the electronic journal tells"


class EscPosJournal(EscPosUnit):
    """A printer at `port`; `machine` is None for a real one."""

    def __init__(
        self, *, port: Port, machine: Machine | None, agenda: Agenda, scene: Scene, page: CodePage = words.CODE_PAGE
    ) -> None:
        super().__init__(
            "journal_printer",
            port=port,
            machine=machine,
            agenda=agenda,
            scene=scene,
            profile="esc-pos",
            page=page,
        )
        self._lines: deque[str] = deque()
        """Not known to be on paper; the terminal's non-volatile memory keeps them."""
        self._is_asked = False
        """Printing has been begun."""
        self._was_full = False
        self._was_able = True
        """What the terminal was told last."""

    def write(self, line: str, now: float) -> None:
        """Print a line, as soon as there is paper."""
        if len(self._lines) >= LINES_MAX:
            if not self._was_full:
                self.condition.failed("deviceNotReady", TOO_MANY)
            self._was_full = True
            return
        self._lines.append(line)
        if not self._is_asked:
            self._is_asked = True
            self._runner.begin(self._printing(), now)

    def on_port_changed(self, now: float) -> None:
        """The port is gone, or there again."""
        super().on_port_changed(now)
        if self._scene.has_power and not self._port.is_open:
            self._tell_terminal(GONE)

    # --- power ------------------------------------------------------------------------------------

    def power_fail(self, now: float) -> None:
        """What waits is printed when power is back."""
        super().power_fail(now)
        self._is_asked = False
        self._was_able = True

    # --- conversations ----------------------------------------------------------------------------

    def _printing(self) -> Asking[None]:
        trouble = yield from self._ready()
        if trouble is None and self._is_dirty:
            trouble = yield from self._swept(words.begin(self._page))
        while trouble is None and self._lines:
            lines = tuple(islice(self._lines, LINES_AT_ONCE))
            self._was_silent = self._runner.is_done = False
            self._is_dirty = True
            yield Say(words.roll(lines, self._page))
            trouble = yield from self._come_out(PRINT_S + LINE_S * len(lines))
            self._is_dirty = trouble is not None
            if trouble is None:
                for _ in lines:
                    self._lines.popleft()
        self._was_full = self._was_full and bool(self._lines)
        self._is_asked = False

    def _looking(self) -> Asking[None]:
        yield from self._printing()

    def _look_after_s(self) -> float | None:
        return LOOK_S if self._lines and self._port.is_open else super()._look_after_s()

    def _becomes(self, trouble: Trouble | None, paper: PaperState) -> None:
        super()._becomes(trouble, paper)
        self._tell_terminal(trouble)

    def _tell_terminal(self, trouble: Trouble | None) -> None:
        is_able = trouble is None
        if is_able is not self._was_able:
            self._was_able = is_able
            self._scene.give(
                inputs.JournalPrinterChanged(is_able=is_able, because=trouble.because if trouble is not None else "")
            )
