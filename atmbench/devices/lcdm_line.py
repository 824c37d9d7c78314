"""The line to a Puloon dispenser, one command at a time: sent, acknowledged, answered, or given up. Dry.

Facts of devices 1.2.3 and 1.3: no ACK in 0.55 s and the command is sent again, three times in all, but never one that
moves notes to the customer: after silence nobody knows whether it was heard, and it is not said twice. A bad answer is
refused with NAK, and so is one that does not come, since the unit repeats its last answer then.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import reduce
from operator import xor
from typing import TypeAlias

import msgspec

from atmbench.devices.port import Port

SOH, STX, ETX, EOT, ACK, NAK = 0x01, 0x02, 0x03, 0x04, 0x06, 0x15

ACK_S = 0.55
END_S = 0.55
"""How long the EOT is waited for; an answer counts without it."""
REPEAT_S = 2.0
"""How long an answer is waited for that was asked for again."""
TRIES = 3
BYTES_MAX = 256
"""What comes without being a frame is forgotten beyond this."""


class Command(msgspec.Struct, frozen=True):
    """What to say. `accepts` are the codes of answers that will do; none means that no answer is wanted."""

    body: bytes
    accepts: frozenset[int]
    answer_s: float
    """How long the answer is waited for before it is asked for again; without an answer, how long to be quiet."""
    may_repeat: bool = True
    """It may be sent again after silence."""
    is_waited_for: bool = False
    """After silence its answer is waited for all the same: the acknowledgement alone may have been lost."""


class Failure(Enum):
    """Why there is no answer."""

    NOT_HEARD = "it does not acknowledge the command"
    REFUSED = "it refuses the command as damaged"
    NO_ANSWER = "it does not answer"
    GONE = "its port is gone"


Reply: TypeAlias = bytes | Failure
"""The body of a good answer (empty if none was wanted), or why there is none."""


class _Stage(Enum):
    IDLE = "idle"
    COMMAND_SENT = "command sent"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    QUIET = "quiet"


def framed(start: int, unit: int, body: bytes) -> bytes:
    """A frame with its check: everything XORed, from the first byte to ETX."""
    frame = bytes([start, unit, STX]) + body + bytes([ETX])
    return frame + bytes([reduce(xor, frame)])


class Line:
    """`set_alarm` is given the next deadline or None; `done` is called with each reply. `lengths`: as in Words."""

    def __init__(
        self,
        port: Port,
        *,
        unit: int,
        lengths: Mapping[int, int],
        ends_with_eot: bool,
        set_alarm: Callable[[float | None], None],
        done: Callable[[Reply, float], None],
    ) -> None:
        self._port = port
        self._unit = unit
        self._lengths = lengths
        self._ends_with_eot = ends_with_eot
        self._set_alarm = set_alarm
        self._done = done
        self._stage = _Stage.IDLE
        self._command: Command | None = None
        self._tries = 0
        self._came = bytearray()
        self._answer = b""

    def ask(self, command: Command, now: float) -> None:
        """Send a command; `done` follows."""
        assert self._command is None, "one command at a time"
        self._command = command
        self._tries = 0
        self._came.clear()
        if not self._port.is_open:
            self._end(Failure.GONE, now)
            return
        self._send_command(now)

    def drop(self) -> None:
        """Forget the command, whatever comes of it."""
        self._stage = _Stage.IDLE
        self._command = None
        self._came.clear()

    def on_port_gone(self, now: float) -> None:
        """There is no line any more."""
        if self._stage is _Stage.ANSWERED:
            self._end(self._answer, now)
        elif self._command is not None:
            self._end(Failure.GONE, now)

    # --- what comes -------------------------------------------------------------------------------

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came from the unit. Between commands nobody listens."""
        if self._command is None:
            return
        self._came += data
        while self._came and self._command is not None:
            if self._came[0] == SOH:
                if not self._take_frame(now):
                    break
            else:
                self._take_sign(self._came.pop(0), now)
        if len(self._came) > BYTES_MAX:
            self._came.clear()

    def _take_sign(self, sign: int, now: float) -> None:
        if self._stage is _Stage.COMMAND_SENT and sign == ACK:
            self._wait_for_answer(now)
        elif self._stage is _Stage.COMMAND_SENT and sign == NAK:
            if self._tries < TRIES:
                self._send_command(now)
            else:
                self._end(Failure.REFUSED, now)
        elif self._stage is _Stage.ANSWERED and sign == EOT:
            self._end(self._answer, now)

    def _take_frame(self, now: float) -> bool:
        """Whether something was taken; a frame that is not whole yet stays."""
        came = self._came
        if not bytes(came[:3]).startswith(bytes([SOH, self._unit, STX])[: len(came)]):
            came.pop(0)
            return True
        length = self._lengths.get(came[3], 0) if len(came) > 3 else BYTES_MAX
        if not length:
            came.pop(0)
            return True
        if len(came) < length:
            return False
        frame = bytes(came[:length])
        del came[:length]
        self._hear(frame, now)
        return True

    def _hear(self, frame: bytes, now: float) -> None:
        command = self._command
        assert command is not None
        body = frame[3:-2]
        if framed(SOH, self._unit, body) != frame:
            self._came.clear()
            if self._stage is not _Stage.QUIET:
                self._refuse(now)
            return
        self._port.send(bytes([ACK]))
        if body[0] not in command.accepts:
            if self._stage is _Stage.QUIET:
                self._set_alarm(now + command.answer_s)
            return  # late, of a command that was given up
        self._answer = body
        if self._ends_with_eot:
            self._stage = _Stage.ANSWERED
            self._set_alarm(now + END_S)
        else:
            self._end(body, now)

    # --- time -------------------------------------------------------------------------------------

    def on_time(self, now: float) -> None:
        """What was waited for has not come."""
        command = self._command
        if self._stage is _Stage.COMMAND_SENT:
            assert command is not None
            if command.may_repeat and self._tries < TRIES:
                self._send_command(now)
            elif command.is_waited_for:
                self._wait_for_answer(now)
            else:
                self._end(Failure.NOT_HEARD, now)
        elif self._stage is _Stage.ACKNOWLEDGED:
            self._came.clear()
            self._refuse(now)
        elif self._stage is _Stage.ANSWERED:
            self._end(self._answer, now)
        elif self._stage is _Stage.QUIET:
            self._end(b"", now)

    def _send_command(self, now: float) -> None:
        command = self._command
        assert command is not None
        self._tries += 1
        self._port.send(framed(EOT, self._unit, command.body))
        if command.accepts:
            self._stage = _Stage.COMMAND_SENT
            self._set_alarm(now + ACK_S)
        else:
            self._stage = _Stage.QUIET
            self._set_alarm(now + command.answer_s)

    def _wait_for_answer(self, now: float) -> None:
        assert self._command is not None
        self._stage = _Stage.ACKNOWLEDGED
        self._tries = 1
        self._set_alarm(now + self._command.answer_s)

    def _refuse(self, now: float) -> None:
        """Ask for the answer again; the third time is the last."""
        if self._stage is _Stage.COMMAND_SENT:
            self._tries = 1
        self._stage = _Stage.ACKNOWLEDGED
        if self._tries >= TRIES:
            self._end(Failure.NO_ANSWER, now)
            return
        self._tries += 1
        self._port.send(bytes([NAK]))
        self._set_alarm(now + REPEAT_S)

    def _end(self, reply: Reply, now: float) -> None:
        self.drop()
        self._set_alarm(None)
        self._done(reply, now)
