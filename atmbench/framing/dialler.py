"""The terminal's side of a dialled line: brings a call up, passes bytes while it stands, and hangs up.

Every call that was begun ends in Connected or Failed after a bounded number of tries; one that stood ends in Lost or
HungUp. The modem is believed in whole lines of words only, and while data flows only where it has the last word.

Dry: bytes and time go in, outcomes come out, `deadline` says when `on_time` must next be called.
"""

from enum import Enum, auto
from typing import TypeAlias

import msgspec

from atmbench.framing.dial_up import (
    ATTENTION,
    ATTENTION_S,
    CONNECT,
    DTR_S,
    ESCAPE,
    GUARD_S,
    HANG_UP_HIGH_S,
    HANG_UP_LOW_S,
    HELD_BYTES_MAX,
    LINE_BYTES_MAX,
    NO_CARRIER_AT_END,
    OK,
    QUIET_S,
    RESET_AGAIN_S,
    RESET_S,
    RESULTS,
    SETTLE_S,
    TAIL_BYTES,
    DialSettings,
    Why,
)
from atmbench.framing.link_ends import Transmit


class SetDtr(msgspec.Struct, frozen=True):
    """Set the port's DTR. Asked only where the port has modem lines."""

    is_high: bool


class Connected(msgspec.Struct, frozen=True):
    """The call stands and has settled. `bps` is 0 if the modem did not say it."""

    bps: int


class Received(msgspec.Struct, frozen=True):
    """Bytes from the host, as they came."""

    data: bytes


class TryFailed(msgspec.Struct, frozen=True):
    """One try was in vain; another may follow."""

    why: Why
    because: str


class Failed(msgspec.Struct, frozen=True):
    """All tries were in vain. `because` tells of the last one, and of those before."""

    tries: tuple[Why, ...]
    because: str


class Lost(msgspec.Struct, frozen=True):
    """The call stood, and is over by itself."""

    because: str


class HungUp(msgspec.Struct, frozen=True):
    """The call was ended by us. `because` says why that is not sure; empty if the modem confirmed it."""

    because: str = ""


Outcome: TypeAlias = Transmit | SetDtr | Connected | Received | TryFailed | Failed | Lost | HungUp


class _Is(Enum):
    """What the dialler waits for."""

    IDLE = auto()
    ATTENTION = auto()
    """Behind AT."""
    RESET = auto()
    """OK to the reset."""
    DTR_LOW = auto()
    DTR_HIGH = auto()
    SILENCE = auto()
    """The guard time before the escape."""
    ESCAPED = auto()
    """The one behind it."""
    RESET_AGAIN = auto()
    """OK to the second reset."""
    DIALLED = auto()
    """How the call goes."""
    SETTLING = auto()
    CONNECTED = auto()
    PAUSING = auto()
    HANG_UP_LOW = auto()
    HANG_UP_HIGH = auto()


_LISTENS = (_Is.RESET, _Is.RESET_AGAIN, _Is.DIALLED)


class Dialler:
    """One modem at its port, and the call over it."""

    def __init__(self, settings: DialSettings) -> None:
        self.deadline: float | None = None
        """When `on_time` must next be called; None if nothing is waited for."""
        self._settings = settings
        self._is = _Is.IDLE
        self._ends_with: Failed | HungUp | None = None
        """What the reset under way is for; None: for a call."""
        self._failures: list[Why] = []
        self._has_carrier = False
        self._bps = 0
        self._line = bytearray()
        self._awaits_lf = False
        self._held = bytearray()
        """What the host has sent while the line settles."""
        self._tail = b""
        self._sent = bytearray()
        """What was sent since the stream looked like the end of the call: the modem may echo it."""
        self._outcomes: list[Outcome] = []

    @property
    def is_connected(self) -> bool:
        """Whether bytes pass."""
        return self._is is _Is.CONNECTED

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, and no call stands."""
        return self._is is _Is.IDLE

    # --- asked for --------------------------------------------------------------------------------

    def dial(self, now: float) -> list[Outcome]:
        """Bring a call up. Only when idle."""
        assert self.is_idle, "a call is under way already"
        self._failures = []
        self._ends_with = None
        self._begin_reset(now)
        return self._taken()

    def hang_up(self, now: float) -> list[Outcome]:
        """End the call, or the attempt, whatever has become of it; HungUp follows."""
        if self._is in (_Is.IDLE, _Is.PAUSING):
            self._finish(HungUp())
        elif self._ends_with is None:
            is_data = self._is in (_Is.SETTLING, _Is.CONNECTED)
            self._ends_with = HungUp()
            if is_data and self._settings.modem_lines:
                self._outcomes.append(SetDtr(False))
                self._wait(_Is.HANG_UP_LOW, now + HANG_UP_LOW_S)
            elif is_data:
                self._wait(_Is.SILENCE, now + GUARD_S)
            else:
                self._begin_reset(now)
        else:
            self._ends_with = HungUp()
        return self._taken()

    def send(self, data: bytes, now: float) -> list[Outcome]:
        """Send bytes to the host; without a call they are lost."""
        if self.is_connected:
            self._outcomes.append(Transmit(data))
            if self.deadline is not None and len(self._sent) < HELD_BYTES_MAX:
                self._sent += data
        return self._taken()

    # --- given ------------------------------------------------------------------------------------

    def feed(self, data: bytes, now: float) -> list[Outcome]:
        """Bytes came in at the port. Never raises, whatever they are."""
        if self._is is _Is.CONNECTED:
            self._receive(data, now)
            return self._taken()
        for at, byte in enumerate(data):
            if self._is is _Is.SETTLING:
                self._hold(data[at:])
                break
            self._take_byte(byte, now)
        return self._taken()

    def on_carrier(self, is_on: bool, now: float) -> list[Outcome]:
        """The port's carrier detect has changed. Means nothing where the settings know no modem lines."""
        self._has_carrier = is_on
        if not is_on and self._settings.modem_lines and self._is is _Is.CONNECTED:
            self._lose("the carrier is gone: the host or the telephone network has ended the call")
        return self._taken()

    def on_time(self, now: float) -> list[Outcome]:
        """What is due by now is done."""
        while self.deadline is not None and self.deadline <= now:
            self.deadline = None
            self._on_due(now)
        return self._taken()

    # --- results ----------------------------------------------------------------------------------

    def _take_byte(self, byte: int, now: float) -> None:
        if byte not in b"\r\n":
            if len(self._line) <= LINE_BYTES_MAX:
                self._line.append(byte)
            return
        line, self._line = bytes(self._line), bytearray()
        if self._is in _LISTENS and len(line) <= LINE_BYTES_MAX:
            self._on_line(line.decode("latin-1").strip(" "), now)

    def _on_line(self, line: str, now: float) -> None:
        if self._is is not _Is.DIALLED:
            if line == OK:
                self._on_reset(now)
            return
        connected = CONNECT.fullmatch(line)
        if connected is not None:
            self._bps = int(connected[1] or 0)
            self._awaits_lf = True
            self._wait(_Is.SETTLING, now + SETTLE_S)
        elif line in RESULTS:
            self._on_failure(RESULTS[line], now)

    # --- steps ------------------------------------------------------------------------------------

    def _on_due(self, now: float) -> None:
        state, has_lines = self._is, self._settings.modem_lines
        if state is _Is.ATTENTION:
            self._send_reset(_Is.RESET, now + RESET_S)
        elif state is _Is.RESET and has_lines:
            self._outcomes.append(SetDtr(False))
            self._wait(_Is.DTR_LOW, now + DTR_S)
        elif state is _Is.RESET:
            self._wait(_Is.SILENCE, now + GUARD_S)
        elif state is _Is.DTR_LOW:
            self._outcomes.append(SetDtr(True))
            self._wait(_Is.DTR_HIGH, now + DTR_S)
        elif state in (_Is.DTR_HIGH, _Is.SILENCE):
            self._outcomes.append(Transmit(ESCAPE))
            self._wait(_Is.ESCAPED, now + GUARD_S)
        elif state is _Is.ESCAPED:
            self._send_reset(_Is.RESET_AGAIN, now + RESET_AGAIN_S)
        elif state is _Is.RESET_AGAIN:
            self._on_no_modem(now)
        elif state is _Is.DIALLED:
            self._on_failure(Why.NO_RESULT, now)
        elif state is _Is.SETTLING:
            self._on_settled(now)
        elif state is _Is.CONNECTED:
            self._lose("the modem says NO CARRIER: the host or the telephone network has ended the call")
        elif state is _Is.PAUSING:
            self._begin_reset(now)
        elif state is _Is.HANG_UP_LOW:
            self._outcomes.append(SetDtr(True))
            self._wait(_Is.HANG_UP_HIGH, now + HANG_UP_HIGH_S)
        elif self._has_carrier:
            self._begin_reset(now)
        else:
            self._finish(HungUp())

    def _begin_reset(self, now: float) -> None:
        self._outcomes.append(Transmit(ATTENTION))
        self._wait(_Is.ATTENTION, now + ATTENTION_S)

    def _send_reset(self, state: _Is, due: float) -> None:
        self._line.clear()
        self._outcomes.append(Transmit(self._settings.reset.encode("ascii") + b"\r"))
        self._wait(state, due)

    def _on_reset(self, now: float) -> None:
        """The modem takes commands, and is on hook."""
        if self._ends_with is not None:
            self._finish(self._ends_with)
        else:
            self._outcomes.append(Transmit(self._settings.dial))
            self._wait(_Is.DIALLED, now + self._settings.result_s)

    def _on_no_modem(self, now: float) -> None:
        if isinstance(self._ends_with, HungUp):
            self._finish(HungUp(self._settings.because(Why.NO_MODEM)))
        elif self._ends_with is not None:
            self._finish(self._ends_with)
        else:
            self._on_failure(Why.NO_MODEM, now)

    def _on_failure(self, why: Why, now: float) -> None:
        because = self._settings.because(why)
        self._failures.append(why)
        self._outcomes.append(TryFailed(why, because))
        if len(self._failures) < self._settings.tries:
            self._wait(_Is.PAUSING, now + self._settings.pause_s)
            return
        failed = Failed(tuple(self._failures), _told(self._failures, because))
        if why is Why.NO_RESULT:  # it may still be at it, and must not come to stand with nobody there
            self._ends_with = failed
            self._begin_reset(now)
        else:
            self._finish(failed)

    def _on_settled(self, now: float) -> None:
        held, self._held = bytes(self._held), bytearray()
        if self._settings.modem_lines and not self._has_carrier:
            return self._on_failure(Why.NO_CARRIER, now)
        self._is = _Is.CONNECTED
        self._tail = b""
        self._outcomes.append(Connected(self._bps))
        if held:
            self._receive(held, now)

    def _finish(self, outcome: Failed | HungUp | Lost) -> None:
        self._is, self.deadline, self._ends_with = _Is.IDLE, None, None
        self._line.clear()
        self._outcomes.append(outcome)

    def _wait(self, state: _Is, due: float) -> None:
        self._is, self.deadline = state, due

    # --- data -------------------------------------------------------------------------------------

    def _hold(self, data: bytes) -> None:
        if self._awaits_lf:  # behind the CR of CONNECT
            self._awaits_lf = False
            data = data.removeprefix(b"\n")
        self._held += data[: HELD_BYTES_MAX - len(self._held)]

    def _receive(self, data: bytes, now: float) -> None:
        if self.deadline is not None and self._sent.startswith(data):
            del self._sent[: len(data)]  # an echo: the modem takes commands already
            return
        self._outcomes.append(Received(data))
        if self._settings.modem_lines:
            return
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        self.deadline = now + QUIET_S if NO_CARRIER_AT_END.search(self._tail) else None
        self._sent.clear()

    def _lose(self, because: str) -> None:
        self._finish(Lost(because))

    def _taken(self) -> list[Outcome]:
        taken, self._outcomes = self._outcomes, []
        return taken


def _told(failures: list[Why], because: str) -> str:
    if len(failures) == 1:
        return because
    before = ", ".join(each.replace("_", " ") for each in failures[:-1])
    return f"{because} (try {len(failures)}; before: {before})"
