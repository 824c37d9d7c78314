"""MACs on messages: put on encoded bytes, and checked on bytes that came.

Works on bytes, because a MAC covers bytes: what a fault has changed on the way, and built again with
care, still does not agree. Knows no line and no terminal, and holds no key.
Sources: iso8583 facts 1.1 and 4.6 ("Range").
"""

from collections.abc import Iterable

from atmbench.errors import LocalError
from atmbench.messages.layout import Layout
from atmbench.messages.layout_file import Content, Form
from atmbench.messages.records import Message
from atmbench.messages.security_file import MacUse
from atmbench.security.mac import FULL_BYTES, MacKey

FIRST, SECOND = 64, 128
"""The fields that hold a MAC: the last of the first bitmap, and of the second."""


class Sealing:
    """MACs of one dialect. Raises LocalError if the dialect has no room for them."""

    def __init__(self, use: MacUse, layout: Layout) -> None:
        self._use = use
        rule = use.rule
        self._bytes = rule.sent or rule.kept or FULL_BYTES[rule.method]
        self._is_raw = {number: self._check(layout, number) is Form.RAW for number in (FIRST, SECOND)}
        self._start = layout.header.size if layout.header else 0
        self._is_bcd = layout.encoding.mti == "bcd"

    def _check(self, layout: Layout, number: int) -> Form:
        slot = layout.slots.get(number)
        if slot is None or slot.content is not Content.B or slot.prefix_digits or slot.size != self._bytes:
            raise LocalError(
                f"{layout.name}: a MAC of {self._bytes} bytes needs field {number} of type b and size {self._bytes}"
            )
        return slot.form

    def wants(self, mti: str) -> bool:
        """Whether messages of this type carry a MAC."""
        return self._use.network_messages or mti[1:2] != "8"

    def with_room(self, message: Message) -> Message:
        """The message with an empty MAC field, ready to be encoded and sealed."""
        field = _field_for(message.fields)
        return Message(message.mti, {**message.fields, field: "0" * (2 * self._bytes)}, message.header)

    def seal(self, raw: bytes, key: MacKey, *, field: int) -> bytes:
        """The bytes of a message `with_room`, with their MAC in it. `field` is 64 or 128."""
        covered = raw[: -self._size(field)]
        mac = key.generate(self._text(covered))
        return covered + (mac if self._is_raw[field] else mac.hex().upper().encode("ascii"))

    def agrees(self, raw: bytes, message: Message, keys: Iterable[MacKey]) -> MacKey | None:
        """Which of the keys made the MAC of these bytes; None if none did, or if they carry none."""
        field = _last_field(message)
        if field is None:
            return None
        size = self._size(field)
        text = self._text(raw[:-size])
        mac = bytes.fromhex(message.fields[field])
        return next((key for key in keys if key.verify(text, mac)), None)

    def _size(self, field: int) -> int:
        return self._bytes if self._is_raw[field] else 2 * self._bytes

    def _text(self, covered: bytes) -> bytes:
        """What the MAC is made over: from the MTI on, the repeat digit taken back where the dialect says so."""
        text = covered[self._start :]
        if not self._use.ignores_repeat_digit:
            return text
        at = 1 if self._is_bcd else 3
        return text[:at] + bytes([text[at] & 0xFE]) + text[at + 1 :]


def mac_field(message: Message) -> int:
    """The field that holds the MAC of a message `with_room`."""
    return SECOND if SECOND in message.fields else FIRST


def _field_for(numbers: Iterable[int]) -> int:
    return SECOND if any(number > FIRST for number in numbers) else FIRST


def _last_field(message: Message) -> int | None:
    for field in (SECOND, FIRST):
        if message.fields.get(field) and max(message.fields) == field:
            return field
    return None
