"""What a vault knows of one site's database: what it is, what it should be, what is to be written to it."""

from typing import Literal, TypeAlias

import msgspec
import trio

from atmbench.errors import LocalError
from atmbench.host.roles import Role
from atmbench.store.postgres_rows import Write
from atmbench.store.postgres_server import Server
from atmbench.store.postgres_session import Session
from atmbench.store.postgres_stream import Stream

WAITING_WRITES_MAX = 100_000
"""Records of one site that are not written yet."""

State: TypeAlias = Literal["primary", "standby", "away"]


class Place:
    """One site, its server, and the stream by which it follows the other one's."""

    def __init__(self, site: str, server: Server, stream: Stream, wanted: Role) -> None:
        self.site = site
        self.server = server
        self.stream = stream
        self.wanted = wanted
        """The role of the site. Its database is to be a primary if it is active, a standby if it stands by."""
        self.state: State = "away"
        self.number = 0
        """Records that were to be written."""
        self.kept = 0
        """How many of them are written, or will never be."""
        self.known: set[str] = set()
        """Ids of all records in the book of the site."""
        self.promised: set[str] = set()
        """Ids of records that were put into its book by hand, and will come to its database by the stream."""
        self.unlogged: dict[str, list[Write]] = {}
        """Transaction to what of it is in its database and not in the log that the other site's streams."""
        self.closings = 0
        """How often its database was closed: what was begun before counts no more."""
        self.is_void = False
        """Whatever lies there is no ledger: it counts as lost, or a copy was begun and not finished."""
        self.is_synchronous = False
        self.replays = True
        self.must_replay = True
        self._writes: list[Write] = []
        self._wanted_writes = trio.Event()
        self._session: Session | None = None
        self._scope = trio.CancelScope()

    @property
    def is_up(self) -> bool:
        """Whether its database can be worked with."""
        return self.state != "away"

    def lacks(self, other: "Place") -> int:
        """How many records of another site's book have not come here, and are to come."""
        unlogged = [write for writes in other.unlogged.values() for write in writes]
        lost = {write.row.id for write in unlogged if write.logged == "nothing"}
        return len(other.known - self.known - lost)

    def write_again(self, key: str) -> None:
        """Have all that is not in the log of a transaction written into it."""
        for write in self.unlogged.pop(key, ()):
            self._put(msgspec.structs.replace(write, logged="again"))

    def write(self, write: Write, *, is_lost: bool = False) -> None:
        """Have something written with the next commit. Raises LocalError if too much waits.

        What a lost record moved is not logged, nor what later records made of that: the other site has none of it.
        """
        if is_lost or (write.row.key in self.unlogged and (write.entries or write.holds)):
            write = msgspec.structs.replace(write, logged="nothing" if is_lost else "row")
            self.unlogged.setdefault(write.row.key, []).append(write)
        self._put(write)

    def _put(self, write: Write) -> None:
        if len(self._writes) >= WAITING_WRITES_MAX:
            raise LocalError(
                f"{WAITING_WRITES_MAX:,} records of site {self.site} wait to be written: the drill is bigger than the "
                "bench allows; resume replication earlier or send less"
            )
        self.number += 1
        self._writes.append(write)
        self._wanted_writes.set()

    async def next_writes(self) -> tuple[list[Write], int]:
        """What is to be written, and how many records of the site are safe then. Waits until there is something."""
        while not self._writes:
            self._wanted_writes = trio.Event()
            await self._wanted_writes.wait()
        writes, self._writes = self._writes, []
        return writes, self.number

    def open(self, state: State, session: Session) -> trio.CancelScope:
        """Its database can be worked with; returns the scope in which to do so."""
        self.state, self._session, self._scope = state, session, trio.CancelScope()
        self.replays = True
        return self._scope

    def close(self) -> None:
        """Its database is not worked with any more, and what was to be written never will be."""
        self.state = "away"
        self.closings += 1
        self.kept = self.number
        self.is_synchronous = False
        self._writes.clear()
        self._scope.cancel()
        if self._session is not None:
            self._session.quit()
