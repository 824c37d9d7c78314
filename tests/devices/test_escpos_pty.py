"""The driver of ESC/POS printers and the stub at the two ends of a real pseudo-terminal."""

import trio

from atmbench import facts
from atmbench.devices.escpos_printer import EscPosPrinter
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.ports import PtyPort
from firmware_stubs.printer.stub import make
from firmware_stubs.rack import Mounted, Rack
from tests.devices.pty_end import PtyEnd

KEY, LINES = "T01/000001", ("ATMBENCH", "Paid 20.00")


class End(PtyEnd):
    """With a driver of a receipt printer."""

    def __init__(self, stub: Mounted) -> None:
        super().__init__(stub)
        self.driver: EscPosPrinter = EscPosPrinter(port=self, machine=self, agenda=self.agenda, scene=self.scene)


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
            await end.live_until(lambda: facts.ReceiptPrinted(key=KEY, lines=LINES) in end.told)
        nursery.cancel_scope.cancel()
    assert (printed, core.seen()["receipts"]) == (list(LINES), 1)
    end.close()
    stub.port.close()
