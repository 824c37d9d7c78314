"""A line as the host sees it: message bodies over a stream that was accepted.

The line joins a framer and a stream. It must never answer an error of the peer itself: a FrameError
goes to the reader of the line, who records it and drops the connection.
"""

from collections import deque

import trio

from atmbench.framing.base import FrameError, Framer
from atmbench.links.incoming import FRAME_GAP_S_MAX
from atmbench.links.outbox import Outbox


class FramedStream:
    """Bodies in and out of a stream: `async for body in line`, `await line.send(body)`.

    Reading ends when the peer closed in order. A framing that lies raises FrameError (a RemoteError) once
    all good frames before it were given out, and so does a frame that does not go on or is cut off by the
    end; after that the stream is dead. trio.BrokenResourceError says
    that the peer is gone. Several tasks may send, one may read. What is sent answers the body that was given
    out last: where the framing has addresses, it goes to where that one came from.
    """

    def __init__(self, stream: trio.abc.Stream, framer: Framer) -> None:
        self.stream = stream
        self._framer = framer
        self._outbox = Outbox(stream)
        self._bodies: deque[bytes] = deque()
        self._headers: deque[bytes] = deque()
        """Those of `_bodies`, if this framing has any."""
        self._header = framer.answer_to(b"")
        """What the next body is sent under."""
        self._refused: FrameError | None = None

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not complete yet."""
        return self._framer.pending

    def __aiter__(self) -> "FramedStream":
        return self

    async def __anext__(self) -> bytes:
        bodies = self._bodies
        while not bodies:
            if self._refused is not None:
                raise self._refused
            data = await (self._receive_rest() if self._framer.pending else self.stream.receive_some())
            if not data:
                self._demand_whole()
                raise StopAsyncIteration
            try:
                bodies.extend(self._framer.feed(bytes(data)))
            except FrameError as error:
                bodies.extend(error.bodies)
                self._refused = error
            if self._framer.headers:
                self._headers.extend(self._framer.headers)
            if self._framer.echo:
                await self._send_back(self._framer.echo)
        if self._headers:
            self._header = self._framer.answer_to(self._headers.popleft())
        return bodies.popleft()

    async def _receive_rest(self) -> bytes | bytearray:
        """More of a frame that has begun; it must go on in time, or a lying length would swallow what follows."""
        with trio.move_on_after(FRAME_GAP_S_MAX):
            return await self.stream.receive_some()
        raise FrameError(f"a frame stopped after {self.pending} bytes and did not go on for {FRAME_GAP_S_MAX:g} s")

    async def _send_back(self, keep_alives: bytes) -> None:
        """Echo keep-alives. If the peer is gone, what it said before is given out first; reading on will tell."""
        try:
            if not self._outbox.put(keep_alives):
                await self._outbox.drain()
        except trio.BrokenResourceError:
            return

    def _demand_whole(self) -> None:
        if self.pending:
            raise FrameError(f"the connection ended {self.pending} bytes into a frame")

    @property
    def header(self) -> bytes:
        """What an answer to the body given out last is sent under."""
        return self._header

    def send_now(self, body: bytes, header: bytes | None = None) -> bool:
        """Send without waiting; False if something is left that only `drain` can send.

        An answer to an earlier body goes under the `header` of that one.
        """
        return self._outbox.put(self._framer.wrap(body, self._header if header is None else header))

    async def drain(self) -> None:
        """Send what is left of earlier bodies."""
        await self._outbox.drain()

    async def send(self, body: bytes) -> None:
        """Send a body; waits only if the peer is slow, and is no checkpoint otherwise."""
        if not self._outbox.put(self._framer.wrap(body, self._header)):
            await self._outbox.drain()
