"""The link layer over a wire, one end of it: a stream whose bytes are whole blocks that came through.

Above it a line looks like any other: a framer of blocks, a cable with its faults. Beneath it are ENQ, ACK, NAK, EOT and
what is sent again. It must never look into a block.
"""

from collections import deque
from math import inf

import trio

from atmbench.errors import LocalError
from atmbench.framing.blocks import Control, UnitReader
from atmbench.framing.link_ends import Deliver, Ended, HostEnd, Outcome, TerminalEnd, Transmit
from atmbench.framing.link_styles import STYLES, SerialSettings
from atmbench.links.stream import LineGivenUp, LinkStream
from atmbench.links.timetable import Timetable


class LinkedStream(LinkStream):
    """One end of a call over a serial wire. It lives as long as somebody reads from it.

    The end of the stream says that the carrier is gone, or that the other end hung up in order. LineGivenUp says
    that this end's own link layer gave up, and why.
    """

    def __init__(
        self, wire: LinkStream, end: TerminalEnd | HostEnd, settings: SerialSettings, timetable: Timetable
    ) -> None:
        self.bytes_sent = 0
        self._wire = wire
        self._end = end
        self._data_bits = int(settings.format[0])
        self._outgoing = UnitReader(settings.layout)
        """What the layer above writes need not come block by block."""
        self._alarm = timetable.alarm(self._on_time)
        self._blocks: deque[bytes] = deque()
        """Delivered, and not read yet."""
        self._ended: str | None = None
        """Why the call is over; empty if the other end hung up in order."""
        self._is_closed = False
        if isinstance(end, HostEnd):
            self._perform(end.begin(trio.current_time()))

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """The next block, or what is left of it; empty at the end of the call."""
        while not self._blocks:
            if self._is_closed:
                raise trio.ClosedResourceError("this end of the call was closed")
            if self._ended:
                raise LineGivenUp(self._ended)
            if self._ended is not None:
                return b""
            await self._hear()
        block = self._blocks.popleft()
        if max_bytes is not None and len(block) > max_bytes:
            self._blocks.appendleft(block[max_bytes:])
            block = block[:max_bytes]
        return block

    async def _hear(self) -> None:
        try:
            data = bytes(await self._wire.receive_some())
        except trio.ClosedResourceError:
            assert self._is_closed or self._ended is not None, "a wire was closed under its link layer"
            return
        if data:
            self._perform(self._end.feed(data, trio.current_time()))
        else:
            self._finish("")

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """As `send_now`; blocks wait in the link layer for their turn."""
        self.send_now(bytes(data))
        await trio.lowlevel.checkpoint()

    async def wait_send_all_might_not_block(self) -> None:
        """There is always room."""
        self._demand_open()
        await trio.lowlevel.checkpoint()

    def send_now(self, data: bytes) -> int:
        """As in LinkStream; all of it is taken. Raises LocalError for bytes that the line's characters cannot hold."""
        self._demand_open()
        if self._ended is not None:
            raise trio.BrokenResourceError("the call is over")
        if self._data_bits < 8 and (large := [byte for byte in data if byte >> self._data_bits]):
            raise LocalError(
                f"byte {large[0]:02x} does not fit into the {self._data_bits} data bits of a serial line; "
                "say a format with 8 (8N1, 8E1), or speak a dialect that is all text"
            )
        self.bytes_sent += len(data)
        for unit in self._outgoing.feed(data):
            if not isinstance(unit, Control):
                self._perform(self._end.send(unit.raw, trio.current_time()))
        return len(data)

    def close_now(self) -> None:
        """Hang up: the other end is told, and reads the end behind that. What waits for its turn is lost."""
        if not self._is_closed:
            self._is_closed = True
            if self._ended is None:
                self._perform(self._end.close(trio.current_time()))
            self._alarm.set(inf)
            self._wire.close_now()

    def reset(self) -> None:
        """The carrier drops without a word."""
        self._is_closed = True
        self._alarm.set(inf)
        self._wire.reset()

    def _on_time(self) -> None:
        if not self._is_closed and self._ended is None:
            self._perform(self._end.on_time(trio.current_time()))

    def _perform(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Transmit):
                self._transmit(outcome.data)
            elif isinstance(outcome, Deliver):
                self._blocks.append(outcome.block)
            elif isinstance(outcome, Ended):
                self._finish(outcome.because)
        deadline = self._end.deadline
        self._alarm.set(inf if deadline is None or self._ended is not None else deadline)

    def _transmit(self, data: bytes) -> None:
        try:
            self._wire.send_now(data)
        except trio.BrokenResourceError:
            return  # nobody is there any more; the reader will meet the end
        except trio.ClosedResourceError:
            assert self._ended is not None

    def _finish(self, because: str) -> None:
        """The call is over; the reader learns of it when it comes round."""
        if self._ended is None:
            self._ended = because
            self._wire.close_now()

    def _demand_open(self) -> None:
        if self._is_closed:
            raise trio.ClosedResourceError("this end of the call was closed")


def terminal_end(wire: LinkStream, settings: SerialSettings, timetable: Timetable) -> LinkedStream:
    """The terminal's end of a call."""
    end = TerminalEnd(STYLES[settings.style], settings.layout, awaits_enq=settings.awaits_enq)
    return LinkedStream(wire, end, settings, timetable)


def host_end(wire: LinkStream, settings: SerialSettings, timetable: Timetable) -> LinkedStream:
    """The host's end of a call, which begins to ask at once."""
    end = HostEnd(STYLES[settings.style], settings.layout, awaits_enq=settings.awaits_enq)
    return LinkedStream(wire, end, settings, timetable)
