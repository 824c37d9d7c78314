"""What sites did without their core, and what stopped them. Data only."""

from atmbench.facts.base import Fact


class CoreChanged(Fact, frozen=True, kw_only=True):
    """The core of a site, which keeps its accounts, is away or back. Its switch goes on either way."""

    site: str
    up: bool


class StandInApproved(Fact, frozen=True, kw_only=True):
    """The switch of a site approved a withdrawal without its core. No money has moved in any ledger yet."""

    key: str
    account: str
    amount_minor: int


class CoreAdvised(Fact, frozen=True, kw_only=True):
    """The switch of a site told its core of what had happened without it."""

    key: str
    purpose: str
    mti: str
    reason: str = ""
    """Code of the reason, where the dialect has a place for it."""
    repeat: bool = False
    """The core was told before and has not answered."""


class CoreAnswered(Fact, frozen=True, kw_only=True):
    """The core of a site has taken what it was told. What came again is RepeatAnswered, and changes nothing."""

    key: str
    purpose: str
    stands_in: bool = False
    """It is an approval in stand-in, and no core had heard of it before."""
    outcome: str
    """"approved", or why the customer's account does not pay for it."""


class BrakeAlert(Fact, frozen=True, kw_only=True):
    """More was approved at a site within the window than may be: somebody has to look."""

    site: str
    rule: str
    """Which limit: "card" or "total", and of what ("count", "amount", "above_balance")."""
    seen: int
    """So many withdrawals, or so many minor units, within the window."""
    most: int
    account: str = ""
    """Of a limit per card: whose account it was."""


class BrakeChanged(Fact, frozen=True, kw_only=True):
    """A site approves no withdrawal from now on, or does so again."""

    site: str
    on: bool
    because: str
