"""Machines at the plugs of a terminal: the same stub in memory and in a process of its own."""

from collections.abc import Callable
from typing import Any

import pytest
import trio

from atmbench.devices.port import Detail, Plug
from atmbench.errors import VenueError
from atmbench.venues.base import Venue
from atmbench.venues.loopback import LoopbackVenue
from atmbench.venues.virtual import VirtualVenue

STATUS = bytes.fromhex("043002500365")
VENUES = [VirtualVenue, LoopbackVenue]


class Ear:
    """A driver that writes down what it hears."""

    def __init__(self, plug: Plug) -> None:
        self.bytes = b""
        self.happened: list[str] = []
        self.changes = 0
        self.changed = trio.Event()
        plug.driver = self
        plug.turn = self._turn

    def _turn(self, act: Callable[[float], None]) -> None:
        act(trio.current_time())
        self.changed.set()
        self.changed = trio.Event()

    def on_bytes(self, data: bytes, now: float) -> None:
        self.bytes += data

    def on_port_changed(self, now: float) -> None:
        self.changes += 1

    def on_happened(self, event: str, detail: Detail, now: float) -> None:
        self.happened.append(event)

    async def until(self, is_so: Callable[[], Any]) -> None:
        with trio.fail_after(60):
            while not is_so():
                await self.changed.wait()


def dispenser() -> Plug:
    return Plug("T01/dispenser", "lcdm-4000", {"cassettes": {"1": 5, "2": 0, "3": 0, "4": 0}})


@pytest.mark.parametrize("make", VENUES)
def test_what_a_step_orders_and_no_machine_can_do_is_told_to_whoever_runs_the_terminal(
    make: Callable[[], Venue],
) -> None:
    because: list[str] = []

    async def play(plug: Plug, ear: Ear) -> None:
        def hear(says: str) -> None:
            because.append(says)
            heard.set()

        heard = trio.Event()
        plug.refused = hear
        plug.order("dance")  # a driver's own
        plug.step("fault", {"is": "a jam that nobody knows"})
        with trio.fail_after(60):
            await heard.wait()

    run(make, play, dispenser())
    [only] = because
    assert only.startswith("T01/dispenser: ")


def run(make: Callable[[], Venue], play: Callable[[Plug, Ear], Any], plug: Plug) -> Ear:
    venue = make()
    ears = []

    async def main() -> None:
        ear = Ear(plug)
        ears.append(ear)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(venue.timetable.run)
            await venue.plug_in([plug], nursery)
            await ear.until(lambda: plug.is_open)
            await play(plug, ear)
            nursery.cancel_scope.cancel()

    trio.run(main, clock=venue.clock())
    return ears[0]


@pytest.mark.parametrize("make", VENUES)
def test_a_machine_answers_over_its_wire(make: Callable[[], Venue]) -> None:
    async def play(plug: Plug, ear: Ear) -> None:
        assert plug.seen["cassettes"] == {"1": 5, "2": 0, "3": 0, "4": 0}
        plug.send(STATUS)
        await ear.until(lambda: len(ear.bytes) >= 25)
        plug.send(b"\x06")
        await ear.until(lambda: len(ear.bytes) >= 26)

    heard = run(make, play, dispenser()).bytes
    assert (heard[:4], heard[-1:]) == (b"\x06\x010\x02", b"\x04")


@pytest.mark.parametrize("make", VENUES)
def test_what_hands_do_is_told_and_seen(make: Callable[[], Venue]) -> None:
    async def play(plug: Plug, ear: Ear) -> None:
        plug.order("fill", cassette="2", notes=7)
        await ear.until(lambda: ear.happened)
        assert plug.seen["cassettes"]["2"] == 7

    assert run(make, play, dispenser()).happened == ["filled"]


@pytest.mark.parametrize("make", VENUES)
def test_a_cable_can_be_pulled_and_put_in_again(make: Callable[[], Venue]) -> None:
    async def play(plug: Plug, ear: Ear) -> None:
        plug.order("unplug")
        await ear.until(lambda: not plug.is_open)
        plug.send(STATUS)
        plug.order("plug")
        await ear.until(lambda: plug.is_open)
        assert ear.bytes == b""
        plug.send(STATUS)
        await ear.until(lambda: ear.bytes)

    assert run(make, play, dispenser()).changes >= 2


@pytest.mark.parametrize("make", VENUES)
def test_a_machine_that_nobody_emulates_is_refused(make: Callable[[], Venue]) -> None:
    async def play(plug: Plug, ear: Ear) -> None:
        raise AssertionError("nothing is plugged in")

    with pytest.raises(ExceptionGroup) as refused:
        run(make, play, Plug("T01/dispenser", "abacus", {}))
    leaf: BaseException = refused.value
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    assert isinstance(leaf, VenueError)
    assert "there is no stub of 'abacus'" in str(leaf)
