"""Whoever holds a card: the PIN they know, and the chip in it. These go with the card from terminal to terminal."""

from atmbench.messages.records import Outcome
from atmbench.security.emv_card import ChipCard


class Holder:
    """One customer's card. `pin` is what they enter, empty where a drill has none; `chip` is None where it has none.

    After a change a customer remembers both PINs until one has served: whether the bank has changed it they cannot
    know if its answer was lost, or refused by the card.
    """

    __slots__ = ("_before", "chip", "other", "pin")

    def __init__(self, pin: str = "", chip: ChipCard | None = None) -> None:
        self.pin = pin
        self.chip = chip
        self.other = ""
        """What they enter next time if `pin` turns out to be wrong."""
        self._before: tuple[str, str] | None = None

    def chooses(self, pin: str) -> None:
        """They ask their bank for another PIN, and will enter that one from now on."""
        self._before = self.pin, self.other
        self.pin, self.other = pin, self.pin

    def hears(self, outcome: Outcome, *, of_change: bool = False) -> None:
        """The terminal tells them how the bank has answered: the wish for another PIN, or something else."""
        if of_change:
            self._hears_of_change(outcome)
        elif outcome is Outcome.APPROVED:
            self.other = ""
        if outcome is Outcome.WRONG_PIN and self.other:
            self.pin, self.other = self.other, ""

    def _hears_of_change(self, outcome: Outcome) -> None:
        before, self._before = self._before, None
        if before is None or outcome is Outcome.APPROVED:
            return
        if outcome is Outcome.MAC_FAILED:
            self.pin, self.other = self.other, self.pin  # this machine cannot serve them: most likely nothing was done
        else:
            self.pin, self.other = before

    def __repr__(self) -> str:
        return f"Holder({'PIN' if self.pin else 'no PIN'}, {'chip' if self.chip else 'no chip'})"
