"""What can go wrong between bytes and a message, and what could be read all the same.

No text of an error here quotes content.
"""

import msgspec

from atmbench.errors import LocalError, RemoteError
from atmbench.messages.records import Message


class DecodeFailed(RemoteError):
    """Bytes that are no message of the dialect. `partial` is what could be read before that, unmasked."""

    def __init__(
        self, message: str, *, raw: bytes, field: str, position: int | None, partial: Message | None = None
    ) -> None:
        super().__init__(message, raw=raw, field=field, position=position)
        self.partial = partial


class EncodeFailed(LocalError):
    """A message that the dialect cannot carry. `field` is the one that does not fit."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class Piece(msgspec.Struct, frozen=True):
    """One part of a message as it lay in the bytes.

    `key` is a field number, or "h", "t", "p", "1" for header, message type and bitmaps. `position` is where its length
    prefix (if any) begins. `text` is its value, unmasked.
    """

    key: str
    name: str
    position: int
    prefix: bytes
    data: bytes
    text: str

    def __repr__(self) -> str:
        return f"Piece({self.key}, position={self.position}, {len(self.prefix)}+{len(self.data)} bytes)"


class Reading(msgspec.Struct, frozen=True):
    """All that could be read of some bytes, wrong or not.

    `failure` says where and why it stopped, None if it went to the end. `remarks` are fields that were
    read but hold what their type does not allow.
    """

    message: Message
    pieces: tuple[Piece, ...]
    failure: DecodeFailed | None
    remarks: tuple[str, ...]
