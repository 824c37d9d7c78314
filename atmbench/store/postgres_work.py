"""What an operator of two databases does that blocks: each of these is to be called in a thread."""

from collections.abc import Sequence

from atmbench.errors import VenueError
from atmbench.host.settings import Account
from atmbench.store.postgres_pair import Pair, settle_pair
from atmbench.store.postgres_rows import Row, Write
from atmbench.store.postgres_server import Server
from atmbench.store.postgres_session import Session


def set_up(pair: Pair, accounts: Sequence[Account], stream_port: int) -> None:
    """Begin a run: both servers up, the second behind a stream, both with empty ledgers."""
    settle_pair(pair)
    first, second = pair.servers
    second.configure(follow_port=stream_port)
    primary, standby = Session(first.url), Session(second.url)
    try:
        standby.set_replay(paused=False)
        standby.wait_for(primary.set_up(accounts))
    finally:
        primary.close()
        standby.close()


def let_go(pair: Pair) -> None:
    """Leave the servers as they are, without the streams of a run: a standby follows its primary itself."""
    for server, other in zip(pair.servers, reversed(pair.servers), strict=True):
        if server.is_running:
            server.configure(follow_port=other.port if server.is_standby else None)


def make_primary(server: Server) -> None:
    """Have a server up as a primary, whatever it was. A standby applies all that it has received before."""
    server.start()
    if server.is_standby:
        server.promote()
    server.configure()


def start_standby(server: Server, stream_port: int) -> None:
    """Have a standby up that follows the primary behind a stream."""
    server.configure(follow_port=stream_port)
    server.start()


def read_all(server: Server) -> tuple[Session, list[Row], list[Write]]:
    """All that a journal has, what was written beside the log, and a session that reads on or writes."""
    session = Session(server.url)
    try:
        return session, session.read(), session.unlogged()
    except VenueError:
        session.close()
        raise


def read_counts(server: Server) -> tuple[dict[str, int], dict[str, int]]:
    """Balances and holds of a database, as `Session.count` gives them."""
    session = Session(server.url)
    try:
        return session.count()
    finally:
        session.close()


def salvage(old: Server) -> list[Row]:
    """What a former primary has. It is up for that only, and nobody can write to it."""
    old.start(read_only=True)
    session, rows, _ = read_all(old)  # what was not logged is gone: it was killed
    session.close()
    old.stop()
    return rows


def set_replay(server: Server, paused: bool) -> None:
    """Pause or resume what a standby applies; a primary is left alone."""
    session = Session(server.url)
    try:
        session.set_replay(paused)
    finally:
        session.close()
