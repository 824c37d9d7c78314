"""A line as the host sees it: message bodies over a stream that was accepted.

The line joins a framer and a stream. It must never answer an error of the peer itself: a FrameError
goes to the reader of the line, who records it and drops the connection.
"""

from collections import deque

import trio

from atmbench.framing.base import FrameError, Framer
from atmbench.links.outbox import Outbox


class FramedStream:
    """Bodies in and out of a stream: `async for body in line`, `await line.send(body)`.

    Reading ends when the peer closed in order. A framing that lies raises FrameError (a RemoteError) once
    all good frames before it were given out; after that the stream is dead. trio.BrokenResourceError says
    that the peer is gone. Several tasks may send, one may read.
    """

    def __init__(self, stream: trio.abc.Stream, framer: Framer) -> None:
        self.stream = stream
        self._framer = framer
        self._outbox = Outbox(stream)
        self._bodies: deque[bytes] = deque()
        self._refused: FrameError | None = None

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not complete yet; how long to bear with it is the caller's matter."""
        return self._framer.pending

    def __aiter__(self) -> "FramedStream":
        return self

    async def __anext__(self) -> bytes:
        bodies = self._bodies
        while not bodies:
            if self._refused is not None:
                raise self._refused
            data = await self.stream.receive_some()
            if not data:
                raise StopAsyncIteration
            try:
                bodies.extend(self._framer.feed(bytes(data)))
            except FrameError as error:
                bodies.extend(error.bodies)
                self._refused = error
        return bodies.popleft()

    def send_now(self, body: bytes) -> bool:
        """Send without waiting; False if something is left that only `drain` can send."""
        return self._outbox.put(self._framer.wrap(body))

    async def drain(self) -> None:
        """Send what is left of earlier bodies."""
        await self._outbox.drain()

    async def send(self, body: bytes) -> None:
        """Send a body; waits only if the peer is slow, and is no checkpoint otherwise."""
        if not self._outbox.put(self._framer.wrap(body)):
            await self._outbox.drain()
