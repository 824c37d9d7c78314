"""The driver of an Omron card reader and the stub at the two ends of a real pseudo-terminal."""

from random import Random

import trio

from atmbench import facts
from atmbench.devices.customer import Customer
from atmbench.devices.omron_card_reader import OmronCardReader
from atmbench.devices.states import MediaState
from atmbench.devices.times import DeviceTimes
from atmbench.terminal.inputs import CardTaken
from firmware_stubs.card_reader.stub import make
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack
from tests.devices.omron_play import KEY, TRACK2
from tests.devices.pty_end import PtyEnd

QUICK = {"leg_s": 0, "reset_s": 0, "press_s": 0}


class End(PtyEnd):
    """With a driver of a card reader, and a customer who takes the card at once."""

    def __init__(self, stub: Mounted) -> None:
        super().__init__(stub)
        self.driver: OmronCardReader = OmronCardReader(
            port=self,
            machine=self,
            agenda=self.agenda,
            scene=self.scene,
            customer=Customer(DeviceTimes(customer_takes_card_s=(0.0, 0.0)), Random(1)),
        )


async def test_a_card_comes_in_and_goes_out_over_a_pseudo_terminal() -> None:
    stub = Mounted("card_reader", make(QUICK, {}), PtyPort(), KeptFile(None, "card_reader"))
    rack, end = Rack([stub]), End(stub)
    rack.watch(lambda name, tell: end.driver.on_happened(tell.event, tell.detail, trio.current_time()))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        await trio.testing.wait_all_tasks_blocked()
        stub.core.power_off(trio.current_time())
        end.driver.power_on(trio.current_time())
        entered: list[str] = []
        end.driver.insert(TRACK2, trio.current_time(), lambda refused, now: entered.append(refused))
        with trio.fail_after(60):
            await end.live_until(lambda: entered == [""])
            assert end.driver.media is MediaState.PRESENT
            end.driver.eject(KEY, trio.current_time())
            await end.live_until(lambda: CardTaken() in end.heard)
        nursery.cancel_scope.cancel()
    assert end.heard == [CardTaken()]
    assert [fact for fact in end.told if not isinstance(fact, facts.DeviceStateChanged)] == [
        facts.CardEjected(key=KEY),
        facts.CardTaken(key=KEY),
    ]
    end.close()
    stub.port.close()
