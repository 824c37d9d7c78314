"""The line of a CCNET unit: frames in and out. Pure; knows no command (facts of devices 5.1.2).

A frame is 02, the address, the length of all of it, command and data, and a CRC with its low byte first. Frames to
other addresses on the same line are passed over. Long frames (length 00) are for downloads, and are noise here.
"""

from enum import Enum
from typing import TypeAlias

SYNC = 0x02
ACK, NAK = 0x00, 0xFF
LENGTH_LEAST = 6


class Sign(Enum):
    """What was heard, if it is no whole frame."""

    DAMAGED = "damaged"


Heard: TypeAlias = Sign | bytes
"""Command and data of a sound frame, or that one was damaged."""


def crc(data: bytes) -> int:
    """CRC-16/KERMIT: reflected, polynomial 8408h, from 0."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


def framed(unit: int, body: bytes) -> bytes:
    """A frame to or from a unit."""
    frame = bytes([SYNC, unit, len(body) + 5]) + body
    return frame + crc(frame).to_bytes(2, "little")


class Link:
    """One end of the line: the unit's. A frame begun that is not whole after `frame_s` seconds is forgotten."""

    def __init__(self, unit: int, frame_s: float) -> None:
        self._unit = unit
        self._frame_s = frame_s
        self._frame = bytearray()
        self._began = 0.0

    def clear(self) -> None:
        """Forget what was begun."""
        self._frame.clear()

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
            if byte == SYNC:
                self._began = now
                frame.append(byte)
            return None
        frame.append(byte)
        if len(frame) == 3 and byte < LENGTH_LEAST:
            frame.clear()
        if len(frame) < 3 or len(frame) < frame[2]:
            return None
        whole = bytes(frame)
        frame.clear()
        if whole[1] != self._unit:
            return None
        body = whole[3:-2]
        return body if framed(self._unit, body) == whole else Sign.DAMAGED
