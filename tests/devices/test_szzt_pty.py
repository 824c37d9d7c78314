"""The driver of the PIN pad and the stub at the two ends of a real pseudo-terminal."""

from collections.abc import Callable

import trio

from atmbench.devices.pin_pad import Injected
from atmbench.devices.pin_results import EntryBegan, EntryEnded, SetUpEnded
from atmbench.devices.szzt_pin_pad import SzztPinPad
from atmbench.security.pin_block import unseal
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.pin_pad.stub import make
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack
from tests.devices.pty_end import PtyEnd
from tests.devices.szzt_wiring import MASTER, PAN, PIN, RULES, Owner, keys_of


class End(PtyEnd):
    """With a driver of a PIN pad, and whoever has it."""

    def __init__(self, stub: Mounted) -> None:
        super().__init__(stub)
        owner = Owner(self, self, self.agenda, self.scene)
        self.driver: SzztPinPad = owner.pad
        self.results = owner.results

    async def live_until_told(self, kind: type, count: int = 1) -> None:
        """Until there are so many results of this kind."""
        await self.live_until(lambda: sum(isinstance(each, kind) for each in self.results) >= count)


async def test_a_pin_is_typed_and_sealed_over_a_pseudo_terminal() -> None:
    stub = Mounted("pin_pad", make({"restart_s": 0}, {}), PtyPort(), KeptFile(None, "pin_pad"))
    rack, end = Rack([stub]), End(stub)
    keys, _ = keys_of(1)
    now: Callable[[], float] = trio.current_time
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rack.run)
        with trio.fail_after(60):
            end.driver.power_on(now())
            end.driver.set_up(Injected(RULES, MASTER, keys), now())
            await end.live_until_told(SetUpEnded)
            end.driver.begin_entry(PAN, now())
            await end.live_until_told(EntryBegan)
            end.order("type_pin", pin=PIN, every_s=0.01)
            await end.live_until_told(EntryEnded)
        nursery.cancel_scope.cancel()
    ended = end.results[-1]
    assert end.results[:2] == [SetUpEnded(), EntryBegan()]
    assert isinstance(ended, EntryEnded)
    assert unseal(ended.block, PAN, keys[0]) == PIN
    end.close()
    stub.port.close()
