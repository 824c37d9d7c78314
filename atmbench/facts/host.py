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
    in_batch: bool = False
    """Made some time after it was due, by a posting process: its time does not say who was active."""
    day: str = ""
    """Business day that it belongs to, YYMMDD; empty for the one that the run began with."""


class EntryLost(Fact, frozen=True, kw_only=True):
    """An entry that the acting site had made is not in its ledger any more.

    Its database came back without it: it was never committed, or it was with a former primary that was made anew from
    the one which took over.
    """

    entry: str
    key: str
    legs: dict[str, int]
    """As it was made: account to what is taken back here with it, in minor units."""


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
    """A site is active, standby, down or isolated from now on."""

    site: str
    role: str
    because: str


class BalanceTold(Fact, frozen=True, kw_only=True):
    """A site answered an inquiry with what its own ledger said at this moment. Told in drills that judge views."""

    key: str
    account: str
    ledger_minor: int
    available_minor: int
    unposted_minor: int = 0
    """What the site knew of this account and its posting process had not moved yet."""
    is_stale: bool = False
    """The ledger's balance lacked that."""


class LedgerCounted(Fact, frozen=True, kw_only=True):
    """All balances of one site, at the start and at the end of a run."""

    site: str
    when: str
    """"start" or "end"."""
    balances: dict[str, int]
    """Account to balance in minor units; the sum over all accounts is zero."""
    holds: dict[str, int] = msgspec.field(default_factory=dict)
    unreplicated: int = 0


class BusinessDayBegan(Fact, frozen=True, kw_only=True):
    """The acting site is in another business day from now on. Days are YYMMDD."""

    day: str
    before: str
    because: str


class BusinessDayCounted(Fact, frozen=True, kw_only=True):
    """What the ledger of the acting site has of one business day at the end, where a day has ended."""

    day: str
    """YYMMDD, also of the day that the run began with."""
    entries: int
    reversals: int
    cash: dict[str, int]
    """Cash account to its change in minor units."""


class TransmittedOffTime(Fact, frozen=True, kw_only=True):
    """DE7 of a message is further from the clock of its site than it may be."""

    key: str
    terminal: str
    off_s: float
    """How far it is ahead of the site's clock, in seconds."""
    refused: bool


class RecordDisturbed(Fact, frozen=True, kw_only=True):
    """A fault of replication touched one journal record on its way from one site to another."""

    name: str
    kind: str
    sender: str
    receiver: str
    record: str
    """What it tells: answered, posted, held, completed, reversed ..."""
    key: str
    what: str


class BalanceOverwritten(Fact, frozen=True, kw_only=True):
    """A balance that came with a record of another site took the place of this site's own, which was another.

    Only where sites replicate balances: the two had posted to one account without knowing of each other.
    """

    account: str
    was_minor: int
    now_minor: int
    key: str
    """The transaction that it came with; empty if a reconciliation set it right."""
    origin: str


class PromotionRefused(Fact, frozen=True, kw_only=True):
    """A site was to become the active one and must not."""

    site: str
    behind: int
    """Records that it knows of and has not applied."""
    because: str


class SiteAlarmRaised(Fact, frozen=True, kw_only=True):
    """A site is active and serves nobody, and says so: `what` is security or unreached."""

    site: str
    what: str
    because: str


class SiteRebuilt(Fact, frozen=True, kw_only=True):
    """A site that has lost its book has that of another from now on. What it had posted and not told is gone."""

    site: str
    like: str


class SitesCompared(Fact, frozen=True, kw_only=True):
    """The books of the sites were held against each other."""

    missing: dict[str, int]
    """Site to transactions of which it lacks a record."""
    different: int
    """Transactions of which the sites tell different amounts."""
    balances: int
    """Accounts whose balances differ."""
    first_key: str = ""
    """The transaction in which they differ that began first; empty if they agree."""
    first_what: str = ""
    repaired: bool = False
    """What was missing was put in, and what differed set right by the site that made it."""
