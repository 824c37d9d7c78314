"""The loopback venue: real TCP on 127.0.0.1 and a clock that runs, for what only a kernel can show.

The clock may run faster than the wall's but must never jump: bytes in the kernel are invisible to it.
"""

from collections.abc import Sequence
from functools import partial

import trio

from atmbench.devices.port import Plug
from atmbench.errors import VenueError
from atmbench.links.medium import Medium
from atmbench.links.paced import paced_pair
from atmbench.links.serial import SerialStream, pty_pair
from atmbench.links.stream import LinkRefused, LinkStream
from atmbench.links.tcp import LOCALHOST, TcpListener, dial_tcp
from atmbench.links.timetable import Timetable
from atmbench.venues.base import Exchange, Refusal, Serve, serve_and_close
from atmbench.venues.pace import Pace
from atmbench.venues.stub_modem import plug_in_modem
from atmbench.venues.stub_rack import StubRack


class LoopbackVenue:
    """Sites on this machine, each behind a TCP port that the kernel chose.

    `rate` seconds of the run pass in one second; `pace` changes that while it runs.
    """

    def __init__(self, rate: float = 1.0) -> None:
        self.pace = Pace(rate)
        self.name = "loopback"
        self.adds_latency = False
        self.timetable = Timetable()
        self._listeners: dict[str, TcpListener] = {}
        self._listening: set[str] = set()
        self._ports: dict[str, tuple[Serve, trio.Nursery]] = {}
        self._open_ports: set[SerialStream] = set()
        """Both ends of all pseudo-terminals that may be open still."""
        self._nurseries: dict[str, trio.Nursery] = {}
        """Where each address was last listened at: the end of that gives its port back."""

    def clock(self) -> trio.abc.Clock:
        """A clock that runs at the venue's rate."""
        return self.pace.clock()

    async def listen(self, address: str, serve: Serve, nursery: trio.Nursery) -> None:
        """As in Venue. The address keeps its port while the run lasts; the port is given back at its end."""
        if address in self._listening:
            raise VenueError(f"somebody listens at {address} already; stop that listener first")
        listener = self._listeners.get(address)
        if listener is None:
            listener = self._listeners[address] = TcpListener()
        listener.listen(partial(serve_and_close, serve), nursery)
        self._listening.add(address)
        self._nurseries[address] = nursery
        nursery.start_soon(self._hold, address, nursery, name=f"hold the port of {address}")
        await trio.lowlevel.checkpoint()

    async def _hold(self, address: str, nursery: trio.Nursery) -> None:
        """Give the port back when the run ends; a stopped site keeps it."""
        try:
            await trio.sleep_forever()
        finally:
            if self._nurseries.get(address) is nursery:
                del self._nurseries[address]
                self._listening.discard(address)
                self._listeners.pop(address).close()

    def stop_listening(self, address: str) -> None:
        """As in Venue. The kernel itself refuses from now on."""
        if address in self._listening:
            self._listening.discard(address)
            self._listeners[address].refuse()

    def port(self, address: str) -> int:
        """The port behind an address. Raises LinkRefused if nobody ever listened there."""
        if address not in self._listeners:
            raise LinkRefused(f"nobody listens at {address}")
        return self._listeners[address].port

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        """Connect over TCP; the latency is the network's own. Raises LinkRefused, LinkTimedOut or VenueError."""
        return await dial_tcp(LOCALHOST, self.port(address))

    async def listen_serial(self, address: str, serve: Serve, nursery: trio.Nursery) -> None:
        """As in Venue. Pseudo-terminals are made as calls come."""
        if address in self._ports:
            raise VenueError(f"somebody takes calls at {address} already")
        self._ports[address] = (serve, nursery)
        nursery.start_soon(self._close_ports, address, name=f"hold the serial ports of {address}")
        await trio.lowlevel.checkpoint()

    async def _close_ports(self, address: str) -> None:
        """Give pseudo-terminals back when the run ends."""
        try:
            await trio.sleep_forever()
        finally:
            self._ports.pop(address, None)
            while self._open_ports:
                self._open_ports.pop().reset()

    async def dial_serial(self, address: str, latency_s: float, medium: Medium) -> LinkStream:
        """As in Venue: a pseudo-terminal for each call, as fast as the line; latency is what the kernel takes."""
        await trio.lowlevel.checkpoint()
        if address not in self._ports:
            raise LinkRefused(f"nobody takes calls at {address}")
        serve, nursery = self._ports[address]
        pair = pty_pair(medium.settings.baud, medium.settings.format)
        self._open_ports = {port for port in self._open_ports if not port.is_closed} | set(pair)
        near, far = paced_pair(*pair, medium, self.timetable)
        nursery.start_soon(serve_and_close, serve, far, name=f"serve {address}")
        return near

    async def plug_in(self, plugs: Sequence[Plug], nursery: trio.Nursery) -> None:
        """As in Venue: firmware stubs in a process of their own, that lives at the venue's rate too."""
        await nursery.start(StubRack(plugs, self.pace.rate).run)

    async def plug_in_modem(self, plug: Plug, exchange: Exchange, char_s: float, nursery: trio.Nursery) -> None:
        """As in Venue: the core of the firmware stub itself, in this process."""
        plug_in_modem(plug, exchange, char_s=char_s, timetable=self.timetable, nursery=nursery)
        await trio.lowlevel.checkpoint()

    def can(self, command: str) -> Refusal | None:
        """Everything that is modelled can be done here."""
        return None
