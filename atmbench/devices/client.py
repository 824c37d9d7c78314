"""What a client of online or mobile banking has in the place of machines: nothing to put a card into.

The customer types what a card would say. This module must never make a fact: nothing moves here.
"""

from atmbench.devices.outfit import Fitted, Parts
from atmbench.devices.roles import CardMover, Entered


class NoCardReader:
    """As a card reader (`roles.CardMover`) that lets everybody in and never holds a card."""

    def insert(self, track2: str, now: float, entered: Entered) -> None:
        """A customer is there at once, without a card."""
        entered("", now)

    def turn_away(self, now: float) -> None:
        """There is no card to give back."""

    def eject(self, key: str, now: float) -> None:
        """There is none to move."""

    def retain(self, because: str, key: str, now: float) -> None:
        """There is none to keep."""

    def power_fail(self, now: float) -> None:
        """Nothing was moving."""

    def power_on(self, now: float) -> None:
        """Nothing was lost."""


def _no_reader(parts: Parts) -> CardMover:
    return NoCardReader()


CLIENT = Fitted(card_reader=_no_reader)
"""The devices of a client. It has no cassettes, and customers bring it no notes."""
