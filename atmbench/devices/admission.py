"""Who stands at a terminal before its core knows: the customer whose card is going in and being read.

A core is told of a customer when the card is inside, as a real terminal begins its session with a card that it has
read. Whoever cannot be let in is turned away, with the card. This module must never know what the customer wants.
"""

from collections.abc import Callable

from atmbench.devices.agenda import Scene
from atmbench.devices.roles import CardMover
from atmbench.facts import CustomerTurnedAway
from atmbench.terminal.inputs import TransactionAsked

Act = Callable[[float], None]


class Admission:
    """One customer after the other. `let_in(now)` is called when one is inside and TransactionAsked has been given."""

    def __init__(self, reader: CardMover, scene: Scene, let_in: Act) -> None:
        self._reader = reader
        self._scene = scene
        self._let_in = let_in
        self._asked: TransactionAsked | None = None

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
            else:
                self._admit(asked, at)

        self._reader.insert(asked.track2, now, card_is_in)

    def drop(self) -> None:
        """Power is gone, and whoever was here goes away."""
        if self._asked is not None:
            self._turn_away(self._asked, "the power failed while the card went in")

    def _turn_away(self, asked: TransactionAsked, because: str) -> None:
        self._asked = None
        self._scene.tell(CustomerTurnedAway(because=because, service=asked.service))

    def _admit(self, asked: TransactionAsked, now: float) -> None:
        self._asked = None
        self._scene.give(asked)
        self._let_in(now)
