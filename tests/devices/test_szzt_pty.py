"""The driver of the PIN pad and the stub at the two ends of a real pseudo-terminal."""

import math
import os
from collections.abc import Callable
from typing import Any

import trio

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.pin_pad import Injected
from atmbench.devices.pin_results import EntryBegan, EntryEnded, SetUpEnded
from atmbench.security.pin_block import unseal
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.pin_pad.stub import make
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack
from tests.devices.szzt_wiring import MASTER, PAN, PIN, RULES, Owner, keys_of


class End:
    """The terminal's end: port, machine, and the time."""

    is_open = True

    def __init__(self, stub: Mounted) -> None:
        self._stub = stub
        self._fd = os.open(stub.port.name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.agenda, self.scene = Agenda(), Scene()
        self.scene.has_power = True
        owner = Owner(self, self, self.agenda, self.scene)
        self.pad, self.results = owner.pad, owner.results

    @property
    def seen(self) -> dict[str, Any]:
        return self._stub.core.seen()

    def send(self, data: bytes) -> None:
        os.write(self._fd, data)

    def order(self, do: str, **rest: Any) -> None:
        self._stub.order({"do": do, **rest})

    async def live_until(self, kind: type, count: int = 1) -> None:
        """Hear, and do what is due, until there are so many results of this kind."""
        while sum(isinstance(each, kind) for each in self.results) < count:
            with trio.move_on_at(math.inf if self.agenda.deadline is None else self.agenda.deadline):
                await trio.lowlevel.wait_readable(self._fd)
                self.pad.on_bytes(os.read(self._fd, 4096), trio.current_time())
            self.agenda.perform(trio.current_time())

    def close(self) -> None:
        os.close(self._fd)


async def test_a_pin_is_typed_and_sealed_over_a_pseudo_terminal() -> None:
    stub = Mounted("pin_pad", make({"restart_s": 0}, {}), PtyPort(), KeptFile(None, "pin_pad"))
    rack, end = Rack([stub]), End(stub)
    keys, _ = keys_of(1)
    now: Callable[[], float] = trio.current_time
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        with trio.fail_after(60):
            end.pad.power_on(now())
            end.pad.set_up(Injected(RULES, MASTER, keys), now())
            await end.live_until(SetUpEnded)
            end.pad.begin_entry(PAN, now())
            await end.live_until(EntryBegan)
            end.order("type_pin", pin=PIN, every_s=0.01)
            await end.live_until(EntryEnded)
        nursery.cancel_scope.cancel()
    ended = end.results[-1]
    assert end.results[:2] == [SetUpEnded(), EntryBegan()]
    assert isinstance(ended, EntryEnded)
    assert unseal(ended.block, PAN, keys[0]) == PIN
    end.close()
    stub.port.close()
