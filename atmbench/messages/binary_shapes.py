"""Shapes made of bytes: BER-TLV, entries with binary heads, bitmaps. The only importer of construct in this room.

Sources: iso8583 facts 2.4 (nested bitmaps), 4.8 (chip data); ISO 8825-1 for tags and lengths. Zero bytes
between entries of chip data mean nothing (EMV book 3, annex B) and are kept as an entry "00". A template whose
inside is no chip data is one value, as switches put anything into scripts.
"""

from collections.abc import Mapping, Sequence

from construct import (
    Array,
    Bitwise,
    Byte,
    Bytes,
    BytesInteger,
    Computed,
    ConstructError,
    Flag,
    FocusedSeq,
    If,
    IfThenElse,
    RawCopy,
    RepeatUntil,
    Struct,
    Tell,
    obj_,
    this,
)

from atmbench.messages.naming import Names, digits_in, size_in
from atmbench.messages.subfield_file import BitField, Bitmap, Entries
from atmbench.messages.subfields import TEXT, Piece, Problem, Subfield, Taken, bytes_of, unfit

DEPTH_MAX = 8
"""Templates of chip data inside one another that are taken apart."""
TAG_BYTES_MAX = 4

_TAG = RawCopy(Struct("first" / Byte, "more" / If(this.first & 0x1F == 0x1F, RepeatUntil(obj_ < 0x80, Byte))))
_LENGTH = FocusedSeq(
    "size",
    "first" / Byte,
    "size" / IfThenElse(this.first < 0x80, Computed(this.first), BytesInteger(this.first & 0x7F)),
)
_TLV = Struct("tag" / _TAG, "size" / _LENGTH, "begin" / Tell, "value" / Bytes(this.size), "end" / Tell)


class TlvShape:
    """Tags with lengths and values; a tag that says so holds further ones."""

    def __init__(self, names: Names, *, in_hex: bool) -> None:
        self._names = names
        self._in_hex = in_hex
        self.hides = names.hides

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        if not self._in_hex:
            return self._read(data, at, path, 1)
        try:
            inside = bytes.fromhex(data.decode("ascii"))
        except ValueError:
            return Taken((), Problem(path, at, "it is not an even number of hexadecimal digits"))
        parts, problem = self._read(inside, 0, path, 1)
        if problem is not None:
            problem = problem._replace(position=at + 2 * problem.position)
        return Taken(tuple(_in_hex(part, at) for part in parts), problem)

    def _read(self, data: bytes, at: int, path: str, depth: int) -> Taken:
        read: list[Subfield] = []
        start = 0
        while start < len(data):
            if data[start] == 0:
                zeros = len(data[start:]) - len(data[start:].lstrip(b"\0"))
                read.append(Subfield("00", "00" * zeros, (), "padding", at + start))
                start += zeros
                continue
            try:
                entry = _TLV.parse(data[start:])
            except ConstructError:
                return Taken(tuple(read), Problem(path, at + start, "no tag with a length and a whole value is there"))
            if len(entry.tag.data) > TAG_BYTES_MAX:
                return Taken(tuple(read), Problem(path, at + start, "a tag is too long to be one"))
            part, problem = self._entry(entry.tag.data, entry.value, at + start + entry.begin, path, depth)
            read.append(part)
            if problem is not None:
                return Taken(tuple(read), problem)
            start += entry.end
        return Taken(tuple(read))

    def _entry(self, tag: bytes, value: bytes, at: int, path: str, depth: int) -> tuple[Subfield, Problem | None]:
        key = tag.hex().upper()
        if tag[0] & 0x20 and depth < DEPTH_MAX:
            parts, problem = self._read(value, at, f"{path}.{key}", depth + 1)
            if problem is None:
                return Subfield(key, value.hex().upper(), parts, self._names.piece(key).name, at, "length"), None
        return self._names.read(key, value, at, path)

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape. A length is told in as few bytes as it needs."""
        built = b"".join(self._built(part, path) for part in parts)
        return built.hex().upper().encode(TEXT) if self._in_hex else built

    def _built(self, part: Subfield, path: str) -> bytes:
        if part.key == "00":
            return bytes_of(part.text, f"{path}.00", is_raw=True)
        tag = bytes_of(part.key, path, is_raw=True)
        if not _is_tag(tag):
            raise unfit(f"{path}.{part.key}", "its key is no tag")
        if tag[0] & 0x20 and part.parts:
            value = b"".join(self._built(each, f"{path}.{part.key}") for each in part.parts)
        else:
            value = self._names.build(part, path)
        return tag + _length(len(value)) + value


def _is_tag(tag: bytes) -> bool:
    try:
        return bool(_TAG.parse(tag).data == tag) and tag[0] != 0 and len(tag) <= TAG_BYTES_MAX
    except ConstructError:
        return False


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes(Byte.build(size))
    octets = (size.bit_length() + 7) // 8
    return bytes(Byte.build(0x80 | octets) + BytesInteger(octets).build(size))


def _in_hex(part: Subfield, at: int) -> Subfield:
    """A part of bytes that travel as hexadecimal text: each takes two places."""
    parts = tuple(_in_hex(each, at) for each in part.parts)
    return Subfield(part.key, part.text, parts, part.name, at + 2 * part.position, part.shown)


class BinaryEntriesShape:
    """Entries with a tag and a length of fixed sizes, in bytes. The tag is told in hexadecimal."""

    def __init__(self, kind: Entries, names: Names) -> None:
        self._sizes = (kind.tag_size, kind.length_size)
        tag, length = "tag" / Bytes(kind.tag_size), "size" / BytesInteger(kind.length_size)
        self._is_tag_first = kind.order == "tag_first"
        head = (tag, length) if self._is_tag_first else (length, tag)
        self._entry = Struct(*head, "begin" / Tell, "value" / Bytes(this.size), "end" / Tell)
        self._names = names
        self.hides = names.hides

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        read: list[Subfield] = []
        start = 0
        while start < len(data):
            try:
                entry = self._entry.parse(data[start:])
            except ConstructError:
                return Taken(tuple(read), Problem(path, at + start, "no tag with a length and a whole value is there"))
            key = entry.tag.hex().upper()
            part, problem = self._names.read(key, entry.value, at + start + entry.begin, path)
            read.append(part)
            if problem is not None:
                return Taken(tuple(read), problem)
            start += entry.end
        return Taken(tuple(read))

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape."""
        built = b""
        tag_size, length_size = self._sizes
        for part in parts:
            tag, value = bytes_of(part.key, path, is_raw=True), self._names.build(part, path)
            if len(tag) != tag_size or len(value) >= 256**length_size:
                raise unfit(f"{path}.{part.key}", f"its tag takes {tag_size} bytes and its length {length_size}")
            size = BytesInteger(length_size).build(len(value))
            built += (tag + size if self._is_tag_first else size + tag) + value
        return built


class BitmapShape:
    """A bitmap and the sub-fields it announces, in the order of their numbers."""

    def __init__(self, kind: Bitmap, pieces: Mapping[int, Piece]) -> None:
        self._in_hex = kind.bitmap == "hex"
        self._size = kind.bits // 8
        self._bits = Bitwise(Array(kind.bits, Flag))
        self._fields = kind.fields
        self._pieces = pieces
        self.hides = any(piece.hides for piece in pieces.values())

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        start = self._size * 2 if self._in_hex else self._size
        bits = self._bits_in(data[:start])
        if bits is None:
            return Taken((), Problem(path, at, "no bitmap stands there"))
        read: list[Subfield] = []
        for number in (number for number, is_set in enumerate(bits, start=1) if is_set):
            key = str(number)
            field = self._fields.get(number)
            if field is None:
                why = f"the bitmap announces {path}.{key}, which this dialect does not have"
                return Taken(tuple(read), Problem(path, at + start, why))
            begin = start + (field.prefix or 0)
            size = size_in(data[start:begin]) if field.prefix else field.size
            if size is None or size > field.size or begin + size > len(data):
                return Taken(tuple(read), Problem(f"{path}.{key}", at + start, _no_field(size, field)))
            part, problem = self._pieces[number].read(key, data[begin : begin + size], at + begin, path)
            read.append(part)
            if problem is not None:
                return Taken(tuple(read), problem)
            start = begin + size
        if start < len(data):
            return Taken(tuple(read), Problem(path, at + start, "there are bytes after the last sub-field"))
        return Taken(tuple(read))

    def _bits_in(self, data: bytes) -> list[bool] | None:
        try:
            raw = bytes.fromhex(data.decode("ascii")) if self._in_hex else data
            return list(self._bits.parse(raw)) if len(raw) == self._size else None
        except (ValueError, ConstructError):
            return None

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape. Parts are put in order."""
        by_number = {int(part.key): part for part in parts if part.key.isascii() and part.key.isdigit()}
        if len(by_number) != len(parts) or not by_number.keys() <= self._fields.keys():
            raise unfit(path, f"its parts are some of {', '.join(map(str, self._fields))}, each once")
        bitmap: bytes = self._bits.build([number in by_number for number in range(1, self._size * 8 + 1)])
        built = bitmap.hex().upper().encode(TEXT) if self._in_hex else bitmap
        for number, part in sorted(by_number.items()):
            field = self._fields[number]
            data = self._pieces[number].build(part, path)
            if len(data) > field.size or (not field.prefix and len(data) != field.size):
                raise unfit(f"{path}.{number}", f"it has {len(data)} bytes and takes {field.size}")
            built += (digits_in(len(data), field.prefix, path) if field.prefix else b"") + data
        return built


def _no_field(size: int | None, field: BitField) -> str:
    if size is None:
        return "its length is not all digits"
    if size > field.size:
        return f"its length is more than {field.size}"
    return "the field ends too early"
