"""The CCNET validator: its line, and which command is valid when (facts of devices 5.1). It only answers."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from firmware_stubs.faults import Stage, damaged
from firmware_stubs.note_acceptor.body import Body
from firmware_stubs.note_acceptor.link import ACK, NAK, Link, Sign, framed
from firmware_stubs.note_acceptor.settings import Settings
from firmware_stubs.note_acceptor.states import EVENTS, RESTING, STARTING, State

ILLEGAL = 0x30
NAMES = {
    0x30: "reset",
    0x31: "status",
    0x32: "security",
    0x33: "poll",
    0x34: "enable",
    0x35: "stack",
    0x36: "return",
    0x37: "identification",
    0x38: "hold",
    0x3B: "cassette_status",
    0x3C: "dispense",
    0x3D: "unload",
    0x41: "bill_table",
    0x43: "capacity",
    0x5B: "counter",
    0x66: "power_recovery",
    0x67: "empty_dispenser",
}
CREDIT = "credit"
"""What a poll is called, for wire faults, whose answer tells of an event: a note stacked or returned."""
IDENTITY = b"STUB-CCNET".ljust(15) + b"000000000001" + bytes(7)
HELD = frozenset({State.ESCROW, State.HOLDING})
TOLD_IN = STARTING | {State.DISABLED, State.FAILURE}
"""Where IDENTIFICATION and GET BILL TABLE are valid."""


class NoteAcceptor(Body):
    """A validator at its line."""

    told_until_known: ClassVar = frozenset({CREDIT})
    """Answers whose ACK matters."""

    def _restore(self, kept: Mapping[str, Any]) -> None:
        super()._restore(kept)
        self._link = Link(self._settings.address, self._settings.frame_s)
        self._deaf_until = 0.0
        self._said = ""
        """What the last answer was to, if the host's ACK of it matters and nothing has been heard since."""

    def _on_power_off(self, now: float) -> None:
        super()._on_power_off(now)
        self._link.clear()
        self._said = ""

    def _on_power_on(self, now: float) -> None:
        super()._on_power_on(now)
        self._deaf_until = now + self._settings.boot_s

    # --- the line ---------------------------------------------------------------------------------

    def _on_bytes(self, data: bytes, now: float) -> None:
        if now < self._deaf_until:
            return
        for heard in self._link.feed(data, now):
            if isinstance(heard, Sign):
                self._say(bytes([NAK]))
            elif heard:
                self._hear(heard, now)

    def _hear(self, body: bytes, now: float) -> None:
        code = body[0]
        if len(body) == 1 and code in (ACK, NAK):
            if code == ACK and self._said and not self.link_faults.hits(Stage.END_LOST, self._said):
                self._is_known(self._said, now)
            self._said = ""
            return
        self._said = ""
        name = self._name(code)
        if self.link_faults.hits(Stage.NO_ACK, name):
            return
        if self.link_faults.hits(Stage.NAK, name):
            self._say(bytes([NAK]))
            return
        answer = self._obey(code, body[1:], now)
        is_lost = self.link_faults.hits(Stage.ANSWER_LOST, name) or self.link_faults.hits(Stage.ACK_LOST, name)
        if is_lost:
            return
        self._said = name if name in self.told_until_known else ""
        frame = framed(self._settings.address, answer)
        if self.link_faults.hits(Stage.ANSWER_DAMAGED, name):
            frame = damaged(frame)
        late = self.link_faults.hits(Stage.ANSWER_LATE, name)
        self._later(now + self._answer_s(code) + (late.late_s if late else 0.0), lambda at: self._send(frame))
        if name == CREDIT and not self._settings.credit_repeats:
            self._event_is_known(now)

    def _is_known(self, name: str, now: float) -> None:
        """The host has acknowledged what it was told."""
        if name == CREDIT:
            self._event_is_known(now)

    def _answer_s(self, code: int) -> float:
        return self._settings.answer_s

    def _name(self, code: int) -> str:
        return CREDIT if code == 0x33 and self._state in EVENTS else NAMES.get(code, "unknown")

    def _say(self, answer: bytes) -> None:
        self._send(framed(self._settings.address, answer))

    def _obey(self, code: int, data: bytes, now: float) -> bytes:
        obey: dict[int, Callable[[bytes, float], bytes | None]] = {
            0x30: self._reset,
            0x31: lambda data, now: self._enabled + self._security,
            0x32: self._set_security,
            0x33: lambda data, now: self._polled(),
            0x34: self._enable,
            0x35: self._stack,
            0x36: self._return,
            0x37: lambda data, now: IDENTITY if self._state in TOLD_IN else None,
            0x38: self._hold,
            0x41: lambda data, now: self._settings.table() if self._state in TOLD_IN else None,
            0x5B: lambda data, now: (self._counter & 0xFFFF).to_bytes(2, "big"),
        }
        act = obey.get(code)
        answer = act(data, now) if act is not None else None
        return bytes([ILLEGAL]) if answer is None else answer

    def _polled(self) -> bytes:
        state = self._state
        if state is State.POWER_UP:
            if self._machine.stacker:
                return bytes([State.POWER_UP_STACKER])
            return bytes([State.POWER_UP_VALIDATOR if self._machine.validator else state])
        has_detail = state in EVENTS or state in (State.ESCROW, State.REJECTING, State.FAILURE)
        return bytes([state, self._detail] if has_detail else [state])

    def _set_security(self, data: bytes, now: float) -> bytes | None:
        if len(data) != 3:
            return None
        self._security = data
        return bytes([ACK])

    def _enable(self, data: bytes, now: float) -> bytes | None:
        if len(data) != 6 or self._state in STARTING:
            return None
        self._enabled, self._escrowed = data[:3], data[3:]
        if self._state in RESTING:
            self._rest()
        return bytes([ACK])

    def _stack(self, data: bytes, now: float) -> bytes | None:
        if self._state not in HELD:
            return None
        if self._machine.has_cassette:
            self._begin_stacking(now)
        else:
            self._begin_returning(now)
        return bytes([ACK])

    def _return(self, data: bytes, now: float) -> bytes | None:
        if self._state not in HELD:
            return None
        self._begin_returning(now)
        return bytes([ACK])

    def _hold(self, data: bytes, now: float) -> bytes | None:
        if self._state not in HELD:
            return None
        self._enter(State.HOLDING)
        self._then(now + self._settings.escrow_s, self._begin_returning)
        return bytes([ACK])

    def _reset(self, data: bytes, now: float) -> bytes:
        self._restart(now)
        return bytes([ACK])


def make(settings: Mapping[str, Any], kept: Mapping[str, Any]) -> NoteAcceptor:
    """A validator of settings that JSON can hold. Raises msgspec.ValidationError or OrderError for others."""
    return NoteAcceptor(msgspec.convert(dict(settings), Settings), kept)
