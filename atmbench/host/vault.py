"""Where the sites keep their records, and how these come from one to the other: one small interface.

`EmbeddedVault`, the usual one, keeps nothing beside the books: records go through the queues of `replication`, and
are safe at once. A vault with a database behind it keeps each record with what it changed in one commit, and a site
learns of the other's records from its own database only. The money of a run is counted in the vault. A vault must
never decide anything about money, and never which site is active.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import msgspec

from atmbench.facts import Fact
from atmbench.host.book import Book
from atmbench.host.journal import JournalRecord
from atmbench.host.replication import Arrival, Replication
from atmbench.host.roles import Role


class Opened(msgspec.Struct, frozen=True, gc=False):
    """A site's records can be worked with again, after it was given a role.

    `active` says whether it can make records now, or only follow. `records` is all that it has, where its book is to be
    made anew of that; None if the book still holds.
    """

    site: str
    active: bool
    records: tuple[JournalRecord, ...] | None


class Closed(msgspec.Struct, frozen=True, gc=False):
    """What a site has made and what was not safe never will be. `because` is empty if it was given another role."""

    site: str
    because: str


News: TypeAlias = Arrival | Opened | Closed


class Count(msgspec.Struct, frozen=True):
    """What the records of a site come to: balances and holds in minor units, and how many the other site lacks."""

    balances: dict[str, int]
    holds: dict[str, int]
    unreplicated: int


class Vault(Protocol):
    """Keeps the records of all sites of a host. Answers wait for it as `host.confirmations` says."""

    def keep(self, record: JournalRecord, changed: Sequence[Fact], now: float) -> None:
        """Keep a record that its origin has made, with the entries and holds that it made there.

        Raises LocalError if too many wait.
        """
        ...

    def sent(self, site: str) -> tuple[int, ...]:
        """How many records a site has made so far."""
        ...

    def has_taken(self, site: str, sent: tuple[int, ...]) -> bool:
        """Whether so many records of a site are safe."""
        ...

    def next_news(self, now: float) -> News | None:
        """What has happened by now and was not told yet, oldest first. Raises VenueError if the vault is broken."""
        ...

    def entered(self, site: str, record: JournalRecord, changed: Sequence[Fact]) -> None:
        """A record that arrived was applied to the book of a site, and changed this there."""
        ...

    def repaired(self, site: str, record: JournalRecord, changed: Sequence[Fact]) -> None:
        """A record that a site lacked was put into its book by hand, and changed this there."""
        ...

    def take_role(self, site: str, role: Role) -> bool:
        """A site is this from now on. True if it can work as that at once; else Opened tells when."""
        ...

    def set_stream(self, paused: bool | None, lag_s: float | None) -> None:
        """Pause or resume what goes from one site to the other, or change its lag; None leaves a setting alone."""
        ...

    def set_ways(self, state: Callable[[str, str], str]) -> None:
        """What faults make of each way, by sender and receiver: open (""), "blocked", or "unread"."""
        ...

    def forget(self, site: str, like: str) -> None:
        """A site that is down has lost all that it had, and has what another has when it comes back."""
        ...

    def is_readable(self, site: str) -> bool:
        """Whether what a site has can be read now, so that it may be held against what another has."""
        ...

    def count(self, site: str) -> Count | None:
        """What the records of a site come to, from where they are kept; None if they cannot be had."""
        ...

    def pending(self) -> tuple[str, ...]:
        """What has not reached every site yet, in words."""
        ...


class EmbeddedVault:
    """Keeps records in the books alone; `replication` carries them, and is told of ways and roles by the host.

    With `tells_balances` each record takes along the balances that it left at its own site.
    """

    def __init__(self, replication: Replication, books: Mapping[str, Book], *, tells_balances: bool = False) -> None:
        self._replication = replication
        self._books = books
        self._tells_balances = tells_balances
        self.sent = replication.sent
        self.has_taken = replication.has_taken

    def keep(self, record: JournalRecord, changed: Sequence[Fact], now: float) -> None:
        """As in Vault. The book has it already."""
        balances = self._books[record.origin].balances_of(record.key) if self._tells_balances else {}
        self._replication.send(record, now, balances)

    def next_news(self, now: float) -> News | None:
        """As in Vault. Nothing but arrivals."""
        return self._replication.next_arrival(now)

    def entered(self, site: str, record: JournalRecord, changed: Sequence[Fact]) -> None:
        """As in Vault. Nothing is left to do."""

    def repaired(self, site: str, record: JournalRecord, changed: Sequence[Fact]) -> None:
        """As in Vault. Nothing is left to do."""

    def take_role(self, site: str, role: Role) -> bool:
        """As in Vault. Any site can make records at any time."""
        return True

    def set_stream(self, paused: bool | None, lag_s: float | None) -> None:
        """As in Vault. The queues know it."""

    def set_ways(self, state: Callable[[str, str], str]) -> None:
        """As in Vault. The queues know it."""

    def forget(self, site: str, like: str) -> None:
        """As in Vault. The queues know it."""

    def is_readable(self, site: str) -> bool:
        """As in Vault. Books are always there."""
        return True

    def count(self, site: str) -> Count:
        """As in Vault, from the ledger."""
        ledger = self._books[site].ledger
        return Count(ledger.count(), dict(ledger.holds), self._replication.unsent(site))

    def pending(self) -> tuple[str, ...]:
        """As in Vault."""
        unsent = tuple(
            f"{len(queue)} records of site {queue.sender} have not reached site {queue.receiver}"
            for queue in self._replication.queues
            if queue
        )
        return unsent + self._replication.unread()
