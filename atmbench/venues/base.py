"""The seam between the bench and the place it runs in: a clock, a way to dial, a way to listen.

Addresses are names of sites. The business time of a drill is not the venue's: it begins where the
drill says and runs with the clock.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

import trio

from atmbench.devices.port import Plug
from atmbench.links.medium import Medium
from atmbench.links.stream import LinkStream
from atmbench.links.timetable import Timetable

Serve: TypeAlias = Callable[[LinkStream], Awaitable[None]]
"""What a listener does with each connection. The venue closes the stream when it returns."""
Exchange: TypeAlias = Callable[[str], Awaitable[LinkStream]]
"""Connects a number that a modem has dialled. Raises LinkRefused or VenueError."""
Refusal: TypeAlias = str
"""Why a venue cannot do something, in a sentence."""


class Venue(Protocol):
    """A place to run in. All of its methods belong to one run of trio."""

    name: str
    adds_latency: bool
    """Whether lines get their modelled latency here; False where a real network has its own."""

    @property
    def timetable(self) -> Timetable:
        """Keeps the appointments of one run; the run must let its task `run`."""
        ...

    def clock(self) -> trio.abc.Clock:
        """A fresh clock for `trio.run`, by which the timetable goes."""
        ...

    async def listen(self, address: str, serve: Serve, nursery: trio.Nursery) -> None:
        """Take connections for an address and serve each in the nursery; returns when dials succeed.

        Raises VenueError if the address is taken or cannot be had.
        """
        ...

    def stop_listening(self, address: str) -> None:
        """Refuse new connections from now on; those that stand are not touched. `listen` may follow."""
        ...

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        """Connect. Raises LinkRefused if nobody listens, LinkTimedOut or VenueError."""
        ...

    async def listen_serial(self, address: str, serve: Serve, nursery: trio.Nursery) -> None:
        """Take calls over serial lines for an address; `serve` gets the host's end of each wire.

        Raises VenueError if the address is taken.
        """
        ...

    async def dial_serial(self, address: str, latency_s: float, medium: Medium) -> LinkStream:
        """Connect over a serial wire; returns the terminal's end. Raises LinkRefused or VenueError."""
        ...

    async def plug_in(self, plugs: Sequence[Plug], nursery: trio.Nursery) -> None:
        """Put a machine at the other end of each plug, until the nursery ends. Raises VenueError if there is none."""
        ...

    async def plug_in_modem(self, plug: Plug, exchange: Exchange, char_s: float, nursery: trio.Nursery) -> None:
        """Put a modem at the other end of a plug; `char_s` is the time of a character at its port.

        `exchange` connects a number to the host's end. Raises VenueError if there is none.
        """
        ...

    def can(self, command: str) -> Refusal | None:
        """None if a command can be carried out here, or why not."""
        ...


async def serve_and_close(serve: Serve, stream: LinkStream) -> None:
    """Serve one connection and close it whatever happens."""
    try:
        await serve(stream)
    finally:
        stream.close_now()
