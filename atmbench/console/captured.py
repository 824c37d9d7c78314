"""Bytes of messages out of the capture of a recorded run. They are covered there: no card data is in them. Dry.

A packet is known by the line of a terminal, its direction, and its time, which is that of the facts about it: a request
is captured when the site gets it, a reply when the site sends it.
"""

from atmbench.facts import MessageReceived, MessageSent
from atmbench.store.pcapng import Packet, read_packets
from atmbench.store.segments import data_of

CAPTURE_BYTES_MAX = 256 << 20
NEAR_S = 0.000_002
"""Facts and packets have whole microseconds of one clock; they may be rounded apart by one."""


class Captured:
    """The packets with data, by the name of their line: "T01/primary". The run began so many seconds after 1970."""

    def __init__(self, raw: bytes, begins_at_s: float) -> None:
        self._begins_at_s = begins_at_s
        self._packets: dict[str, list[Packet]] = {}
        for packet in read_packets(raw):
            if data_of(packet.data):
                self._packets.setdefault(packet.interface, []).append(packet)

    def of(self, fact: MessageSent | MessageReceived) -> bytes | None:
        """What passed when a site got or sent a message; None if nothing did."""
        is_request = isinstance(fact, MessageReceived)
        for packet in self._packets.get(f"{fact.terminal}/{fact.line}", ()):
            at_s = round(packet.at_us / 1e6 - self._begins_at_s, 6)
            if packet.outbound is is_request and abs(at_s - fact.t) <= NEAR_S:
                return data_of(packet.data)
        return None
