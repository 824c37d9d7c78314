"""The driver of a Bill-to-Bill recycler to play with, joined to the stub."""

from typing import ClassVar

from atmbench import facts
from atmbench.devices.b2b_note_acceptor import BillToBillAcceptor
from firmware_stubs.catalog import Make
from firmware_stubs.note_acceptor.recycler import make
from tests.devices.ccnet_play import KEY, NEXT_KEY, NOTE
from tests.devices.ccnet_play import Play as CcnetPlay

SMALL = 1_000


class Play(CcnetPlay):
    """A terminal's recycler with power."""

    stub: ClassVar[tuple[Make]] = (make,)
    driver_class = BillToBillAcceptor

    def sums(self) -> dict[str, int]:
        """What facts tell of money: accepted and returned, in all."""
        sums = {"CashAccepted": 0, "CashReturned": 0}
        for kind, _, amount_minor in self.moved():
            sums[kind] += amount_minor
        return sums


__all__ = ["KEY", "NEXT_KEY", "NOTE", "SMALL", "Play", "facts"]
