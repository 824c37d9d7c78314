"""The framers: by a length, by a length with something around the body, and by a byte at the end.

All that they know of a framing is its layout. None of them looks into a body, except for the byte that
would end it too early.
"""

from collections.abc import Sequence

from atmbench.errors import LocalError
from atmbench.framing.base import FrameError
from atmbench.framing.layouts import Layout, head_of


class PrefixedFramer:
    """One direction of one connection whose frames are a head and a body."""

    __slots__ = (
        "_before",
        "_dead",
        "_echoes",
        "_head_size",
        "_idle",
        "_rest",
        "_size_after",
        "echo",
        "headers",
        "keep_alives",
    )

    def __init__(self, layout: Layout) -> None:
        head = head_of(layout)
        self._head_size = head.size
        self._size_after = head.size_after
        self._before = head.before
        self._idle = head.idle
        self._echoes = layout.echoes
        self._rest = b""
        self._dead = ""
        self.keep_alives = 0
        self.echo = b""
        self.headers: Sequence[bytes] = ()

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
        size_after, head_size = self._size_after, self._head_size
        position, size, idle = 0, len(data), 0
        while size - position >= head_size:
            start = position + head_size
            try:
                end = start + size_after(data[position:start])
            except FrameError as error:
                raise self._refused(str(error), data[position:], position, bodies) from None
            if end > size:
                break
            if end > start:
                bodies.append(data[start:end])
            else:
                idle += 1
            position = end
        self._rest = data[position:] if position < size else b""
        if idle or self.echo:
            self.keep_alives += idle
            self.echo = self._idle * idle if self._echoes else b""
        return bodies

    def wrap(self, body: bytes, header: bytes = b"") -> bytes:
        """The framed bytes of a body. Raises LocalError if the body is empty or too long."""
        before = self._before  # a call through the attribute would look for a method first
        return before(len(body)) + body

    def answer_to(self, header: bytes) -> bytes:
        """No header."""
        return b""

    def _refused(self, why: str, raw: bytes, position: int | None, bodies: Sequence[bytes]) -> FrameError:
        """The error at which this framer dies."""
        self._rest, self.echo, self._dead = b"", b"", why
        return FrameError(why, raw=raw, position=position, bodies=bodies)


class EnvelopedFramer(PrefixedFramer):
    """One direction of one connection whose frames have a header or a trailer within what the length spans."""

    __slots__ = ("_body_max", "_header", "_trailer")

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self._body_max = layout.bytes_max
        self._header = layout.header
        self._trailer = layout.trailer

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with this chunk, in order; `headers` has theirs. Raises FrameError."""
        self.headers = headers = []
        bodies: list[bytes] = []
        refused: FrameError | None = None
        try:
            payloads: Sequence[bytes] = super().feed(data)
        except FrameError as error:
            payloads, refused = error.bodies, error
        for payload in payloads:
            try:
                header, body = self._opened(payload)
            except ValueError as error:
                raise self._refused(str(error), payload, None, bodies) from None
            if not body:
                self.keep_alives += 1
                continue
            bodies.append(body)
            if header:
                headers.append(header)
        if refused is not None:
            raise FrameError(str(refused), raw=refused.raw, position=refused.position, bodies=bodies)
        return bodies

    def wrap(self, body: bytes, header: bytes = b"") -> bytes:
        """The framed bytes of a body under a header. Raises LocalError if the body is empty or too long."""
        _demand_fit(body, self._body_max)
        if self._header is not None:
            header = self._header.over(header or self._header.own, len(body))
        payload = header + body + self._trailer
        return self._before(len(payload)) + payload

    def answer_to(self, header: bytes) -> bytes:
        """The header with its addresses swapped; without one, of an answer to a request under our own."""
        if self._header is None:
            return b""
        return self._header.answer_to(header or self._header.own)

    def _opened(self, payload: bytes) -> tuple[bytes, bytes]:
        """Header and body; no body for a heartbeat. Raises ValueError with a sentence."""
        end = len(payload) - len(self._trailer)
        if payload[end:] != self._trailer:
            raise ValueError(f"a frame ends with {payload[end:].hex(' ')}; expected {self._trailer.hex(' ')}")
        if self._header is None:
            return b"", payload[:end]
        start = self._header.size_in(payload)
        header = payload[:start]
        return header, b"" if self._header.is_idle(header) else payload[start:end]


class TerminatedFramer:
    """One direction of one connection whose frames are a body and the byte that ends it."""

    __slots__ = ("_body_max", "_dead", "_rest", "_trailer", "echo", "headers", "keep_alives")

    def __init__(self, layout: Layout) -> None:
        self._trailer = layout.trailer
        self._body_max = layout.bytes_max
        self._rest = b""
        self._dead = ""
        self.keep_alives = 0
        self.echo = b""
        self.headers: Sequence[bytes] = ()

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame that were fed and wait for the rest."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with this chunk, in order. Raises FrameError."""
        if self._dead:
            raise FrameError(self._dead, raw=data)
        *ended, rest = (self._rest + data).split(self._trailer)
        bodies: list[bytes] = []
        for body in ended:
            self._demand_end(body, bodies)
            if body:
                bodies.append(body)
            else:
                self.keep_alives += 1
        self._demand_end(rest, bodies)
        self._rest = rest
        return bodies

    def _demand_end(self, body: bytes, bodies: list[bytes]) -> None:
        if len(body) > self._body_max:
            self._rest = b""
            self._dead = (
                f"{len(body)} bytes came without the {self._trailer.hex()} that ends a frame; "
                f"the longest allowed is {self._body_max}"
            )
            raise FrameError(self._dead, raw=body, bodies=bodies)

    def wrap(self, body: bytes, header: bytes = b"") -> bytes:
        """The framed bytes of a body. Raises LocalError if the body is empty, too long or holds its own end."""
        _demand_fit(body, self._body_max)
        if self._trailer in body:
            raise LocalError(
                f"byte {body.index(self._trailer)} of a body is {self._trailer.hex()}, which would end the frame; "
                "use a framing that has a length"
            )
        return body + self._trailer

    def answer_to(self, header: bytes) -> bytes:
        """No header."""
        return b""


def _demand_fit(body: bytes, bytes_max: int) -> None:
    if not 0 < len(body) <= bytes_max:
        raise LocalError(f"a body of {len(body)} bytes cannot be framed; expected 1 to {bytes_max}")
