"""Bytes and `Message`, both ways, in one dialect.

Which layout holds is decided by the MTI, since some families change a field by message class. What is
plainly right is done by the compiled codec, all else by the reference codec, which also says what is
wrong. This module must never look at meaning.
"""

from typing import NamedTuple

from atmbench.messages.compiled import CompiledCodec, can_compile
from atmbench.messages.dialect import Dialect
from atmbench.messages.failures import DecodeFailed, EncodeFailed, Reading
from atmbench.messages.layout import Layout, is_digits
from atmbench.messages.records import Message
from atmbench.messages.reference import ReferenceCodec

__all__ = ["MESSAGE_BYTES_MAX", "Codec", "DecodeFailed", "EncodeFailed", "Reading"]

MESSAGE_BYTES_MAX = 8192
"""A longer message is refused unread; the longest of a real ATM line has about a quarter of this."""


class Codec:
    """Encodes and decodes messages of one dialect; safe to share.

    Without `checks_content` only lengths and encodings are checked. Without `compiles` the reference does it all.
    """

    def __init__(self, dialect: Dialect, *, checks_content: bool = True, compiles: bool = True) -> None:
        def pair(layout: Layout) -> _Pair:
            is_compiled = compiles and checks_content and can_compile(layout)
            compiled = CompiledCodec(layout) if is_compiled else None
            return _Pair(ReferenceCodec(layout, checks_content=checks_content), compiled)

        self._usual = pair(dialect.layout)
        self._by_mti = {start: pair(layout) for start, layout in dialect.layouts_by_mti.items()}
        self._mti_of = MtiPeeker(dialect.layout)
        self.sensitive = dialect.sensitive
        """MTI to the fields that must not be shown."""

    def encode(self, message: Message) -> bytes:
        """The bytes of a message, which is left as it is. Raises EncodeFailed."""
        reference, compiled = self._pair_for(message.mti) if self._by_mti else self._usual
        raw = compiled.encode(message) if compiled is not None else None
        if raw is None:
            raw = reference.encode(message)
            if compiled is not None:
                compiled.met_message(message)
        if len(raw) > MESSAGE_BYTES_MAX:
            raise EncodeFailed(f"the message has {len(raw)} bytes; at most {MESSAGE_BYTES_MAX} travel", field="")
        return raw

    def decode(self, raw: bytes) -> Message:
        """The message of bytes. Raises DecodeFailed."""
        if len(raw) > MESSAGE_BYTES_MAX:
            raise _too_long(raw)
        reference, compiled = self._pair_for(self._mti_of(raw)) if self._by_mti else self._usual
        if compiled is not None:
            message = compiled.decode(raw)
            if message is not None:
                return message
        message = reference.decode(raw)
        if compiled is not None:
            compiled.met_bytes(raw, message)
        return message

    def mti(self, raw: bytes) -> str:
        """The MTI of bytes, without reading the rest; empty if it is none."""
        return self._mti_of(raw)

    def read(self, raw: bytes) -> Reading:
        """All that can be read of bytes, however wrong they are. Raises DecodeFailed only if there are too many."""
        if len(raw) > MESSAGE_BYTES_MAX:
            raise _too_long(raw)
        return self._pair_for(self._mti_of(raw)).reference.read(raw)

    def _pair_for(self, mti: str) -> "_Pair":
        for start, pair in self._by_mti.items():
            if mti.startswith(start):
                return pair
        return self._usual


class MtiPeeker:
    """Finds the MTI at the head of a message."""

    def __init__(self, layout: Layout) -> None:
        self._start = layout.header.size if layout.header else 0
        self._is_bcd = layout.encoding.mti == "bcd"
        self._codec = layout.codec

    def __call__(self, raw: bytes) -> str:
        """The MTI, or nothing."""
        start = self._start
        if self._is_bcd:
            mti = raw[start : start + 2].hex()
        else:
            mti = raw[start : start + 4].decode(self._codec, "replace")
        return mti if len(mti) == 4 and is_digits(mti) else ""


class _Pair(NamedTuple):
    reference: ReferenceCodec
    compiled: CompiledCodec | None


def _too_long(raw: bytes) -> DecodeFailed:
    because = f"{len(raw)} bytes are too long for a message; expected at most {MESSAGE_BYTES_MAX}"
    return DecodeFailed(because, raw=raw, field="", position=0)
