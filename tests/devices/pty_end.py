"""The terminal's end of a real pseudo-terminal, at whose other end a stub sits: port, machine and time of a driver."""

import math
import os
from collections.abc import Callable
from typing import Any

import trio

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.port import SerialDriver
from atmbench.facts import Fact
from atmbench.terminal.inputs import Input
from firmware_stubs.rack import Mounted


class PtyEnd:
    """Whoever makes one says what its `driver` is. `heard` and `told` are what came of it."""

    is_open = True
    driver: SerialDriver

    def __init__(self, stub: Mounted) -> None:
        self._stub = stub
        self._fd = os.open(stub.port.name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.agenda, self.scene = Agenda(), Scene()
        self.scene.has_power = True
        self.heard: list[Input] = []
        self.told: list[Fact] = []

    @property
    def seen(self) -> dict[str, Any]:
        return self._stub.core.seen()

    def send(self, data: bytes) -> None:
        os.write(self._fd, data)

    def order(self, do: str, **rest: Any) -> None:
        self._stub.order({"do": do, **rest})

    async def live_until(self, has_come: Callable[[], bool]) -> None:
        """Hear, and do what is due, until something has come about."""
        while not has_come():
            deadline = math.inf if self.agenda.deadline is None else self.agenda.deadline
            with trio.move_on_at(deadline):
                await trio.lowlevel.wait_readable(self._fd)
                self.driver.on_bytes(os.read(self._fd, 4096), trio.current_time())
            self.agenda.perform(trio.current_time())
            given, told = self.scene.take()
            self.heard += given
            self.told += told

    async def live_until_heard(self, last: Input) -> None:
        """The same until the terminal's core is given this."""
        await self.live_until(lambda: last in self.heard)

    def close(self) -> None:
        os.close(self._fd)
