"""The first bytes of a frame: a length, in one of the ways lengths are written, and constants around it.

Construct reads and writes them; no error of it leaves this module. Source: iso8583 facts 3.
"""

from functools import lru_cache
from typing import Any

import msgspec
from construct import Bytes, ConstructError, ExprAdapter, Int16ub, Int24ub, Int32ub, Struct

from atmbench.errors import LocalError
from atmbench.framing.base import FrameError

LENGTHS_KEPT_MAX = 1024
"""Messages have few lengths, and construct sets up a context for every head that it reads or builds."""
HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")


def _read_digits(raw: bytes, _: Any) -> int:
    if not raw.isdigit():
        raise ValueError("not digits")
    return int(raw)


def _read_hex(raw: bytes, _: Any) -> int:
    if not HEX_DIGITS.issuperset(raw):  # int() would take a sign, spaces and 0x as well
        raise ValueError("not hexadecimal")
    return int(raw, 16)


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """One way to write a length."""

    words: str
    size: int
    most: int
    """The largest number that fits."""
    field: Any
    """A construct."""


LENGTHS = {
    "binary2": Length(words="2 bytes, big-endian", size=2, most=0xFFFF, field=Int16ub),
    "binary3": Length(words="3 bytes, big-endian", size=3, most=0xFF_FFFF, field=Int24ub),
    "binary4": Length(words="4 bytes, big-endian", size=4, most=0xFFFF_FFFF, field=Int32ub),
    "bcd2": Length(
        words="2 bytes of BCD digits",
        size=2,
        most=9_999,
        field=ExprAdapter(
            Bytes(2), lambda raw, _: _read_digits(raw.hex().encode(), _), lambda n, _: bytes.fromhex(f"{n:04d}")
        ),
    ),
    "digits4": Length(
        words="4 ASCII digits",
        size=4,
        most=9_999,
        field=ExprAdapter(Bytes(4), _read_digits, lambda n, _: b"%04d" % n),
    ),
    "hex4": Length(
        words="4 hexadecimal characters",
        size=4,
        most=0xFFFF,
        field=ExprAdapter(Bytes(4), _read_hex, lambda n, _: b"%04x" % n),
    ),
}


class Head:
    """How the heads of one framing say the size of what follows them. Safe to share.

    `counts` is what a length counts beside the bytes that follow its head: its own two bytes, say, or less
    than nothing if some of them are not counted. A length of zero is a keep-alive, unless `counts` forbids
    it. `least` and `most` bound the size that is believed. The bytes of `tail` are not looked at if it is free.
    """

    def __init__(
        self, length: Length, *, lead: bytes, tail: bytes, tail_is_free: bool, counts: int, least: int, most: int
    ) -> None:
        self._length = length
        self._lead = lead
        self._tail = tail
        self._tail_is_free = tail_is_free
        self._counts = counts
        self._least = least
        self._most = most
        self._construct = Struct(
            "lead" / Bytes(len(lead)), "length" / length.field, "tail" / Bytes(len(tail))
        ).compile()
        self.size = len(lead) + length.size + len(tail)
        """Bytes of a head."""
        self.size_after = lru_cache(maxsize=LENGTHS_KEPT_MAX)(self._size_after)
        """Head to the size of what follows; zero is an empty frame. Raises FrameError for one that must not be
        believed."""
        self.before = lru_cache(maxsize=LENGTHS_KEPT_MAX)(self._before)
        """Size of what follows to the head. Raises LocalError if there is nothing to follow, or too much."""
        self.idle = self._saying(0)
        """The head of a keep-alive."""

    def _saying(self, number: int) -> bytes:
        head: bytes = self._construct.build({"lead": self._lead, "length": number, "tail": self._tail})
        return head

    def _before(self, size: int) -> bytes:
        if not self._least < size <= self._most:
            most = self._most - self._least
            raise LocalError(f"a body of {size - self._least} bytes cannot be framed; expected 1 to {most}")
        return self._saying(size + self._counts)

    def _size_after(self, head: bytes) -> int:
        number = self._number_in(head)
        if number == 0 and self._counts == 0:
            return 0
        size = number - self._counts
        if size < self._least:
            least = self._least + self._counts
            raise FrameError(f"a length of {number} was announced; the least that this framing allows is {least}")
        if size > self._most:
            most = self._most + self._counts
            raise FrameError(f"a frame of {number} bytes was announced; the longest allowed is {most}")
        return size

    def _number_in(self, head: bytes) -> int:
        """The length as it is written. A sentence shows no more of the head than one part of it."""
        start = len(self._lead)
        end = start + self._length.size
        if head[:start] != self._lead:
            raise FrameError(f"a frame begins with {_shown(head[:start])}; expected {_shown(self._lead)}")
        try:
            number: int = self._construct.parse(head).length
        except (ConstructError, ValueError):
            raise FrameError(f"a length is {_shown(head[start:end])}; expected {self._length.words}") from None
        if not self._tail_is_free and head[end:] != self._tail:
            raise FrameError(f"after the length stands {_shown(head[end:])}; expected {_shown(self._tail)}")
        return number


def _shown(raw: bytes) -> str:
    return raw.hex(" ").upper()
