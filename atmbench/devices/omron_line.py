"""The host's side of the line to an Omron 3S4YR: one command at a time, with the maker's repeats and timers.

Source: the maker's Data Transmission Specifications, Rev. A4, 1.3 to 1.6 (facts of devices 2.3). Responses are not
acknowledged: one that is lost or bad is asked for again with ENQ, and the reader says it once more without doing
anything twice. This module must never know what a command does.
"""

from collections.abc import Callable
from enum import Enum, auto

from atmbench.devices.agenda import Act, Agenda
from atmbench.devices.omron_words import ACK_S, RECEIVE_S, TRIES

DLE = b"\x10"
STX, ETX = b"\x10\x02", b"\x10\x03"
ENQ, ACK, NAK, EOT = b"\x10\x05", b"\x10\x06", b"\x10\x15", b"\x10\x04"
RESPONSE_BYTES_MAX = 1024
"""On the wire: 325 bytes of text at most (3.2.1), each of which may be doubled, and the frame around them."""

Ended = Callable[[bytes | None, float], None]
"""Called with the text of the response, or None if there is none to be had."""


def command_frame(text: bytes) -> bytes:
    """A command as it goes on the wire."""
    return STX + text.replace(DLE, DLE * 2) + ETX + bytes([_bcc(text)])


def _bcc(text: bytes) -> int:
    parity = ETX[1]
    for byte in text:
        parity ^= byte
    return parity


class Sign(Enum):
    """What the reader says without a text; BAD is a text that is no good."""

    ACK = auto()
    NAK = auto()
    BAD = auto()


class Reading:
    """Bytes from the reader, cut into texts and signs."""

    def __init__(self) -> None:
        self._buffer = b""

    @property
    def is_open(self) -> bool:
        """Whether a text has begun and its end has not come."""
        return self._buffer.startswith(STX)

    def clear(self) -> None:
        """Whatever has begun is of no use."""
        self._buffer = b""

    def take(self, data: bytes) -> list[bytes | Sign]:
        """What has come with these bytes, in order."""
        self._buffer += data
        found: list[bytes | Sign] = []
        while (piece := self._next()) is not None:
            found.append(piece)
        return found

    def _next(self) -> bytes | Sign | None:
        while len(self._buffer) >= 2:
            head = self._buffer[:2]
            if head == STX:
                return self._text()
            self._buffer = self._buffer[2 if head in (ACK, NAK) else 1 :]
            if head in (ACK, NAK):
                return Sign.ACK if head == ACK else Sign.NAK
        return None

    def _text(self) -> bytes | Sign | None:
        """The text at the head of the buffer, whose DLEs come in pairs until one comes with ETX."""
        at = 2
        while (at := self._buffer.find(DLE, at)) >= 0:
            pair = self._buffer[at : at + 2]
            if len(pair) < 2 or (pair == ETX and len(self._buffer) < at + 3):
                break
            if pair == ETX:
                text, bcc = self._buffer[2:at].replace(DLE * 2, DLE), self._buffer[at + 2]
                self._buffer = self._buffer[at + 3 :]
                return text if bcc == _bcc(text) else Sign.BAD
            if pair != DLE * 2:
                self._buffer = self._buffer[at:]
                return Sign.BAD
            at += 2
        if len(self._buffer) <= RESPONSE_BYTES_MAX:
            return None
        self._buffer = b""
        return Sign.BAD


class _Stage(Enum):
    IDLE = auto()
    ACK = auto()
    RESPONSE = auto()


class OmronLine:
    """One exchange after the other. `send` puts bytes on the line, `ended` is told how an exchange has ended."""

    def __init__(self, send: Callable[[bytes], None], agenda: Agenda, ended: Ended) -> None:
        self._send = send
        self._agenda = agenda
        self._ended = ended
        self._reading = Reading()
        self._stage = _Stage.IDLE
        self._text = b""
        self._answer_s = 0.0
        self._tries = 0
        self._timer: int | None = None

    @property
    def command(self) -> str:
        """The command under way; empty if there is none."""
        return self._text[1:3].decode("ascii") if self._stage is not _Stage.IDLE else ""

    def ask(self, command: str, parameters: bytes, answer_s: float, now: float) -> None:
        """Begin an exchange. `answer_s` is how long the reader may take from ENQ to its response."""
        assert self._stage is _Stage.IDLE, "one command at a time"
        self._text = b"C" + command.encode("ascii") + parameters
        self._answer_s = answer_s
        self._tries = 0
        self._reading.clear()
        self._say_command(now)

    def interrupt(self) -> None:
        """Have the reader leave whatever it is doing; nothing more is heard of it."""
        self.drop()
        self._send(EOT)

    def drop(self) -> None:
        """Forget what is under way, without a word."""
        self._stage = _Stage.IDLE
        self._reading.clear()
        self._stop_timer()

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came from the reader."""
        for piece in self._reading.take(data):
            self._hear(piece, now)
        if self._stage is _Stage.RESPONSE and self._reading.is_open:
            self._set_timer(now + RECEIVE_S, self._ask_again)

    def _hear(self, piece: bytes | Sign, now: float) -> None:
        if self._stage is _Stage.ACK:
            if piece is Sign.ACK:
                self._tries = 0
                self._say_enq(now)
            elif piece is Sign.NAK:
                self._say_command(now)
        elif self._stage is _Stage.RESPONSE:
            if piece is Sign.BAD:
                self._say_enq(now)
            elif isinstance(piece, bytes) and piece[1:3] == self._text[1:3] and piece[:1] in (b"P", b"N"):
                self._end(piece, now)

    def _say_command(self, now: float) -> None:
        self._stage = _Stage.ACK
        self._say(command_frame(self._text), now, ACK_S, self._say_command)

    def _say_enq(self, now: float) -> None:
        self._stage = _Stage.RESPONSE
        self._say(ENQ, now, self._answer_s, self._ask_again)

    def _ask_again(self, now: float) -> None:
        self._reading.clear()
        self._say_enq(now)

    def _say(self, data: bytes, now: float, wait_s: float, again: Act) -> None:
        self._tries += 1
        if self._tries > TRIES:
            self._end(None, now)
            return
        self._set_timer(now + wait_s, again)
        self._send(data)

    def _end(self, text: bytes | None, now: float) -> None:
        self._stage = _Stage.IDLE
        self._stop_timer()
        self._ended(text, now)

    def _set_timer(self, at: float, act: Act) -> None:
        self._stop_timer()
        self._timer = self._agenda.plan(at, act)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._agenda.call_off(self._timer)
            self._timer = None
