"""MACs on messages: put on encoded bytes, and checked on bytes that came.

Works on bytes, because a MAC covers bytes: what a fault has changed on the way, and built again with
care, still does not agree. Knows no line and no terminal, and holds no key.
Sources: iso8583 facts 1.1 and 4.6 ("Range").
"""

from collections.abc import Iterable, Mapping

from atmbench.errors import LocalError
from atmbench.messages.layout import Layout
from atmbench.messages.layout_file import Content, Form
from atmbench.messages.records import Message
from atmbench.messages.security_file import MacUse
from atmbench.security.mac import FULL_BYTES, MacKey

FIRST, SECOND = 64, 128
"""The fields that hold a MAC: the last of the first bitmap, and of the second."""


class Sealing:
    """MACs of one dialect, whose fields may travel otherwise in messages whose MTI begins so.

    Raises LocalError if the dialect has no room for them.
    """

    def __init__(self, use: MacUse, layout: Layout, by_mti: Mapping[str, Layout] | None = None) -> None:
        self._use = use
        rule = use.rule
        self._bytes = rule.sent or rule.kept or FULL_BYTES[rule.method]
        self._usual = self._forms(layout)
        self._by_mti = {start: self._forms(each) for start, each in (by_mti or {}).items()}
        self._start = layout.header.size if layout.header else 0
        self._is_bcd = layout.encoding.mti == "bcd"

    def _forms(self, layout: Layout) -> dict[int, bool]:
        """Whether each of the fields is bytes; hexadecimal text if not."""
        return {number: self._check(layout, number) is Form.RAW for number in (FIRST, SECOND)}

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

    def text_of(self, raw: bytes, *, field: int, mti: str = "") -> bytes:
        """What the MAC of a message `with_room` is made over. `field` is 64 or 128."""
        return self._text(raw[: -self._size(self._is_raw(mti, field))])

    def with_mac(self, raw: bytes, mac: bytes, *, field: int, mti: str = "") -> bytes:
        """The bytes of a message `with_room`, with a MAC in it. `field` is 64 or 128."""
        is_raw = self._is_raw(mti, field)
        return raw[: -self._size(is_raw)] + (mac if is_raw else mac.hex().upper().encode("ascii"))

    def seal(self, raw: bytes, key: MacKey, *, field: int, mti: str = "") -> bytes:
        """The bytes of a message `with_room`, with their MAC under this key in it. `field` is 64 or 128."""
        mac = key.generate(self.text_of(raw, field=field, mti=mti))
        return self.with_mac(raw, mac, field=field, mti=mti)

    def sealed_text(self, raw: bytes, message: Message) -> tuple[bytes, bytes] | None:
        """What the MAC of these bytes was made over, and the MAC; None if they carry none."""
        field = _last_field(message)
        if field is None:
            return None
        return self.text_of(raw, field=field, mti=message.mti), bytes.fromhex(message.fields[field])

    def agrees(self, raw: bytes, message: Message, keys: Iterable[MacKey]) -> MacKey | None:
        """Which of the keys made the MAC of these bytes; None if none did, or if they carry none."""
        parts = self.sealed_text(raw, message)
        if parts is None:
            return None
        text, mac = parts
        return next((key for key in keys if key.verify(text, mac)), None)

    def _is_raw(self, mti: str, field: int) -> bool:
        for start, forms in self._by_mti.items():
            if mti.startswith(start):
                return forms[field]
        return self._usual[field]

    def _size(self, is_raw: bool) -> int:
        return self._bytes if is_raw else 2 * self._bytes

    def _text(self, covered: bytes) -> bytes:
        """What the MAC is made over: from the MTI on, the repeat digit taken back where the dialect says so."""
        text = covered[self._start :]
        if self._use.covers == "from_bitmap":
            return text[2 if self._is_bcd else 4 :]
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
