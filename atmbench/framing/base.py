"""What every framing offers: bodies into framed bytes, and any chunks of bytes back into bodies.

A framer belongs to one direction of one connection. It holds at most one unfinished frame, believes no
length beyond `FRAME_BYTES_MAX`, and never looks into a body.
"""

from collections.abc import Sequence
from typing import Protocol

from atmbench.errors import RemoteError

FRAME_BYTES_MAX = 8192
"""Longest body. Two printable characters read as a big-endian length are always more than this, so a
line of ASCII messages that lost its place is found out at once."""


class FrameError(RemoteError):
    """The peer announced a frame that must not be believed. Nothing after it can be read: hang up.

    `bodies` are the whole frames that the same bytes held before the broken one.
    """

    def __init__(
        self, message: str, *, raw: bytes = b"", position: int | None = None, bodies: Sequence[bytes] = ()
    ) -> None:
        super().__init__(message, raw=raw, position=position)
        self.bodies = tuple(bodies)


class Framer(Protocol):
    """One direction of one connection."""

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame that were fed and wait for the rest."""
        ...

    @property
    def keep_alives(self) -> int:
        """Empty frames that were fed. They carry nothing and are passed over."""
        ...

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with this chunk, in order.

        Raises FrameError at a length it must not believe, and again at every later feed.
        """
        ...

    def wrap(self, body: bytes) -> bytes:
        """The framed bytes of a body. Raises LocalError if the body is empty or too long."""
        ...
