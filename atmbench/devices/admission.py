"""Who stands at a terminal before its core knows: the customer whose card is going in and being read.

A core is told of a customer when the card is inside and the PIN is entered, as a real terminal begins its session with
a card that it has read. Whoever cannot be let in is turned away, with the card. This module must never know what the
customer wants.
"""

from collections.abc import Callable

from atmbench.devices.agenda import Scene
from atmbench.devices.roles import CardMover, Entered
from atmbench.facts import CustomerTurnedAway
from atmbench.terminal.inputs import TransactionAsked

Act = Callable[[float], None]
AskPin = Callable[[TransactionAsked, float, Entered], None]
"""Has a customer enter a PIN, if the card has one, and calls with why there is none."""


class Admission:
    """One customer after the other. `let_in(now)` is called when one is inside and TransactionAsked has been given.

    `goes` is called when one goes away who was not let in.
    """

    def __init__(self, reader: CardMover, scene: Scene, let_in: Act, goes: Callable[[], None]) -> None:
        self._reader = reader
        self._scene = scene
        self._let_in = let_in
        self._goes = goes
        self._asked: TransactionAsked | None = None
        self.ask_pin: AskPin | None = None
        """None where cards have no PIN."""

    @property
    def is_under_way(self) -> bool:
        """Whether somebody is at the machine whom the core does not know yet."""
        return self._asked is not None

    def begin(self, asked: TransactionAsked, now: float) -> None:
        """A customer puts the card in: TransactionAsked follows, or CustomerTurnedAway in the history."""
        assert self._asked is None, "one customer at a time"
        self._asked = asked

        def card_is_in(refused: str, at: float) -> None:
            if self._asked is not asked:
                return
            if refused:
                self._turn_away(asked, refused)
            elif self.ask_pin is None:
                self._admit(asked, at)
            else:
                self.ask_pin(asked, at, pin_is_entered)

        def pin_is_entered(refused: str, at: float) -> None:
            if self._asked is not asked:
                return
            if refused:
                self._turn_away(asked, refused)
                self._reader.turn_away(at)
            else:
                self._admit(asked, at)

        self._reader.insert(asked.track2, now, card_is_in)

    def drop(self) -> None:
        """Power is gone, and whoever was here goes away."""
        if self._asked is not None:
            self._turn_away(self._asked, "the power failed before they were let in")

    def _turn_away(self, asked: TransactionAsked, because: str) -> None:
        self._asked = None
        self._goes()
        self._scene.tell(CustomerTurnedAway(because=because, service=asked.service))

    def _admit(self, asked: TransactionAsked, now: float) -> None:
        self._asked = None
        self._scene.give(asked)
        self._let_in(now)
