"""What a screen or a receipt states, apart from its words: what can be true or false of it. Data only."""

from enum import StrEnum

import msgspec


class Stated(StrEnum):
    """What a customer is told of how it went."""

    DONE = "done"
    """It was done: paid, taken in, booked or told."""
    DECLINED = "declined"
    """The bank said no."""
    SILENT = "silent"
    """The bank could not be reached."""
    CARD_REFUSED = "card_refused"
    """The card did not take the bank's answer."""
    NOT_PAID = "not_paid"
    """The machine could not pay, or the card was left."""
    UNKNOWN = "unknown"
    """Something went wrong, and somebody has to look."""
    CANCELLED = "cancelled"
    TURNED_AWAY = "turned_away"
    """The machine did not even ask the bank."""
    CLOSED = "closed"
    """Nobody is served here now."""
    INVITED = "invited"
    """Whoever reads this is asked to begin."""


KEPT = "kept"
BACK = "back"


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one screen or receipt states. What it does not speak of is left out; amounts are in minor units."""

    how: str = ""
    """One of Stated; empty if it only says what to do next."""
    reason: str = ""
    """Why the bank said no, by the name of its answer: "insufficient_funds"."""
    paid_minor: int | None = None
    """Cash that was paid out; 0 says that none was."""
    received_minor: int | None = None
    """Notes that were taken in."""
    balances: dict[str, int] | None = None
    """"ledger" and "available", as far as it tells them."""
    card: str = ""
    """KEPT, or BACK if the customer is asked to take it."""
    credits_back: bool = False
    """It promises that a debit will be undone without more ado."""
    way_out: bool = False
    """It says what the customer can do instead."""
