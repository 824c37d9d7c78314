"""What the sites of the host posted, refused and counted. Data only."""

import msgspec

from atmbench.facts.base import Fact


class EntryPosted(Fact, frozen=True, kw_only=True):
    """A balanced entry in the ledger of the acting site.

    `entry` is unique in the world; `kind` is one of posting, reversal. `origin` is the site where
    the entry was first made; at the other site the same entry appears once, when it is applied.
    """

    entry: str
    kind: str
    key: str
    service: str
    legs: dict[str, int]
    """Account to change in minor units; the sum is zero."""
    origin: str


class TombstoneLaid(Fact, frozen=True, kw_only=True):
    """A reversal came without its original: it is kept, and refuses the original when it comes late."""

    key: str
    origin: str


class TombstoneHit(Fact, frozen=True, kw_only=True):
    """A late original met the reversal that had overtaken it. No money moved."""

    key: str


class RepeatAnswered(Fact, frozen=True, kw_only=True):
    """A known message came again and got the stored answer."""

    key: str
    purpose: str


class HoldPlaced(Fact, frozen=True, kw_only=True):
    """Money of an account is set aside for a transaction that is not settled."""

    key: str
    account: str
    amount_minor: int


class HoldReleased(Fact, frozen=True, kw_only=True):
    """A hold is gone: completed, reversed, or settled by a person."""

    key: str
    account: str
    amount_minor: int


class SiteRoleChanged(Fact, frozen=True, kw_only=True):
    """A site is active, standby or down from now on."""

    site: str
    role: str
    because: str


class BalanceTold(Fact, frozen=True, kw_only=True):
    """A site answered an inquiry with what its own ledger said at this moment. Told in drills that judge views."""

    key: str
    account: str
    ledger_minor: int
    available_minor: int


class LedgerCounted(Fact, frozen=True, kw_only=True):
    """All balances of one site, at the start and at the end of a run."""

    site: str
    when: str
    """"start" or "end"."""
    balances: dict[str, int]
    """Account to balance in minor units; the sum over all accounts is zero."""
    holds: dict[str, int] = msgspec.field(default_factory=dict)
    unreplicated: int = 0
