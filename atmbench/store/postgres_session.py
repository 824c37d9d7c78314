"""What is said to one PostgreSQL database, in SQL. The only room that knows psycopg; its exceptions end here.

All of it blocks, so call it in a thread. A commit holds the journal rows, the entries that came of them, and the new
balances. A site reads the journal of its own database only.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from types import ModuleType
from typing import Any

import msgspec

from atmbench.errors import LocalError, VenueError
from atmbench.host.ledger import OPENING
from atmbench.host.settings import Account
from atmbench.store.postgres_rows import Row, Write

CONNECT_WITHIN_S = 10
POLL_S = 0.01
"""How often a standby is asked for what has come, in seconds of the wall."""
CAUGHT_UP_WITHIN_S = 30.0
READ_ROWS_MAX = 10_000
EXTRA = "a real database needs psycopg; install it: pip install 'atmbench[postgres]'"

_SCHEMA = """
DROP SCHEMA IF EXISTS atmbench CASCADE;
CREATE SCHEMA atmbench;
CREATE TABLE atmbench.journal (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE, origin text NOT NULL, key text NOT NULL, kind text NOT NULL, body text NOT NULL,
    balances jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE atmbench.entries (
    id text PRIMARY KEY, kind text NOT NULL, key text NOT NULL, service text NOT NULL, origin text NOT NULL,
    legs jsonb NOT NULL
);
CREATE INDEX ON atmbench.entries (key);
CREATE TABLE atmbench.balances (account text PRIMARY KEY, balance_minor bigint NOT NULL, customer boolean NOT NULL);
CREATE TABLE atmbench.holds (account text PRIMARY KEY, held_minor bigint NOT NULL);
CREATE UNLOGGED TABLE atmbench.unlogged (id text PRIMARY KEY, write text NOT NULL);
"""
"""What is unlogged is not in the log that a standby streams, and is gone after a crash (PostgreSQL: CREATE TABLE)."""
_OPEN_ACCOUNT = "INSERT INTO atmbench.balances VALUES (%s, %s, %s)"
_JOURNAL = (
    "INSERT INTO atmbench.journal (id, origin, key, kind, body) VALUES (%s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING"
)
_ENTRY = """
WITH entry AS (
    INSERT INTO atmbench.entries VALUES (%s, %s, %s, %s, %s, %s::jsonb) ON CONFLICT (id) DO NOTHING RETURNING legs
)
INSERT INTO atmbench.balances AS old
SELECT account, change::bigint, false FROM entry, jsonb_each_text(legs) AS leg (account, change)
ON CONFLICT (account) DO UPDATE SET balance_minor = old.balance_minor + excluded.balance_minor
"""
"""An entry is in the ledger once, whoever enters it again, and changes balances once."""
_MOVE = """
INSERT INTO atmbench.balances AS old
SELECT account, change::bigint, false FROM jsonb_each_text(%s::jsonb) AS leg (account, change)
ON CONFLICT (account) DO UPDATE SET balance_minor = old.balance_minor + excluded.balance_minor
"""
_TELL = """
UPDATE atmbench.journal SET balances = (
    SELECT coalesce(jsonb_object_agg(account, balance_minor), '{}') FROM atmbench.balances WHERE account IN (
        SELECT jsonb_object_keys(legs) FROM atmbench.entries WHERE key = %s
    )
) WHERE id = %s
"""
_HOLD = """
INSERT INTO atmbench.holds AS old VALUES (%s, %s)
ON CONFLICT (account) DO UPDATE SET held_minor = old.held_minor + excluded.held_minor
"""
_OVERWRITE = """
INSERT INTO atmbench.balances VALUES (%s, %s, false)
ON CONFLICT (account) DO UPDATE SET balance_minor = excluded.balance_minor
"""
_UNLOGGED = "INSERT INTO atmbench.unlogged VALUES (%s, %s) ON CONFLICT (id) DO NOTHING"
_LOGGED = "DELETE FROM atmbench.unlogged WHERE id = %s"
_READ_UNLOGGED = "SELECT write FROM atmbench.unlogged ORDER BY id"
_READ = "SELECT seq, id, origin, key, kind, body, balances FROM atmbench.journal WHERE seq > %s ORDER BY seq LIMIT %s"
_BALANCES = "SELECT account, balance_minor FROM atmbench.balances WHERE customer OR balance_minor <> 0 ORDER BY account"
_HOLDS = "SELECT account, held_minor FROM atmbench.holds WHERE held_minor <> 0 ORDER BY account"


class DatabaseGone(VenueError):
    """The server has closed the connection, or takes none."""


class Session:
    """One connection to a database, for one thread at a time. Raises DatabaseGone or VenueError, as all its methods."""

    def __init__(self, url: str) -> None:
        self._psycopg = load_psycopg()
        self._quit = Event()
        self.read_to = 0
        """How far the journal was read."""
        with self._translated():
            self._connection = self._psycopg.connect(
                url, autocommit=True, connect_timeout=CONNECT_WITHIN_S, application_name="atmbench"
            )

    def set_up(self, accounts: Sequence[Account]) -> str:
        """Make empty tables with the opening balances; returns the place in the log that a standby must reach."""
        rows = [(account.number, account.opening_minor, True) for account in accounts]
        rows.append((OPENING, -sum(account.opening_minor for account in accounts), False))
        with self._translated():
            with self._connection.transaction():
                self._connection.execute(_SCHEMA)
                self._connection.cursor().executemany(_OPEN_ACCOUNT, rows)
            return str(self._one("SELECT pg_current_wal_flush_lsn()"))

    def wait_for(self, place: str) -> None:
        """Wait until this standby has applied the log up to a place."""
        tries = int(CAUGHT_UP_WITHIN_S / POLL_S)
        with self._translated():
            for _ in range(tries):
                if self._one("SELECT coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)", place):
                    return
                self._quit.wait(POLL_S)
        raise VenueError(f"the standby did not catch up with its primary within {CAUGHT_UP_WITHIN_S:g} s; see its log")

    def commit(self, writes: Sequence[Write]) -> None:
        """Write all this in one commit. It is as safe as the server promises when this returns."""
        with self._translated(), self._connection.pipeline(), self._connection.transaction():
            execute = self._connection.cursor().execute
            for write in writes:
                self._put(write, execute)

    def _put(self, write: Write, execute: Callable[..., object]) -> None:
        row, is_logged = write.row, write.logged in ("all", "again")
        if write.logged == "again":
            execute(_LOGGED, (row.id,))
        if not is_logged:
            execute(_UNLOGGED, (row.id, msgspec.json.encode(write).decode()))
        if write.logged != "nothing":
            execute(_JOURNAL, (row.id, row.origin, row.key, row.kind, row.body))
        for entry in write.entries:
            legs = msgspec.json.encode(entry.legs).decode()
            if is_logged:
                execute(_ENTRY, (entry.entry, entry.kind, entry.key, entry.service, entry.origin, legs))
            elif write.tells_balances:
                execute(_MOVE, (legs,))
        for hold in write.holds if is_logged else ():
            execute(_HOLD, hold)
        for balance in write.overwritten:
            execute(_OVERWRITE, balance)
        if write.tells_balances and write.logged != "nothing":
            execute(_TELL, (row.key, row.id))

    def read(self) -> list[Row]:
        """What the journal has beyond what was read, oldest first."""
        rows: list[Row] = []
        while found := self._read():
            rows += found
        return rows

    def read_on(self) -> list[Row]:
        """As `read`, but waits until there is something. Empty after `quit`."""
        while not (found := self._read()):
            if self._quit.wait(POLL_S):
                break
        return found

    def unlogged(self) -> list[Write]:
        """What was written and is not in the log. A standby has none: it cannot even be asked."""
        with self._translated():
            if self._one("SELECT pg_is_in_recovery()"):
                return []
            found = self._connection.execute(_READ_UNLOGGED).fetchall()
        return [msgspec.json.decode(each[0], type=Write) for each in found]

    def count(self) -> tuple[dict[str, int], dict[str, int]]:
        """Balances and holds in minor units, by account. The bank's own accounts that are zero are left out."""
        with self._translated(), self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            balances = Counter(dict(self._connection.execute(_BALANCES)))
            holds = Counter(dict(self._connection.execute(_HOLDS)))
            for write in self.unlogged():
                for entry in write.entries if not write.tells_balances else ():
                    balances.update(entry.legs)
                holds.update(dict(write.holds))
        return dict(balances), {account: held for account, held in holds.items() if held}

    def set_replay(self, paused: bool) -> None:
        """Pause or resume what this standby applies of what it receives."""
        verb = "pause" if paused else "resume"
        with self._translated():
            self._connection.execute(f"SELECT pg_wal_replay_{verb}() WHERE pg_is_in_recovery()")

    def quit(self) -> None:
        """Let `read_on` return. May be called from another thread."""
        self._quit.set()

    def close(self) -> None:
        """End the connection."""
        self._quit.set()
        self._connection.close()

    def _read(self) -> list[Row]:
        with self._translated():
            found = self._connection.execute(_READ, (self.read_to, READ_ROWS_MAX)).fetchall()
        if found:
            self.read_to = found[-1][0]
        return [Row(*row[1:]) for row in found]

    def _one(self, query: str, *values: str) -> object:
        row = self._connection.execute(query, values).fetchone()
        assert row is not None, "the query always gives a row"
        return row[0]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Exceptions of psycopg as ours."""
        try:
            yield
        except (self._psycopg.OperationalError, self._psycopg.InterfaceError) as error:
            raise DatabaseGone(f"the database is gone: {_first_line(error)}") from None
        except self._psycopg.Error as error:
            raise VenueError(f"the database refused: {_first_line(error)}") from None


def load_psycopg() -> Any:
    """The module psycopg. Raises LocalError if it is not installed."""
    try:
        import psycopg
    except ImportError:
        raise LocalError(EXTRA) from None
    logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it has to say of a lost connection, we say
    module: ModuleType = psycopg
    return module


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
