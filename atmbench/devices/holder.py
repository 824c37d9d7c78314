"""Whoever holds a card: the PIN they know, and the chip in it. These go with the card from terminal to terminal."""

from atmbench.security.emv_card import ChipCard


class Holder:
    """One customer's card. `pin` is empty and `chip` None where a drill has none."""

    __slots__ = ("chip", "pin")

    def __init__(self, pin: str = "", chip: ChipCard | None = None) -> None:
        self.pin = pin
        self.chip = chip

    def __repr__(self) -> str:
        return f"Holder({'PIN' if self.pin else 'no PIN'}, {'chip' if self.chip else 'no chip'})"
