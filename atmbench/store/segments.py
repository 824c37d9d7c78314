"""TCP as a capture shows it: the segments of one connection, segments as IPv4 packets, and their data again.

The bench sees bytes, ends and refusals, not segments; this module numbers them as two TCPs would have.
Nothing is lost or doubled between a cable and its site, so every segment follows the one before it.
Sources: RFC 791 (IPv4), RFC 9293 (TCP), RFC 6864 (an identification of 0 in what is never fragmented).
It must never look into the bytes.
"""

import struct
from enum import IntFlag
from functools import lru_cache
from ipaddress import IPv4Address

import msgspec

from atmbench.faults.base import Direction

SEGMENT_BYTES_MAX = 1460
"""Bytes of data in one packet: what an Ethernet frame takes. More becomes several segments."""
WINDOW_BYTES = 65_535
UNACKNOWLEDGED_BYTES_MAX = 32_768
"""Data is acknowledged with what goes the other way; after so much without that, by a segment of its own."""
FLOWS_KEPT_MAX = 1024

_TCP = 6
_TTL = 64
_VERSION_AND_LENGTH = 0x45
_DO_NOT_FRAGMENT = 0x4000
_HEADER_BYTES = 20
_MSS_OPTION = struct.pack("!BBH", 2, 4, SEGMENT_BYTES_MAX)

_REQUEST, _REPLY = Direction.REQUEST, Direction.REPLY
_BACK = {_REQUEST: _REPLY, _REPLY: _REQUEST}


class Flag(IntFlag):
    """Control bits of a TCP segment."""

    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10


class Endpoint(msgspec.Struct, frozen=True):
    """One end of a connection."""

    address: IPv4Address
    port: int


class Segment(msgspec.Struct, frozen=True):
    """One segment without its data. `sequence` and `acknowledged` count from 0, the SYN included."""

    direction: Direction
    sequence: int
    acknowledged: int
    flags: Flag
    size: int = 0
    """Bytes of data."""


class Conversation:
    """The two streams of one connection. Each call gives the segments that it becomes, in order."""

    __slots__ = ("_acknowledged", "_ended", "_next")

    def __init__(self) -> None:
        self._next = {_REQUEST: 0, _REPLY: 0}
        """The sequence number that follows, each way."""
        self._acknowledged = {_REQUEST: 0, _REPLY: 0}
        """How far the other end has said that it has this stream."""
        self._ended: set[Direction] = set()

    def open(self) -> list[Segment]:
        """The terminal dials and is answered."""
        return [
            self._take(_REQUEST, Flag.SYN),
            self._take(_REPLY, Flag.SYN | Flag.ACK),
            self._take(_REQUEST, Flag.ACK),
        ]

    def refuse(self) -> list[Segment]:
        """The terminal dials and nobody listens."""
        dial = self._take(_REQUEST, Flag.SYN)
        return [dial, *self.end(_REPLY, rude=True)]

    def data(self, direction: Direction, size: int) -> list[Segment]:
        """So many bytes go this way. After an end none do."""
        if direction in self._ended:
            return []
        segments = []
        while size > 0:
            part = min(size, SEGMENT_BYTES_MAX)
            size -= part
            segments.append(self._take(direction, Flag.PSH | Flag.ACK if not size else Flag.ACK, part))
            if self._next[direction] - self._acknowledged[direction] > UNACKNOWLEDGED_BYTES_MAX:
                segments += self._acknowledge(direction)
        return segments

    def end(self, direction: Direction, *, rude: bool) -> list[Segment]:
        """Who sends in this direction closes, or resets the connection if rude; that ends both directions."""
        if direction in self._ended:
            return []
        if rude:
            self._ended = {_REQUEST, _REPLY}
            return [self._take(direction, Flag.RST | Flag.ACK)]
        self._ended.add(direction)
        return [self._take(direction, Flag.FIN | Flag.ACK), *self._acknowledge(direction)]

    def _acknowledge(self, direction: Direction) -> list[Segment]:
        """The other end says that it has what came in this direction."""
        return [self._take(_BACK[direction], Flag.ACK)]

    def _take(self, direction: Direction, flags: Flag, size: int = 0) -> Segment:
        back = _BACK[direction]
        acknowledged = self._next[back] if Flag.ACK in flags else 0
        segment = Segment(direction, self._next[direction], acknowledged, flags, size)
        self._next[direction] += size + bool(flags & (Flag.SYN | Flag.FIN))
        if Flag.ACK in flags:
            self._acknowledged[back] = acknowledged
        return segment


def packet(segment: Segment, terminal: Endpoint, site: Endpoint, data: bytes) -> bytes:
    """A segment with its data as an IPv4 packet. Both checksums are right."""
    source, target = (terminal, site) if segment.direction is _REQUEST else (site, terminal)
    options = _MSS_OPTION if Flag.SYN in segment.flags else b""
    numbers = (segment.sequence & 0xFFFFFFFF, segment.acknowledged & 0xFFFFFFFF)
    offset = (_HEADER_BYTES + len(options)) // 4 << 4
    ports = (source.port, target.port)
    head = struct.pack("!HHIIBBHHH", *ports, *numbers, offset, segment.flags, WINDOW_BYTES, 0, 0) + options
    size = len(head) + len(data)
    pseudo = source.address.packed + target.address.packed + struct.pack("!HH", _TCP, size)
    checked = checksum(pseudo + head + data)
    return _ip_header(source.address, target.address, size) + head[:16] + checked + head[18:] + data


@lru_cache(maxsize=FLOWS_KEPT_MAX)
def data_of(packet: bytes) -> bytes:
    """The data of a packet that was made here."""
    return packet[_HEADER_BYTES + (packet[_HEADER_BYTES + 12] >> 4) * 4 :]


def _ip_header(source: IPv4Address, target: IPv4Address, size: int) -> bytes:
    sizes = struct.pack("!BBHHH", _VERSION_AND_LENGTH, 0, _HEADER_BYTES + size, 0, _DO_NOT_FRAGMENT)
    addresses = source.packed + target.packed
    head = sizes + struct.pack("!BBH", _TTL, _TCP, 0) + addresses
    return head[:10] + checksum(head) + addresses


def checksum(data: bytes) -> bytes:
    """The Internet checksum of bytes in which its own place holds zeros (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)
