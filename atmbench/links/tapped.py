"""Links that are looked on: what leaves a cable for its site and what comes from there is told to a tap.

A `TappedDialer` stands between a cable and its venue, so nothing else in this room knows that somebody
looks on, and a line without a tap pays nothing. It must never change, hold or delay what passes, nor
take a turn of the scheduler: a run that is looked on goes as it would without.
"""

from typing import Protocol

import trio

from atmbench.faults.base import Direction
from atmbench.links.stream import Dialer, LinkRefused, LinkStream
from atmbench.links.timetable import Timetable

_REQUEST, _REPLY = Direction.REQUEST, Direction.REPLY


class Trace(Protocol):
    """Who looks on at one connection, between the cable and the site. Its methods must not raise and not wait."""

    def passed(self, direction: Direction, data: bytes) -> None:
        """Bytes were taken from the sender."""
        ...

    def ended(self, direction: Direction, *, rude: bool) -> None:
        """Who sends in this direction has closed, or has reset the connection if rude."""
        ...

    def remark(self, direction: Direction, what: str) -> None:
        """A fault touched the reply that came last, or the request that leaves next."""
        ...


class Tap(Protocol):
    """Who looks on at one line."""

    def opened(self) -> Trace:
        """A dial was taken."""
        ...

    def refused(self) -> None:
        """A dial was refused by the far side."""
        ...


class TappedDialer:
    """A `Dialer` whose connections are told to a tap."""

    def __init__(self, venue: Dialer, tap: Tap) -> None:
        self._venue = venue
        self._tap = tap
        self.adds_latency = venue.adds_latency

    @property
    def timetable(self) -> Timetable:
        """The venue's."""
        return self._venue.timetable

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        """As the venue does."""
        try:
            far = await self._venue.dial(address, latency_s)
        except LinkRefused:
            self._tap.refused()
            raise
        return TappedStream(far, self._tap.opened())


class TappedStream(LinkStream):
    """The cable's end of a connection that is looked on."""

    __slots__ = ("_far", "_is_closed", "_trace", "bytes_sent")

    def __init__(self, far: LinkStream, trace: Trace) -> None:
        self._far = far
        self._trace = trace
        self._is_closed = False
        self.bytes_sent = far.bytes_sent

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """As the far stream does."""
        try:
            data = bytes(await self._far.receive_some(max_bytes))
        except trio.BrokenResourceError:
            self._trace.ended(_REPLY, rude=True)
            raise
        if data:
            self._trace.passed(_REPLY, data)
        else:
            self._trace.ended(_REPLY, rude=False)
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """As the far stream does; what was taken before it broke or was cancelled has passed all the same."""
        try:
            try:
                await self._far.send_all(data)
            finally:
                self._tell_sent(bytes(data))
        except trio.BrokenResourceError:
            self._trace.ended(_REPLY, rude=True)
            raise

    async def wait_send_all_might_not_block(self) -> None:
        """As the far stream does."""
        await self._far.wait_send_all_might_not_block()

    def send_now(self, data: bytes) -> int:
        """As in LinkStream."""
        try:
            taken = self._far.send_now(data)
        except trio.BrokenResourceError:
            self._trace.ended(_REPLY, rude=True)
            raise
        self._tell_sent(data)
        return taken

    def _tell_sent(self, data: bytes) -> None:
        taken, self.bytes_sent = self._far.bytes_sent - self.bytes_sent, self._far.bytes_sent
        if taken:
            self._trace.passed(_REQUEST, data[:taken])

    def close_now(self) -> None:
        """As in LinkStream."""
        self._tell_end(rude=False)
        self._far.close_now()

    def reset(self) -> None:
        """As in LinkStream."""
        self._tell_end(rude=True)
        self._far.reset()

    def _tell_end(self, *, rude: bool) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._trace.ended(_REQUEST, rude=rude)

    def remark(self, direction: Direction, what: str) -> None:
        """As in LinkStream."""
        self._trace.remark(direction, what)
