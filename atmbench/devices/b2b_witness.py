"""The bench's own eyes at a Bill-to-Bill recycler that is a stub: what happens to notes, and the customer's hands.

A note is accepted when it is in the drop cassette, and returned when the customer has it. Nothing of this must ever
reach the driver, but that a note sticks out where the next one has to go in.
"""

from collections.abc import Mapping
from typing import Any

from atmbench import facts
from atmbench.devices.b2b_words import DROP
from atmbench.devices.ccnet_witness import TAKE_S, Witness
from atmbench.devices.notes import add
from atmbench.devices.roles import Deposit


class RecyclerWitness(Witness):
    """Somebody at the machine, who is also the customer."""

    @property
    def is_slot_free(self) -> bool:
        """Whether a hand can put a note in."""
        return not self._machine.seen.get("bezel")

    def on_happened(self, event: str, detail: Mapping[str, Any], now: float) -> None:
        """Something has happened at the machine."""
        is_in_drop = event == "unloaded" or (event == "stacked" and detail["place"] == DROP)
        if is_in_drop:
            self._scene.tell(facts.CashAccepted(key=self._key, amount_minor=detail["note"]))
        elif event == "presented":
            self._agenda.plan(now + TAKE_S, self._take_bundle, by_hand=True)
        elif event == "bundle_taken":
            amount_minor = sum(int(value) * number for value, number in detail["notes"].items())
            self._scene.tell(facts.CashReturned(key=self._key, amount_minor=amount_minor))
        elif event != "stacked":
            super().on_happened(event, detail, now)

    def _take_bundle(self, now: float) -> None:
        if self._machine.seen.get("exit"):
            self._machine.order("take_bundle")

    def deposited(self) -> Deposit | None:
        """All notes in the machine, but for one that sticks out; None if nobody has looked yet."""
        notes = super().deposited()
        if notes is None:
            return None
        seen = self._machine.seen
        for pile in (*seen["recycling"].values(), seen["dispenser"], seen["exit"], [seen["channel"]]):
            for note in filter(None, pile):
                add(notes, {note: 1})
        return notes
