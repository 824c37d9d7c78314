"""What a site may do without its core, and what stops it if its core is wrong. Data only; parts of HostSettings.

Amounts are decimal text in the currency of the drill. What is not given is no limit.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from atmbench.messages.records import Outcome

Number = Annotated[int, Meta(ge=1)]
Positive = Annotated[float, Meta(gt=0)]
Seconds = Annotated[float, Meta(ge=0)]
OWNER_CHARACTERS_MAX = 80


class Declines(StrEnum):
    """How a switch says no for reasons of its own: outcomes, as the dialect has codes for them."""

    NOT_PERMITTED = Outcome.NOT_PERMITTED.value
    DECLINED = Outcome.DECLINED.value
    AMOUNT_LIMIT = Outcome.AMOUNT_LIMIT.value
    HOST_UNAVAILABLE = Outcome.HOST_UNAVAILABLE.value
    """On this a terminal leaves the line for another one."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Root of all parts: a key nobody knows is an error, never ignored."""


class StandIn(_Part, frozen=True, kw_only=True):
    """A switch approves withdrawals itself while its core is away. It knows cards, PINs and limits, and no balance."""

    card_amount: str | None = None
    """Per card and day."""
    card_count: Number | None = None
    """Withdrawals per card and day."""
    total_amount: str | None = None
    """Of all that no core has heard of yet, at one site."""
    declines_with: Declines = Declines.NOT_PERMITTED
    """How other services than withdrawals are answered, and withdrawals beyond `total_amount`. Beyond the limits of its
    card a withdrawal is answered `amount_limit` or `count_limit`."""
    owner: Annotated[str, Meta(min_length=1, max_length=OWNER_CHARACTERS_MAX)] = "reconciliation desk of the issuer"
    """Who settles what a core refuses afterwards."""


class Velocity(_Part, frozen=True, kw_only=True):
    """So much may be approved within the window. More is an alert."""

    count: Number | None = None
    """Withdrawals."""
    amount: str | None = None
    above_balance: str | None = None
    """What accounts are drawn below zero by."""


class Brake(_Part, frozen=True, kw_only=True):
    """Whoever watches the withdrawals of a site, beside the software that decides them, and stops them.

    Once on, a brake stays until it is ordered off.
    """

    window_s: Positive = 60.0
    card: Velocity = Velocity()
    total: Velocity = Velocity()
    stops_after_s: Seconds | None = 0.0
    """From the alert to the stop; None raises an alert and stops nothing."""
    declines_with: Declines = Declines.NOT_PERMITTED
    """How withdrawals are answered while the brake is on."""
