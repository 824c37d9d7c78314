"""Memory streams: a pair of connected streams in one process, for the virtual venue.

They keep the contract of trio streams (the tests run trio's own conformance checks on them) and hold
no more than BUFFER_BYTES_MAX a direction. They must never look into what they carry, nor keep it
after it was read: who wants a record of the bytes sets `tap`.
"""

from collections.abc import Callable

import trio
from trio.lowlevel import (
    Abort,
    Task,
    cancel_shielded_checkpoint,
    checkpoint,
    checkpoint_if_cancelled,
    current_task,
    reschedule,
    wait_task_rescheduled,
)

from atmbench.links.stream import LinkStream

BUFFER_BYTES_MAX = 65_536
"""Bytes under way in one direction; a sender waits when they are not read."""


class _Channel:
    """One direction: bytes, the one who waits for bytes, the one who waits for room, and how it ended."""

    __slots__ = ("buffer", "ended", "reader", "reader_closed", "reset", "sending", "writer")

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.reader: Task | None = None
        self.writer: Task | None = None
        self.sending = False
        self.ended = False
        """The sender will send no more."""
        self.reader_closed = False
        self.reset = False

    def wake_reader(self) -> None:
        if self.reader is not None:
            task, self.reader = self.reader, None
            reschedule(task)

    def wake_writer(self) -> None:
        if self.writer is not None:
            task, self.writer = self.writer, None
            reschedule(task)

    def abort_reading(self, _: object) -> Abort:
        self.reader = None
        return Abort.SUCCEEDED

    def abort_writing(self, _: object) -> Abort:
        self.writer = None
        return Abort.SUCCEEDED

    def end(self) -> None:
        self.ended = True
        self.wake_reader()
        self.wake_writer()

    def close_reader(self) -> None:
        self.reader_closed = True
        self.buffer.clear()
        self.wake_reader()
        self.wake_writer()

    def break_off(self) -> None:
        self.reset = True
        self.buffer.clear()
        self.wake_reader()
        self.wake_writer()


class MemoryStream(LinkStream, trio.abc.HalfCloseableStream):
    """One end of a pair made by `memory_stream_pair`.

    `send_all` is all or nothing under cancellation unless the peer is so slow that it had to wait.
    """

    __slots__ = ("_closed", "_incoming", "_outgoing", "bytes_sent", "tap")

    def __init__(self, incoming: _Channel, outgoing: _Channel) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._closed = False
        self.bytes_sent = 0
        self.tap: Callable[[bytes], None] | None = None
        """Called with every piece of bytes as it leaves."""

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Bytes as they come; empty at the end. Raises trio.BrokenResourceError after a reset."""
        if max_bytes is not None:
            if not isinstance(max_bytes, int):
                raise TypeError("max_bytes must be a whole number or None")
            if max_bytes < 1:
                raise ValueError("max_bytes must be at least 1")
        channel = self._incoming
        if channel.reader is not None:
            raise trio.BusyResourceError("another task is receiving from this stream")
        buffer = channel.buffer
        if buffer or self._is_over(channel):
            await checkpoint()
        while not buffer and not self._is_over(channel):
            channel.reader = current_task()
            await wait_task_rescheduled(channel.abort_reading)
        if self._closed:
            raise trio.ClosedResourceError("this stream was closed")
        if channel.reset:
            raise trio.BrokenResourceError("the peer reset the connection")
        if max_bytes is None or len(buffer) <= max_bytes:
            data = bytes(buffer)
            buffer.clear()
        else:
            data = bytes(buffer[:max_bytes])
            del buffer[:max_bytes]
        if channel.writer is not None:
            channel.wake_writer()
        return data

    def _is_over(self, channel: _Channel) -> bool:
        return channel.ended or channel.reset or self._closed

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of it, waiting for room. Raises trio.BrokenResourceError if the peer is gone."""
        channel = self._outgoing
        self._demand_open(channel)
        await checkpoint_if_cancelled()
        rest = bytes(data)
        taken = self._put(channel, rest)
        if taken == len(rest):
            await cancel_shielded_checkpoint()
            return
        channel.sending = True
        try:
            while rest := rest[taken:]:
                await self._wait_for_room(channel)
                taken = self._put(channel, rest)
        finally:
            channel.sending = False

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room, or until the stream broke."""
        channel = self._outgoing
        self._demand_open(channel)
        if len(channel.buffer) < BUFFER_BYTES_MAX:
            await checkpoint()
            return
        channel.sending = True
        try:
            await self._wait_for_room(channel)
        finally:
            channel.sending = False

    def send_now(self, data: bytes) -> int:
        """As in LinkStream."""
        channel = self._outgoing
        self._demand_open(channel)
        return self._put(channel, data)

    async def send_eof(self) -> None:
        """Send no more, but go on receiving."""
        if self._outgoing.sending:
            raise trio.BusyResourceError("another task is sending on this stream")
        if self._closed:
            raise trio.ClosedResourceError("this stream was closed")
        self._outgoing.end()
        await checkpoint()

    def close_now(self) -> None:
        """As in LinkStream."""
        if not self._closed:
            self._closed = True
            self._outgoing.end()
            self._incoming.close_reader()

    def reset(self) -> None:
        """As in LinkStream."""
        if not self._closed:
            self._closed = True
            self._outgoing.break_off()
            self._incoming.break_off()

    def _demand_open(self, channel: _Channel) -> None:
        if channel.sending:
            raise trio.BusyResourceError("another task is sending on this stream")
        if channel.ended or self._closed:
            raise trio.ClosedResourceError("this side of the stream was closed")
        if channel.reader_closed or channel.reset:
            raise trio.BrokenResourceError("the peer is gone")

    def _put(self, channel: _Channel, data: bytes) -> int:
        buffer = channel.buffer
        room = BUFFER_BYTES_MAX - len(buffer)
        if len(data) > room:
            data = data[:room]
        if not data:
            return 0
        buffer += data
        taken = len(data)
        self.bytes_sent += taken
        if self.tap is not None:
            self.tap(data)
        if channel.reader is not None:
            channel.wake_reader()
        return taken

    async def _wait_for_room(self, channel: _Channel) -> None:
        while len(channel.buffer) >= BUFFER_BYTES_MAX:
            channel.writer = current_task()
            await wait_task_rescheduled(channel.abort_writing)
            if channel.ended or self._closed:
                raise trio.ClosedResourceError("this side of the stream was closed")
            if channel.reader_closed or channel.reset:
                raise trio.BrokenResourceError("the peer is gone")


def memory_stream_pair() -> tuple[MemoryStream, MemoryStream]:
    """Two connected streams: what one sends, the other receives."""
    one, other = _Channel(), _Channel()
    return MemoryStream(one, other), MemoryStream(other, one)
