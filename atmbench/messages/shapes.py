"""Shapes from what a dialect file says, and those that stand in text: parts, entries, tokens, tags.

Sources: iso8583 facts 1.5, 1.6 (parts), 2.3 (tokens), 2.4 (structured data), 2.6 (tagged values).
"""

from collections.abc import Mapping, Sequence

import msgspec

from atmbench.errors import LocalError
from atmbench.messages.binary_shapes import BinaryEntriesShape, BitmapShape, TlvShape
from atmbench.messages.emv_tags import EMV_TAGS
from atmbench.messages.layout_file import Content
from atmbench.messages.naming import Names, digits_in, size_in
from atmbench.messages.subfield_file import (
    AnySubfields,
    Bitmap,
    Entries,
    Fixed,
    Named,
    Repeated,
    SizedPart,
    Structured,
    Tagged,
    Tlv,
    Tokens,
)
from atmbench.messages.subfields import (
    TEXT,
    FieldSubfields,
    Piece,
    Problem,
    Shape,
    Subfield,
    Taken,
    bytes_of,
    unfit,
)

TOKENS_HEAD = 12
TOKEN_HEAD = 10


def subfields_of(number: int, kind: AnySubfields, content: Content, name: str) -> FieldSubfields:
    """The inside of a field of a dialect. Raises LocalError if the file contradicts itself."""
    if isinstance(kind, Tlv) and kind.form is None:
        kind = msgspec.structs.replace(kind, form="raw" if content is Content.B else "hex")
    shape = shape_of(kind, f"{name}: sub-fields of {number}")
    return FieldSubfields(number, shape, is_raw=content is Content.B, or_plain=kind.or_plain)


def shape_of(kind: AnySubfields, name: str) -> Shape:
    """The shape of a kind. Raises LocalError."""
    match kind:
        case Fixed():
            return FixedShape(kind.parts, name)
        case Repeated():
            return RepeatedShape(kind, name)
        case Tlv():
            known = {**EMV_TAGS, **{tag.upper(): named for tag, named in kind.names.items()}}
            return TlvShape(_names(known, "length", name, form="raw"), in_hex=kind.form == "hex")
        case Entries(form="raw"):
            return BinaryEntriesShape(kind, _names(kind.names, kind.others, name))
        case Entries():
            return EntriesShape(kind, _names(kind.names, kind.others, name))
        case Bitmap():
            return BitmapShape(kind, {number: _piece(each, name) for number, each in kind.fields.items()})
        case Tokens():
            return TokensShape(_names(kind.names, kind.others, name))
        case Tagged():
            return TaggedShape(kind, _names(kind.names, kind.others, name))
        case Structured():
            return StructuredShape(_names(kind.names, kind.others, name))


def _piece(named: Named, name: str, *, form: str = "") -> Piece:
    inside = shape_of(named.inside, f"{name}, {named.name}") if named.inside else None
    return Piece(named, inside, form=form or named.form)


def _names(names: Mapping[str, Named], others: str, name: str, *, form: str = "") -> Names:
    known = {key: _piece(named, name, form=form) for key, named in names.items()}
    other = Piece(None, None, form=form or "text", shown="length" if others == "length" else "plain")
    return Names(known, other)


class FixedShape:
    """Parts of fixed sizes; the last may take the rest."""

    def __init__(self, parts: Sequence[SizedPart], name: str) -> None:
        if any(part.size is None for part in parts[:-1]):
            raise LocalError(f"{name}: only the last part may leave its size out")
        self._parts = [(str(at), part.size, _piece(part, name)) for at, part in enumerate(parts, start=1)]
        self.size = sum(part.size or 0 for part in parts)
        self.hides = any(piece.hides for _, _, piece in self._parts)

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        read: list[Subfield] = []
        start = 0
        for key, size, piece in self._parts:
            end = len(data) if size is None else start + size
            if end > len(data):
                why = f"{len(data) - start} bytes are left, and it takes {size}"
                return Taken(tuple(read), Problem(f"{path}.{key}", at + start, why))
            part, problem = piece.read(key, data[start:end], at + start, path)
            read.append(part)
            if problem is not None:
                return Taken(tuple(read), problem)
            start = end
        if start < len(data):
            return Taken(tuple(read), Problem(path, at + start, "there are bytes after the last part"))
        return Taken(tuple(read))

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape."""
        if [part.key for part in parts] != [key for key, _, _ in self._parts]:
            raise unfit(path, f"it has parts 1 to {len(self._parts)}, in order")
        built = b""
        for part, (key, size, piece) in zip(parts, self._parts, strict=True):
            data = piece.build(part, path)
            if size is not None and len(data) != size:
                raise unfit(f"{path}.{key}", f"it has {len(data)} bytes and takes {size}")
            built += data
        return built


class RepeatedShape:
    """The same parts again and again. The entries are numbered from 1."""

    def __init__(self, kind: Repeated, name: str) -> None:
        self._parts = FixedShape(kind.parts, name)
        if any(part.size is None for part in kind.parts):
            raise LocalError(f"{name}: repeated parts need sizes")
        self._entries_max = kind.entries_max
        self.hides = self._parts.hides

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        read: list[Subfield] = []
        for start in range(0, len(data), self._parts.size):
            key = str(len(read) + 1)
            if len(read) == self._entries_max:
                return Taken(tuple(read), Problem(path, at + start, f"it has more than {self._entries_max} entries"))
            entry = data[start : start + self._parts.size]
            parts, problem = self._parts.read(entry, at + start, f"{path}.{key}")
            read.append(Subfield(key, entry.decode(TEXT), parts, "", at + start))
            if problem is not None:
                return Taken(tuple(read), problem)
        return Taken(tuple(read))

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape."""
        if len(parts) > self._entries_max:
            raise unfit(path, f"it has {len(parts)} entries; at most {self._entries_max} fit")
        return b"".join(self._parts.build(part.parts, f"{path}.{part.key}") for part in parts)


class EntriesShape:
    """Entries with a tag and a length of fixed sizes, in text."""

    def __init__(self, kind: Entries, names: Names) -> None:
        self._tag, self._length = kind.tag_size, kind.length_size
        self._is_tag_first = kind.order == "tag_first"
        self._names = names
        self.hides = names.hides

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        read: list[Subfield] = []
        start, head = 0, self._tag + self._length
        while start < len(data):
            opening = data[start : start + head]
            tag, length = self._split(opening)
            size = size_in(length) if len(opening) == head else None
            end = start + head + (size or 0)
            if size is None or end > len(data):
                return Taken(tuple(read), Problem(path, at + start, _no_entry(size)))
            part, problem = self._names.read(tag.decode(TEXT), data[start + head : end], at + start + head, path)
            read.append(part)
            if problem is not None:
                return Taken(tuple(read), problem)
            start = end
        return Taken(tuple(read))

    def _split(self, opening: bytes) -> tuple[bytes, bytes]:
        if self._is_tag_first:
            return opening[: self._tag], opening[self._tag :]
        return opening[self._length :], opening[: self._length]

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape."""
        built = b""
        for part in parts:
            data = self._names.build(part, path)
            tag = _tag_of(part, self._tag, path)
            length = digits_in(len(data), self._length, f"{path}.{part.key}")
            built += (tag + length if self._is_tag_first else length + tag) + data
        return built


class TokensShape:
    """Tokens of BASE24. Number and length of the head count the head itself."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.hides = names.hides

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        count, length = size_in(data[2:7]), size_in(data[7:12])
        if data[:2] != b"& " or count is None or length is None:
            return Taken((), Problem(path, at, "no head of tokens stands there"))
        read: list[Subfield] = []
        start = TOKENS_HEAD
        while start < len(data):
            size = size_in(data[start + 4 : start + 9])
            begin = start + TOKEN_HEAD
            is_head = data[start : start + 2] == b"! " and data[begin - 1 : begin] == b" "
            if not is_head or size is None or begin + size > len(data):
                return Taken(tuple(read), Problem(path, at + start, _no_entry(size if is_head else None)))
            key = data[start + 2 : start + 4].decode(TEXT)
            part, problem = self._names.read(key, data[begin : begin + size], at + begin, path)
            read.append(part)
            if problem is not None:
                return Taken(tuple(read), problem)
            start = begin + size
        if count != len(read) + 1 or length != len(data):
            return Taken(tuple(read), Problem(path, at, "the head tells another number or length than the tokens have"))
        return Taken(tuple(read))

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape."""
        tokens = b""
        for part in parts:
            data = self._names.build(part, path)
            tokens += b"! " + _tag_of(part, 2, path) + digits_in(len(data), 5, f"{path}.{part.key}") + b" " + data
        return b"& " + digits_in(len(parts) + 1, 5, path) + digits_in(len(tokens) + TOKENS_HEAD, 5, path) + tokens


class TaggedShape:
    """Values between a tag of fixed size and a character that ends them."""

    def __init__(self, kind: Tagged, names: Names) -> None:
        self._tag = kind.tag_size
        self._end = kind.end.encode(TEXT)
        self._names = names
        self.hides = names.hides

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        read: list[Subfield] = []
        start = 0
        while start < len(data):
            begin = start + self._tag
            end = data.find(self._end, begin)
            if end < 0:
                return Taken(tuple(read), Problem(path, at + start, "the character that ends a value is missing"))
            key = data[start:begin].decode(TEXT)
            part, problem = self._names.read(key, data[begin:end], at + begin, path)
            read.append(part)
            if problem is not None:
                return Taken(tuple(read), problem)
            start = end + 1
        return Taken(tuple(read))

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape."""
        built = b""
        for part in parts:
            data = self._names.build(part, path)
            if self._end in data:
                raise unfit(f"{path}.{part.key}", "it holds the character that ends a value")
            built += _tag_of(part, self._tag, path) + data + self._end
        return built


class StructuredShape:
    """Names with values, each behind its length and the number of digits of that: "14Tag116Value1"."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.hides = names.hides

    def read(self, data: bytes, at: int, path: str) -> Taken:
        """See Shape."""
        read: list[Subfield] = []
        start = 0
        while start < len(data):
            name = _told(data, start)
            value = None if name is None else _told(data, name[1])
            if name is None or value is None:
                where = start if name is None else name[1]
                return Taken(tuple(read), Problem(path, at + where, "no length of a name or value stands there"))
            key = data[slice(*name)].decode(TEXT)
            part, problem = self._names.read(key, data[slice(*value)], at + value[0], path)
            read.append(part)
            if problem is not None:
                return Taken(tuple(read), problem)
            start = value[1]
        return Taken(tuple(read))

    def build(self, parts: Sequence[Subfield], path: str) -> bytes:
        """See Shape."""
        built = b""
        for part in parts:
            key = bytes_of(part.key, path, is_raw=False)
            built += _telling(key, path) + _telling(self._names.build(part, path), f"{path}.{part.key}")
        return built


def _told(data: bytes, start: int) -> tuple[int, int] | None:
    """Begin and end of what stands behind a length and the number of its digits."""
    digits = size_in(data[start : start + 1])
    if not digits:
        return None
    begin = start + 1 + digits
    size = size_in(data[start + 1 : begin])
    if size is None or begin > len(data) or begin + size > len(data):
        return None
    return begin, begin + size


def _telling(data: bytes, path: str) -> bytes:
    length = str(len(data))
    if len(length) > 9:
        raise unfit(path, "it is too long")
    return f"{len(length)}{length}".encode(TEXT) + data


def _tag_of(part: Subfield, size: int, path: str) -> bytes:
    tag = bytes_of(part.key, path, is_raw=False)
    if len(tag) != size:
        raise unfit(f"{path}.{part.key}", f"its tag takes {size} characters")
    return tag


def _no_entry(size: int | None) -> str:
    if size is None:
        return "no tag with a length stands there"
    return "an entry is longer than what is left"
