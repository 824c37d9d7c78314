"""What the sites tell each other: one queue of journal records per direction, with a lag.

A record leaves when it is made, or when the way is open again: replication is not paused, the way is not blocked, and
both sites run. It arrives its lag after that; what was under way when the way closed starts again. A site may take
records without applying them; they wait in a log then. What a fault does to a record is decided by `strike`, once, as
it is made. Heartbeats are not sent but implied: see `last_heartbeat`. This module must never look into a record.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeAlias

import msgspec

from atmbench.errors import LocalError
from atmbench.host.journal import JournalRecord

UNSENT_RECORDS_MAX = 1_000_000
"""Records in one direction that have not arrived yet."""
LAG_TIMES_MAX = 100.0
"""No single record takes more than so many times the lag."""

TICK_S = 1e-6
"""Times of the bench are told apart by this much. What is due within a tick is due now: otherwise a clock that
rounds down would wake the host for ever."""


class Struck(msgspec.Struct, frozen=True):
    """What a fault does to a record on its way."""

    lost: bool = False
    by_minor: int = 0
    """Added to the amount that it moves."""
    behind_next: bool = False


Strike: TypeAlias = Callable[[str, str, JournalRecord, float], Struck | None]
"""What becomes of a record that leaves one site for another at a time; None leaves it alone."""
Balances: TypeAlias = Mapping[str, int]


class Parcel(msgspec.Struct, frozen=True, gc=False):
    """A record as it travels."""

    made_at: float
    record: JournalRecord
    balances: Balances
    """Accounts that it touched, with their balances at the sender after it; empty where sites replicate entries."""
    by_minor: int
    """What a fault has added to its amount."""
    times_lag: float
    """So many times the lag is what this one takes."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A record that has come to a site."""

    site: str
    record: JournalRecord
    balances: Balances
    by_minor: int


class Queue:
    """Records on their way from one site to another, oldest first.

    `sent` and `taken` count them: what was taken has arrived, or was lost, or lies unread in the receiver's log.
    """

    def __init__(self, sender: str, receiver: str, source: Random) -> None:
        self.sender = sender
        self.receiver = receiver
        self.source = source
        self.is_open = True
        self.is_read = True
        self.sent = 0
        self.taken = 0
        self.log: deque[Parcel] = deque()
        """What the receiver has taken and not applied."""
        self._open_since = 0.0
        self._records: deque[Parcel] = deque()
        self._waits: Parcel | None = None
        """It lets the one behind it pass."""

    def __len__(self) -> int:
        return len(self._records) + (self._waits is not None)

    def send(self, parcel: Parcel, struck: Struck | None) -> None:
        """Put a record on its way. Raises LocalError if too many wait already."""
        if len(self) + len(self.log) >= UNSENT_RECORDS_MAX:
            raise LocalError(
                f"{UNSENT_RECORDS_MAX} records wait to go from site {self.sender} to site {self.receiver}: "
                "the drill is bigger than the bench allows; resume replication earlier or send less"
            )
        self.sent += 1
        if struck is not None and struck.lost:
            self.taken += 1
            return
        if struck is not None and struck.behind_next and self._waits is None:
            self._waits = parcel
            return
        self._records.append(parcel)
        self.let_go(parcel.made_at)

    def let_go(self, now: float) -> None:
        """What waited for another to pass goes on now."""
        if self._waits is not None:
            self._records.append(msgspec.structs.replace(self._waits, made_at=now))
            self._waits = None

    def set_open(self, is_open: bool, now: float) -> None:
        """Open or close the way."""
        if is_open and not self.is_open:
            self._open_since = now
        self.is_open = is_open

    def due_at(self, lag_s: float) -> float | None:
        """When the next record arrives; None if none will."""
        if not self._records or not self.is_open:
            return None
        first = self._records[0]
        return max(first.made_at, self._open_since) + lag_s * first.times_lag

    def take(self) -> Parcel:
        """The record that arrives next."""
        self.taken += 1
        return self._records.popleft()

    def forget(self) -> None:
        """Drop all that is on its way."""
        self._records.clear()
        self.log.clear()
        self._waits = None
        self.taken = self.sent

    def made_before(self, moment: float) -> int:
        """Records made before a moment that the receiver has not applied."""
        waiting = (*self.log, *self._records, *([self._waits] if self._waits is not None else []))
        return sum(parcel.made_at < moment for parcel in waiting)


class Replication:
    """All queues between the sites. `lag_tail` is the mean of what a record takes longer, in lags; 0: none does."""

    def __init__(
        self, sites: Sequence[str], lag_s: float, *, lag_tail: float = 0.0, seed: str = "", strike: Strike | None = None
    ) -> None:
        self.deadline: float | None = None
        """When the next record arrives anywhere; None if none will."""
        self.queues = tuple(
            Queue(sender, receiver, Random(f"{seed}/{sender}-{receiver}/replication"))
            for sender in sites
            for receiver in sites
            if sender != receiver
        )
        self.lag_s = lag_s
        self.is_paused = False
        self._lag_tail = lag_tail
        self._strike = strike
        self._from = {site: tuple(queue for queue in self.queues if queue.sender == site) for site in sites}
        self._running = dict.fromkeys(sites, True)
        self._blocked: frozenset[tuple[str, str]] = frozenset()
        self._unapplied: deque[tuple[str, Parcel]] = deque()
        """What lay unread in a site's log and is read now."""

    def send(self, record: JournalRecord, now: float, balances: Balances) -> None:
        """Put a record on its way from its origin to every other site."""
        for queue in self._from[record.origin]:
            struck = self._strike(queue.sender, queue.receiver, record, now) if self._strike is not None else None
            by_minor = struck.by_minor if struck is not None else 0
            queue.send(Parcel(now, record, balances, by_minor, times_lag(self._lag_tail, queue.source)), struck)
        self._look_ahead()

    def next_arrival(self, now: float) -> Arrival | None:
        """The next record that is to be applied at a site by now, or None."""
        if self._unapplied:
            return _arrival(*self._unapplied.popleft())
        while self.deadline is not None and self.deadline <= now + TICK_S:
            queue = self._due(now)
            parcel = queue.take()
            self._look_ahead()
            if queue.is_read:
                return _arrival(queue.receiver, parcel)
            queue.log.append(parcel)
        return None

    def _due(self, now: float) -> Queue:
        for queue in self.queues:
            due_at = queue.due_at(self.lag_s)
            if due_at is not None and due_at <= now + TICK_S:
                return queue
        raise AssertionError("the deadline is that of a queue")

    def set(self, paused: bool | None, lag_s: float | None, now: float) -> None:
        """Pause or resume, or set another lag, also for what is under way. None leaves a setting alone."""
        if lag_s is not None:
            if lag_s < 0:
                raise LocalError(f"a replication lag of {lag_s} s was asked for; expected 0 or more")
            self.lag_s = lag_s
            self._look_ahead()
        if paused is not None:
            self.is_paused = paused
            self._open_or_close(now)

    def set_ways(self, state: Callable[[str, str], str], now: float) -> None:
        """What faults make of each way, by sender and receiver: open (""), "blocked", or "unread"."""
        states = {(queue.sender, queue.receiver): state(queue.sender, queue.receiver) for queue in self.queues}
        self._blocked = frozenset(way for way, said in states.items() if said == "blocked")
        for queue in self.queues:
            queue.is_read = states[queue.sender, queue.receiver] != "unread"
            if queue.is_read:
                self._unapplied.extend((queue.receiver, parcel) for parcel in queue.log)
                queue.log.clear()
            queue.let_go(now)
        self._open_or_close(now)

    def hears(self, receiver: str, sender: str) -> bool:
        """Whether signs of life of one site reach another. Pausing is of records, not of these."""
        return self._running[sender] and self._running[receiver] and (sender, receiver) not in self._blocked

    def set_running(self, site: str, running: bool, now: float) -> None:
        """A site went dark or came back."""
        self._running[site] = running
        self._open_or_close(now)

    def forget(self, site: str) -> None:
        """A site has lost what it had not told, and knows all that it was told."""
        for queue in self.queues:
            if site in (queue.sender, queue.receiver):
                queue.forget()
        self._look_ahead()

    def has_for(self, site: str) -> bool:
        """Whether anything that was sent to a site is not applied there."""
        return any((len(queue) or queue.log) for queue in self.queues if queue.receiver == site)

    def drop_for(self, site: str) -> None:
        """Throw away what was sent to a site and is not applied there. Only a planted defect does."""
        for queue in self.queues:
            if queue.receiver == site:
                queue.forget()
        self._look_ahead()

    def unsent(self, site: str) -> int:
        """Records of a site that have not reached every other site."""
        return max((len(queue) for queue in self._from[site]), default=0)

    def unread(self) -> tuple[str, ...]:
        """What lies in a site's log and is not applied, in words."""
        return tuple(
            f"site {queue.receiver} has not applied {len(queue.log)} records of site {queue.sender}"
            for queue in self.queues
            if queue.log
        )

    def behind(self, site: str, heard_at: float) -> int:
        """Records that a site knows of, from what it heard until then, and has not applied."""
        return sum(queue.made_before(heard_at) for queue in self.queues if queue.receiver == site)

    def sent(self, site: str) -> tuple[int, ...]:
        """How many records a site has sent each of the others."""
        return tuple(queue.sent for queue in self._from[site])

    def has_taken(self, site: str, sent: tuple[int, ...]) -> bool:
        """Whether the others have taken so many records of a site. For one that is dark nobody waits."""
        pairs = zip(self._from[site], sent, strict=True)
        return all(queue.taken >= wanted or not self._running[queue.receiver] for queue, wanted in pairs)

    def _open_or_close(self, now: float) -> None:
        for queue in self.queues:
            is_running = self._running[queue.sender] and self._running[queue.receiver]
            is_blocked = (queue.sender, queue.receiver) in self._blocked
            queue.set_open(not self.is_paused and is_running and not is_blocked, now)
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.deadline = None
        for queue in self.queues:
            due_at = queue.due_at(self.lag_s)
            if due_at is not None and (self.deadline is None or due_at < self.deadline):
                self.deadline = due_at


def times_lag(tail: float, source: Random) -> float:
    """So many times the lag is what a record takes; `tail` is the mean of what it takes longer, in lags."""
    return 1.0 if not tail else min(1.0 + source.expovariate(1.0 / tail), LAG_TIMES_MAX)


def last_heartbeat(until: float, heartbeat_s: float) -> float:
    """When a site was heard for the last time: heartbeats go out at whole multiples of their period.

    They travel even while the data are paused: pausing is of records, not of the link.
    """
    return until - until % heartbeat_s


def _arrival(site: str, parcel: Parcel) -> Arrival:
    return Arrival(site, parcel.record, parcel.balances, parcel.by_minor)
