"""Bytes that come in as they like, frames that go out whole, and how long an unfinished one is waited for.

It must never decide what becomes of a line whose frames do not come; the cable does.
"""

from collections.abc import Callable
from math import inf

import trio

from atmbench.framing.base import Framer

FRAME_GAP_S_MAX = 10.0
"""A frame that began and does not go on for so long is refused, and the line with it: a lying length
must not swallow replies for ever."""


class Incoming:
    """A framer with a memory of the frame that is not complete. Bodies that come through start the wait anew.

    `watch()` is called when `stale_at` has changed.
    """

    __slots__ = ("_watch", "framer", "pending", "stale_at", "tail")

    def __init__(self, framer: Framer, watch: Callable[[], None]) -> None:
        self.framer = framer
        self._watch = watch
        self.pending = 0
        """Bytes of a frame that is not complete."""
        self.tail = b""
        """Those bytes."""
        self.stale_at = inf
        """When that frame has been waited for long enough."""

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with these bytes. Raises FrameError, and leaves `tail` as it was."""
        framer = self.framer
        bodies = framer.feed(data)
        pending = framer.pending
        if pending or self.pending:
            self.pending = pending
            self.tail = (self.tail + data)[-pending:] if pending else b""
            if not pending or bodies or self.stale_at == inf:
                self.stale_at = trio.current_time() + FRAME_GAP_S_MAX if pending else inf
                self._watch()
        return bodies
