"""What every framing offers: bodies into framed bytes, and any chunks of bytes back into bodies.

A framer belongs to one direction of one connection. It holds at most one unfinished frame, believes no
length beyond the longest body of its framing, and never looks into a body.
"""

from collections.abc import Sequence
from typing import Protocol

from atmbench.errors import RemoteError

FRAME_BYTES_MAX = 8192
"""Longest body of any framing. Two printable characters read as a big-endian length are always more than
this, so a line of ASCII messages that lost its place is found out at once."""


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
    """One direction of one connection.

    Some framings put a header with addresses between length and body. It is no part of the body; `headers`
    tells it, and `wrap` takes it back, so that an answer goes to where its request came from.
    """

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame that were fed and wait for the rest."""
        ...

    @property
    def keep_alives(self) -> int:
        """Empty frames that were fed. They carry nothing and are passed over."""
        ...

    @property
    def echo(self) -> bytes:
        """What the last feed asks to be sent back at once: its keep-alives, if this framing echoes them."""
        ...

    @property
    def headers(self) -> Sequence[bytes]:
        """The headers of the bodies of the last feed, one each; empty if this framing has none."""
        ...

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with this chunk, in order.

        Raises FrameError at a length it must not believe, and again at every later feed.
        """
        ...

    def wrap(self, body: bytes, header: bytes = b"") -> bytes:
        """The framed bytes of a body, under a header as `headers` or `answer_to` gave it, or else the framing's own.

        Raises LocalError if the body is empty, too long, or holds what would end it.
        """
        ...

    def answer_to(self, header: bytes) -> bytes:
        """The header of an answer: addresses swapped. Without one, of an answer to this framing's own."""
        ...
