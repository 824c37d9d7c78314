"""Codec and MAC in one hand: messages to sealed bytes, and whose seal is on bytes that came."""

from collections.abc import Sequence

import msgspec

from atmbench.messages.codec import Codec
from atmbench.messages.records import Message
from atmbench.messages.sealing import Sealing, mac_field
from atmbench.security.mac import MacKey


class ToSeal(msgspec.Struct, frozen=True, gc=False):
    """A message with room for its MAC: its bytes, and the text that the MAC is made over."""

    message: Message
    raw: bytes
    text: bytes


class SealedCodec:
    """The codec of one dialect with its MACs. Holds no key."""

    def __init__(self, codec: Codec, sealing: Sealing) -> None:
        self._codec = codec
        self._sealing = sealing

    def wants(self, mti: str) -> bool:
        """Whether messages of this type carry a MAC."""
        return self._sealing.wants(mti)

    def encode(self, message: Message, key: MacKey | None) -> tuple[Message, bytes]:
        """The message as it is sent and its bytes, sealed if there is a key and its type wants it.

        Raises EncodeFailed.
        """
        if key is None or not self._sealing.wants(message.mti):
            return message, self._codec.encode(message)
        message = self._sealing.with_room(message)
        raw = self._codec.encode(message)
        return message, self._sealing.seal(raw, key, field=mac_field(message), mti=message.mti)

    def to_seal(self, message: Message) -> ToSeal:
        """A message whose type wants a MAC, for whoever has the key somewhere else. Raises EncodeFailed."""
        message = self._sealing.with_room(message)
        raw = self._codec.encode(message)
        return ToSeal(message, raw, self._sealing.text_of(raw, field=mac_field(message), mti=message.mti))

    def with_mac(self, prepared: ToSeal, mac: bytes) -> bytes:
        """The bytes with their MAC in them."""
        message = prepared.message
        return self._sealing.with_mac(prepared.raw, mac, field=mac_field(message), mti=message.mti)

    def sealed_text(self, raw: bytes, message: Message) -> tuple[bytes, bytes] | None:
        """What the MAC of bytes that came was made over, and the MAC; None if they carry none."""
        return self._sealing.sealed_text(raw, message)

    def agrees(self, raw: bytes, message: Message, keys: Sequence[MacKey]) -> MacKey | None:
        """Which key made the MAC of these bytes; None if none of them did."""
        return self._sealing.agrees(raw, message, keys)
