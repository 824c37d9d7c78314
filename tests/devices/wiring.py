"""A stub's core joined to a driver by a wire of memory, in one thread and without a loop: dry, and to the same effect.

Bytes take no time. What is ordered at the machine is done when the turn of whoever orders has ended.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any, Generic, Protocol, Self, TypeVar

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.port import SerialDriver
from atmbench.devices.roles import Powered
from atmbench.facts import Fact
from atmbench.terminal.inputs import Input
from firmware_stubs.core import Core
from firmware_stubs.errors import OrderError
from firmware_stubs.outcomes import Keep, Outcome, Send

TURNS_MAX = 10_000


class Wire:
    """Port and Machine of a driver. `said` is all that went over the line, in order: (">" to the unit, bytes)."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.is_open = True
        self.seen: Mapping[str, Any] = core.seen()
        self.kept: dict[str, Any] = core.kept()
        """What a new core would come up with."""
        self.said: list[tuple[str, bytes]] = []
        self.happened: list[tuple[str, Mapping[str, Any]]] = []
        self.refused: list[str] = []
        """Orders that could not be done."""
        self.driver: SerialDriver | None = None
        self._to_core: deque[bytes] = deque()
        self._to_driver: deque[Outcome] = deque()
        self._orders: deque[dict[str, Any]] = deque()

    def send(self, data: bytes) -> None:
        if self.is_open:
            self.said.append((">", data))
            self._to_core.append(data)

    def order(self, do: str, **rest: Any) -> None:
        self._orders.append({"do": do, **rest})

    def settle(self, now: float) -> None:
        """Until nobody has anything more to say at this instant."""
        for _ in range(TURNS_MAX):
            if self._to_driver:
                self._tell(self._to_driver.popleft(), now)
            elif self._orders:
                self._obey(self._orders.popleft(), now)
            elif self._to_core:
                self._take(self.core.on_bytes(self._to_core.popleft(), now))
            elif self.core.deadline is not None and self.core.deadline <= now:
                self._take(self.core.on_time(now))
            else:
                return
        raise AssertionError("driver and stub talk without end")

    def _obey(self, order: dict[str, Any], now: float) -> None:
        if order["do"] in ("unplug", "plug"):
            self.is_open = order["do"] == "plug"
            self._to_core.clear()
            assert self.driver is not None
            self.driver.on_port_changed(now)
            return
        try:
            self._take(self.core.on_order(order, now))
        except OrderError as error:
            self.refused.append(str(error))

    def _take(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Keep):
                self.kept = self.core.kept()
            elif not isinstance(outcome, Send) or self.is_open:
                self._to_driver.append(outcome)
        self.seen = self.core.seen()

    def _tell(self, outcome: Outcome, now: float) -> None:
        assert self.driver is not None
        if isinstance(outcome, Send):
            self.said.append(("<", outcome.data))
            self.driver.on_bytes(outcome.data, now)
        elif not isinstance(outcome, Keep):
            self.happened.append((outcome.event, outcome.detail))
            self.driver.on_happened(outcome.event, outcome.detail, now)


class Joined:
    """A driver and a stub's core, with a clock."""

    def __init__(self, core: Core) -> None:
        self.wire = Wire(core)
        self.agenda = Agenda()
        self.scene = Scene()
        self.now = 0.0
        self.inputs: list[Input] = []
        self.facts: list[Fact] = []

    def settle(self) -> None:
        """Everything that is to happen at this instant."""
        for _ in range(TURNS_MAX):
            self.wire.settle(self.now)
            if self.agenda.deadline is None or self.agenda.deadline > self.now:
                break
            self.agenda.perform(self.now)
        given, told = self.scene.take()
        self.inputs += given
        self.facts += told

    def wait(self, duration_s: float) -> None:
        """Let time pass."""
        end = self.now + duration_s
        self.settle()
        while True:
            due = [at for at in (self.agenda.deadline, self.wire.core.deadline) if at is not None and at <= end]
            if not due:
                break
            self.now = max(self.now, min(due))
            self.settle()
        self.now = end

    def heard(self) -> list[Input]:
        heard, self.inputs = self.inputs, []
        return heard

    def told(self) -> list[Fact]:
        told, self.facts = self.facts, []
        return told


class Driver(SerialDriver, Powered, Protocol):
    """A driver that has a plug."""


D = TypeVar("D", bound=Driver)


class Machine(Joined, Generic[D]):
    """The same with power, and somebody who stands there. Whoever makes one says what its `driver` is."""

    driver: D

    def order(self, do: str, **rest: Any) -> Self:
        self.wire.order(do, **rest)
        self.settle()
        return self

    def until(self, duration_s: float) -> Self:
        self.wait(duration_s)
        return self

    def power_fails(self) -> Self:
        self.scene.has_power = False
        self.agenda.drop_electronics()
        self.driver.power_fail(self.now)
        self.settle()
        return self

    def power_comes(self) -> Self:
        self.scene.has_power = True
        self.driver.power_on(self.now)
        self.settle()
        return self
