"""Blocks of a serial line: STX, text, ETX and a check over them, and the control characters between blocks.

    02 text 03 LRC                     text must not hold control characters: they would end it
    02 length (header) body 03 LRC     with a length of two bytes any byte may stand in the body, and a TPDU before it

The LRC is the XOR of all bytes between STX and LRC. Sources: devices 6.1, 6.2 and 6.3. What 6.3 leaves open is ours:
that the length is part of the check, and that it counts header and body.
"""

import re
from collections.abc import Sequence
from functools import reduce
from operator import xor
from typing import TypeAlias

import msgspec

from atmbench.errors import LocalError
from atmbench.framing.base import FRAME_BYTES_MAX, FrameError
from atmbench.framing.headers import TPDU_BYTES, TpduHeader
from atmbench.framing.heads import LENGTHS

STX, ETX, EOT, ENQ, ACK, NAK = b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x15"
DISCONNECT = b"\x10\x04"
"""DLE EOT."""
CONTROLS = {ENQ: "ENQ", ACK: "ACK", NAK: "NAK", EOT: "EOT", DISCONNECT: "DLE EOT"}
"""What may stand between blocks, and its name."""

_LENGTH_BYTES = 2
_AROUND_BYTES = 3
"""STX, ETX and LRC."""
_NOT_TEXT = re.compile(rb"[\x02\x03\x04\x05\x06\x15\x17]")
"""Receivers stop at the first six (6.1); ETB would say that another block follows (6.2), and ours never does."""
_BEGINS = re.compile(rb"[\x02\x04\x05\x06\x15]|\x10\x04")
_ENDS = re.compile(rb"[\x02\x03]")


def lrc(covered: bytes) -> bytes:
    """The check over what stands between STX and LRC, ETX included."""
    return bytes([reduce(xor, covered, 0)])


class BlockLayout(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the body of a block."""

    length: str = ""
    """A key of LENGTHS of two bytes; empty for text without a length."""
    header: TpduHeader | None = None

    def block(self, payload: bytes) -> bytes:
        """The block around header and body. Raises LocalError if it cannot hold them."""
        if not 0 < len(payload) <= FRAME_BYTES_MAX:
            raise LocalError(f"a body of {len(payload)} bytes cannot be framed; expected 1 to {FRAME_BYTES_MAX}")
        if self.length:
            payload = LENGTHS[self.length].field.build(len(payload)) + payload
        elif found := _NOT_TEXT.search(payload):
            raise LocalError(
                f"byte {found.start()} of a body is {found[0].hex()}, and a block of text holds no control characters; "
                "say length: binary2 (or bcd2) for the serial line, or speak a dialect that is all text"
            )
        covered = payload + ETX
        return STX + covered + lrc(covered)


class Control(msgspec.Struct, frozen=True):
    """A control character, or two, between blocks."""

    raw: bytes


class Block(msgspec.Struct, frozen=True):
    """A whole block whose check agrees. `payload` is header and body."""

    raw: bytes
    payload: bytes


class Damaged(msgspec.Struct, frozen=True):
    """Bytes that began as a block and are none."""

    raw: bytes
    because: str


Unit: TypeAlias = Control | Block | Damaged
"""What one end of a serial line puts on it in one go."""


class UnitReader:
    """Any chunks of bytes into units. Holds at most one unfinished block; what is no unit is noise, and dropped."""

    def __init__(self, layout: BlockLayout) -> None:
        self._layout = layout
        self._rest = b""

    @property
    def pending(self) -> bytes:
        """A block that has begun and is not complete; empty between blocks."""
        return self._rest if self._rest[:1] == STX else b""

    @property
    def awaits_check(self) -> bool:
        """Whether nothing but the LRC is missing."""
        rest = self._rest
        if rest[-1:] != ETX or rest[:1] != STX:
            return False
        return not self._layout.length or len(rest) == self._size_of(rest) - 1

    def feed(self, data: bytes) -> list[Unit]:
        """The units that are complete with this chunk, in order."""
        self._rest += data
        units: list[Unit] = []
        while (unit := self._next()) is not None:
            units.append(unit)
        return units

    def give_up(self) -> Damaged | None:
        """The rest of a block did not come in time: what there is of it."""
        raw, self._rest = self.pending, b""
        return Damaged(raw, f"a block stopped after {len(raw)} bytes") if raw else None

    def _next(self) -> Unit | None:
        begin = _BEGINS.search(self._rest)
        if begin is None:
            self._rest = self._rest[-1:] if self._rest[-1:] == DISCONNECT[:1] else b""
            return None
        if begin[0] != STX:
            self._rest = self._rest[begin.end() :]
            return Control(begin[0])
        self._rest = self._rest[begin.start() :]
        return self._counted() if self._layout.length else self._text()

    def _text(self) -> Unit | None:
        rest = self._rest
        end = _ENDS.search(rest, 1)
        if end is not None and end[0] == STX:
            return self._taken(end.start(), "a block begins inside of a block")
        size = end.end() + 1 if end is not None else len(rest)
        if size > FRAME_BYTES_MAX + _AROUND_BYTES:
            return self._taken(len(rest), f"a block has more than {FRAME_BYTES_MAX} bytes")
        if end is None or len(rest) < size:
            return None
        because = "a block holds a control character" if _NOT_TEXT.search(rest, 1, size - 2) else ""
        return self._taken(size, because, rest[1 : size - 2])

    def _counted(self) -> Unit | None:
        rest = self._rest
        if len(rest) < 1 + _LENGTH_BYTES:
            return None
        size = self._size_of(rest)
        if not size:
            return self._taken(1, f"a block cannot have a length of {rest[1:3].hex(' ')}")
        if len(rest) < size:
            return None
        because = "" if rest[size - 2 : size - 1] == ETX else "a block does not end where its length says"
        return self._taken(size, because, rest[1 + _LENGTH_BYTES : size - 2])

    def _size_of(self, rest: bytes) -> int:
        """Bytes of the whole block; 0 if its length must not be believed, and as long as it is not there."""
        if len(rest) < 1 + _LENGTH_BYTES:
            return 0
        try:
            size: int = LENGTHS[self._layout.length].field.parse(rest[1 : 1 + _LENGTH_BYTES])
        except ValueError:
            return 0
        return size + _LENGTH_BYTES + _AROUND_BYTES if 0 < size <= FRAME_BYTES_MAX else 0

    def _taken(self, size: int, because: str, payload: bytes = b"") -> Unit:
        raw, self._rest = self._rest[:size], self._rest[size:]
        if not because and lrc(raw[1:-1]) != raw[-1:]:
            because = f"the LRC of a block is {raw[-1:].hex()}; its bytes make {lrc(raw[1:-1]).hex()}"
        if not because and len(payload) <= (TPDU_BYTES if self._layout.header else 0):
            because = "a block is empty"
        return Damaged(raw, because) if because else Block(raw, payload)


class BlockFramer:
    """One direction of one connection whose frames are blocks (`framing.base.Framer`).

    What is asked for and acknowledged, and repeated if it was damaged, is not its matter but that of the link layer
    (`link_ends`), which hands on whole blocks.
    """

    __slots__ = ("_dead", "_header", "_layout", "_reader", "echo", "headers", "keep_alives")

    def __init__(self, layout: BlockLayout) -> None:
        self._layout = layout
        self._header = layout.header
        self._reader = UnitReader(layout)
        self._dead = ""
        self.keep_alives = 0
        self.echo = b""
        self.headers: Sequence[bytes] = ()

    @property
    def pending(self) -> int:
        """Bytes of an unfinished block that were fed and wait for the rest."""
        return len(self._reader.pending)

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with this chunk, in order; `headers` has theirs. Raises FrameError."""
        if self._dead:
            raise FrameError(self._dead, raw=data)
        self.headers = headers = []
        bodies: list[bytes] = []
        for unit in self._reader.feed(data):
            if isinstance(unit, Damaged):
                self._dead = unit.because
                self._reader.give_up()
                raise FrameError(unit.because, raw=unit.raw, bodies=bodies)
            if isinstance(unit, Block):
                start = TPDU_BYTES if self._header else 0
                bodies.append(unit.payload[start:])
                if start:
                    headers.append(unit.payload[:start])
        return bodies

    def wrap(self, body: bytes, header: bytes = b"") -> bytes:
        """The block of a body under a header. Raises LocalError if the body is empty, too long or no text."""
        if not body:
            raise LocalError(f"a body of 0 bytes cannot be framed; expected 1 to {FRAME_BYTES_MAX}")
        if self._header is not None:
            body = (header or self._header.own) + body
        return self._layout.block(body)

    def answer_to(self, header: bytes) -> bytes:
        """The header with its addresses swapped; without one, of an answer to a request under our own."""
        return self._header.answer_to(header or self._header.own) if self._header is not None else b""
