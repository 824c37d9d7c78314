"""The vault of a host whose sites have a PostgreSQL database each: a primary, and a standby that streams from it.

The active site writes to its database, journal, entries and balances in one commit, and no answer leaves before. The
other one reads what has come in its own. The host says what each site is; an operator makes its database that, one step
after the other, until all is as it should be. A former primary is never a second one unless the host itself has two: it
is killed, read out, and made anew as a standby of the one that took over.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import TypeVar

import trio

from atmbench.errors import VenueError
from atmbench.facts import Fact
from atmbench.host.journal import JournalRecord
from atmbench.host.replication import Arrival, Strike
from atmbench.host.roles import Role
from atmbench.host.settings import Account, Confirms, HostSettings, Replicates
from atmbench.host.vault import Closed, Count, News, Opened
from atmbench.store.postgres_pair import Pair, used
from atmbench.store.postgres_place import Place, State
from atmbench.store.postgres_plan import Step, next_step
from atmbench.store.postgres_rows import Row, Rows, row_id
from atmbench.store.postgres_session import DatabaseGone, Session
from atmbench.store.postgres_stream import Stream
from atmbench.store.postgres_work import (
    let_go,
    make_primary,
    read_all,
    read_counts,
    salvage,
    set_replay,
    set_up,
    start_standby,
)

T = TypeVar("T")


class _Overtaken(Exception):
    """A step of the operator came to nothing because a database was closed meanwhile: nothing is wrong."""


class PostgresVault:
    """A vault as `host.vault` wants it. `run` must be running while it is used.

    The standby is behind by the host's replication lag, whose tail is drawn from `source`. A record that `strike` says
    is lost between the sites is written to a table that is not logged: no standby ever gets what is in one.
    """

    def __init__(
        self,
        pair: Pair,
        settings: HostSettings,
        accounts: Sequence[Account],
        source: Random,
        strike: Strike | None = None,
    ) -> None:
        self._pair = pair
        self._strike = strike
        self._accounts = accounts
        self._lag_s = settings.replication_lag_s
        self._is_synchronous = settings.confirms is Confirms.WHEN_REPLICATED
        self._is_paused = False
        self._state_of_way: Callable[[str, str], str] = lambda sender, receiver: ""
        self._rows = Rows(tells_balances=settings.replicates is Replicates.BALANCES)
        self._news: deque[News] = deque()
        self._salvaged: set[str] = set()
        """Ids of records that a former primary had alone, until they are entered at the new one."""
        first, second = (
            Place(site, server, Stream(other.port, settings.replication_lag_tail, source), role)
            for site, server, other, role in zip(
                settings.sites, pair.servers, reversed(pair.servers), (Role.ACTIVE, Role.STANDBY), strict=True
            )
        )
        self._places = {first.site: first, second.site: second}
        self._changed = trio.Event()
        """Something may have to be done."""
        self._wake: Callable[[], None] = lambda: None
        self._nursery: trio.Nursery | None = None

    # --- the seam -----------------------------------------------------------------------------------

    def keep(self, record: JournalRecord, changed: Sequence[Fact], now: float) -> None:
        """As in Vault."""
        place = self._places[record.origin]
        other = self._other(place).site
        struck = self._strike(place.site, other, record, now) if self._strike is not None else None
        place.write(self._rows.write(record, changed), is_lost=struck is not None and struck.lost)
        place.known.add(row_id(record))

    def sent(self, site: str) -> tuple[int, ...]:
        """As in Vault."""
        return (self._places[site].number,)

    def has_taken(self, site: str, sent: tuple[int, ...]) -> bool:
        """As in Vault: they are written, and where replication is synchronous by the standby, too."""
        return self._places[site].kept >= sent[0]

    def next_news(self, now: float) -> News | None:
        """As in Vault."""
        if not self._news:
            return None
        news = self._news.popleft()
        if isinstance(news, Arrival):
            self._places[news.site].known.add(row_id(news.record))
            self._places[news.site].promised.discard(row_id(news.record))
        return news

    def entered(self, site: str, record: JournalRecord, changed: Sequence[Fact]) -> None:
        """As in Vault. What came from the site's own database is there already; what was salvaged is not."""
        if row_id(record) in self._salvaged:
            self._salvaged.discard(row_id(record))
            self._places[site].write(self._rows.write(record, changed))

    def repaired(self, site: str, record: JournalRecord, changed: Sequence[Fact]) -> None:
        """As in Vault. A standby takes nothing but its stream, so what it lacks is logged at its primary."""
        place = self._places[site]
        if place.state == "primary":
            place.write(self._rows.write(record, changed))
            place.known.add(row_id(record))
            return
        place.promised.add(row_id(record))
        if self._other(place).state == "primary":
            self._other(place).write_again(record.key)

    def take_role(self, site: str, role: Role) -> bool:
        """As in Vault. The server of a site that goes down gets SIGKILL."""
        place = self._places[site]
        place.wanted = role
        if role in (Role.DOWN, Role.ISOLATED):
            self._kill(place)
        self._changed.set()
        return role is Role.ACTIVE and place.state == "primary"

    def set_stream(self, paused: bool | None, lag_s: float | None) -> None:
        """As in Vault. A pause holds the stream: a promotion would apply what is only not replayed."""
        if paused is not None:
            self._is_paused = paused
        for place in self._places.values():
            place.stream.set(lag_s=lag_s)
        self.set_ways(self._state_of_way)

    def set_ways(self, state: Callable[[str, str], str]) -> None:
        """As in Vault. A way that is blocked holds the stream; one that is not read pauses replay at the standby."""
        self._state_of_way = state
        for place in self._places.values():
            way = state(self._other(place).site, place.site)
            place.stream.set(paused=self._is_paused or way == "blocked")
            place.must_replay = not self._is_paused and way != "unread"
        self._changed.set()

    def forget(self, site: str, like: str) -> None:
        """As in Vault."""
        self._places[site].is_void = True
        self._places[site].known = set(self._places[like].known)

    def is_readable(self, site: str) -> bool:
        """As in Vault: what a server that is down had, nobody knows."""
        return self._places[site].is_up

    def count(self, site: str) -> Count | None:
        """As in Vault, from the database of the site."""
        place = self._places[site]
        if not place.is_up:
            return None
        try:
            balances, holds = read_counts(place.server)
        except DatabaseGone:
            return None
        return Count(balances, holds, self._other(place).lacks(place))

    def pending(self) -> tuple[str, ...]:
        """As in Vault."""
        pending = []
        for place in self._places.values():
            lacks = place.lacks(self._other(place))
            if not place.is_up and place.wanted in (Role.ACTIVE, Role.STANDBY):
                pending.append(f"the database of site {place.site} is on its way back")
            elif place.state == "standby" and lacks:
                pending.append(f"{lacks} records have not reached the database of site {place.site}")
            if place.kept < place.number:
                pending.append(f"{place.number - place.kept} records of site {place.site} are not written yet")
        return tuple(pending)

    # --- the wet side -------------------------------------------------------------------------------

    async def run(
        self, wake: Callable[[], None], task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Begin with empty ledgers, then work until cancelled. `wake` is called when there is news.

        Raises LocalError or VenueError.
        """
        self._wake = wake
        with used(self._pair):
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                try:
                    await self._begin(nursery)
                    task_status.started()
                    await self._operate()
                finally:
                    for place in self._places.values():
                        place.close()
                    with trio.CancelScope(shield=True):
                        await trio.to_thread.run_sync(let_go, self._pair)

    async def _begin(self, nursery: trio.Nursery) -> None:
        for place in self._places.values():
            await nursery.start(place.stream.run)
        first, second = self._places.values()
        await trio.to_thread.run_sync(set_up, self._pair, self._accounts, second.stream.port)
        await self._open(first, "primary")
        await self._open(second, "standby")
        for place in self._places.values():
            place.stream.set(lag_s=self._lag_s)

    def _other(self, place: Place) -> Place:
        return next(each for each in self._places.values() if each is not place)

    def _kill(self, place: Place) -> None:
        """Kill a server, with all that it has not sent."""
        self._other(place).stream.cut()
        place.close()
        place.server.kill()
        self._news.append(Closed(place.site, ""))

    # --- the operator -------------------------------------------------------------------------------

    async def _operate(self) -> None:
        """Make the databases what the sites are, one step after the other."""
        while True:
            self._changed = trio.Event()
            step = next_step(tuple(self._places.values()), is_synchronous=self._is_synchronous)
            if step is None:
                await self._changed.wait()
                continue
            with suppress(_Overtaken):
                await self._take(step)

    async def _take(self, step: Step) -> None:
        match step.verb:
            case "promote":
                await self._promote(step.place)
            case "step down":
                await self._step_down(step.place)
            case "follow":
                await self._follow(step.place, step.other)
            case "wait for standby":
                await self._set_synchronous(step.place, step.on)
            case "replay":
                await self._set_replay(step.place, step.on)

    async def _carry_out(self, work: Callable[[], T], *places: Place) -> T:
        """Do in a thread what blocks. Raises _Overtaken if one of these databases was closed meanwhile."""
        closings = [place.closings for place in places]
        try:
            done = await trio.to_thread.run_sync(work)
        except VenueError:
            self._check(places, closings)
            raise
        self._check(places, closings)
        return done

    def _check(self, places: Sequence[Place], closings: list[int]) -> None:
        if closings != [place.closings for place in places]:
            for place in places:
                if place.wanted in (Role.DOWN, Role.ISOLATED):
                    place.server.kill()  # it may have come up after it was killed
            raise _Overtaken

    async def _step_down(self, place: Place) -> None:
        """A primary is one no longer: it is fenced by SIGKILL, until it can come back as a standby."""
        self._kill(place)
        self._wake()
        await trio.lowlevel.checkpoint()

    async def _promote(self, place: Place) -> None:
        """Make a database the primary, from whatever state it is in."""
        assert not place.is_void, "no ledger lies there: one is copied first"
        place.stream.cut()
        place.close()
        await self._carry_out(partial(make_primary, place.server), place)
        self._other(place).stream.mend()
        await self._open(place, "primary")

    async def _follow(self, place: Place, primary: Place) -> None:
        """Make a database a standby of the other one."""
        if place.is_void or not place.server.is_standby:
            if not place.is_void:
                await self._salvage(place, primary)
            place.is_void = True
            await self._carry_out(partial(place.server.rebuild, primary.server), place, primary)
            place.is_void = False
        place.stream.mend()
        await self._carry_out(partial(start_standby, place.server, place.stream.port), place, primary)
        await self._open(place, "standby")

    async def _salvage(self, old: Place, primary: Place) -> None:
        """What a former primary alone has is entered at the new one, as if it had arrived late.

        Where sites replicate balances, those that it left take the place of the new one's.
        """
        for row in await self._carry_out(partial(salvage, old.server), old, primary):
            if row.id not in primary.known:
                self._salvaged.add(row.id)
                self._news.append(self._arrival(primary, row))
        self._wake()

    async def _open(self, place: Place, state: State) -> None:
        """Read what a database has, and begin to work with it."""
        closings = place.closings
        try:
            session, rows, beside = await trio.to_thread.run_sync(read_all, place.server)
        except VenueError:
            self._check([place], [closings])
            raise
        if place.closings != closings:
            session.close()
            self._check([place], [closings])
        scope = place.open(state, session)
        assert self._nursery is not None, "run has begun"
        self._nursery.start_soon(self._write_on if state == "primary" else self._read_on, place, session, scope)
        place.unlogged.clear()
        for write in beside:
            place.unlogged.setdefault(write.row.key, []).append(write)
        self._tell_all(place, [*rows, *(write.row for write in beside)])
        self._changed.set()

    def _tell_all(self, place: Place, rows: Sequence[Row]) -> None:
        """What a site finds in its database: more than it knew, or less. What the stream will bring is no loss."""
        there = {row.id for row in rows}
        other = self._other(place)
        lost = (place.known | place.promised) - there - (other.known if other.state == "primary" else set())
        records = None
        if lost:
            place.known = there
            place.promised.clear()
            records = tuple(map(self._rows.read, rows))
        else:
            self._news += [self._arrival(place, row) for row in rows if row.id not in place.known]
        self._news.append(Opened(place.site, place.state == "primary", records))
        self._wake()

    def _arrival(self, place: Place, row: Row) -> Arrival:
        return Arrival(place.site, self._rows.read(row), row.balances, 0)

    async def _set_synchronous(self, primary: Place, wanted: bool) -> None:
        primary.is_synchronous = wanted
        await self._carry_out(partial(primary.server.configure, synchronous=wanted), primary)

    async def _set_replay(self, standby: Place, wanted: bool) -> None:
        standby.replays = wanted
        await self._carry_out(partial(set_replay, standby.server, not wanted), standby)

    # --- work with an open database --------------------------------------------------------------------

    async def _write_on(self, place: Place, session: Session, scope: trio.CancelScope) -> None:
        """Commit what the site makes, as much at a time as has come together."""
        with scope:
            try:
                while True:
                    writes, number = await place.next_writes()
                    await trio.to_thread.run_sync(session.commit, writes)
                    if scope.cancel_called:
                        break
                    place.kept = number
                    self._wake()
            except DatabaseGone as error:
                self._lose(place, scope, error)
            finally:
                session.close()

    async def _read_on(self, place: Place, session: Session, scope: trio.CancelScope) -> None:
        """Tell the site what has come in its database."""
        with scope:
            try:
                while True:
                    rows = await trio.to_thread.run_sync(session.read_on)
                    if scope.cancel_called:
                        break
                    self._news += [self._arrival(place, row) for row in rows]
                    self._wake()
            except DatabaseGone as error:
                self._lose(place, scope, error)
            finally:
                session.close()

    def _lose(self, place: Place, scope: trio.CancelScope, error: DatabaseGone) -> None:
        if not scope.cancel_called:
            self._news.append(Closed(place.site, str(error)))
            self._wake()
