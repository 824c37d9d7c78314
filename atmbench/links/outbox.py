"""The outbox of a stream: bytes that must leave in order, sent at once where that needs no waiting.

Several tasks may put bytes; one of them drains what did not leave at once. The outbox must never hold
more than OUTBOX_BYTES_MAX: who does not read for so long is not there any more.
"""

import trio

from atmbench.links.stream import LinkStream

OUTBOX_BYTES_MAX = 1_048_576
"""Bytes that may wait for a slow peer."""


class Outbox:
    """Sends bytes over a stream in the order of `put`."""

    __slots__ = ("_draining", "_stream", "_waiting")

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._waiting = bytearray()
        self._draining = False

    @property
    def is_waiting(self) -> bool:
        """Whether something is left for `drain`."""
        return bool(self._waiting)

    def put(self, data: bytes) -> bool:
        """Send as much as leaves at once; True if nothing is left for `drain`.

        Raises trio.BrokenResourceError if the peer is gone or too much waits already.
        """
        waiting = self._waiting
        if not waiting and isinstance(self._stream, LinkStream):
            taken = self._stream.send_now(data)
            if taken == len(data):
                return True
            data = data[taken:]
        if len(waiting) + len(data) > OUTBOX_BYTES_MAX:
            raise trio.BrokenResourceError(f"the peer left more than {OUTBOX_BYTES_MAX} bytes unread")
        waiting += data
        return False

    async def drain(self) -> None:
        """Send what waits. If another task is at it already, leave it to that task.

        After a failed or cancelled drain the stream is in an unknown state and must be closed.
        """
        if self._draining:
            return
        self._draining = True
        try:
            while self._waiting:
                chunk = bytes(self._waiting)
                await self._stream.send_all(chunk)
                del self._waiting[: len(chunk)]
        finally:
            self._draining = False
