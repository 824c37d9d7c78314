"""The bench's own eyes at a dispenser that is a stub: what truly happens to notes there, and the hands before it.

Facts of money are told from here and not from the wire, since the wire is what is on trial. What is learnt here must
never reach the terminal's core, but for one thing: whether the presenter, the cabinet's own, has drawn notes back.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from atmbench import facts
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.customer import Customer
from atmbench.devices.port import Machine
from atmbench.devices.roles import Lying, Notes


def value_minor(notes: Mapping[str, int], values_minor: Notes) -> int:
    """What a bundle is worth; what no cassette of ours holds is worth nothing to us."""
    worth_minor = 0
    for name, number in notes.items():
        worth_minor += number * values_minor.get(name, 0)
    return worth_minor


class Witness:
    """Somebody at the machine. `key` is the order whose notes were last set in motion."""

    def __init__(
        self, machine: Machine, values_minor: Notes, *, agenda: Agenda, scene: Scene, customer: Customer
    ) -> None:
        self.key = ""
        self.has_drawn: bool | None = None
        """Whether the presenter has drawn notes back, since that was last ordered; None if it has not said yet."""
        self.presented_minor = 0
        """What the last bundle was truly worth."""
        self._exit_key = ""
        self._machine = machine
        self._values_minor = values_minor
        self._agenda = agenda
        self._scene = scene
        self._customer = customer

    def on_happened(self, event: str, detail: Mapping[str, Any], now: float) -> None:
        """Something has happened at the machine."""
        notes: Notes = detail.get("notes", {})
        amount_minor = value_minor(notes, self._values_minor)
        if event == "presented":
            self._presented(notes, detail, now)
        elif event == "taken":
            self._scene.tell(facts.CashTaken(key=self._exit_key, amount_minor=amount_minor))
        elif event == "retracted":
            self.has_drawn = bool(notes)
            if notes:
                self._scene.tell(facts.CashRetracted(key=self._exit_key, amount_minor=amount_minor))
        elif event in ("rejected", "purged") and notes:
            self._scene.tell(facts.CashPurged(key=self.key, amount_minor=amount_minor))

    def _presented(self, notes: Notes, detail: Mapping[str, Any], now: float) -> None:
        self._exit_key = self.key
        self.presented_minor = value_minor(notes, self._values_minor)
        if detail.get("counted"):
            self._scene.tell(facts.CashPresented(key=self.key, notes=dict(notes), amount_minor=self.presented_minor))
        bundle = detail.get("bundle")
        take = partial(self._hand_comes, bundle)
        after_s = self._customer.takes_cash_after_s(take, partial(self._lies, bundle))
        if after_s is not None:
            self._agenda.plan(now + after_s, take, by_hand=True)

    def _lies(self, bundle: int | None) -> bool:
        seen = self._machine.seen
        return bool(seen.get("exit")) and seen.get("bundle") == bundle

    def _hand_comes(self, bundle: int | None, now: float) -> None:
        if self._lies(bundle):
            self._machine.order("take_cash", bundle=bundle)

    def draw_back(self) -> None:
        """Have the presenter take what lies in the exit."""
        self.has_drawn = None
        self._machine.order("draw_back")

    def lying(self) -> Lying | None:
        """Where the notes are; None if nobody has looked yet. What no cassette of ours holds does not count."""
        seen = self._machine.seen
        if "cassettes" not in seen:
            return None
        piles = [
            {name: number for name, number in seen.get(pile, {}).items() if name in self._values_minor}
            for pile in ("cassettes", "path", "exit", "rejected", "retracted")
        ]
        return Lying(*piles)
