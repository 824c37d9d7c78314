"""The line of a ZT598 or ZT588: frames in and out. Pure; knows no command (facts of devices 3.2).

A frame is 02, the length of the text as 3 digits, the text, 03, and two hexadecimal digits: the XOR of everything from
the first digit of the length to the 03. A text of 1000 bytes or more has the length 000: from a host nothing more, so
that its end must be found by its check; from the unit 4 more digits. There is no acknowledgement: a damaged frame is
met with silence.
"""

from functools import reduce
from operator import xor

STX, ETX = 0x02, 0x03
HEAD_BYTES = 4
"""STX and the length."""
TAIL_BYTES = 3
"""ETX and the check."""
COUNTED_MAX = 999
FRAME_BYTES_MAX = 2_100
"""A command of 1024 digits of data with all that is around it is half as long; what grows beyond this is noise."""


def check_of(counted: bytes) -> bytes:
    """The check over everything from the length to the ETX."""
    return b"%02X" % reduce(xor, counted, 0)


def frame(text: bytes) -> bytes:
    """The frame of an answer."""
    size = len(text)
    length = b"%03d" % size if size <= COUNTED_MAX else b"000%04d" % size
    counted = length + text + bytes([ETX])
    return bytes([STX]) + counted + check_of(counted)


class Reader:
    """The unit's ear. A frame in which nothing comes for `quiet_s` seconds is forgotten."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._heard = bytearray()
        self._last = 0.0

    def clear(self) -> None:
        """Forget what was begun."""
        self._heard.clear()

    def feed(self, data: bytes, now: float) -> list[bytes]:
        """Bytes came in: the texts of all whole and sound frames, in order. Never raises, whatever they are."""
        if self._heard and now - self._last > self._quiet_s:
            self._heard.clear()
        self._last = now
        texts = []
        for at in range(0, len(data), FRAME_BYTES_MAX):
            self._heard += data[at : at + FRAME_BYTES_MAX]
            while (text := self._next()) is not None:
                texts.append(text)
        return texts

    def _next(self) -> bytes | None:
        heard = self._heard
        while (begin := heard.find(STX)) >= 0:
            del heard[:begin]
            if len(heard) < HEAD_BYTES:
                return None
            length = bytes(heard[1:HEAD_BYTES])
            if length.isdigit():
                end = self._end_of_long() if length == b"000" else HEAD_BYTES + int(length)
                if end is None or len(heard) < end + TAIL_BYTES:
                    if len(heard) > FRAME_BYTES_MAX:
                        heard.clear()
                    return None
                if self._is_sound(end):
                    text = bytes(heard[HEAD_BYTES:end])
                    del heard[: end + TAIL_BYTES]
                    return text
            del heard[:1]
        heard.clear()
        return None

    def _end_of_long(self) -> int | None:
        """Where the ETX of a frame without a length stands: the first that the check agrees with."""
        heard = self._heard
        check, at = 0, 1
        while (end := heard.find(ETX, at)) >= 0:
            check = reduce(xor, heard[at : end + 1], check)
            if heard[end + 1 : end + TAIL_BYTES] == b"%02X" % check:
                return end
            at = end + 1
        return None

    def _is_sound(self, end: int) -> bool:
        frame = bytes(self._heard[: end + TAIL_BYTES])
        return frame[end] == ETX and frame[end + 1 :] == check_of(frame[1 : end + 1])
