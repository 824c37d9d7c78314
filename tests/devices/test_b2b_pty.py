"""The driver of a Bill-to-Bill recycler and the stub at the two ends of a real pseudo-terminal."""

import math
import os
from typing import Any

import trio
from trio.testing import MockClock

from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.b2b_note_acceptor import BillToBillAcceptor
from atmbench.terminal import inputs
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.note_acceptor.recycler import make
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack

KEY, NOTE = "T01/000001", 5_000
RATE = 5
"""Polls come 200 ms apart; nothing here depends on how long that takes."""
QUICK = {"boot_s": 0, "initialise_s": 0, "accept_s": 0, "stack_s": 0, "unload_note_s": 0, "recovery_answer_s": 0}


class End:
    """The terminal's end: port, machine, and the time."""

    is_open = True

    def __init__(self, stub: Mounted) -> None:
        self._stub = stub
        self._fd = os.open(stub.port.name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.agenda, self.scene = Agenda(), Scene()
        self.scene.has_power = True
        self.heard: list[inputs.Input] = []
        self.driver = BillToBillAcceptor(
            currency="NGN", letters="NGN", port=self, machine=self, agenda=self.agenda, scene=self.scene
        )

    @property
    def seen(self) -> dict[str, Any]:
        return self._stub.core.seen()

    def send(self, data: bytes) -> None:
        os.write(self._fd, data)

    def order(self, do: str, **rest: Any) -> None:
        self._stub.order({"do": do, **rest})

    async def live_until(self, last: inputs.Input) -> None:
        """Hear, and do what is due, until this is given."""
        while last not in self.heard:
            deadline = math.inf if self.agenda.deadline is None else self.agenda.deadline
            with trio.move_on_at(deadline):
                await trio.lowlevel.wait_readable(self._fd)
                self.driver.on_bytes(os.read(self._fd, 4096), trio.current_time())
            self.agenda.perform(trio.current_time())
            self.heard += self.scene.take()[0]

    def close(self) -> None:
        os.close(self._fd)


async def test_a_deposit_is_stored_over_a_pseudo_terminal(mock_clock: MockClock) -> None:
    mock_clock.rate = RATE
    core = make(QUICK, {})
    stub = Mounted("note_acceptor", core, PtyPort(), KeptFile(None, "note_acceptor"))
    rack, end = Rack([stub]), End(stub)
    rack.watch(lambda name, tell: end.driver.on_happened(tell.event, tell.detail, trio.current_time()))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        end.driver.power_on(trio.current_time())
        end.driver.count(KEY, {NOTE: 1}, trio.current_time())
        with trio.fail_after(60 * RATE):
            await end.live_until(inputs.DepositCounted({NOTE: 1}))
            end.driver.store(KEY, trio.current_time())
            await end.live_until(inputs.DepositStored(KEY))
        nursery.cancel_scope.cancel()
    assert (core.seen()["cassette"], core.seen()["recycling"]["1"]) == ({"5000": 1}, [])
    end.close()
    stub.port.close()
