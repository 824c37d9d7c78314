"""Bytes and `Message`, both ways, in one dialect.

Which layout holds is decided by the MTI, since some families change a field by message class. What is
plainly right is done by the compiled codec, all else by the reference codec, which also says what is
wrong. This module must never look at meaning.
"""

from atmbench.messages.compiled import CompiledCodec, can_compile
from atmbench.messages.dialect import Dialect
from atmbench.messages.failures import DecodeFailed, EncodeFailed, Reading
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
        layout = dialect.layout
        self._reference = ReferenceCodec(layout, checks_content=checks_content)
        is_compiled = compiles and checks_content and can_compile(layout)
        self._compiled = CompiledCodec(layout) if is_compiled else None

    def encode(self, message: Message) -> bytes:
        """The bytes of a message, which is left as it is. Raises EncodeFailed."""
        compiled = self._compiled
        raw = compiled.encode(message) if compiled is not None else None
        if raw is None:
            raw = self._reference.encode(message)
            if compiled is not None:
                compiled.met_message(message)
        if len(raw) > MESSAGE_BYTES_MAX:
            raise EncodeFailed(f"the message has {len(raw)} bytes; at most {MESSAGE_BYTES_MAX} travel", field="")
        return raw

    def decode(self, raw: bytes) -> Message:
        """The message of bytes. Raises DecodeFailed."""
        compiled = self._compiled
        if compiled is not None and len(raw) <= MESSAGE_BYTES_MAX:
            message = compiled.decode(raw)
            if message is not None:
                return message
        _refuse_long(raw)
        message = self._reference.decode(raw)
        if compiled is not None:
            compiled.met_bytes(raw, message)
        return message

    def read(self, raw: bytes) -> Reading:
        """All that can be read of bytes, however wrong they are. Raises DecodeFailed only if there are too many."""
        _refuse_long(raw)
        return self._reference.read(raw)


def _refuse_long(raw: bytes) -> None:
    if len(raw) > MESSAGE_BYTES_MAX:
        because = f"{len(raw)} bytes are too long for a message; expected at most {MESSAGE_BYTES_MAX}"
        raise DecodeFailed(because, raw=raw, field="", position=0)
