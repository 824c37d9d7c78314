"""The line of an ESC/POS printer: bytes in, text and commands out (facts of devices 4.2 and 4.3). Pure.

There are no frames and no checks: where a command ends only its own length says. So this knows the length of every
command, and what is real-time: DLE EOT n and DLE ENQ n are heard at once, but not inside data of known length, unless
`realtime_in_data`. Memory stays bounded whatever comes: of data only the first bytes are kept. Data that end with 00
have a bound, too, so that a 00 that is lost does not swallow everything after.
"""

from typing import TypeAlias

import msgspec

LF, FF, CR, DLE, EOT, ENQ, ESC, GS = 0x0A, 0x0C, 0x0D, 0x10, 0x04, 0x05, 0x1B, 0x1D
SPACE = 0x20

DATA_KEPT = 12
"""So much of the data of a command is kept: enough to know how high an image is."""

ESC_PARAMETERS = {
    0x21: 1,
    0x2A: 3,
    0x2B: 1,
    0x2D: 1,
    0x32: 0,
    0x33: 1,
    0x3D: 1,
    0x3F: 2,
    0x40: 0,
    0x41: 1,
    0x42: 2,
    0x44: 0,
    0x45: 1,
    0x4B: 1,
    0x4D: 1,
    0x61: 1,
    0x63: 2,
    0x64: 1,
    0x69: 0,
    0x70: 3,
    0x72: 1,
    0x74: 1,
    0x7B: 1,
}
"""After ESC and this byte so many follow, before any data. An unknown one has none: our choice."""
GS_PARAMETERS = {
    0x21: 1,
    0x28: 3,
    0x42: 1,
    0x48: 1,
    0x49: 1,
    0x56: 1,
    0x61: 1,
    0x62: 1,
    0x66: 1,
    0x68: 1,
    0x6B: 1,
    0x72: 1,
    0x76: 6,
    0x77: 1,
    0x7C: 1,
}
FEED_AND_CUT = frozenset({0x41, 0x42})
"""GS V with these has one byte more (0x41: manual of the Daisy 1200, page 22)."""
BARCODE_A_LAST = 0x06
"""GS k up to this ends its data with 00; above it tells how long they are."""
TABS_MAX = 32
"""ESC D without its closing 00 ends after so many. Our choice."""
BARCODE_BYTES_MAX = 255
"""A bar code whose data ends with 00 ends after so many without; as long as GS k with a length can be. Our choice."""
THREE_BYTES_A_COLUMN = 0x20
"""ESC * modes from here have 24 dots in a column."""


class Text(msgspec.Struct, frozen=True):
    """Characters, in the code page of the moment."""

    data: bytes


class Command(msgspec.Struct, frozen=True):
    """A command of one byte or more; `data` are the first bytes of what belongs to it."""

    head: bytes
    data: bytes = b""


class RealTime(msgspec.Struct, frozen=True):
    """DLE EOT n asks for a status, DLE ENQ n for recovery: both at once, whatever waits before them."""

    is_query: bool
    number: int


Heard: TypeAlias = Text | Command | RealTime


class Link:
    """The ear of the printer."""

    def __init__(self, *, realtime_in_data: bool = False) -> None:
        self._realtime_in_data = realtime_in_data
        self.clear()

    def clear(self) -> None:
        """Forget what was begun."""
        self._head = bytearray()
        self._data = bytearray()
        self._to_skip = 0
        self._until_zero = False
        self._last = b""

    def feed(self, data: bytes) -> list[Heard]:
        """Bytes came in: what they say, in order. Never raises, whatever they are."""
        heard: list[Heard] = []
        text = bytearray()
        for byte in data:
            if not self._head and byte >= SPACE:
                text.append(byte)
                continue
            if text:
                heard.append(Text(bytes(text)))
                text.clear()
            self._take(byte, heard)
        if text:
            heard.append(Text(bytes(text)))
        return heard

    def _take(self, byte: int, heard: list[Heard]) -> None:
        if self._to_skip:
            self._take_data(byte, heard)
            return
        head = self._head
        if len(head) == 1 and head[0] == DLE and byte not in (EOT, ENQ):
            head.clear()  # a DLE that begins nothing
            if byte >= SPACE:
                heard.append(Text(bytes([byte])))
                return
        head.append(byte)
        if len(head) < _header_bytes(head):
            return
        if head[0] == DLE:
            heard.append(RealTime(head[1] == EOT, head[2]))
            head.clear()
            return
        self._to_skip, self._until_zero = _data_bytes(head)
        if not self._to_skip:
            self._end(heard)

    def _take_data(self, byte: int, heard: list[Heard]) -> None:
        self._hear_within(byte, heard)
        if len(self._data) < DATA_KEPT:
            self._data.append(byte)
        self._to_skip -= 1
        if not self._to_skip or (self._until_zero and byte == 0):
            self._end(heard)

    def _hear_within(self, byte: int, heard: list[Heard]) -> None:
        self._last = (self._last + bytes([byte]))[-3:]
        if self._realtime_in_data and len(self._last) == 3 and self._last[0] == DLE and self._last[1] in (EOT, ENQ):
            heard.append(RealTime(self._last[1] == EOT, byte))

    def _end(self, heard: list[Heard]) -> None:
        heard.append(Command(bytes(self._head), bytes(self._data)))
        self.clear()


def _header_bytes(head: bytearray) -> int:
    """How long the command is up to its data, as far as can be said by now."""
    first, size = head[0], len(head)
    if first == DLE:
        return 3
    if first not in (ESC, GS):
        return 1
    if size < 2:
        return 2
    if first == ESC:
        return 2 + ESC_PARAMETERS.get(head[1], 0)
    length = 2 + GS_PARAMETERS.get(head[1], 0)
    if size > 2 and ((head[1] == 0x56 and head[2] in FEED_AND_CUT) or (head[1] == 0x6B and head[2] > BARCODE_A_LAST)):
        length += 1
    return length


def _data_bytes(head: bytearray) -> tuple[int, bool]:
    """How many bytes of data follow, at most if they end with 00, and whether they do."""
    start = bytes(head[:2])
    if start == b"\x1b*":
        columns = head[3] + 256 * head[4]
        return columns * (3 if head[2] >= THREE_BYTES_A_COLUMN else 1), False
    if start == b"\x1bD":
        return TABS_MAX + 1, True
    if start == b"\x1d(":
        return head[3] + 256 * head[4], False
    if start == b"\x1dv":
        return (head[4] + 256 * head[5]) * (head[6] + 256 * head[7]), False
    if start == b"\x1dk":
        return (head[3], False) if head[2] > BARCODE_A_LAST else (BARCODE_BYTES_MAX + 1, True)
    return 0, False
