"""Bytes of messages out of the capture of a recorded run. They are covered there: no card data is in them. Dry.

A packet is known by the line of a terminal, its direction, and its time, which is that of the facts about it: a request
is captured when the site gets it, a reply when the site sends it.
"""

import struct

from atmbench.facts import MessageReceived, MessageSent

ENHANCED_PACKET, INTERFACE, SECTION = 6, 1, 0x0A0D0D0A
_NAME_OPTION, _FLAGS_OPTION = 2, 2
_OUTBOUND = 2
_IP_HEADER = 20
CAPTURE_BYTES_MAX = 256 << 20
NEAR_S = 0.000_002
"""Facts and packets have whole microseconds of one clock; they may be rounded apart by one."""


class Packet:
    """Data of one TCP segment."""

    __slots__ = ("at_s", "data", "is_request")

    def __init__(self, at_s: float, is_request: bool, data: bytes) -> None:
        self.at_s = at_s
        self.is_request = is_request
        self.data = data


class Captured:
    """The packets with data, by the name of their line: "T01/primary". Times are those of the run."""

    def __init__(self, raw: bytes, begins_at_s: float) -> None:
        self._packets: dict[str, list[Packet]] = {}
        names: list[str] = []
        at = 0
        while at + 12 <= len(raw):
            kind, size = struct.unpack_from("<II", raw, at)
            if size < 12 or at + size > len(raw):
                break  # half a block: the run was stopped
            body = raw[at + 8 : at + size - 4]
            if kind == INTERFACE:
                names.append(_option(body[8:], _NAME_OPTION).decode("utf-8", "replace"))
            elif kind == ENHANCED_PACKET:
                self._take(body, names, begins_at_s)
            at += size

    def _take(self, body: bytes, names: list[str], begins_at_s: float) -> None:
        interface, high, low, size, _ = struct.unpack_from("<IIIII", body)
        packet = body[20 : 20 + size]
        flags = _option(body[20 + size + -size % 4 :], _FLAGS_OPTION)
        data = packet[_IP_HEADER + (packet[_IP_HEADER + 12] >> 4) * 4 :]
        if data and interface < len(names):
            at_s = round((high << 32 | low) / 1e6 - begins_at_s, 6)
            is_request = bool(flags) and flags[0] & 3 == _OUTBOUND
            self._packets.setdefault(names[interface], []).append(Packet(at_s, is_request, data))

    def of(self, fact: MessageSent | MessageReceived) -> bytes | None:
        """What passed when a site got or sent a message; None if nothing did."""
        is_request = isinstance(fact, MessageReceived)
        for packet in self._packets.get(f"{fact.terminal}/{fact.line}", ()):
            if packet.is_request is is_request and abs(packet.at_s - fact.t) <= NEAR_S:
                return packet.data
        return None


def _option(options: bytes, wanted: int) -> bytes:
    """The value of an option; empty if it is not there."""
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from("<HH", options, at)
        if code == 0:
            break
        if code == wanted:
            return options[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4
    return b""
