"""What the sites tell each other: one queue of journal records per direction, with a lag.

A record leaves when it is made, or when the way is open again: replication is not paused and both sites
run. It arrives `lag_s` after that. Nothing is ever lost here; what was under way when the way closed
starts again. Heartbeats are not sent but implied: see `last_heartbeat`. This module must never look
into a record.
"""

from collections import deque
from collections.abc import Sequence

from atmbench.errors import LocalError
from atmbench.host.journal import JournalRecord

UNSENT_RECORDS_MAX = 1_000_000
"""Records in one direction that have not arrived yet."""

TICK_S = 1e-6
"""Times of the bench are told apart by this much. What is due within a tick is due now: otherwise a clock that
rounds down would wake the host for ever."""


class Queue:
    """Records on their way from one site to another, oldest first."""

    def __init__(self, sender: str, receiver: str) -> None:
        self.sender = sender
        self.receiver = receiver
        self.is_open = True
        self._open_since = 0.0
        self._records: deque[tuple[float, JournalRecord]] = deque()

    def __len__(self) -> int:
        return len(self._records)

    def send(self, record: JournalRecord, now: float) -> None:
        """Put a record on its way. Raises LocalError if too many wait already."""
        if len(self._records) >= UNSENT_RECORDS_MAX:
            raise LocalError(
                f"{UNSENT_RECORDS_MAX} records wait to go from site {self.sender} to site {self.receiver}: "
                "the drill is bigger than the bench allows; resume replication earlier or send less"
            )
        self._records.append((now, record))

    def set_open(self, is_open: bool, now: float) -> None:
        """Open or close the way."""
        if is_open and not self.is_open:
            self._open_since = now
        self.is_open = is_open

    def due_at(self, lag_s: float) -> float | None:
        """When the next record arrives; None if none will."""
        if not self._records or not self.is_open:
            return None
        made_at = self._records[0][0]
        return max(made_at, self._open_since) + lag_s

    def take(self) -> JournalRecord:
        """The record that arrives next."""
        return self._records.popleft()[1]


class Replication:
    """All queues between the sites."""

    def __init__(self, sites: Sequence[str], lag_s: float) -> None:
        self.deadline: float | None = None
        """When the next record arrives anywhere; None if none will."""
        self.queues = tuple(Queue(sender, receiver) for sender in sites for receiver in sites if sender != receiver)
        self.lag_s = lag_s
        self.is_paused = False
        self._from = {site: tuple(queue for queue in self.queues if queue.sender == site) for site in sites}
        self._running = dict.fromkeys(sites, True)

    def send(self, record: JournalRecord, now: float) -> None:
        """Put a record on its way from its origin to every other site."""
        for queue in self._from[record.origin]:
            queue.send(record, now)
        self._look_ahead()

    def next_arrival(self, now: float) -> tuple[str, JournalRecord] | None:
        """The next record that has arrived by now and the site it has come to, or None."""
        if self.deadline is None or self.deadline > now + TICK_S:
            return None
        for queue in self.queues:
            due_at = queue.due_at(self.lag_s)
            if due_at is not None and due_at <= now + TICK_S:
                record = queue.take()
                self._look_ahead()
                return queue.receiver, record
        return None

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

    def set_running(self, site: str, running: bool, now: float) -> None:
        """A site went dark or came back."""
        self._running[site] = running
        self._open_or_close(now)

    def unsent(self, site: str) -> int:
        """Records of a site that have not reached every other site."""
        return max((len(queue) for queue in self._from[site]), default=0)

    def _open_or_close(self, now: float) -> None:
        for queue in self.queues:
            is_open = not self.is_paused and self._running[queue.sender] and self._running[queue.receiver]
            queue.set_open(is_open, now)
        self._look_ahead()

    def _look_ahead(self) -> None:
        self.deadline = None
        for queue in self.queues:
            due_at = queue.due_at(self.lag_s)
            if due_at is not None and (self.deadline is None or due_at < self.deadline):
                self.deadline = due_at


def last_heartbeat(stopped_at: float, heartbeat_s: float) -> float:
    """When a site that went dark was heard for the last time: heartbeats go out at whole multiples of their period.

    They travel even while the data are paused: pausing is of records, not of the link.
    """
    return stopped_at - stopped_at % heartbeat_s
