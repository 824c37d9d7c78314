"""The printer: line, firmware and mechanics in one, with what hands can do at it (facts of devices 4).

What comes waits in a buffer and is printed line by line; a status is answered at once, whatever waits. It stops at the
end of the paper and while the cover is open, and goes on by itself; at a jam or a broken cutter it stops until DLE ENQ.
"""

import codecs
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from firmware_stubs.core import Core, Order
from firmware_stubs.errors import OrderError
from firmware_stubs.faults import Stage, damaged
from firmware_stubs.printer.link import ESC, FF, LF, Command, Link, RealTime, Text
from firmware_stubs.printer.machine import Machine
from firmware_stubs.printer.settings import PAPER_LINES_MAX, Settings
from firmware_stubs.printer.status import Error, full, real_time, transmitted

RECOVER, RECOVER_AND_CLEAR = 1, 2
FULL_STATUS = 20
ANSWERS_WAITING_MAX = 8
"""So many answers may be on their way; a status that is asked beyond that is not heard (facts of devices 4.2)."""
GRAPHICS_STORE, GRAPHICS_PRINT = 0x70, 0x32
SYMBOL_PRINT = 0x51


class Printer(Core):
    """`kept` is what an earlier one has kept."""

    device = "printer"

    def __init__(self, settings: Settings | None = None, kept: Mapping[str, Any] | None = None) -> None:
        self._settings = settings or Settings()
        super().__init__(kept)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        self._machine = Machine(self._settings, kept)
        self._link = Link(realtime_in_data=self._settings.realtime_in_data)
        self._buffer: deque[Text | Command] = deque()
        self._error: Error | None = None
        self._deaf_until = self._key_until = 0.0
        self._reset()
        self._orders |= {
            "load_paper": self._load_paper,
            "open_cover": lambda order, now: self._move_cover(now, is_open=True),
            "close_cover": lambda order, now: self._move_cover(now, is_open=False),
            "jam": self._jam,
            "clear_jam": self._clear_jam,
            "break_cutter": lambda order, now: self._set_cutter(is_broken=True),
            "mend_cutter": lambda order, now: self._set_cutter(is_broken=False),
            "press_feed": self._press_feed,
        }

    def _reset(self) -> None:
        """All that electricity held is lost."""
        self._link.clear()
        self._buffer.clear()
        self.waiting_bytes = 0
        """How much of the buffer is taken."""
        self._error = None
        self._is_moving = False
        self._answers = 0
        self._set_defaults()
        if self._machine.jammed:
            self._error = Error.MECHANICAL  # it looks at its paper when it starts

    def _set_defaults(self) -> None:
        self._line = ""
        self._code_page = 0
        self._graphics_dots = 0

    def kept(self) -> dict[str, Any]:
        """Paper, cover, cutter and what hangs out."""
        return self._machine.kept()

    def _on_power_off(self, now: float) -> None:
        self._reset()

    def _on_power_on(self, now: float) -> None:
        self._deaf_until = now + self._settings.start_s

    # --- the line ---------------------------------------------------------------------------------

    def _on_bytes(self, data: bytes, now: float) -> None:
        if now < self._deaf_until:
            return
        for heard in self._link.feed(data):
            if isinstance(heard, RealTime):
                self._at_once(heard, now)
            else:
                self._put(heard)
                self._go_on(now)

    def _put(self, item: Text | Command) -> None:
        """Into the buffer, as far as there is room."""
        room = self._settings.buffer_bytes - self.waiting_bytes
        if isinstance(item, Text):
            item = Text(item.data[:room])
        if 0 < _size(item) <= room:
            self._buffer.append(item)
            self.waiting_bytes += _size(item)

    def _at_once(self, heard: RealTime, now: float) -> None:
        if not heard.is_query:
            self._recover(heard.number, now)
        elif 1 <= heard.number <= 4:
            self._answer(real_time(heard.number, self._machine, self._error, key=now < self._key_until), heard, now)
        elif heard.number == FULL_STATUS and self._settings.profile == "kiosk":
            spooling, key = bool(self._buffer), now < self._key_until
            answer = full(self._machine, self._error, key=key, spooling=spooling, moving=self._is_moving)
            self._answer(answer, heard, now)

    def _answer(self, answer: bytes, heard: RealTime | None, now: float) -> None:
        """Faults of the wire know a query as status1 to status4 and status20, and GS r as transmit."""
        name = f"status{heard.number}" if heard is not None else "transmit"
        faults = self.link_faults
        if faults.hits(Stage.NO_ACK, name) or faults.hits(Stage.ANSWER_LOST, name):
            return
        if faults.hits(Stage.ANSWER_DAMAGED, name):
            answer = damaged(answer)
        late = faults.hits(Stage.ANSWER_LATE, name)
        if late is None:
            self._send(answer)
        elif self._answers < ANSWERS_WAITING_MAX:
            self._answers += 1
            self._later(now + late.late_s, lambda at: self._answer_late(answer))

    def _answer_late(self, answer: bytes) -> None:
        self._answers -= 1
        self._send(answer)

    def _recover(self, number: int, now: float) -> None:
        if number not in (RECOVER, RECOVER_AND_CLEAR):
            return
        machine = self._machine
        clears = number == RECOVER_AND_CLEAR and (self._error is not None or self._settings.clears_at_any_time)
        is_mended = not (machine.jammed if self._error is Error.MECHANICAL else machine.cutter_broken)
        if is_mended:
            self._error = None
        if clears:
            self._buffer.clear()
            self.waiting_bytes = 0
            self._line = ""
        self._go_on(now)

    # --- printing ---------------------------------------------------------------------------------

    @property
    def _is_stopped(self) -> bool:
        return self._error is not None or not self._machine.can_move

    def _go_on(self, now: float) -> None:
        """Do what waits, until something must move or nothing can."""
        while self._buffer and not self._is_moving and not self._is_stopped:
            item = self._buffer.popleft()
            self.waiting_bytes -= _size(item)
            if isinstance(item, Text):
                self._write(item, now)
            else:
                self._obey(item, now)

    def _write(self, item: Text, now: float) -> None:
        """Into the line; a full line is printed before the rest."""
        room = self._settings.columns - len(self._line)
        codec = self._settings.code_pages.get(str(self._code_page), "latin-1")
        self._line += item.data[:room].decode(codec, "replace")
        rest = item.data[room:]
        if rest:
            self._put_back(Text(rest))
            self._feed(1, now)

    def _obey(self, command: Command, now: float) -> None:
        head, machine = command.head, self._machine
        if head[0] in (LF, FF):
            self._feed(1, now)
        elif head[:2] == b"\x1b@":
            self._set_defaults()
        elif head[:2] == b"\x1bt":
            self._code_page = head[2]
        elif head[:2] == b"\x1bd":
            self._feed(head[2], now)
        elif head[:2] in (b"\x1dV", b"\x1bi"):
            self._is_moving = True
            self._later(now + self._settings.cut_s, lambda at: self._cut(command, at))
        elif head[:2] == b"\x1dr":
            self._keep()
            self._answer(transmitted(machine) if head[2] in (1, 0x31) else b"\x00", None, now)
        else:
            self._draw(command, now)

    def _draw(self, command: Command, now: float) -> None:
        head, data, settings = command.head, command.data, self._settings
        lines = 0
        if head[:2] == b"\x1dv":
            lines = -(-(head[6] + 256 * head[7]) // settings.dots_per_line)
        elif head[:2] == b"\x1dk" or (head[:3] == b"\x1d(k" and data[1:2] == bytes([SYMBOL_PRINT])):
            lines = settings.symbol_lines
        elif head[:3] == b"\x1d(L" and data[1:2] == bytes([GRAPHICS_STORE]) and len(data) >= 10:
            self._graphics_dots = data[8] + 256 * data[9]
        elif head[:3] == b"\x1d(L" and data[1:2] in (bytes([GRAPHICS_PRINT]), b"\x02"):
            lines = -(-self._graphics_dots // settings.dots_per_line)
        if lines:
            self._tell("drawn", lines=lines)
            self._feed(lines, now, is_drawn=True)

    def _feed(self, lines: int, now: float, *, is_drawn: bool = False) -> None:
        if lines:
            self._is_moving = True
            self._later(now + self._settings.line_s, lambda at: self._line_done(lines, at, is_drawn=is_drawn))

    def _line_done(self, lines: int, now: float, *, is_drawn: bool) -> None:
        """One line has come out, unless paper or cover have stopped it in between: then the rest waits."""
        self._is_moving = False
        if self._is_stopped:
            self._put_back(Command(bytes([ESC, 0x64, min(lines, 255)])))
            return
        text, self._line = self._line, ""
        before = self._machine.is_near_end
        if not self._machine.advance(is_printed=bool(text) or is_drawn):
            self._line = text
            self._put_back(Command(bytes([ESC, 0x64, min(lines, 255)])))
            self._error = Error.MECHANICAL
            self._keep()
            self._tell("jammed", paper=self._machine.paper)
            return
        self._keep()
        if text:
            self._tell("printed", text=text)
        self._tell_paper(was_near_end=before)
        if lines > 1:
            self._feed(lines - 1, now, is_drawn=is_drawn)
        else:
            self._go_on(now)

    def _put_back(self, item: Text | Command) -> None:
        self._buffer.appendleft(item)
        self.waiting_bytes += _size(item)

    def _tell_paper(self, *, was_near_end: bool) -> None:
        if self._machine.paper == 0:
            self._tell("paper_out")
        elif self._machine.is_near_end and not was_near_end:
            self._tell("paper_low", lines=self._machine.paper)

    def _cut(self, command: Command, now: float) -> None:
        self._is_moving = False
        if self._machine.cover_open:
            self._put_back(command)
            return
        lines = self._machine.cut()
        self._keep()
        if lines is None:
            self._error = Error.CUTTER
            self._tell("cutter_failed")
        else:
            self._tell("cut", lines=lines)
        self._go_on(now)

    # --- hands ------------------------------------------------------------------------------------

    def _load_paper(self, order: Order, now: float) -> None:
        """A new roll; whoever changes it tears off what hangs out."""
        lines = order.get("lines", self._settings.paper_lines)
        if not isinstance(lines, int) or not 0 <= lines <= PAPER_LINES_MAX:
            raise OrderError(f"load_paper needs lines, from 0 to {PAPER_LINES_MAX}")
        self._machine.paper = lines
        self._machine.hanging = 0
        self._keep()
        self._tell("paper_loaded", lines=lines)
        if self.has_power:
            self._go_on(now)

    def _move_cover(self, now: float, *, is_open: bool) -> None:
        if self._machine.cover_open is is_open:
            raise OrderError(f"the cover is {'open' if is_open else 'closed'} already")
        self._machine.cover_open = is_open
        self._keep()
        self._tell("cover_opened" if is_open else "cover_closed")
        if self.has_power:
            self._go_on(now)

    def _jam(self, order: Order, now: float) -> None:
        after = order.get("after", 0)
        if not isinstance(after, int) or not 0 <= after <= PAPER_LINES_MAX:
            raise OrderError(f"jam needs after, how many lines come out before it: from 0 to {PAPER_LINES_MAX}")
        self._machine.jams_after = after
        self._keep()

    def _clear_jam(self, order: Order, now: float) -> None:
        """Somebody pulls the paper out. The firmware hears of it by DLE ENQ, or by power."""
        self._machine.jammed, self._machine.jams_after, self._machine.hanging = False, None, 0
        self._keep()
        self._tell("jam_cleared")

    def _set_cutter(self, *, is_broken: bool) -> None:
        self._machine.cutter_broken = is_broken
        self._keep()

    def _press_feed(self, order: Order, now: float) -> None:
        self._key_until = now + self._settings.key_s
        if self.has_power and not self._is_moving and not self._is_stopped:
            self._feed(1, now)


def _size(item: Text | Command) -> int:
    return len(item.data) if isinstance(item, Text) else len(item.head)


def make(settings: Mapping[str, Any], kept: Mapping[str, Any]) -> Printer:
    """A printer of settings that JSON can hold. Raises msgspec.ValidationError for others."""
    set_up = msgspec.convert(dict(settings), Settings)
    for codec in set_up.code_pages.values():
        try:
            codecs.lookup(codec)
        except LookupError:
            raise OrderError(f"there is no codec {codec!r} for a code page") from None
    return Printer(set_up, kept)
