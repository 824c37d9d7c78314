"""What became of the posting process of a site, where sites post in batches. Data only."""

from atmbench.facts.base import Fact


class PostingBrokenOff(Fact, frozen=True, kw_only=True):
    """The posting process of a site stopped in the middle of a batch. Its position is that of the batch before."""

    site: str
    position: int
    """Entries of the journal that it knows to be behind it."""
    unposted: int
    """Entries of the journal that are not in the ledger: the backlog."""


class PostingPositionLost(Fact, frozen=True, kw_only=True):
    """Nobody knows how far the posting process of a site had got."""

    site: str
    position: int
    """What it was."""
    unposted: int


class PostingResumed(Fact, frozen=True, kw_only=True):
    """The posting process of a site goes on, from this position: 0 replays the journal of the day."""

    site: str
    position: int
    unposted: int


class PostingDrained(Fact, frozen=True, kw_only=True):
    """The posting process of a site has come to the end of the journal for the first time since it was resumed."""

    site: str
    took_s: float
    posted: int
    """Entries that it has posted since."""
    known: int
    """Entries that it met and that were in the ledger already. It posted them again if it replays blindly."""
