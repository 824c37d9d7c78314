"""The driver of Puloon dispensers and the stub at the two ends of a real pseudo-terminal."""

from random import Random

import trio

from atmbench.devices.customer import Customer
from atmbench.devices.lcdm_dispenser import LcdmDispenser
from atmbench.devices.lcdm_words import Lcdm4000Words
from atmbench.devices.times import DeviceTimes
from atmbench.terminal.effects import Dispense
from atmbench.terminal.inputs import CashTaken
from firmware_stubs.dispenser.stub import make
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack
from tests.devices.lcdm_play import CASSETTES, KEY, VALUES_MINOR
from tests.devices.play import ended
from tests.devices.pty_end import PtyEnd

QUICK = {"quick_s": 0, "begin_s": 0, "note_s": 0, "end_s": 0, "purge_s": 0, "reset_s": 0}


class End(PtyEnd):
    """With a driver of a dispenser, and a customer who takes notes at once."""

    def __init__(self, stub: Mounted) -> None:
        super().__init__(stub)
        self.driver: LcdmDispenser = LcdmDispenser(
            dict(CASSETTES),
            VALUES_MINOR,
            words=Lcdm4000Words(),
            port=self,
            machine=self,
            agenda=self.agenda,
            scene=self.scene,
            customer=Customer(DeviceTimes(customer_takes_cash_s=(0.0, 0.0)), Random(1)),
        )


async def test_cash_is_presented_and_taken_over_a_pseudo_terminal() -> None:
    stub = Mounted("dispenser", make({"cassettes": CASSETTES, **QUICK}, {}), PtyPort(), KeptFile(None, "dispenser"))
    rack, end = Rack([stub]), End(stub)
    rack.watch(lambda name, tell: end.driver.on_happened(tell.event, tell.detail, trio.current_time()))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        end.driver.power_on(trio.current_time())
        end.driver.dispense(Dispense(key=KEY, notes={"1": 2, "2": 1}), trio.current_time())
        with trio.fail_after(60):
            await end.live_until_heard(CashTaken(KEY))
        nursery.cancel_scope.cancel()
    assert end.heard == [ended("presented", c1=2, c2=1, key=KEY), CashTaken(KEY)]
    assert end.driver.lying().cassettes == {"1": 98, "2": 49}
    end.close()
    stub.port.close()
