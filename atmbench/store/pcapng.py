"""Blocks of a pcapng file: values in, bytes out, and our own ones read again.

Only what a capture needs: one section, interfaces of raw IP packets, times in microseconds, comments.
Source: "PCAP Now Generic (pcapng) Capture File Format", IETF draft-ietf-opsawg-pcapng, sections 4.1 to
4.3. Written here because the one library that writes these blocks, python-pcapng, has had no release
since 2022 and takes 30 microseconds for one of them. It must never look into a packet.
"""

import struct
from collections.abc import Iterator

import msgspec

COMMENT_BYTES_MAX = 1000
"""A longer comment is cut."""

_SECTION_HEADER, _INTERFACE, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
_UNKNOWN_LENGTH = -1
_LINKTYPE_RAW = 101
"""Packets begin with an IPv4 or IPv6 header."""
_NO_SNAPLEN = 0
_OPT_END, _OPT_COMMENT = 0, 1
_SHB_USERAPPL, _IF_NAME, _IF_DESCRIPTION, _EPB_FLAGS = 4, 2, 3, 2
_INBOUND, _OUTBOUND = 1, 2


def section_header(application: str) -> bytes:
    """The first block of a file: who has written it."""
    body = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH)
    return _block(_SECTION_HEADER, body + _option(_SHB_USERAPPL, application.encode()) + _option(_OPT_END))


def interface(name: str, description: str) -> bytes:
    """An interface. Packets name it by its place among the interfaces of the file, from 0."""
    options = _option(_IF_NAME, name.encode()) + _option(_IF_DESCRIPTION, description.encode()) + _option(_OPT_END)
    return _block(_INTERFACE, struct.pack("<HHI", _LINKTYPE_RAW, 0, _NO_SNAPLEN) + options)


def enhanced_packet(interface_id: int, at_us: int, packet: bytes, *, outbound: bool, comment: str = "") -> bytes:
    """A whole packet that passed an interface so many microseconds after 1970-01-01 UTC."""
    size = len(packet)
    body = struct.pack("<IIIII", interface_id, at_us >> 32, at_us & 0xFFFFFFFF, size, size) + _padded(packet)
    options = _option(_EPB_FLAGS, struct.pack("<I", _OUTBOUND if outbound else _INBOUND))
    if comment:
        text = comment.encode()[:COMMENT_BYTES_MAX].decode(errors="ignore")  # no half character at the end
        options += _option(_OPT_COMMENT, text.encode())
    return _block(_ENHANCED_PACKET, body + options + _option(_OPT_END))


class Packet(msgspec.Struct, frozen=True):
    """A whole packet as it was captured, and the name of its interface."""

    interface: str
    at_us: int
    """Microseconds after 1970-01-01 UTC."""
    outbound: bool
    data: bytes


def read_packets(raw: bytes) -> Iterator[Packet]:
    """The packets of a file that was written here. Half a block at the end, of a run that was stopped, is left out."""
    names: list[str] = []
    at = 0
    while at + 12 <= len(raw):
        kind, size = struct.unpack_from("<II", raw, at)
        if size < 12 or at + size > len(raw):
            return
        body = raw[at + 8 : at + size - 4]
        if kind == _INTERFACE:
            names.append(_option_of(body[8:], _IF_NAME).decode("utf-8", "replace"))
        elif kind == _ENHANCED_PACKET:
            number, high, low, length, _ = struct.unpack_from("<IIIII", body)
            flags = _option_of(body[20 + length + -length % 4 :], _EPB_FLAGS)
            if number < len(names):
                is_outbound = bool(flags) and flags[0] & 3 == _OUTBOUND
                yield Packet(names[number], high << 32 | low, is_outbound, body[20 : 20 + length])
        at += size


def _option_of(options: bytes, wanted: int) -> bytes:
    """The value of an option; empty if it is not there."""
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from("<HH", options, at)
        if code == _OPT_END:
            break
        if code == wanted:
            return options[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4
    return b""


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def _option(code: int, value: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
