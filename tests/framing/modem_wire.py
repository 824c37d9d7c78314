"""A dialler and the modem stub's core at two ends of a wire of bytes, in virtual time."""

import heapq
from collections.abc import Callable
from typing import Any

from atmbench.framing.dial_up import DialSettings
from atmbench.framing.dialler import Connected, Dialler, Outcome, Received, SetDtr
from atmbench.framing.link_ends import Transmit
from firmware_stubs.line_modem.acts import Connect, HangUp, Pass
from firmware_stubs.line_modem.settings import Settings
from firmware_stubs.line_modem.stub import LineModem
from firmware_stubs.outcomes import Outcome as Told
from firmware_stubs.outcomes import Send

CHAR_S = 10 / 9600
TURNS_MAX = 20_000


class ModemWire:
    """The far end answers every call with `greeting`. Modem lines are there if the dialler's settings say so."""

    def __init__(self, dial: DialSettings, *, greeting: bytes = b"", **settings: Any) -> None:
        self.now = 0.0
        self.dialler = Dialler(dial)
        self.modem = LineModem(Settings(**settings))
        self.outcomes: list[Outcome] = []
        self.at_far = b""
        self.far_is_up = False
        self.greeting = greeting
        self._has_lines = dial.modem_lines
        self._carrier = False
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._free_at = {"modem": 0.0, "terminal": 0.0}

    @property
    def received(self) -> bytes:
        """Everything that the dialler has handed up."""
        return b"".join(each.data for each in self.outcomes if isinstance(each, Received))

    def later(self, at: float, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._events, (at, self._number, act))

    def order(self, do: str, **rest: Any) -> "ModemWire":
        self.modem_does(self.modem.on_order({"do": do, **rest}, self.now))
        return self

    def terminal_does(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Transmit):
                self._carry("modem", outcome.data)
            elif isinstance(outcome, SetDtr):
                self.order("raise_dtr" if outcome.is_high else "drop_dtr")
            else:
                self.outcomes.append(outcome)

    def modem_does(self, outcomes: list[Told]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Send):
                self._carry("terminal", outcome.data)
        for act in self.modem.acts():
            if isinstance(act, Connect):
                self.far_is_up = True
                self.modem_does(self.modem.line_joined(self.now))
                self.modem_does(self.modem.line_bytes(self.greeting, self.now))
            elif isinstance(act, Pass):
                self.at_far += act.data
            elif isinstance(act, HangUp):
                self.far_is_up = False
        carrier = self.modem.seen()["carrier"]
        if self._has_lines and carrier != self._carrier:
            self._carrier = carrier
            self.terminal_does(self.dialler.on_carrier(carrier, self.now))

    def _carry(self, to: str, data: bytes) -> None:
        for byte in data:
            at = self._free_at[to] = max(self.now, self._free_at[to]) + CHAR_S
            self.later(at, lambda byte=byte: self._arrive(to, bytes([byte])))  # type: ignore[misc]

    def _arrive(self, to: str, data: bytes) -> None:
        if to == "modem":
            self.modem_does(self.modem.on_bytes(data, self.now))
        else:
            self.terminal_does(self.dialler.feed(data, self.now))

    def run(self, duration_s: float, *, until: Callable[[], bool] = lambda: False) -> "ModemWire":
        """Let time pass, or until something holds."""
        end = self.now + duration_s
        for _ in range(TURNS_MAX):
            if until():
                return self
            dues = [self.dialler.deadline, self.modem.deadline, self._events[0][0] if self._events else None]
            at = min((each for each in dues if each is not None), default=end)
            if at > end:
                self.now = end
                return self
            self.now = max(self.now, at)
            if self._events and self._events[0][0] <= self.now:
                heapq.heappop(self._events)[2]()
            elif self.modem.deadline is not None and self.modem.deadline <= self.now:
                self.modem_does(self.modem.on_time(self.now))
            else:
                self.terminal_does(self.dialler.on_time(self.now))
            if at == end:
                return self
        raise AssertionError("the two do not come to rest")

    def dial(self, wait_s: float = 400.0) -> "ModemWire":
        """Until the call stands, or all tries were in vain."""
        self.terminal_does(self.dialler.dial(self.now))
        return self.run(wait_s, until=lambda: self.dialler.is_connected or self.dialler.is_idle)

    def hang_up(self) -> "ModemWire":
        self.terminal_does(self.dialler.hang_up(self.now))
        return self.run(60.0, until=lambda: self.dialler.is_idle)

    def send(self, data: bytes) -> "ModemWire":
        self.terminal_does(self.dialler.send(data, self.now))
        return self

    @property
    def stood(self) -> bool:
        return any(isinstance(each, Connected) for each in self.outcomes)
