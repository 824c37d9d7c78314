"""The terminal's end of the line to a PIN pad of SZZT: one command at a time, its answer, and keys between frames.

Facts of devices 3.2: the pad acknowledges nothing, so an answer that does not come, or comes damaged, is asked for
again. An answer names no command. Therefore one of another size than is wanted is taken for a late one and dropped, and
after silence nothing new is asked until answers that are still on their way have come. Dry; knows no command.
"""

from collections.abc import Callable
from functools import reduce
from operator import xor

import msgspec

from atmbench.devices.agenda import Agenda
from atmbench.devices.alarm import Alarm
from atmbench.devices.port import Port

STX, ETX = 0x02, 0x03
ANSWER_S = 1.0
"""How long a driver that works in the field waits."""
TRIES = 5
"""The first, and the four repeats of that driver."""
GAP_S = 0.5
"""A frame in which nothing comes for so long is given up. Our choice."""
HEARD_BYTES_MAX = 12_000
"""The longest text has 9999."""
GOOD = frozenset({*range(0x60, 0xA0), 0xA3})


class Ask(msgspec.Struct, frozen=True):
    """A command: its text, the size of the data in a good answer (None: any), and how often it may be sent."""

    text: bytes
    size: int | None = 0
    tries: int = TRIES

    def __repr__(self) -> str:
        return f"Ask({self.text[:1]!r}, {len(self.text)} bytes)"


class Answer(msgspec.Struct, frozen=True):
    """What the pad says: a return byte, and data. Shows no data: it may be a PIN block."""

    rtn: int
    data: bytes = b""

    @property
    def is_good(self) -> bool:
        """Whether the command was obeyed."""
        return self.rtn in GOOD

    def __repr__(self) -> str:
        return f"Answer({self.rtn:02X}, {len(self.data)} bytes)"


class Line:
    """The line of one pad.

    `answered(answer, now)` is called once for each `ask`, with None if there was no answer; `pressed(byte, now)` for
    each byte outside of frames.
    """

    def __init__(
        self,
        port: Port,
        agenda: Agenda,
        *,
        answered: Callable[[Answer | None, float], None],
        pressed: Callable[[int, float], None],
    ) -> None:
        self._port = port
        self._answered = answered
        self._pressed = pressed
        self._alarm = Alarm(agenda, self._again)
        self._heard = bytearray()
        self._heard_at = 0.0
        self._is_reading = False
        self._skips = False
        """What stands before the next frame is the rest of a damaged one, and no key."""
        self._ask: Ask | None = None
        self._sent = 0
        self._sent_at = 0.0
        self._not_before = 0.0
        self._was_silent = False

    @property
    def asked(self) -> Ask | None:
        """What was sent and not answered yet."""
        return self._ask if self._sent else None

    def ask(self, ask: Ask, now: float) -> None:
        """Send a command, as soon as no answer to an earlier one can come any more."""
        assert self._ask is None, "a pad does one thing after the other"
        self._ask, self._sent, self._was_silent = ask, 0, False
        if now < self._not_before:
            self._alarm.set(self._not_before)
        else:
            self._send(now)

    def drop(self) -> None:
        """Forget what was asked and heard: the power or the port is gone."""
        self._ask, self._sent = None, 0
        self._heard.clear()
        self._skips = False
        self._alarm.drop()
        self._not_before = 0.0

    def settle(self, now: float) -> None:
        """What was asked has shown to be done; its answer, if it still comes, is nobody's."""
        assert self._ask is not None, "something was asked"
        self._was_silent = True
        self._over(Answer(min(GOOD)), now)

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came in. Never raises, whatever they are."""
        if now - self._heard_at > GAP_S:
            self._heard.clear()
            self._skips = False
        self._heard_at = now
        self._heard += data
        if self._is_reading:
            return  # whoever reads will come to it
        self._is_reading = True
        try:
            while self._read(now):
                pass
        finally:
            self._is_reading = False

    # --- out --------------------------------------------------------------------------------------

    def _send(self, now: float) -> None:
        ask = self._ask
        assert ask is not None, "there is something to send"
        self._sent += 1
        self._sent_at = now
        self._alarm.set(now + ANSWER_S)
        counted = b"%03d" % (len(ask.text) if len(ask.text) < 999 else 0) + ask.text + bytes([ETX])
        self._port.send(bytes([STX]) + counted + _check(counted))

    def _again(self, now: float) -> None:
        """Nothing has come in time, or it is time for what had to wait."""
        self._heard.clear()
        if self._sent:
            self._was_silent = True
        self._repeat(now)

    def _repeat(self, now: float) -> None:
        if self._ask is None:
            return
        if self._sent < self._ask.tries:
            self._send(now)
        else:
            self._over(None, now)

    def _over(self, answer: Answer | None, now: float) -> None:
        if self._was_silent:
            self._not_before = (now if answer is None else self._sent_at) + ANSWER_S
        self._ask, self._sent = None, 0
        self._alarm.clear()
        self._skips = False
        self._answered(answer, now)

    # --- in ---------------------------------------------------------------------------------------

    def _read(self, now: float) -> bool:
        """Take one thing off what was heard; False if there is no whole one."""
        heard = self._heard
        if not heard:
            return False
        if heard[0] != STX:
            byte = heard.pop(0)
            if not (self._skips and self._ask is not None):
                self._pressed(byte, now)
            return True
        begin, size = _extent(heard)
        if size is None:
            return self._damaged(now) if begin < 0 else False
        whole = begin + size + 3
        if len(heard) < whole:
            return self._damaged(now) if len(heard) > HEARD_BYTES_MAX else False
        frame = bytes(heard[:whole])
        if not size or frame[-3] != ETX or frame[-2:] != _check(frame[1:-2]):
            return self._damaged(now)
        del heard[:whole]
        self._skips = False
        self._take(Answer(frame[begin], frame[begin + 1 : -3]), now)
        return True

    def _damaged(self, now: float) -> bool:
        """Ask again. True: the answer to that may be there already."""
        self._heard.clear()
        self._skips = True
        if self._sent:
            self._repeat(now)
        return True

    def _take(self, answer: Answer, now: float) -> None:
        ask = self.asked
        if ask is None:
            return
        if answer.is_good and ask.size is not None and len(answer.data) != ask.size:
            return
        self._over(answer, now)


def _extent(heard: bytearray) -> tuple[int, int | None]:
    """Where the text begins and how long it is; no size if that is not known yet, and -1 if it cannot be."""
    short, long = bytes(heard[1:4]), bytes(heard[4:8])
    if len(short) < 3:
        return 0, None
    if not short.isdigit():
        return -1, None
    if short != b"000":
        return 4, int(short)
    if len(long) < 4:
        return 0, None
    return (8, int(long)) if long.isdigit() else (-1, None)


def _check(counted: bytes) -> bytes:
    return b"%02X" % reduce(xor, counted, 0)
