"""What every link is to the rest of the bench: a trio stream that can also act without waiting.

`send_now`, `close_now` and `reset` never wait, so that a decision and its effect are one step. Links
must never retry and never hide a failure.
"""

from abc import abstractmethod
from typing import Protocol

import trio

from atmbench.errors import VenueError
from atmbench.faults.base import Direction
from atmbench.links.timetable import Timetable


class LinkRefused(VenueError):
    """Nobody takes the connection: no listener, or a reset in answer."""


class LinkTimedOut(VenueError):
    """Nobody answered in time."""


class LineGivenUp(trio.BrokenResourceError):
    """The link layer of this end of a serial line gave the call up; the text says why."""


class CarrierLost(trio.BrokenResourceError):
    """A call over a modem has ended by itself; the text says what tells so."""


class LinkStream(trio.abc.Stream):
    """A trio stream with three acts that do not wait."""

    __slots__ = ()

    bytes_sent: int
    """So many bytes were taken from the sender since the stream was made."""

    @abstractmethod
    def send_now(self, data: bytes) -> int:
        """Send as much as can be sent without waiting; returns how many bytes that was, perhaps none.

        Raises trio.BrokenResourceError if the peer is gone, trio.ClosedResourceError if this side was
        closed, trio.BusyResourceError while another task is sending.
        """

    @abstractmethod
    def close_now(self) -> None:
        """Close in order: the peer reads what was sent, then the end of the stream."""

    async def aclose(self) -> None:
        """Close in order, as `close_now` does."""
        self.close_now()
        await trio.lowlevel.checkpoint()

    @abstractmethod
    def reset(self) -> None:
        """Close rudely: the peer sees trio.BrokenResourceError, and what was under way is lost."""

    def remark(self, direction: Direction, what: str) -> None:  # most links have nobody to tell
        """A fault touched the reply that came last, or the request that leaves next. For who looks on (`tapped`)."""


class Dialer(Protocol):
    """The part of a venue that a cable needs."""

    adds_latency: bool
    """Whether lines get their modelled latency here; False where a real network has its own."""

    @property
    def timetable(self) -> Timetable:
        """Keeps the appointments of a run."""
        ...

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        """Connect to a site. Raises LinkRefused or LinkTimedOut."""
        ...
