"""The bench's own eyes at a validator that is a stub: what truly happens to notes there, and the customer's hands.

Facts of money are told from here and not from the wire, since the wire is what is on trial. Nothing of it must ever
reach the driver.
"""

from collections.abc import Mapping
from typing import Any

from atmbench import facts
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.notes import add
from atmbench.devices.port import Machine
from atmbench.devices.roles import Deposit

TAKE_S = 1.0
"""How soon a hand takes a note that comes back. Our choice."""
INSIDE = ("validator", "stacker")
KEPT = ("cassette", "cleared")
"""Whatever a technician has cleared is the terminal's, too."""


class Witness:
    """Somebody at the machine, who is also the customer."""

    def __init__(self, machine: Machine, *, agenda: Agenda, scene: Scene) -> None:
        self._machine = machine
        self._agenda = agenda
        self._scene = scene
        self._offered_key = ""
        self._key = ""
        """Whose note is inside."""

    def offer(self, value_minor: int, key: str) -> None:
        """The customer puts a note in."""
        self._offered_key = key
        self._machine.order("insert_note", value=value_minor)

    def on_happened(self, event: str, detail: Mapping[str, Any], now: float) -> None:
        """Something has happened at the machine."""
        note: int = detail.get("note", 0)
        if event == "inserted":
            self._key = self._offered_key
        elif event == "stacked":
            self._scene.tell(facts.CashAccepted(key=self._key, amount_minor=note))
        elif event in ("returned", "rejected"):
            self._scene.tell(facts.CashReturned(key=self._key, amount_minor=note))
            self._agenda.plan(now + TAKE_S, self._take, by_hand=True)

    def _take(self, now: float) -> None:
        if self._machine.seen.get("bezel"):
            self._machine.order("take_note")

    def deposited(self) -> Deposit | None:
        """All notes in the machine that do not stick out; None if nobody has looked yet."""
        seen = self._machine.seen
        if "cassette" not in seen:
            return None
        notes: Deposit = {}
        for place in INSIDE:
            if seen[place]:
                add(notes, {seen[place]: 1})
        for pile in KEPT:
            add(notes, {int(value): number for value, number in seen[pile].items()})
        return notes
