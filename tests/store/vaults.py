"""Vaults to try: the embedded one, whose time the test moves, and one with a pair of databases behind it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random

import trio

from atmbench.facts import EntryPosted
from atmbench.host.book import Book
from atmbench.host.journal import JournalRecord, Posted, Reversed, Terms
from atmbench.host.replication import Arrival, Replication, Strike, Struck
from atmbench.host.reread import reread
from atmbench.host.roles import Role
from atmbench.host.settings import Account, Confirms, HostSettings, Replicates
from atmbench.host.vault import Closed, EmbeddedVault, Opened, Vault
from atmbench.messages.records import AccountType, Outcome, Purpose, Reply
from atmbench.store.postgres_pair import Pair, remove_pair, start_pair
from atmbench.store.postgres_vault import PostgresVault

SITES = ("A", "B")
CUSTOMER = "1000000001"
PAN = "9999990000000011"
ACCOUNTS = [Account(number=CUSTOMER, opening_minor=100_000)]
WITHIN_S = 60.0
LAG_S = 0.05


@contextmanager
def pair_of_databases() -> Iterator[Pair]:
    """A pair in a folder that the user who runs servers may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="atmbench-pair-", dir="/tmp"))
    folder.chmod(0o711)
    pair = start_pair(folder)
    try:
        yield pair
    finally:
        remove_pair(pair)
        shutil.rmtree(folder)


def posted(stan: int, origin: str = "A", amount_minor: int = 5000) -> Posted:
    """A withdrawal that a site has approved and posted."""
    key = f"T01/{stan:06d}/0105090000"
    content = (Purpose.WITHDRAWAL, PAN, amount_minor, AccountType.DEFAULT, AccountType.DEFAULT, "")
    terms = Terms(Purpose.WITHDRAWAL, CUSTOMER, "cash:T01", amount_minor, PAN, "0105090000")
    return Posted(key, origin, _reply(Purpose.WITHDRAWAL, stan), content, 1.5, None, terms)


def reversed_(stan: int, origin: str = "A") -> Reversed:
    """Its reversal."""
    return Reversed(f"T01/{stan:06d}/0105090000", origin, _reply(Purpose.REVERSAL, stan), 0)


def _reply(purpose: Purpose, stan: int) -> Reply:
    return Reply(purpose=purpose, terminal="T01", stan=stan, outcome=Outcome.APPROVED, code="")


class Rig:
    """A vault, and the books of both sites as a host would keep them. A is active, B stands by."""

    def __init__(self, vault: Vault, books: dict[str, Book], replication: Replication, *, time_is_ours: bool) -> None:
        self.vault = vault
        self.books = books
        self.replication = replication
        self.now = 0.0
        self.closed: list[Closed] = []
        self.ready = {"A"}
        self._time_is_ours = time_is_ours
        self._changed = trio.Event()

    def make(self, record: JournalRecord) -> None:
        """A site makes a record."""
        self.vault.keep(record, self.books[record.origin].apply(record), self.now)

    def repair(self, site: str, record: JournalRecord) -> None:
        """Enter by hand what a site lacks."""
        self.vault.repaired(site, record, self.books[site].set_right(record))

    def give(self, site: str, role: Role) -> None:
        """A site is this from now on, as the host would tell."""
        self.replication.set_running(site, role in (Role.ACTIVE, Role.STANDBY), self.now)
        self.ready.discard(site)
        if self.vault.take_role(site, role):
            self.ready.add(site)
        self.look()

    def pause(self, paused: bool) -> None:
        self.replication.set(paused, None, self.now)
        self.vault.set_stream(paused, None)

    def set_ways(self, state: str) -> None:
        self.replication.set_ways(lambda sender, receiver: state, self.now)
        self.vault.set_ways(lambda sender, receiver: state)
        self.look()

    def look(self) -> None:
        """Hear what the vault has to say."""
        while (news := self.vault.next_news(self.now)) is not None:
            match news:
                case Arrival(site, record, balances):
                    changed = self.books[site].apply(record) + self.books[site].overwrite(balances, record)
                    self.vault.entered(site, record, changed)
                case Opened(site, active, records):
                    if active:
                        self.ready.add(site)
                    if records is not None:
                        reread(self.books[site], records)
                case Closed():
                    self.closed.append(news)
        self._changed.set()
        self._changed = trio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Go on until something holds."""
        with trio.fail_after(WITHIN_S):
            while not holds():
                if not self._time_is_ours:
                    await self._changed.wait()
                    continue
                deadline = self.replication.deadline
                assert deadline is not None, "nothing is due, and what was waited for has not come"
                self.now = max(self.now, deadline)
                self.look()

    async def until_both_know(self, *records: JournalRecord) -> None:
        keys = {record.key for record in records}
        await self.until(lambda: all(book.transactions.keys() >= keys for book in self.books.values()))

    async def until_written(self, site: str) -> None:
        """Until all that a site has made is safe, where a vault has more to do for that than to know it."""
        if not self._time_is_ours:
            await self.until(lambda: self.vault.has_taken(site, self.vault.sent(site)))

    async def until_ready(self, site: str) -> None:
        await self.until(lambda: site in self.ready)

    def entries(self, site: str) -> set[str]:
        return set(self.books[site].ledger.entries)

    def customer_minor(self, site: str) -> int:
        """The customer's balance, from where the records are kept."""
        count = self.vault.count(site)
        assert count is not None
        assert sum(count.balances.values()) == 0
        return count.balances[CUSTOMER]


def books() -> dict[str, Book]:
    return {site: Book(site, ACCOUNTS, 1_000) for site in SITES}


def loses_first(sender: str, receiver: str, record: JournalRecord, now: float) -> Struck | None:
    """The first transaction of the terminal is lost between the sites when it is posted, and no other."""
    is_first = isinstance(record, Posted) and record.key == posted(1).key
    return Struck(lost=True) if is_first else None


def embedded(strike: Strike | None = None) -> Rig:
    both, replication = books(), Replication(SITES, LAG_S, strike=strike)
    return Rig(EmbeddedVault(replication, both), both, replication, time_is_ours=True)


@asynccontextmanager
async def in_databases(
    pair: Pair,
    confirms: Confirms = Confirms.AT_ONCE,
    strike: Strike | None = None,
    replicates: Replicates = Replicates.ENTRIES,
) -> AsyncIterator[Rig]:
    settings = HostSettings(sites=SITES, replication_lag_s=LAG_S, confirms=confirms, replicates=replicates)
    vault = PostgresVault(pair, settings, ACCOUNTS, Random(1), strike)
    rig = Rig(vault, books(), Replication(SITES, LAG_S), time_is_ours=False)
    async with trio.open_nursery() as nursery:
        await nursery.start(vault.run, rig.look)
        yield rig
        nursery.cancel_scope.cancel()


def entry_of(record: Posted) -> EntryPosted:
    """The fact of a posting."""
    (fact,) = Book("A", ACCOUNTS, 10).apply(record)
    assert isinstance(fact, EntryPosted)
    return fact
