"""The reference codec: the only importer of iso8583, and the one place that makes up for what it cannot say.

pyiso8583 moves fields in and out of bytes and checks lengths; what may stand in a field is checked here,
on both ways (iso8583 facts 8.2: it takes letters in numeric fields, " 3" as a length and any MTI). Its
error texts may quote content, so none of them is passed on. This module must never look at meaning.

What it cannot express (iso8583 facts 8.3) and is added here: a sign before BCD digits (`x+n`), `=` in
BCD track data, and two bitmaps in every message without bit 1.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import iso8583

from atmbench.messages.failures import DecodeFailed, EncodeFailed, Piece, Reading
from atmbench.messages.layout import ALLOWED, Layout, Slot, is_digits
from atmbench.messages.layout_file import Content, Form, LengthForm
from atmbench.messages.records import Message

_STRUCTURE = {"h": "header", "t": "message type", "p": "bitmap", "1": "secondary bitmap"}
_PADS = {"left 0": {"left_pad": "0"}, "right 0": {"right_pad": "0"}, "right F": {"right_pad": "F"}}
Parts = Mapping[str, Mapping[str, bytes]]


class ReferenceCodec:
    """Encodes and decodes messages of one layout. Holds no state; safe to share.

    Without `checks_content` only lengths and encodings are checked, as pyiso8583 does.
    """

    def __init__(self, layout: Layout, *, checks_content: bool = True) -> None:
        self._layout = layout
        self._checks = checks_content
        self._by_key = {slot.key: slot for slot in layout.slots.values()}
        self._spec = _spec(layout)
        self._bitmaps = _TwoBitmaps(layout) if layout.encoding.bitmaps == "always_two" else None

    @property
    def spec(self) -> dict[str, dict[str, Any]]:
        """The layout in the words of pyiso8583, for whoever measures or compares."""
        return self._spec

    def as_pyiso8583(self, raw: bytes) -> bytes:
        """Bytes of this layout as pyiso8583 reads them by `spec`, for the same."""
        return self._bitmaps.take(raw) if self._bitmaps else raw

    # --- message to bytes -------------------------------------------------------------------------

    def encode(self, message: Message) -> bytes:
        """The bytes of a message, which is left as it is. Raises EncodeFailed."""
        document = self._document(message)
        try:
            encoded, _ = iso8583.encode(document, self._spec)
        except iso8583.EncodeError as error:
            raise EncodeFailed(self._misfit(error.field), field=error.field) from None
        raw = bytes(encoded)
        return self._bitmaps.put(raw) if self._bitmaps else raw

    def _document(self, message: Message) -> dict[str, str]:
        if len(message.mti) != 4 or not is_digits(message.mti):
            raise EncodeFailed("a message type of four digits was expected, such as 0200", field="t")
        document = {"t": message.mti}
        if self._layout.header is not None:
            document["h"] = message.header or self._layout.header.value
        for number, text in message.fields.items():
            slot = self._layout.slots.get(number)
            if slot is None:
                raise EncodeFailed(f"{self._layout.name} has no field {number}; leave it out", field=str(number))
            if self._checks and text and not slot.check(text):
                raise EncodeFailed(self._misfit(slot.key), field=slot.key)
            document[slot.key] = _to_wire(slot, text)
        return document

    # --- bytes to message -------------------------------------------------------------------------

    def decode(self, raw: bytes) -> Message:
        """The message of bytes. Raises DecodeFailed."""
        document, parts, failure = self._taken_apart(raw)
        if self._checks:
            failure = self._first_misfit(document, parts, raw) or failure
        if failure is not None:
            raise failure
        return self._message(document)

    def read(self, raw: bytes) -> Reading:
        """All that can be read of bytes, however wrong they are. Raises nothing."""
        document, parts, failure = self._taken_apart(raw)
        remarks = [self._misfit(key) for key in self._misfits(document, parts)]
        return Reading(self._message(document), tuple(self._pieces(document, parts)), failure, tuple(remarks))

    def _taken_apart(self, raw: bytes) -> tuple[dict[str, str], Parts, DecodeFailed | None]:
        patched = self._bitmaps.take(raw) if self._bitmaps else raw
        try:
            document, parts = iso8583.decode(patched, self._spec)
        except iso8583.DecodeError as error:
            why = f"{self._naming(error.field)} cannot be read at byte {error.pos} of {len(raw)}{_why(error.msg)}"
            document, parts, field, position = error.doc_dec, error.doc_enc, error.field, error.pos
            if not error.msg.startswith("Extra data"):
                document.pop(field, None)
        except KeyError as error:  # the bitmap names a field that the dialect does not have
            document, parts, position = self._before_fields(patched)
            field = str(error.args[0])
            why = f"the bitmap announces field {field}, which {self._layout.name} does not have"
        else:
            return document, parts, None
        shift = self._bitmaps.shift(patched, raw, position) if self._bitmaps else 0
        failure = DecodeFailed(why, raw=raw, field=field, position=position + shift)
        failure.partial = self._partial(document)
        return document, parts, failure

    def _before_fields(self, raw: bytes) -> tuple[dict[str, str], dict[str, dict[str, bytes]], int]:
        """Header, MTI and bitmaps alone, which were sound."""
        none = {**self._spec, **{str(number): _entry("", 0, "ascii") for number in range(2, 193)}}
        try:
            document, parts = iso8583.decode(raw, none)
        except iso8583.DecodeError as error:  # bytes of the fields are left over, or there is a third bitmap
            document, parts = error.doc_dec, error.doc_enc
        document = {key: text for key, text in document.items() if key in _STRUCTURE}
        parts = {key: part for key, part in parts.items() if key in _STRUCTURE}
        return document, parts, sum(len(part["data"]) for part in parts.values())

    def _message(self, document: Mapping[str, str]) -> Message:
        fields = {
            slot.number: _from_wire(slot, text) for key, text in document.items() if (slot := self._by_key.get(key))
        }
        return Message(document.get("t", ""), fields, document.get("h", ""))

    def _partial(self, document: Mapping[str, str]) -> Message | None:
        return self._message(document) if is_digits(document.get("t", "")) else None

    def _pieces(self, document: Mapping[str, str], parts: Parts) -> Iterator[Piece]:
        position = 0
        for key, part in parts.items():
            prefix, data = part["len"], part["data"]
            slot = self._by_key.get(key)
            name = slot.name if slot else _STRUCTURE.get(key, "")
            text = document.get(key, "")
            yield Piece(key, name, position, prefix, data, _from_wire(slot, text) if slot else text)
            position += len(prefix) + len(data)
            if key == "p" and self._bitmaps and "1" not in parts:
                position += len(data)

    # --- what may stand in a field ----------------------------------------------------------------

    def _first_misfit(self, document: Mapping[str, str], parts: Parts, raw: bytes) -> DecodeFailed | None:
        for key in self._misfits(document, parts):
            before = dict(_until(key, document))
            position = next(piece.position for piece in self._pieces(document, parts) if piece.key == key)
            return DecodeFailed(self._misfit(key), raw=raw, field=key, position=position, partial=self._partial(before))
        return None

    def _misfits(self, document: Mapping[str, str], parts: Parts) -> Iterator[str]:
        """Keys of what was read but must not stand there, in order."""
        for key, text in document.items():
            slot = self._by_key.get(key)
            if slot is not None:
                value = _from_wire(slot, text)
                prefix = parts[key]["len"]
                if (value and not slot.check(value)) or not self._is_prefix(slot, prefix):
                    yield key
            elif (key == "t" and not is_digits(text)) or (key in "p1" and not _is_bitmap(text)):
                yield key

    def _is_prefix(self, slot: Slot, prefix: bytes) -> bool:
        """pyiso8583 takes " 3" for a length."""
        if slot.length_form is not LengthForm.TEXT or not prefix:
            return True
        return is_digits(prefix.decode(self._layout.codec, "replace"))

    # --- words ------------------------------------------------------------------------------------

    def _misfit(self, key: str) -> str:
        slot = self._by_key.get(key)
        if key == "t":
            return "the message type is not four digits"
        if key in ("p", "1"):
            return "the bitmap is not one or two times 16 hexadecimal digits"
        if slot is None:
            return f"{self._naming(key)} does not fit {self._layout.name}"
        length = f"{slot.size} {'bytes of ' if slot.content is Content.B else ''}"
        length = f"up to {length}" if slot.prefix_digits else length
        return f"{self._naming(key)} does not fit {self._layout.name}: expected {length}{ALLOWED[slot.content]}"

    def _naming(self, key: str) -> str:
        slot = self._by_key.get(key)
        return f"field {key} ({slot.name})" if slot else f"the {_STRUCTURE.get(key, f'field {key}')}"


class _TwoBitmaps:
    """Two bitmaps in every message, bit 1 always 0: made into what pyiso8583 knows, and back."""

    def __init__(self, layout: Layout) -> None:
        encoding, header = layout.encoding, layout.header
        self._width = 8 if encoding.bitmap == "raw" else 16
        self._start = (header.size if header else 0) + (2 if encoding.mti == "bcd" else 4)
        self._zero = bytes(8) if encoding.bitmap == "raw" else "0".encode(layout.codec) * 16
        self._codec = None if encoding.bitmap == "raw" else layout.codec

    def put(self, raw: bytes) -> bytes:
        """Bytes of pyiso8583 as they travel."""
        start, end = self._start, self._start + self._width
        bitmap = self._number(raw[start:end])
        if bitmap >> 63:
            return raw[:start] + self._bytes(bitmap & ~(1 << 63)) + raw[end:]
        return raw[:end] + self._zero + raw[end:]

    def take(self, raw: bytes) -> bytes:
        """Bytes that came as pyiso8583 reads them; unchanged if they are no such message."""
        start, end = self._start, self._start + self._width
        if len(raw) < end:
            return raw
        second = raw[end : end + self._width]
        if second == self._zero:
            return raw[:end] + raw[end + self._width :]
        try:
            bitmap = self._number(raw[start:end])
        except ValueError:
            return raw
        return raw[:start] + self._bytes(bitmap | 1 << 63) + raw[end:]

    def shift(self, patched: bytes, raw: bytes, position: int) -> int:
        """What to add to a position in the patched bytes."""
        return len(raw) - len(patched) if position >= self._start + self._width else 0

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, "big") if self._codec is None else int(data.decode(self._codec) or "0", 16)

    def _bytes(self, bitmap: int) -> bytes:
        if self._codec is None:
            return bitmap.to_bytes(8, "big")
        return f"{bitmap:016X}".encode(self._codec)


def _to_wire(slot: Slot, text: str) -> str:
    """The value as pyiso8583 wants it."""
    if slot.form is Form.BCD:
        if slot.content is Content.XN:
            return text[:1].encode("latin-1", "replace").hex() + text[1:]
        if slot.content is Content.Z:
            return text.replace("=", "D")
    return text


def _from_wire(slot: Slot, text: str) -> str:
    """The value as the house wants it."""
    if slot.content is Content.XN and slot.form is Form.BCD and text:
        return chr(int(text[:2], 16)) + text[2:]
    return text.upper() if slot.form is Form.HEX else text


def _until(key: str, items: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in items.items():
        if name == key:
            return
        yield name, value


def _is_bitmap(text: str) -> bool:
    return len(text) == 16 and text.isascii() and text.isalnum()


def _why(text: str) -> str:
    """What pyiso8583 says, where that is known to hold no content."""
    if text.startswith("Extra data"):
        return ": there are bytes after the last field"
    if "larger than maximum" in text:
        return ": it is longer than the dialect allows"
    if "expecting" in text:
        return ": the message ends too early"
    return ""


def _spec(layout: Layout) -> dict[str, dict[str, Any]]:
    """The layout in the words of pyiso8583."""
    encoding, codec = layout.encoding, layout.codec
    bitmap = _entry("bitmap", 16, "b" if encoding.bitmap == "raw" else codec)
    if encoding.bitmap == "raw":
        bitmap["max_len"] = 8
    header = layout.header
    spec = {
        "h": _entry("header", 0, codec),
        "t": _entry("message type", 4, codec),
        "p": bitmap,
        "1": dict(bitmap),
    }
    if encoding.mti == "bcd":
        spec["t"] = {**_entry("message type", 4, "b"), "len_count": "nibbles", "left_pad": "0"}
    if header is not None:
        spec["h"] = _entry("header", header.size, "b" if header.form == "raw" else codec)
    return spec | {slot.key: _slot_entry(slot, codec) for slot in layout.slots.values()}


def _slot_entry(slot: Slot, codec: str) -> dict[str, Any]:
    size, data = slot.size, codec
    extra: dict[str, str] = {}
    if slot.form is Form.HEX:
        size *= 2
    elif slot.form is Form.RAW:
        data = "b"
    elif slot.form is Form.BCD:
        data = "b"
        if slot.content is Content.XN:
            size = 1 + slot.size // 2
        else:
            extra = {"len_count": "nibbles", **_PADS[slot.pad]}
    lengths = {LengthForm.TEXT: codec, LengthForm.BCD: "bcd", LengthForm.BINARY: "b"}
    return {
        **_entry(slot.name, size, data),
        "len_enc": lengths[slot.length_form],
        "len_type": slot.prefix_bytes,
        **extra,
    }


def _entry(name: str, size: int, data: str) -> dict[str, Any]:
    return {"data_enc": data, "len_enc": "ascii", "len_type": 0, "max_len": size, "desc": name}
