"""The driver of a Bill-to-Bill recycler and the stub at the two ends of a real pseudo-terminal."""

import trio
from trio.testing import MockClock

from atmbench.devices.b2b_note_acceptor import BillToBillAcceptor
from atmbench.terminal import inputs
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.note_acceptor.recycler import make
from firmware_stubs.ports import PtyPort
from firmware_stubs.rack import Mounted, Rack
from tests.devices.pty_end import PtyEnd

KEY, NOTE = "T01/000001", 5_000
RATE = 5
"""Polls come 200 ms apart; nothing here depends on how long that takes."""
QUICK = {"boot_s": 0, "initialise_s": 0, "accept_s": 0, "stack_s": 0, "unload_note_s": 0, "recovery_answer_s": 0}


class End(PtyEnd):
    """With a driver of a Bill-to-Bill recycler."""

    def __init__(self, stub: Mounted) -> None:
        super().__init__(stub)
        self.driver: BillToBillAcceptor = BillToBillAcceptor(
            currency="NGN", letters="NGN", port=self, machine=self, agenda=self.agenda, scene=self.scene
        )


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
            await end.live_until_heard(inputs.DepositCounted({NOTE: 1}))
            end.driver.store(KEY, trio.current_time())
            await end.live_until_heard(inputs.DepositStored(KEY))
        nursery.cancel_scope.cancel()
    assert (core.seen()["cassette"], core.seen()["recycling"]["1"]) == ({"5000": 1}, [])
    end.close()
    stub.port.close()
