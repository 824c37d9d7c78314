"""Dialling a site over a serial line: what a cable needs of its venue, with the link layer on top."""

from typing import Protocol

from atmbench.links.linked import terminal_end
from atmbench.links.medium import Medium
from atmbench.links.stream import LinkStream
from atmbench.links.timetable import Timetable


class SerialVenue(Protocol):
    """The part of a venue that a serial line needs."""

    adds_latency: bool

    @property
    def timetable(self) -> Timetable:
        """Keeps the appointments of a run."""
        ...

    async def dial_serial(self, address: str, latency_s: float, medium: Medium) -> LinkStream:
        """The terminal's end of a wire to whoever takes calls at an address. Raises LinkRefused or VenueError."""
        ...


class SerialDialer:
    """A `Dialer` for one serial line of a terminal. `address` is where the site takes its calls."""

    def __init__(self, venue: SerialVenue, address: str, medium: Medium) -> None:
        self._venue = venue
        self._address = address
        self._medium = medium
        self.adds_latency = venue.adds_latency

    @property
    def timetable(self) -> Timetable:
        """The venue's."""
        return self._venue.timetable

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        """A call to the site, over this line whatever the address."""
        wire = await self._venue.dial_serial(self._address, latency_s, self._medium)
        return terminal_end(wire, self._medium.settings, self.timetable)
