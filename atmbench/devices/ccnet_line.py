"""The line to a CCNET unit, one command at a time: sent, answered, or given up. Dry.

Facts of devices 5.1.2 and 5.1.3: 02, address, length of the whole frame, body, CRC-16/KERMIT with its low byte first.
The unit only answers. What it tells (and not its ACK) is acknowledged, and then it has 20 ms of peace. Whoever asked
has entered what it told before that ACK goes out: a credit that is acknowledged is never told again. The document has
an answer come within 10 ms; how long it is waited for is a setting here, since drivers in use wait for 20 ms to 1 s.
"""

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

import msgspec

from atmbench.devices.port import Port

SYNC = 0x02
ACK, NAK, ILLEGAL = b"\x00", b"\xff", b"\x30"
SIGNS = frozenset({ACK, NAK, ILLEGAL})

ANSWER_S = 0.2
PAUSE_S = 0.02
TRIES = 3
FRAME_LEAST = 6
BYTES_MAX = 512


class Command(msgspec.Struct, frozen=True):
    """What to say. `lengths` are those of an answer that tells something; none means that an ACK is wanted."""

    body: bytes
    lengths: frozenset[int] = frozenset()
    tries: int = TRIES
    """How often it is said without an answer. What moves notes is said once: a poll tells whether it was heard."""
    answer_s: float = 0.0
    """How long its answer may take, if that is longer than other answers."""
    is_ack_told: bool = False
    """Its answer may be a lone 00, which looks like an ACK and is acknowledged."""


class Failure(Enum):
    """Why there is no answer."""

    REFUSED = "it refuses the command as damaged"
    NO_ANSWER = "it does not answer"
    GONE = "its port is gone"


Reply: TypeAlias = bytes | Failure
"""The body of an answer, or why there is none."""


def crc(data: bytes) -> int:
    """CRC-16/KERMIT."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    return value


def framed(unit: int, body: bytes) -> bytes:
    """A frame to a unit, or from one."""
    start = bytes([SYNC, unit, len(body) + FRAME_LEAST - 1]) + body
    check = crc(start)
    return start + bytes([check & 0xFF, check >> 8])


class Line:
    """`set_alarm` is given the next deadline or None; `done` is called with each reply."""

    def __init__(
        self,
        port: Port,
        *,
        unit: int,
        answer_s: float,
        set_alarm: Callable[[float | None], None],
        done: Callable[[Reply, float], None],
    ) -> None:
        self._port = port
        self._unit = unit
        self._answer_s = answer_s
        self._set_alarm = set_alarm
        self._done = done
        self._command: Command | None = None
        self._is_sent = False
        self._quiet_until = 0.0
        self._tries = 0
        self._last = Failure.NO_ANSWER
        self._came = bytearray()

    def ask(self, command: Command, now: float) -> None:
        """Send a command, when the unit has had its pause; `done` follows."""
        assert self._command is None, "one command at a time"
        self._command = command
        self._tries = 0
        self._last = Failure.NO_ANSWER
        if not self._port.is_open:
            self._end(Failure.GONE, now)
        else:
            self._send_when_due(now)

    def drop(self) -> None:
        """Forget the command, whatever comes of it."""
        self._command = None
        self._is_sent = False
        self._came.clear()

    def on_port_gone(self, now: float) -> None:
        """There is no line any more."""
        if self._command is not None:
            self._end(Failure.GONE, now)

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came from the unit. Between commands nobody listens."""
        if not self._is_sent:
            return
        self._came += data
        while (body := self._take_frame()) is not None:
            self._hear(body, now)
        if len(self._came) > BYTES_MAX:
            self._came.clear()

    def on_time(self, now: float) -> None:
        """The pause is over, or the answer has not come."""
        if self._command is None:
            return
        if not self._is_sent or self._tries < self._command.tries:
            self._send(now)
        else:
            self._end(self._last, now)

    def _send_when_due(self, now: float) -> None:
        self._is_sent = False
        if now >= self._quiet_until:
            self._send(now)
        else:
            self._set_alarm(self._quiet_until)

    def _send(self, now: float) -> None:
        assert self._command is not None
        self._came.clear()
        self._tries += 1
        self._is_sent = True
        self._port.send(framed(self._unit, self._command.body))
        self._set_alarm(now + max(self._answer_s, self._command.answer_s))

    def _take_frame(self) -> bytes | None:
        """The body of a frame, empty if it was damaged; None if there is none yet."""
        came = self._came
        start = bytes([SYNC, self._unit])
        while came and not (start.startswith(came[:2]) and (len(came) < 3 or came[2] >= FRAME_LEAST)):
            came.pop(0)
        if len(came) < 3 or len(came) < came[2]:
            return None
        frame = bytes(came[: came[2]])
        del came[: len(frame)]
        body = frame[3:-2]
        return body if framed(self._unit, body) == frame else b""

    def _hear(self, body: bytes, now: float) -> None:
        command = self._command
        if command is None:
            return
        if not body:
            self._port.send(framed(self._unit, NAK))
            self._again(now)
        elif body == NAK:
            self._last = Failure.REFUSED
            self._again(now)
        elif body in SIGNS and not (body == ACK and command.is_ack_told):
            if body == ILLEGAL or not command.lengths:
                self._end(body, now)
        elif len(body) in command.lengths:
            self._quiet_until = now + PAUSE_S  # so that what `done` asks for comes after the ACK
            self._end(body, now)
            self._port.send(framed(self._unit, ACK))

    def _again(self, now: float) -> None:
        assert self._command is not None
        if self._tries >= self._command.tries:
            self._end(self._last, now)
        else:
            self._quiet_until = now + PAUSE_S
            self._send_when_due(now)

    def _end(self, reply: Reply, now: float) -> None:
        self.drop()
        self._set_alarm(None)
        self._done(reply, now)
