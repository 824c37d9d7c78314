"""The driver of Puloon dispensers and the stub at the two ends of a real pseudo-terminal."""

import math
import os
from random import Random
from typing import Any

import trio

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.customer import Customer
from atmbench.devices.lcdm_dispenser import LcdmDispenser
from atmbench.devices.lcdm_words import Lcdm4000Words
from atmbench.devices.times import DeviceTimes
from atmbench.terminal.effects import Dispense
from atmbench.terminal.inputs import CashTaken, Input
from firmware_stubs.dispenser.stub import make
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack
from tests.devices.lcdm_play import CASSETTES, KEY, VALUES_MINOR
from tests.devices.play import ended

QUICK = {"quick_s": 0, "begin_s": 0, "note_s": 0, "end_s": 0, "purge_s": 0, "reset_s": 0}


class End:
    """The terminal's end: port, machine, and the time."""

    is_open = True

    def __init__(self, stub: Mounted) -> None:
        self._stub = stub
        self._fd = os.open(stub.port.name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.agenda, self.scene = Agenda(), Scene()
        self.scene.has_power = True
        self.heard: list[Input] = []
        self.driver = LcdmDispenser(
            dict(CASSETTES),
            VALUES_MINOR,
            words=Lcdm4000Words(),
            port=self,
            machine=self,
            agenda=self.agenda,
            scene=self.scene,
            customer=Customer(DeviceTimes(customer_takes_cash_s=(0.0, 0.0)), Random(1)),
        )

    @property
    def seen(self) -> dict[str, Any]:
        return self._stub.core.seen()

    def send(self, data: bytes) -> None:
        os.write(self._fd, data)

    def order(self, do: str, **rest: Any) -> None:
        self._stub.order({"do": do, **rest})

    async def live_until(self, last: Input) -> None:
        """Hear, and do what is due, until this has come."""
        while last not in self.heard:
            deadline = math.inf if self.agenda.deadline is None else self.agenda.deadline
            with trio.move_on_at(deadline):
                await trio.lowlevel.wait_readable(self._fd)
                self.driver.on_bytes(os.read(self._fd, 4096), trio.current_time())
            self.agenda.perform(trio.current_time())
            self.heard += self.scene.take()[0]

    def close(self) -> None:
        os.close(self._fd)


async def test_cash_is_presented_and_taken_over_a_pseudo_terminal() -> None:
    stub = Mounted("dispenser", make({"cassettes": CASSETTES, **QUICK}, {}), PtyPort(), KeptFile(None, "dispenser"))
    rack, end = Rack([stub]), End(stub)
    rack.watch(lambda name, tell: end.driver.on_happened(tell.event, tell.detail, trio.current_time()))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        end.driver.power_on(trio.current_time())
        end.driver.dispense(Dispense(key=KEY, notes={"1": 2, "2": 1}), trio.current_time())
        with trio.fail_after(60):
            await end.live_until(CashTaken(KEY))
        nursery.cancel_scope.cancel()
    assert end.heard == [ended("presented", c1=2, c2=1, key=KEY), CashTaken(KEY)]
    assert end.driver.lying().cassettes == {"1": 98, "2": 49}
    end.close()
    stub.port.close()
