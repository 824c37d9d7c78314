"""The virtual venue: memory wires and a clock that jumps, so that days take seconds and seeds repeat.

Nothing here may wait for anything real: with a clock that jumps, time would run away meanwhile.
"""

from collections.abc import Sequence

import trio

from atmbench.devices.port import Plug
from atmbench.errors import VenueError
from atmbench.links.medium import Medium
from atmbench.links.memory import memory_stream_pair
from atmbench.links.paced import paced_pair
from atmbench.links.stream import LinkRefused, LinkStream
from atmbench.links.timetable import Timetable
from atmbench.venues.base import Exchange, Refusal, Serve, serve_and_close
from atmbench.venues.clock import JumpingClock, VirtualTimetable
from atmbench.venues.pace import Pace
from atmbench.venues.stub_core import plug_in_core
from atmbench.venues.stub_modem import plug_in_modem


def _serial(address: str) -> str:
    """The name of a bank of serial ports among the listeners."""
    return f"serial:{address}"


class VirtualVenue:
    """All sites in this process, joined by memory.

    Time jumps; with a `rate` it runs instead, at so many seconds in one, for a bench that somebody talks to.
    """

    def __init__(self, rate: float | None = None) -> None:
        self.pace = Pace(rate) if rate is not None else None
        self.name = "virtual"
        self.adds_latency = True
        self._jumping = VirtualTimetable()
        self.timetable: Timetable = self._jumping if self.pace is None else Timetable()
        self._listeners: dict[str, tuple[Serve, trio.Nursery]] = {}

    def clock(self) -> trio.abc.Clock:
        """A clock that stands still while anybody works, and jumps to the next deadline when all wait; or runs."""
        return JumpingClock(self._jumping) if self.pace is None else self.pace.clock()

    async def listen(self, address: str, serve: Serve, nursery: trio.Nursery) -> None:
        """As in Venue."""
        if address in self._listeners:
            raise VenueError(f"somebody listens at {address} already; stop that listener first")
        self._listeners[address] = (serve, nursery)
        await trio.lowlevel.checkpoint()

    def stop_listening(self, address: str) -> None:
        """As in Venue."""
        self._listeners.pop(address, None)

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        """Connect after the latency. Raises LinkRefused if nobody listens by then."""
        await trio.sleep(latency_s)
        if address not in self._listeners:
            raise LinkRefused(f"nobody listens at {address}")
        serve, nursery = self._listeners[address]
        ours, theirs = memory_stream_pair()
        nursery.start_soon(serve_and_close, serve, theirs, name=f"serve {address}")
        return ours

    async def listen_serial(self, address: str, serve: Serve, nursery: trio.Nursery) -> None:
        """As in Venue."""
        await self.listen(_serial(address), serve, nursery)

    async def dial_serial(self, address: str, latency_s: float, medium: Medium) -> LinkStream:
        """As in Venue: memory wires, as fast as the line."""
        await trio.sleep(latency_s)
        if _serial(address) not in self._listeners:
            raise LinkRefused(f"nobody takes calls at {address}")
        serve, nursery = self._listeners[_serial(address)]
        near, far = paced_pair(*memory_stream_pair(), medium, self.timetable)
        nursery.start_soon(serve_and_close, serve, far, name=f"serve {address}")
        return near

    async def plug_in(self, plugs: Sequence[Plug], nursery: trio.Nursery) -> None:
        """As in Venue: the cores of the firmware stubs themselves, at wires of memory."""
        for plug in plugs:
            plug_in_core(plug, self.timetable)
        await trio.lowlevel.checkpoint()

    async def plug_in_modem(self, plug: Plug, exchange: Exchange, char_s: float, nursery: trio.Nursery) -> None:
        """As in Venue: the core of the firmware stub itself, in this process."""
        plug_in_modem(plug, exchange, char_s=char_s, timetable=self.timetable, nursery=nursery)
        await trio.lowlevel.checkpoint()

    def can(self, command: str) -> Refusal | None:
        """Everything that is modelled can be done here."""
        return None
