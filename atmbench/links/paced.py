"""Serial wires that take their time: characters arrive as fast as the line is, whatever carries them underneath.

Neither memory nor a pseudo-terminal has a speed of its own, so both ends of a wire send through a `PacedStream`. It
must never know what the characters mean; what a fault makes of them is the medium's.
"""

from collections import deque

import trio

from atmbench.faults.base import Direction
from atmbench.links.medium import Medium
from atmbench.links.stream import LinkStream
from atmbench.links.timetable import Timetable

PIECE_CHARACTERS_MAX = 16
"""Characters come in pieces of at most so many: a UART with a FIFO (16550) hands them on so."""
PIECE_S_MAX = 0.1
"""And of no more than come in this time, so that a slow line shows that a block has begun."""
FULL_PORT_S = 0.1
"""A port without room is tried again after so long."""
WAITING_BYTES_MAX = 1_048_576
"""An end that has more to send than this has lost its line."""
CARRIER_DROPS = b""
"""Stands among the pieces for the end of the carrier."""


class PacedStream(LinkStream):
    """One end of a serial wire over a port; `direction` is that of what this end sends.

    Sending never waits: characters are kept until their time has come. Closing in order lets them out first.
    """

    def __init__(self, port: LinkStream, medium: Medium, direction: Direction, timetable: Timetable) -> None:
        self.bytes_sent = 0
        self._port = port
        self._medium = medium
        self._direction = direction
        self._char_s = medium.char_s
        self._piece_size = max(1, min(PIECE_CHARACTERS_MAX, int(PIECE_S_MAX / medium.char_s)))
        self._alarm = timetable.alarm(self._send_due)
        self._waiting: deque[tuple[float, bytes]] = deque()
        """Pieces and when their last character is over."""
        self._waiting_bytes = 0
        self._free_at = 0.0
        """When the wire is free for the next character."""
        self._is_closed = False
        self._is_gone = False
        """Nobody is at the other end any more."""
        self._is_sending = False
        self._is_over = trio.Event()
        """Nothing waits any more."""
        self._reading = trio.CancelScope()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Characters as they come; empty if the carrier is gone."""
        self._demand_open()
        try:
            with trio.CancelScope() as self._reading:
                return bytes(await self._port.receive_some(max_bytes))
        except trio.ClosedResourceError:
            if not self._is_closed:
                return b""  # this end's own port was lost with the carrier
            raise
        raise trio.ClosedResourceError("this end of the wire was closed")

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of it, and wait until the last character is over."""
        self._demand_free()
        await trio.lowlevel.checkpoint_if_cancelled()
        self.send_now(bytes(data))
        await self._wait_for_silence()

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until nothing is kept."""
        self._demand_free()
        await self._wait_for_silence()

    async def _wait_for_silence(self) -> None:
        self._is_sending = True
        try:
            await trio.lowlevel.checkpoint()
            if self._waiting:
                self._is_over = trio.Event()
                await self._is_over.wait()
        finally:
            self._is_sending = False
        self._demand_free()

    def send_now(self, data: bytes) -> int:
        """As in LinkStream; all of it is taken."""
        self._demand_free()
        if self._waiting_bytes + len(data) > WAITING_BYTES_MAX:
            raise trio.BrokenResourceError(f"more than {WAITING_BYTES_MAX} characters wait for a wire")
        self.bytes_sent += len(data)
        self._keep(data)
        return len(data)

    def close_now(self) -> None:
        """As in LinkStream: what waits still arrives, each character at its time."""
        if self._is_closed:
            return
        self._is_closed = True
        self._reading.cancel()
        self._is_over.set()
        if not self._waiting:
            self._port.close_now()

    def reset(self) -> None:
        """The carrier drops: what waits is lost."""
        self._is_closed = True
        self._reading.cancel()
        self._forget_waiting()
        self._port.reset()

    def _keep(self, data: bytes) -> None:
        """Plan when the characters of a unit arrive. What is lost takes its time on the wire all the same."""
        begins = max(self._free_at, trio.current_time())
        plan = self._medium.strike(self._direction, data)
        if plan is None:
            ends = self._plan(data, begins, self._piece_size, self._char_s)
        else:
            size = self._piece_size if plan.gap_s is None else 1
            ends = self._plan(plan.data, begins, size, self._char_s + (plan.gap_s or 0.0))
            if plan.drops_carrier:
                self._waiting.append((ends, CARRIER_DROPS))
        self._free_at = max(ends, begins + len(data) * self._char_s)
        if self._waiting:
            self._alarm.set(self._waiting[0][0])

    def _plan(self, data: bytes, at: float, size: int, char_s: float) -> float:
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            at += len(piece) * char_s
            self._waiting.append((at, piece))
            self._waiting_bytes += len(piece)
        return at

    def _send_due(self) -> None:
        now, waiting = trio.current_time(), self._waiting
        while waiting and waiting[0][0] <= now:
            _, piece = waiting.popleft()
            self._waiting_bytes -= len(piece)
            if piece == CARRIER_DROPS:
                self._lose_carrier()
            elif not self._medium.is_silenced(self._direction):
                self._hand_over(piece)
        if waiting:
            self._alarm.set(waiting[0][0])
            return
        self._is_over.set()
        if self._is_closed:
            self._port.close_now()

    def _hand_over(self, piece: bytes) -> None:
        """Give it to the port. What the port has no room for is held on to, as by flow control."""
        try:
            taken = self._port.send_now(piece)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._is_gone = True
            self._forget_waiting()
            return
        if taken < len(piece):
            self._waiting.appendleft((trio.current_time() + FULL_PORT_S, piece[taken:]))
            self._waiting_bytes += len(piece) - taken

    def _lose_carrier(self) -> None:
        """Both ends find their call over."""
        self._is_gone = True
        self._forget_waiting()
        self._port.reset()

    def _forget_waiting(self) -> None:
        self._waiting.clear()
        self._waiting_bytes = 0
        self._is_over.set()

    def _demand_open(self) -> None:
        if self._is_closed:
            raise trio.ClosedResourceError("this end of the wire was closed")

    def _demand_free(self) -> None:
        if self._is_sending:
            raise trio.BusyResourceError("another task is sending on this wire")
        self._demand_open()
        if self._is_gone:
            raise trio.BrokenResourceError("nobody is at the other end of the wire")


def paced_pair(
    near: LinkStream, far: LinkStream, medium: Medium, timetable: Timetable
) -> tuple[PacedStream, PacedStream]:
    """Both ends of a wire: the terminal's over `near`, the host's over `far`."""
    return (
        PacedStream(near, medium, Direction.REQUEST, timetable),
        PacedStream(far, medium, Direction.REPLY, timetable),
    )
