"""Chip data (DE55): tags with values, to bytes and back.

BER-TLV by the rules of EMV Book 3, annex B. One level at a time: the value of a template (71, 72, E0 ...) is bytes,
to be parsed by another call; so a hostile nest is no danger. Nothing here hides a value: who shows one asks
`is_sensitive` first. An error names the tag and where it stands, never a value.
"""

from collections.abc import Iterable, Mapping

import msgspec

from atmbench.errors import LocalError, RemoteError

TLV_BYTES_MAX = 999
"""What three digits of length can announce (DE55 is LLLVAR)."""
TAG_BYTES_MAX = 3
SHORT_LENGTH_MAX = 0x7F
"""A longer value has its length in one or two bytes behind 81 or 82."""
FIELD = "55"

SENSITIVE_TAGS = frozenset({"56", "57", "5A", "5F20", "5F24", "99", "9F0B", "9F1F", "9F20", "9F6B"})
"""Track 1 and 2, PAN, names, expiry, PIN, discretionary data of the tracks."""


class TlvError(RemoteError):
    """Chip data that cannot be read. `position` is the offset of the tag in question."""


class Item(msgspec.Struct, frozen=True):
    """One tag, in upper-case hexadecimal, with its value. Shows the length of a value, not the value."""

    tag: str
    value: bytes

    def __repr__(self) -> str:
        return f"Item({self.tag}, {len(self.value)} bytes)"


def is_sensitive(tag: str) -> bool:
    """Whether the value of a tag may not be shown: card data."""
    return tag in SENSITIVE_TAGS


def is_template(tag: str) -> bool:
    """Whether the value of a tag is itself made of tags."""
    return bool(int(tag[:2], 16) & 0x20)


def parse(octets: bytes) -> tuple[Item, ...]:
    """The items in order. Zeros between items mean nothing (EMV Book 3, annex B). Raises TlvError."""
    if len(octets) > TLV_BYTES_MAX:
        raise TlvError(f"chip data of {len(octets)} bytes; at most {TLV_BYTES_MAX} are read", field=FIELD)
    items = []
    at = 0
    while at < len(octets):
        if octets[at] == 0:
            at += 1
            continue
        size = _tag_size(octets, at)
        tag = octets[at : at + size].hex().upper()
        start, length = _length(octets, at, at + size, tag)
        if start + length > len(octets):
            raise _wrong(tag, at, f"announces {length} bytes where {len(octets) - start} are left")
        items.append(Item(tag, octets[start : start + length]))
        at = start + length
    return tuple(items)


def by_tag(items: Iterable[Item]) -> dict[str, bytes]:
    """Value of each tag. Raises TlvError for a tag that stands there twice: two amounts are no amount."""
    values: dict[str, bytes] = {}
    for item in items:
        if item.tag in values:
            raise TlvError(f"tag {item.tag} stands twice in the chip data; expected it once", field=FIELD)
        values[item.tag] = item.value
    return values


def build(values: Mapping[str, bytes] | Iterable[Item]) -> bytes:
    """The bytes of items in order, or of the values by tag. Raises LocalError for a wrong tag or too many bytes."""
    pairs = values.items() if isinstance(values, Mapping) else [(item.tag, item.value) for item in values]
    octets = b"".join(_tag(tag) + _length_bytes(len(value)) + value for tag, value in pairs)
    if len(octets) > TLV_BYTES_MAX:
        raise LocalError(f"chip data of {len(octets)} bytes was made; DE55 takes at most {TLV_BYTES_MAX}")
    return octets


def _tag(tag: str) -> bytes:
    try:
        octets = bytes.fromhex(tag)
        fits = octets[0] != 0 and _tag_size(octets, 0) == len(octets)
    except (ValueError, IndexError, TlvError):
        fits = False
    if not fits or tag != octets.hex().upper():
        raise LocalError(f"{tag[:8]!r} is no EMV tag; write it as '9F02', in upper case")
    return octets


def _tag_size(octets: bytes, at: int) -> int:
    """Bytes of the tag at an offset: one, unless its five lower bits are set, then up to one without the high bit."""
    if octets[at] & 0x1F != 0x1F:
        return 1
    for size in range(2, TAG_BYTES_MAX + 1):
        if at + size > len(octets):
            raise _wrong(octets[at:].hex().upper(), at, "breaks off in the tag itself")
        if not octets[at + size - 1] & 0x80:
            return size
    raise _wrong(octets[at : at + TAG_BYTES_MAX].hex().upper(), at, f"goes on after {TAG_BYTES_MAX} bytes of tag")


def _length(octets: bytes, at: int, after_tag: int, tag: str) -> tuple[int, int]:
    """Where the value begins, and how long it is."""
    if after_tag >= len(octets):
        raise _wrong(tag, at, "has no length")
    first = octets[after_tag]
    if first <= SHORT_LENGTH_MAX:
        return after_tag + 1, first
    size = first & 0x7F
    if size not in (1, 2):
        raise _wrong(tag, at, f"has the length byte {first:02X}; expected 00 to 7F, 81 or 82")
    start = after_tag + 1 + size
    if start > len(octets):
        raise _wrong(tag, at, "breaks off in its length")
    return start, int.from_bytes(octets[after_tag + 1 : start])


def _length_bytes(length: int) -> bytes:
    if length <= SHORT_LENGTH_MAX:
        return bytes([length])
    size = 1 if length <= 0xFF else 2
    # A value too long for two bytes is too long for DE55 as well, which `build` says better.
    return bytes([0x80 | size]) + min(length, 0xFFFF).to_bytes(size)


def _wrong(tag: str, at: int, what: str) -> TlvError:
    return TlvError(f"tag {tag} at byte {at} of the chip data {what}", field=FIELD, position=at)
