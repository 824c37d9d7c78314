"""Two-byte framing: a big-endian length that counts the body and not itself, then the body.

Source: iso8583 facts 3 (PostChannel). A length of zero is a keep-alive and is passed over.
"""

from functools import lru_cache

from construct import Int16ub

from atmbench.errors import LocalError
from atmbench.framing.base import FRAME_BYTES_MAX, FrameError

LENGTH = Int16ub.compile()
LENGTH_BYTES = 2
LENGTHS_KEPT_MAX = 1024
"""Messages have few lengths, and construct sets up a context for every two bytes that it reads or builds."""


@lru_cache(maxsize=LENGTHS_KEPT_MAX)
def _prefix_of(length: int) -> bytes:
    prefix: bytes = LENGTH.build(length)
    return prefix


@lru_cache(maxsize=LENGTHS_KEPT_MAX)
def _length_in(prefix: bytes) -> int:
    length: int = LENGTH.parse(prefix)
    return length


class Length2Framer:
    """One direction of one connection with two-byte framing."""

    __slots__ = ("_dead", "_rest", "keep_alives")

    def __init__(self) -> None:
        self._rest = b""
        self._dead = ""
        self.keep_alives = 0

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame that were fed and wait for the rest."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with this chunk, in order. Raises FrameError."""
        if self._dead:
            raise FrameError(self._dead, raw=data)
        if self._rest:
            data = self._rest + data
        bodies: list[bytes] = []
        position, size = 0, len(data)
        while size - position >= LENGTH_BYTES:
            start = position + LENGTH_BYTES
            length = _length_in(data[position:start])
            if length > FRAME_BYTES_MAX:
                self._rest = b""
                self._dead = f"a frame of {length} bytes was announced; the longest allowed is {FRAME_BYTES_MAX}"
                raise FrameError(self._dead, raw=data[position:], position=position, bodies=bodies)
            if size - start < length:
                break
            if length:
                bodies.append(data[start : start + length])
            else:
                self.keep_alives += 1
            position = start + length
        self._rest = data[position:]
        return bodies

    def wrap(self, body: bytes) -> bytes:
        """The framed bytes of a body. Raises LocalError if the body is empty or too long."""
        if not 0 < len(body) <= FRAME_BYTES_MAX:
            raise LocalError(f"a body of {len(body)} bytes cannot be framed; expected 1 to {FRAME_BYTES_MAX}")
        return _prefix_of(len(body)) + body
