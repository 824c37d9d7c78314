"""The two ways to a device that is not modelled here: its serial port, and whoever stands at the machine.

A driver is dry: it is given what came on its port and what time it is, and sends without waiting. Who carries the bytes
(memory in virtual time, a pseudo-terminal, a real port) it must never know.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

Detail = Mapping[str, Any]

STEPS_MAX = 100
"""Orders of steps that are remembered, in case the machine cannot do them."""


class Port(Protocol):
    """The serial port of one device. What comes in is given to the driver's `on_bytes`."""

    @property
    def is_open(self) -> bool:
        """Whether there is a port at all; a device that is pulled out takes it away."""
        ...

    def send(self, data: bytes) -> None:
        """Put bytes on the line; lost if there is no port."""
        ...


class Machine(Protocol):
    """The machine itself, as hands and eyes reach it: what they do goes by no wire that a terminal knows.

    In virtual it is the stub's core, on loopback the control socket of its process. A real device has nobody
    standing there: its driver is given None, and what a person does must be seen by the sensors that the wire tells of.
    """

    @property
    def seen(self) -> Detail:
        """What the machine looked like when something last happened there."""
        ...

    def order(self, do: str, **rest: Any) -> None:
        """Do something at the machine. What comes of it is told as it happens."""
        ...


class SerialDriver(Protocol):
    """A driver of a device at a serial port, beside what it does in its role."""

    def on_bytes(self, data: bytes, now: float) -> None:
        """Bytes came in."""
        ...

    def on_port_changed(self, now: float) -> None:
        """The port was pulled out, or is there again."""
        ...

    def on_happened(self, event: str, detail: Detail, now: float) -> None:
        """Something happened at the machine, as the bench sees it. Never called for a real device."""
        ...


class Plugged(Protocol):
    """What a venue has put at the other end of a plug."""

    @property
    def is_open(self) -> bool:
        """As in Port."""
        ...

    def send(self, data: bytes) -> None:
        """As in Port."""
        ...

    def order(self, do: str, rest: Detail) -> None:
        """As in Machine; nothing where nobody stands at the machine."""
        ...


class Plug:
    """Where the cable of one device goes in: Port and Machine of a driver, whatever a venue plugs in, and when.

    `name` says which it is ("T07/dispenser"), `device` which machine is wanted ("lcdm-4000") and `settings` how it
    is set up. Whoever runs the terminal sets `turn`, which carries out what a driver made of what was heard, and
    `refused`, which hears why the order of a step could not be done.
    """

    def __init__(self, name: str, device: str, settings: Detail) -> None:
        self.name = name
        self.device = device
        self.settings = settings
        self.seen: Detail = {}
        self.driver: SerialDriver | None = None
        self.turn: Callable[[Callable[[float], None]], None] | None = None
        self.refused: Callable[[str], None] | None = None
        self._steps: deque[Detail] = deque(maxlen=STEPS_MAX)
        self._plugged: Plugged | None = None

    def put_in(self, plugged: Plugged) -> None:
        """There is something at the other end now."""
        self._plugged = plugged

    # --- for the driver ---------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """As in Port."""
        return self._plugged is not None and self._plugged.is_open

    def send(self, data: bytes) -> None:
        """As in Port."""
        if self._plugged is not None:
            self._plugged.send(data)

    def order(self, do: str, **rest: Any) -> None:
        """As in Machine."""
        if self._plugged is not None:
            self._plugged.order(do, rest)

    # --- for steps of a drill ---------------------------------------------------------------------

    def step(self, do: str, values: Detail) -> None:
        """Do something at the machine because a drill says so. A real one has nobody who could."""
        self._steps.append({"do": do, **values})
        if self._plugged is not None:
            self._plugged.order(do, values)

    # --- for the venue ----------------------------------------------------------------------------

    def heard(self, data: bytes) -> None:
        """Bytes came from the device."""
        self._turn(lambda driver, now: driver.on_bytes(data, now))

    def changed(self) -> None:
        """`is_open` is not what it was."""
        self._turn(lambda driver, now: driver.on_port_changed(now))

    def happened(self, event: str, detail: Detail, seen: Detail) -> None:
        """Something happened at the machine, which looks like `seen` since."""
        self.seen = seen
        self._turn(lambda driver, now: driver.on_happened(event, detail, now))

    def order_refused(self, order: Detail, because: str) -> None:
        """The machine could not do what it was ordered. Of a driver's own orders nobody needs to know."""
        if order in self._steps and self.refused is not None:
            self.refused(f"{self.name}: {because}")

    def _turn(self, act: Callable[[SerialDriver, float], None]) -> None:
        driver = self.driver
        if driver is not None and self.turn is not None:
            self.turn(lambda now: act(driver, now))
