"""The capture of a run: what passed between each cable and its site, as packets in a pcapng file.

Every line of every terminal is an interface, named as the actor of its facts in the history. The packets
are made here, from the bytes that links tell (`links.tapped`): addresses are the bench's own, from the
net that RFC 2544 keeps for benchmarks, whatever the venue. Card data is covered before anything is
written. The capture must never change, hold or answer what passes.
"""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import BinaryIO

from atmbench import __version__
from atmbench.faults.base import Direction
from atmbench.framing.base import Framer
from atmbench.messages.codec import Codec
from atmbench.store import pcapng
from atmbench.store.cover import Cover
from atmbench.store.segments import Conversation, Endpoint, Segment, packet

CAPTURE_BYTES_MAX = 268_435_456
"""The file grows no longer than this; a run that says more is captured up to there."""
PACKETS_KEPT_BACK = 64
"""The newest packets are not written yet: a fault may touch a frame after it came."""
PACKETS_HELD_MAX = 4_096
"""So many wait behind one whose frame is not complete; then it is written as far as it is known."""
BATCH_BYTES = 65_536
"""So much is written at a time; a run that is killed may lose the last of it, and leaves whole blocks."""

SITE_PORT = 8583
FIRST_PORT = 49_152
PORTS = 16_384
"""Terminals dial from the dynamic ports (RFC 6335), one after the other, and then from the first again."""
_TERMINALS = IPv4Address("198.18.0.0")
_SITES = IPv4Address("198.19.0.0")

_REQUEST, _REPLY = Direction.REQUEST, Direction.REPLY


class _Packet:
    """A packet that is not written yet. `data` grows up to what its segment says."""

    __slots__ = ("at_us", "data", "remarks", "segment", "trace")

    def __init__(self, at_us: int, segment: Segment, trace: "Trace") -> None:
        self.at_us = at_us
        self.segment = segment
        self.trace = trace
        self.data = b""
        self.remarks: list[str] = []

    @property
    def is_known(self) -> bool:
        """Whether all of its data has come out of the cover."""
        return len(self.data) == self.segment.size


class Capture:
    """Writes packets to a file that is open for writing.

    `starts_at` is the date and time at second 0 of the run, taken as UTC; `now` gives seconds of the run.
    `codec` and `make_framer` are those of the dialect that is spoken.
    """

    def __init__(
        self,
        file: BinaryIO,
        *,
        starts_at: datetime,
        now: Callable[[], float],
        codec: Codec,
        make_framer: Callable[[], Framer],
    ) -> None:
        self._file = file
        self._epoch_us = int(starts_at.replace(tzinfo=UTC).timestamp()) * 1_000_000
        self._now = now
        self._codec = codec
        self._make_framer = make_framer
        self._held: deque[_Packet] = deque()
        self._batch: list[bytes] = []
        self._batch_bytes = 0
        self._bytes = 0
        self._interfaces = 0
        self._terminals: dict[str, IPv4Address] = {}
        self._sites: dict[str, IPv4Address] = {}
        self._dials: dict[str, int] = {}
        self._full_at: float | None = None
        self._is_closed = False
        self._put(pcapng.section_header(f"atmbench {__version__}"))

    @property
    def notice(self) -> str:
        """What a reader of the report must know of the file; empty if it is complete."""
        if self._full_at is None:
            return ""
        return (
            f"The capture is not complete: it was full ({CAPTURE_BYTES_MAX:,} bytes) at {self._full_at:.3f} s, "
            "and what passed later is not in it."
        )

    def tap(self, terminal: str, line: str, site: str, make_framer: Callable[[], Framer] | None = None) -> "LineTap":
        """Looks on at one line, with a framing of its own if so. Each is an interface of the file, used or not."""
        address = _address(self._terminals, terminal, _TERMINALS)
        at_site = Endpoint(_address(self._sites, site, _SITES), SITE_PORT)
        self._put(
            pcapng.interface(
                f"{terminal}/{line}",
                f"terminal {terminal}, {line} line to site {site}: {address} to {at_site.address}:{SITE_PORT}",
            )
        )
        self._interfaces += 1
        return LineTap(self, self._interfaces - 1, terminal, at_site, make_framer or self._make_framer)

    def begin(self, terminal: str, interface: int, site: Endpoint, make_framer: Callable[[], Framer]) -> "Trace":
        """A connection of a terminal; each has a port of its own."""
        dials = self._dials[terminal] = self._dials.get(terminal, -1) + 1
        end = Endpoint(self._terminals[terminal], FIRST_PORT + dials % PORTS)
        covers = {direction: Cover(make_framer(), self._codec) for direction in Direction}
        return Trace(self, interface, end, site, covers)

    def hold(self, segments: Iterable[Segment], trace: "Trace") -> list[_Packet]:
        """Packets of this moment; they are written in this order, and those of one instant by their interfaces.

        Whom the host answers in the same instant takes the answers in any order, and it is no matter. None any more
        once the file is full or closed.
        """
        if self._is_closed:
            return []
        at_us = self._epoch_us + round(self._now() * 1_000_000)
        packets = [_Packet(at_us, segment, trace) for segment in segments]
        held, place = self._held, len(self._held)
        while place and held[place - 1].at_us == at_us and held[place - 1].trace.interface > trace.interface:
            place -= 1
        for each in reversed(packets):
            held.insert(place, each)
        return packets

    def settle(self) -> None:
        """Write what no fault can touch any more."""
        held = self._held
        while len(held) > PACKETS_KEPT_BACK:
            if not held[0].is_known or held[0].at_us == held[-1].at_us:
                if len(held) <= PACKETS_HELD_MAX:
                    return
                held[0].trace.give_up()
            self._write(held.popleft())

    def flush(self) -> None:
        """Write what is known, down to the operating system: a run that is killed later keeps it."""
        held = self._held
        while held and held[0].is_known:
            self._write(held.popleft())
        self._write_batch()

    def close(self) -> None:
        """Write all that is left, and capture no more. The file stays open; it is the caller's."""
        self._is_closed = True
        for each in self._held:
            each.trace.give_up()
        self.flush()

    def _write(self, each: _Packet) -> None:
        trace, segment = each.trace, each.segment
        block = pcapng.enhanced_packet(
            trace.interface,
            each.at_us,
            packet(segment, trace.terminal, trace.site, each.data),
            outbound=segment.direction is _REQUEST,
            comment="; ".join(each.remarks),
        )
        if self._bytes + len(block) > CAPTURE_BYTES_MAX:
            self._full_at = (each.at_us - self._epoch_us) / 1_000_000
            self._is_closed = True
            self._held.clear()
        else:
            self._put(block)

    def _put(self, block: bytes) -> None:
        self._bytes += len(block)
        self._batch.append(block)
        self._batch_bytes += len(block)
        if self._batch_bytes >= BATCH_BYTES:
            self._write_batch()

    def _write_batch(self) -> None:
        self._file.write(b"".join(self._batch))
        self._file.flush()
        self._batch.clear()
        self._batch_bytes = 0


class LineTap:
    """Looks on at one line (`links.tapped.Tap`)."""

    def __init__(
        self, capture: Capture, interface: int, terminal: str, site: Endpoint, make_framer: Callable[[], Framer]
    ) -> None:
        self._capture = capture
        self._make_framer = make_framer
        self._interface = interface
        self._terminal = terminal
        self._site = site

    def opened(self) -> "Trace":
        """A dial was taken."""
        trace = self._begin()
        trace.tell(trace.conversation.open())
        return trace

    def refused(self) -> None:
        """A dial was refused by the far side."""
        trace = self._begin()
        trace.tell(trace.conversation.refuse())

    def _begin(self) -> "Trace":
        return self._capture.begin(self._terminal, self._interface, self._site, self._make_framer)


class Trace:
    """Looks on at one connection (`links.tapped.Trace`)."""

    def __init__(
        self, capture: Capture, interface: int, terminal: Endpoint, site: Endpoint, covers: dict[Direction, Cover]
    ) -> None:
        self.interface = interface
        self.terminal = terminal
        self.site = site
        self.conversation = Conversation()
        self._capture = capture
        self._covers = covers
        self._waiting: dict[Direction, deque[_Packet]] = {direction: deque() for direction in Direction}
        """Packets whose data has not come out of the cover."""
        self._next_request = ""
        self._last_reply: _Packet | None = None

    def tell(self, segments: list[Segment]) -> list[_Packet]:
        """These segments pass now."""
        packets = self._capture.hold(segments, self)
        self._capture.settle()
        return packets

    def passed(self, direction: Direction, data: bytes) -> None:
        """Bytes were taken from the sender."""
        held = self._capture.hold(self.conversation.data(direction, len(data)), self)
        packets = [each for each in held if each.segment.size]
        if not packets:
            return
        self._waiting[direction] += packets
        if direction is _REPLY:
            self._last_reply = packets[-1]
        else:
            self._remark_first(packets)
        self._fill(direction, self._covers[direction].feed(data))
        self._capture.settle()

    def ended(self, direction: Direction, *, rude: bool) -> None:
        """Who sends in this direction has closed, or has reset the connection if rude."""
        self.give_up()
        packets = self.tell(self.conversation.end(direction, rude=rude))
        if direction is _REQUEST:
            self._remark_first(packets)

    def remark(self, direction: Direction, what: str) -> None:
        """A fault touched the reply that came last, or the request that leaves next."""
        if direction is _REQUEST:
            self._next_request = what
        elif self._last_reply is not None:
            self._last_reply.remarks.append(f"on its way on to the terminal: {what}")

    def give_up(self) -> None:
        """Wait for no more frames to be complete."""
        for direction, cover in self._covers.items():
            self._fill(direction, cover.give_up())

    def _remark_first(self, packets: list[_Packet]) -> None:
        if packets and self._next_request:
            packets[0].remarks.append(self._next_request)
            self._next_request = ""

    def _fill(self, direction: Direction, data: bytes) -> None:
        waiting, position = self._waiting[direction], 0
        while waiting and position < len(data):
            first = waiting[0]
            more = data[position : position + first.segment.size - len(first.data)]
            first.data += more
            position += len(more)
            if first.is_known:
                waiting.popleft()


def _address(known: dict[str, IPv4Address], name: str, net: IPv4Address) -> IPv4Address:
    """The address of a terminal or site: the next of its net, in the order in which they are named first."""
    return known.setdefault(name, net + len(known) + 1)
