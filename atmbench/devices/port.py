"""The two ways to a device that is not modelled here: its serial port, and whoever stands at the machine.

A driver is dry: it is given what came on its port and what time it is, and sends without waiting. Who carries the bytes
(memory in virtual time, a pseudo-terminal, a real port) it must never know.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Happened = Callable[[str, Mapping[str, Any], float], None]
"""Called with the event, its detail and the time at which something happened at a machine."""


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
    def seen(self) -> Mapping[str, Any]:
        """What the machine looked like when something last happened there."""
        ...

    def order(self, do: str, **rest: Any) -> None:
        """Do something at the machine. What comes of it is told as it happens."""
        ...
