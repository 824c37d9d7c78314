"""A customer's hands at a Bill-to-Bill recycler: notes go in one after the other, and whether more may come. Dry."""

from collections import deque

from atmbench.devices.b2b_kept import Kept
from atmbench.devices.b2b_witness import RecyclerWitness
from atmbench.devices.b2b_words import DISPENSE_NOTES_MAX
from atmbench.devices.ccnet_words import CLEAN, Says, Seen
from atmbench.devices.roles import Deposit


class Hands:
    """The customer's notes, one after the other; without a witness somebody puts them in that nobody orders about."""

    def __init__(self, notes: Deposit, witness: RecyclerWitness | None, kept: Kept) -> None:
        brought = [value for value, number in notes.items() for _ in range(number)]
        self._to_offer = deque(brought[:DISPENSE_NOTES_MAX])
        self._wanted = len(self._to_offer) or DISPENSE_NOTES_MAX
        self._witness = witness
        self._kept = kept
        self._is_busy = False
        """A note has been offered, and has not been seen in the machine."""
        self._was_inside = False
        self._done = 0

    def go_on(self, seen: Seen) -> bool:
        """Offer the next note if it is time; whether more may come."""
        kept = self._kept
        if seen.code not in CLEAN:
            self._was_inside = True
        elif self._was_inside and not (kept.is_stacking or kept.coming is not None):
            self._was_inside = self._is_busy = False
            self._done += 1
        if self._done >= self._wanted:
            return False
        witness = self._witness
        if seen.code == Says.IDLING and not self._is_busy and self._to_offer and witness and witness.is_slot_free:
            self._is_busy = True
            witness.offer(self._to_offer.popleft(), kept.key)
        return True
