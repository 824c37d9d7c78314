"""The driver of ESC/POS printers and the stub at the two ends of a real pseudo-terminal."""

import math
import os
from typing import Any

import trio

from atmbench import facts
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.escpos_printer import EscPosPrinter
from atmbench.facts import Fact
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.ports import PtyPort
from firmware_stubs.printer.stub import make
from firmware_stubs.rack import Mounted, Rack

KEY, LINES = "T01/000001", ("ATMBENCH", "Paid 20.00")


class End:
    """The terminal's end: port, machine, and the time."""

    is_open = True

    def __init__(self, stub: Mounted) -> None:
        self._stub = stub
        self._fd = os.open(stub.port.name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.agenda, self.scene = Agenda(), Scene()
        self.scene.has_power = True
        self.told: list[Fact] = []
        self.driver = EscPosPrinter(port=self, machine=self, agenda=self.agenda, scene=self.scene)

    @property
    def seen(self) -> dict[str, Any]:
        return self._stub.core.seen()

    def send(self, data: bytes) -> None:
        os.write(self._fd, data)

    def order(self, do: str, **rest: Any) -> None:
        self._stub.order({"do": do, **rest})

    async def live_until(self, last: Fact) -> None:
        """Hear, and do what is due, until this is told."""
        while last not in self.told:
            deadline = math.inf if self.agenda.deadline is None else self.agenda.deadline
            with trio.move_on_at(deadline):
                await trio.lowlevel.wait_readable(self._fd)
                self.driver.on_bytes(os.read(self._fd, 4096), trio.current_time())
            self.agenda.perform(trio.current_time())
            self.told += self.scene.take()[1]

    def close(self) -> None:
        os.close(self._fd)


async def test_a_receipt_comes_out_over_a_pseudo_terminal() -> None:
    core = make({"line_s": 0, "cut_s": 0, "start_s": 0}, {})
    stub = Mounted("printer", core, PtyPort(), KeptFile(None, "printer"))
    rack, end = Rack([stub]), End(stub)
    printed: list[str] = []
    rack.watch(lambda name, tell: printed.append(tell.detail["text"]) if tell.event == "printed" else None)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        end.driver.power_on(trio.current_time())
        end.driver.print(KEY, LINES, trio.current_time())
        with trio.fail_after(60):
            await end.live_until(facts.ReceiptPrinted(key=KEY, lines=LINES))
        nursery.cancel_scope.cancel()
    assert (printed, core.seen()["receipts"]) == (list(LINES), 1)
    end.close()
    stub.port.close()
