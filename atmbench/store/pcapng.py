"""Blocks of a pcapng file: values in, bytes out.

Only what a capture needs: one section, interfaces of raw IP packets, times in microseconds, comments.
Source: "PCAP Now Generic (pcapng) Capture File Format", IETF draft-ietf-opsawg-pcapng, sections 4.1 to
4.3. Written here because the one library that writes these blocks, python-pcapng, has had no release
since 2022 and takes 30 microseconds for one of them. It must never look into a packet.
"""

import struct

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


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def _option(code: int, value: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
