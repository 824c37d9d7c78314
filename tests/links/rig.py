"""A cable between a list that stands for a terminal and an echoing site, for tests of the cable."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

from atmbench.errors import RemoteError
from atmbench.facts import Fact
from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import Direction, Fault
from atmbench.framing.framers import PrefixedFramer
from atmbench.framing.layouts import LAYOUTS
from atmbench.framing.registry import framer
from atmbench.links.cable import Cable
from atmbench.links.line import FramedStream
from atmbench.links.stream import Dialer, LinkStream
from atmbench.links.timetable import Timetable
from atmbench.messages.records import Message
from atmbench.venues.base import Venue
from atmbench.venues.virtual import VirtualVenue

LATENCY_S = 0.02
JITTER_S = 0.005
ROUND_TRIP_S_MAX = 2 * (LATENCY_S + JITTER_S)
CALM_S = 0.1
"""Long enough for anything that is under way to arrive, if no fault holds it."""

_wrap = framer("length2").wrap


class ToyWire:
    """Bodies are the MTI and what follows."""

    def under(self, header: bytes) -> "ToyWire":
        return self

    def read(self, body: bytes) -> Message:
        raise RemoteError("not read here", raw=body)

    def build(self, message: Message) -> bytes:
        raise NotImplementedError

    def wrap(self, body: bytes) -> bytes:
        return _wrap(body)

    def key(self, body: bytes) -> str:
        return ""


class WatchedFramer(PrefixedFramer):
    """A framer that remembers what it was fed, read by read."""

    __slots__ = ("reads",)

    def __init__(self) -> None:
        super().__init__(LAYOUTS["length2"])
        self.reads: list[bytes] = []

    def feed(self, data: bytes) -> list[bytes]:
        self.reads.append(data)
        return super().feed(data)


@dataclass
class Site:
    """The far side: what it saw, and how each connection ended."""

    seen: list[tuple[float, bytes]] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    ended_at: list[float] = field(default_factory=list)
    streams: list[LinkStream] = field(default_factory=list)
    framer: WatchedFramer = field(default_factory=WatchedFramer)
    reply: Callable[[bytes], bytes | None] = lambda body: b"0210" + body[4:]

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, body in self.seen]

    async def serve(self, stream: LinkStream) -> None:
        self.streams.append(stream)
        self.framer = WatchedFramer()
        line = FramedStream(stream, self.framer)
        end = "end"
        try:
            async for body in line:
                self.seen.append((trio.current_time(), body))
                reply = self.reply(body)
                if reply is not None:
                    await line.send(reply)
        except trio.BrokenResourceError:
            end = "reset"
        except trio.ClosedResourceError:
            end = "closed here"
        except RemoteError as error:
            end = f"refused: {error}"
        self.ends.append(end)
        self.ended_at.append(trio.current_time())


class Rig:
    """One cable and what its terminal noticed."""

    def __init__(self, terminal: str, venue: Dialer, faults: ActiveFaults, seed: int = 1) -> None:
        self.venue = venue
        self.faults = faults
        self.bodies: list[bytes] = []
        self.at: list[float] = []
        self.refused: list[str] = []
        self.lost: list[str] = []
        self.facts: list[Fact] = []
        self.ups = 0
        self.framers: list[WatchedFramer] = []
        self.others: dict[str, Rig] = {}
        self.cable = Cable(
            terminal,
            "primary",
            "A",
            venue=venue,
            faults=faults,
            wire=ToyWire(),
            make_framer=self.make_framer,
            seed=seed,
            latency_s=LATENCY_S,
            jitter_s=JITTER_S,
            now=trio.current_time,
            on_body=self.on_body,
            on_refused_frame=lambda error: self.refused.append(str(error)),
            on_lost=self.lost.append,
            record=self.facts.append,
            route=self.route,
            mti_of=lambda body: body[:4].decode("latin-1"),
        )

    def make_framer(self) -> WatchedFramer:
        self.framers.append(WatchedFramer())
        return self.framers[-1]

    @property
    def near(self) -> WatchedFramer:
        """The framer through which the terminal reads, the first of the two that a connection makes."""
        return self.framers[-2]

    def on_body(self, body: bytes) -> None:
        self.bodies.append(body)
        self.at.append(trio.current_time())

    def route(self, terminal: str, line: str, direction: Direction, data: bytes) -> None:
        self.others[terminal].cable.take_astray(direction, data)

    def on_up(self) -> None:
        self.ups += 1

    def cut(self, fault: Fault, name: str = "f") -> None:
        """Start a fault as the conductor does: standing connections it severs are severed at once."""
        self.faults.add(name, fault, trio.current_time())
        by = self.faults.severs(fault)
        if by is not None:
            self.cable.sever(by)

    def mend(self, name: str = "f") -> None:
        self.faults.remove(name, trio.current_time())
        self.cable.release()


def usual_venue() -> VirtualVenue:
    """Memory wires under the clock of the test, whichever that is."""
    venue = VirtualVenue()
    venue.timetable = Timetable()
    return venue


@asynccontextmanager
async def connected(venue: Venue | None = None) -> AsyncIterator[tuple[Rig, Site, trio.Nursery]]:
    """A standing connection; everything is cancelled at the end."""
    site = Site()
    place = venue or usual_venue()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(place.timetable.run)
        await place.listen("A", site.serve, nursery)
        rig = Rig("T1", place, ActiveFaults(1))
        nursery.start_soon(rig.cable.connect_and_run, rig.on_up)
        await trio.sleep(CALM_S)
        assert rig.cable.is_up
        yield rig, site, nursery
        nursery.cancel_scope.cancel()
