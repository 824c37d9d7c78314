"""A modelled motorised card reader: where the card is, and who has it.

This module must never know whose card it is.
"""

from functools import partial
from random import Random

from atmbench import facts
from atmbench.devices.agenda import Agenda, Scene
from atmbench.devices.customer import Customer
from atmbench.devices.roles import Entered
from atmbench.devices.times import DeviceTimes
from atmbench.terminal import inputs


class CardReader:
    """One slot, one bin. A card is inside unless something here says otherwise."""

    def __init__(self, *, times: DeviceTimes, rng: Random, agenda: Agenda, scene: Scene, customer: Customer) -> None:
        self.retained = 0
        """Cards in the bin."""
        self._in_slot = False
        self._key = ""
        """Of the transaction whose card was last ejected."""
        self._gone: str | None = None
        """Key of the card that left last: it cannot be ejected or retained once more."""
        self._visit = 0
        """Number of the stay in the slot: a hand that comes late must not take the next card."""
        self._moving: partial[None] | None = None
        self._times = times
        self._rng = rng
        self._agenda = agenda
        self._scene = scene
        self._customer = customer

    def insert(self, track2: str, now: float, entered: Entered) -> None:
        """A customer has come with a card; a model reads no stripe, and takes no time for it.

        A card that was on its way into the bin is there: there is room for one.
        """
        act = self._moving
        if act is not None and act.func == self._retained:
            self._moving = None
            act(now)
        self._gone = None
        entered("", now)

    def turn_away(self, now: float) -> None:
        """Move the card to the slot. Nobody leaves a card for which nothing was done."""
        self.eject("", now)

    def eject(self, key: str, now: float) -> None:
        """Begin to move the card to the slot; CardTaken may follow."""
        self._move(partial(self._ejected, key), now + self._times.eject_card_s)

    def retain(self, because: str, key: str, now: float) -> None:
        """Begin to move the card into the bin."""
        self._move(partial(self._retained, because, key), now + self._times.retain_card_s)

    def _move(self, act: partial[None], at: float) -> None:
        self._moving = act
        self._agenda.plan(at, partial(self._moved, act))

    def _moved(self, act: partial[None], now: float) -> None:
        if act is self._moving:
            self._moving = None
            act(now)

    def _is_gone(self, key: str) -> bool:
        return bool(key) and self._gone == key

    def _ejected(self, key: str, now: float) -> None:
        if self._is_gone(key):
            self._scene.give(inputs.CardTaken())
            return
        self._put_into_slot(key, now)
        self._scene.tell(facts.CardEjected(key=key))

    def _put_into_slot(self, key: str, now: float) -> None:
        self._in_slot, self._key = True, key
        self._visit += 1
        take = partial(self._taken, self._visit)
        after_s = self._customer.takes_card_after_s(take, partial(self._lies, self._visit))
        if after_s is not None:
            self._agenda.plan(now + after_s, take, by_hand=True)

    def _lies(self, visit: int) -> bool:
        return visit == self._visit and self._in_slot

    def _taken(self, visit: int, now: float) -> None:
        if not self._lies(visit):
            return
        self._in_slot, self._gone = False, self._key
        self._scene.tell(facts.CardTaken(key=self._key))
        self._scene.give(inputs.CardTaken())

    def _retained(self, because: str, key: str, now: float) -> None:
        if self._is_gone(key):
            return
        self._in_slot, self._gone = False, key
        self.retained += 1
        self._scene.tell(facts.CardRetained(because=because, key=key))

    def power_fail(self, now: float) -> None:
        """A card on its way arrives or does not; one in the slot can still be taken."""
        act, self._moving = self._moving, None
        if act is None or self._rng.random() < 0.5:
            return
        if act.func == self._ejected and not self._is_gone(act.args[0]):
            self._put_into_slot(act.args[0], now)
        elif act.func == self._retained:
            act(now)

    def power_on(self, now: float) -> None:
        """The reader draws in what still lies in the slot."""
        self._in_slot = False
