"""Ledgers in databases: whether a drill can have them, said before the run. What a stream cannot do is not skipped."""

from pathlib import Path

from atmbench.drill import commands
from atmbench.drill.records import Drill
from atmbench.drill.rules import command_of
from atmbench.errors import VenueError
from atmbench.faults.base import Fault
from atmbench.host.settings import HostSettings, Replicates
from atmbench.run.source import Source
from atmbench.store.postgres_pair import Pair, read_pair
from atmbench.store.postgres_session import load_psycopg
from atmbench.venues.base import Venue

SITES = 2
STREAM_CANNOT = ("alter_record", "swap_records")
"""Faults of replication that have no like in a database's own log."""


def ledger_at(venue: Venue, path: Path, source: Source) -> Pair:
    """The pair of databases at a path, for a drill.

    Raises VenueError where time is not real or the drill asks for what no database does, LocalError if there is no pair
    or no psycopg.
    """
    if venue.adds_latency:
        raise VenueError(
            f"{venue.name} keeps a time of its own, and a database takes the time it takes: the clock may be hours "
            "ahead of each commit; run it with --venue loopback, or without --ledger"
        )
    refusals = _refusals(source.drill)
    if refusals:
        raise VenueError(f"{source.name} cannot have its ledgers in databases: {'; '.join(refusals)}")
    load_psycopg()
    return read_pair(path)


def _refusals(drill: Drill) -> list[str]:
    host = drill.host
    refusals = []
    if len(host.sites) != SITES:
        refusals.append(f"host.sites is {list(host.sites)}, and a pair serves {SITES}")
    if host.batch is not None:
        refusals.append("host.batch posts later than it writes down, and a database has each entry with its record")
    if host.promotion_behind_max is not None:
        refusals.append("host.promotion_behind_max asks for records that a standby knows of, and it knows of none")
    if host.confirms_after_s is not None:
        refusals.append("host.confirms_after_s lets an answer go that no database has a record of yet; leave it out")
    for number, step in enumerate(drill.steps, start=1):
        if why := refused(command_of(step)[1], host):
            refusals.append(f"step {number}: {why}")
    return refusals


def refused(command: object, host: HostSettings) -> str:
    """Why a command cannot be carried out where ledgers are in databases; empty if it can."""
    if isinstance(command, Fault) and (kind := str(command.__struct_config__.tag)) in STREAM_CANNOT:
        return f"{kind} strikes a single record under way, and a database streams its log whole and in order"
    if isinstance(command, commands.Reconcile) and command.repair and host.replicates is Replicates.BALANCES:
        return "reconcile with repair restores no balances in a database; use replicates: entries, or repair: false"
    if isinstance(command, commands.SetCore):
        return "core: what a core has not heard is kept in the bench, and a database would have it"
    return ""
