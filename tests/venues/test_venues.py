"""Both venues listen, dial, refuse and stop alike."""

import time

import pytest
import trio
from trio.testing import MockClock

from atmbench.errors import LocalError, VenueError
from atmbench.links.stream import LinkRefused, LinkStream
from atmbench.venues.base import Venue
from atmbench.venues.loopback import LoopbackVenue
from atmbench.venues.virtual import VirtualVenue

VENUES = [VirtualVenue, LoopbackVenue]


async def echo(stream: LinkStream) -> None:
    while data := await stream.receive_some():
        await stream.send_all(data)


async def say_goodbye(stream: LinkStream) -> None:
    await stream.send_all(b"goodbye")


@pytest.mark.parametrize("make", VENUES)
def test_a_listener_serves_stops_refuses_and_listens_again(make: type[VirtualVenue] | type[LoopbackVenue]) -> None:
    venue: Venue = make()

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            with pytest.raises(LinkRefused):
                await venue.dial("A", 0.01)
            for _ in range(3):
                await venue.listen("A", echo, nursery)
                stream = await venue.dial("A", 0.01)
                venue.stop_listening("A")
                venue.stop_listening("A")
                with pytest.raises(LinkRefused):
                    await venue.dial("A", 0.01)
                await stream.send_all(b"still standing")
                assert await stream.receive_some() == b"still standing"
                stream.close_now()
            nursery.cancel_scope.cancel()

    trio.run(main, clock=venue.clock())


@pytest.mark.parametrize("make", VENUES)
def test_sites_are_told_apart_and_streams_are_closed_when_served(
    make: type[VirtualVenue] | type[LoopbackVenue],
) -> None:
    venue: Venue = make()

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            await venue.listen("A", echo, nursery)
            await venue.listen("B", say_goodbye, nursery)
            with pytest.raises(VenueError, match="already"):
                await venue.listen("A", echo, nursery)
            stream = await venue.dial("B", 0)
            assert await stream.receive_some() == b"goodbye"
            assert await stream.receive_some() == b""
            stream.close_now()
            nursery.cancel_scope.cancel()

    trio.run(main, clock=venue.clock())


@pytest.mark.parametrize("make", VENUES)
def test_a_venue_is_fresh_for_the_next_run(make: type[VirtualVenue] | type[LoopbackVenue]) -> None:
    venue: Venue = make()
    heard: list[bytes | bytearray] = []

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            with pytest.raises(LinkRefused):
                await venue.dial("A", 0)
            await venue.listen("A", say_goodbye, nursery)
            stream = await venue.dial("A", 0)
            heard.append(await stream.receive_some())
            stream.close_now()
            venue.stop_listening("A")
            nursery.cancel_scope.cancel()

    for _ in range(2):
        trio.run(main, clock=venue.clock())
    assert heard == [b"goodbye", b"goodbye"]


async def test_a_virtual_dial_takes_its_latency(autojump_clock: MockClock) -> None:
    venue = VirtualVenue()
    async with trio.open_nursery() as nursery:
        await venue.listen("A", echo, nursery)
        before = trio.current_time()
        await venue.dial("A", 3.0)
        assert trio.current_time() - before == 3.0
        nursery.cancel_scope.cancel()


def test_the_virtual_clock_jumps_and_the_loopback_clock_runs_at_its_rate() -> None:
    for venue, seconds, at_least, at_most in (
        (VirtualVenue(), 86_400.0, 0.0, 1.0),
        (LoopbackVenue(rate=20), 1.0, 0.04, 0.5),
        (LoopbackVenue(), 0.05, 0.04, 0.5),
    ):
        started = time.perf_counter()
        trio.run(trio.sleep, seconds, clock=venue.clock())
        assert at_least <= time.perf_counter() - started <= at_most


def test_a_clock_that_runs_backwards_or_away_is_misuse() -> None:
    for rate in (0, -1, 1000):
        with pytest.raises(LocalError, match="real time"):
            LoopbackVenue(rate=rate)


def test_venues_can_do_all_that_is_modelled() -> None:
    assert VirtualVenue().can("cut") is None
    assert LoopbackVenue().can("cut") is None
