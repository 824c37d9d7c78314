"""The slot of a real card reader, with whoever stands in front of it: the facts of a card, and the customer's hand.

Where there is a machine it is the witness: facts follow from what physically happens there, and hands are orders to
it. Where there is none, the reader's own words are all there is, and a person does the rest. Track data passes through
here into an order, and into nothing else.
"""

from functools import partial
from typing import Any

from atmbench import facts
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.customer import Customer
from atmbench.devices.port import Machine

KEPT_BY_ITSELF = "the reader kept it by itself"


class CardSlot:
    """One slot. `customer` has the habits of the hand that takes a card from a machine; without one nobody takes it."""

    def __init__(self, machine: Machine | None, agenda: Agenda, scene: Scene, customer: Customer | None) -> None:
        self.key = ""
        """Of the transaction whose card is, or was last, in the reader. It stands in non-volatile memory."""
        self.because = ""
        """Why that card is to be kept, if it is. In non-volatile memory too."""
        self._machine = machine
        self._agenda = agenda
        self._scene = scene
        self._customer = customer
        self._is_offered = False
        self._is_presented = False
        self._was_told_ejected = False
        self._stay = 0
        """Number of the stay in the slot: a hand that comes late must not take the next card."""

    @property
    def has_machine(self) -> bool:
        """Whether somebody can do and see things at the machine."""
        return self._machine is not None

    def begin(self, key: str, because: str) -> None:
        """From now on the card belongs to this transaction, and is kept for this reason if it is kept."""
        self.key, self.because = key, because
        self._was_told_ejected = False

    # --- hands ----------------------------------------------------------------------------------

    def order(self, do: str, **rest: Any) -> None:
        """Do something at the machine, if there is one."""
        if self._machine is not None:
            self._machine.order(do, **rest)

    def somebody_comes(self, track2: str) -> None:
        """A customer holds a card to the slot."""
        if self._machine is not None:
            self._is_offered = True
            self.order("insert_card", track2=track2)

    def nobody_comes(self) -> None:
        """The customer goes, with a card that was not let in."""
        if self._is_offered:
            self._is_offered = False
            self.order("take_card")

    def _lies(self, stay: int) -> bool:
        return stay == self._stay and self._is_presented

    def _take(self, stay: int, now: float) -> None:
        if self._lies(stay):
            self.order("take_card")

    # --- what happens at the machine ------------------------------------------------------------

    def on_happened(self, event: str, now: float) -> None:
        """Something has physically happened to a card. Where there is no machine nobody could know."""
        if self._machine is None:
            return
        if event in ("card_inserted", "card_withdrawn"):
            self._is_offered = False
        elif event == "card_presented":
            self._on_presented(now)
        elif event in ("card_drawn_in", "card_removed"):
            self._is_presented = False
        elif event == "card_taken":
            self._is_presented = False
            self._scene.tell(facts.CardTaken(key=self.key))
        elif event == "card_captured":
            self._scene.tell(facts.CardRetained(because=self.because or KEPT_BY_ITSELF, key=self.key))

    def _on_presented(self, now: float) -> None:
        """Without power no reader tells of it, but a hand can take it all the same."""
        self._is_presented = True
        self._stay += 1
        if self._scene.has_power:
            self._scene.tell(facts.CardEjected(key=self.key))
        if self._customer is None:
            return
        take = partial(self._take, self._stay)
        after_s = self._customer.takes_card_after_s(take, partial(self._lies, self._stay))
        if after_s is not None:
            self._agenda.plan(now + after_s, take, by_hand=True)

    # --- what the reader says -------------------------------------------------------------------

    def tell_ejected(self) -> None:
        """The reader says that the card is in the slot."""
        if self._machine is None and not self._was_told_ejected:
            self._was_told_ejected = True
            self._scene.tell(facts.CardEjected(key=self.key))

    def tell_taken(self) -> None:
        """By what the reader says, a hand has the card."""
        if self._machine is None:
            self._scene.tell(facts.CardTaken(key=self.key))

    def tell_retained(self) -> None:
        """By what the reader says, the card is in the bin."""
        if self._machine is None:
            self._scene.tell(facts.CardRetained(because=self.because or KEPT_BY_ITSELF, key=self.key))
