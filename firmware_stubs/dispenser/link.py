"""The line of all three dispensers: frames in and out. Pure; knows no command (facts of devices 1.2.2 and 1.3).

A command is 04, the id, 02, the code, parameters, 03 and the XOR of all that. No parameter byte is below 1C, so the
first 03 after the code ends it, and a 04 before that begins another. ACK and NAK stand alone between frames.
"""

from enum import Enum
from functools import reduce
from operator import xor
from typing import TypeAlias

import msgspec

SOH, STX, ETX, EOT, ACK, NAK = 0x01, 0x02, 0x03, 0x04, 0x06, 0x15

PARAMETER_LEAST = 0x1C
FRAME_BYTES_MAX = 64
"""The longest known command has 21; what grows beyond this is noise."""


class Sign(Enum):
    """What was heard, if it is no command."""

    ACK = "ack"
    NAK = "nak"
    DAMAGED = "damaged"
    """A command with a wrong check, or one that is none."""


class Command(msgspec.Struct, frozen=True):
    """A whole command."""

    code: int
    parameters: bytes = b""


Heard: TypeAlias = Sign | Command


def checked(body: bytes) -> bytes:
    """A frame with its check."""
    return body + bytes([reduce(xor, body, 0)])


class Link:
    """One end of the line: the unit's. A frame begun that is not whole after `frame_s` seconds is forgotten."""

    def __init__(self, unit: int, frame_s: float) -> None:
        self._start = bytes([EOT, unit, STX])
        self._unit = unit
        self._frame_s = frame_s
        self._frame = bytearray()
        self._began = 0.0

    def clear(self) -> None:
        """Forget what was begun."""
        self._frame.clear()

    def answer(self, body: bytes) -> bytes:
        """The frame of an answer: `body` is the echoed code and what follows it."""
        return checked(bytes([SOH, self._unit, STX]) + body + bytes([ETX]))

    def feed(self, data: bytes, now: float) -> list[Heard]:
        """Bytes came in: what they say, in order. Never raises, whatever they are."""
        if self._frame and now - self._began > self._frame_s:
            self._frame.clear()
        heard = []
        for byte in data:
            said = self._take(byte, now)
            if said is not None:
                heard.append(said)
        return heard

    def _take(self, byte: int, now: float) -> Heard | None:
        frame = self._frame
        if not frame:
            return self._between(byte, now)
        frame.append(byte)
        size = len(frame)
        if size <= len(self._start):
            if not self._start.startswith(frame):
                frame.clear()
                return self._between(byte, now)
            return None
        if size > len(self._start) + 2 and frame[-2] == ETX:
            return self._whole()
        if byte == EOT and size > len(self._start) + 1:
            frame.clear()
            return self._between(byte, now)
        if (size > len(self._start) + 1 and byte < PARAMETER_LEAST and byte != ETX) or size > FRAME_BYTES_MAX:
            frame.clear()
            return Sign.DAMAGED
        return None

    def _between(self, byte: int, now: float) -> Heard | None:
        if byte == EOT:
            self._began = now
            self._frame.append(byte)
        return {ACK: Sign.ACK, NAK: Sign.NAK}.get(byte)

    def _whole(self) -> Heard:
        frame = bytes(self._frame)
        self._frame.clear()
        if checked(frame[:-1]) != frame:
            return Sign.DAMAGED
        return Command(frame[3], frame[4:-2])
