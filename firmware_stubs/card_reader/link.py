"""The link of the Omron 3S4YR: bytes in, texts and controls out; texts in, frames out. No time, no meaning.

Source: the maker's Data Transmission Specifications, Rev. A4, 1.3 to 1.6 (facts of devices 2.3). A frame is
DLE STX text DLE ETX BCC. A DLE inside the text is sent twice, and BCC is the XOR of text and ETX without any DLE that
belongs to the frame.
"""

from enum import Enum, auto
from functools import reduce
from operator import xor

DLE = 0x10
STX, ETX, EOT, ENQ, ACK, NAK = 0x02, 0x03, 0x04, 0x05, 0x06, 0x15

TEXT_BYTES_MAX = 2057
"""C, the command and at most 2054 bytes of parameters (3.1)."""


class Control(Enum):
    """What a host says without a text, and what can be wrong with a text."""

    ENQ = auto()
    EOT = auto()
    DAMAGED = auto()
    """A text that is no good: its check is wrong, or it never ends."""


Heard = bytes | Control
"""A good text, or a control."""


def control(code: int) -> bytes:
    """A control on its own."""
    return bytes([DLE, code])


def framed(text: bytes) -> bytes:
    """A text as it stands on the wire."""
    stuffed = text.replace(bytes([DLE]), bytes([DLE, DLE]))
    return bytes([DLE, STX]) + stuffed + bytes([DLE, ETX, check(text)])


def check(text: bytes) -> int:
    """BCC of a text."""
    return reduce(xor, text, ETX)


class _At(Enum):
    """Where in the stream of bytes the receiver is."""

    IDLE = auto()
    IDLE_DLE = auto()
    TEXT = auto()
    TEXT_DLE = auto()
    BCC = auto()


class Receiver:
    """What comes from the host, byte by byte. Holds one text and no more."""

    def __init__(self) -> None:
        self._at = _At.IDLE
        self._text = bytearray()

    @property
    def is_receiving(self) -> bool:
        """Whether a text has begun and not ended: its next character is being waited for."""
        return self._at in (_At.TEXT, _At.TEXT_DLE, _At.BCC)

    def forget(self) -> None:
        """Wait for a beginning."""
        self._at = _At.IDLE
        self._text.clear()

    def feed(self, data: bytes) -> list[Heard]:
        """What has been heard with these bytes, in order."""
        heard = []
        for byte in data:
            event = self._take(byte)
            if event is not None:
                heard.append(event)
        return heard

    def _take(self, byte: int) -> Heard | None:
        match self._at:
            case _At.IDLE:
                self._at = _At.IDLE_DLE if byte == DLE else _At.IDLE
            case _At.IDLE_DLE:
                return self._outside(byte)
            case _At.TEXT if byte == DLE:
                self._at = _At.TEXT_DLE
            case _At.TEXT:
                return self._add(byte)
            case _At.TEXT_DLE:
                return self._inside(byte)
            case _At.BCC:
                text = bytes(self._text)
                self.forget()
                return text if byte == check(text) else Control.DAMAGED
        return None

    def _outside(self, byte: int) -> Heard | None:
        self._at = _At.IDLE
        if byte == STX:
            self._at = _At.TEXT
        elif byte == DLE:
            self._at = _At.IDLE_DLE
        elif byte == ENQ:
            return Control.ENQ
        elif byte == EOT:
            return Control.EOT
        return None

    def _inside(self, byte: int) -> Heard | None:
        """After a DLE in a text: STX begins once more, EOT breaks off, ETX ends; anything else but DLE is ignored."""
        self._at = _At.TEXT
        if byte == DLE:
            return self._add(byte)
        if byte == STX:
            self._text.clear()
        elif byte == ETX:
            self._at = _At.BCC
        elif byte == EOT:
            self.forget()
            return Control.EOT
        return None

    def _add(self, byte: int) -> Heard | None:
        self._at = _At.TEXT
        self._text.append(byte)
        if len(self._text) <= TEXT_BYTES_MAX:
            return None
        self.forget()
        return Control.DAMAGED
