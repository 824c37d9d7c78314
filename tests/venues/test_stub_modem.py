"""A terminal's modem line and the modem stub's core, joined to an exchange of memory wires in virtual time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from atmbench.devices.port import Plug
from atmbench.errors import VenueError
from atmbench.facts import CallFailed, Fact
from atmbench.framing.dial_up import DialSettings
from atmbench.framing.link_styles import SerialSettings
from atmbench.links.memory import memory_stream_pair
from atmbench.links.modem_line import ModemLine
from atmbench.links.stream import CarrierLost, LinkRefused, LinkStream
from atmbench.links.timetable import Timetable
from atmbench.venues.stub_modem import plug_in_modem

CHAR_S = 10 / 9600


@dataclass
class Bench:
    """One modem line, and the host's ends of the calls that were joined."""

    modem: ModemLine
    plug: Plug
    facts: list[Fact]
    hosts: list[LinkStream] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    refuses: bool = False
    joins_after_s: float = 0.0

    async def exchange(self, number: str) -> LinkStream:
        self.numbers.append(number)
        await trio.sleep(self.joins_after_s)
        if self.refuses:
            raise LinkRefused("nobody takes calls there")
        near, far = memory_stream_pair()
        self.hosts.append(far)
        return near


@asynccontextmanager
async def bench(**dial: Any) -> AsyncIterator[Bench]:
    timetable = Timetable()
    settings = SerialSettings(dial=DialSettings(number="5551234", **{"tries": 1, **dial}))
    plug = Plug("T01/modem", "hayes-modem", {"line_bps": 2400})
    facts: list[Fact] = []
    modem = ModemLine("primary", settings, plug, timetable, facts.append)
    plug.driver, plug.turn = modem, lambda act: act(trio.current_time())
    made = Bench(modem, plug, facts)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(timetable.run)
        plug_in_modem(plug, made.exchange, char_s=CHAR_S, timetable=timetable, nursery=nursery)
        yield made
        nursery.cancel_scope.cancel()


async def exactly(stream: LinkStream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += bytes(await stream.receive_some())
    return data


async def test_a_call_carries_bytes_as_fast_as_the_telephone_line(autojump_clock: MockClock) -> None:
    async with bench() as made:
        call = await made.modem.dial()
        assert made.numbers == ["5551234"]
        began = trio.current_time()
        assert began > 9.0
        assert call.send_now(b"r" * 240) == call.bytes_sent == 240
        assert await exactly(made.hosts[0], 240) == b"r" * 240
        assert trio.current_time() - began == pytest.approx(1.0 + 240 * CHAR_S)
        made.hosts[0].send_now(b"answer")
        assert await call.receive_some(3) + await exactly(call, 3) == b"answer"


@pytest.mark.parametrize("modem_lines", [False, True])
async def test_who_hangs_up_ends_the_call_for_the_host_and_can_call_again(
    modem_lines: bool, autojump_clock: MockClock
) -> None:
    async with bench(modem_lines=modem_lines) as made:
        call = await made.modem.dial()
        call.send_now(b"last words")
        await trio.sleep(0.1)
        call.close_now()
        heard = b"".join([bytes(chunk) async for chunk in made.hosts[0]])
        assert heard.startswith(b"last words")
        assert not made.plug.seen["carrier"]
        await (await made.modem.dial()).aclose()
        assert len(made.hosts) == 2


async def test_a_host_that_hangs_up_is_heard_to_its_end_and_says_so(autojump_clock: MockClock) -> None:
    async with bench() as made:
        call = await made.modem.dial()
        made.hosts[0].send_now(b"answer")
        made.hosts[0].close_now()
        assert (await exactly(call, 6))[:6] == b"answer"
        with pytest.raises(CarrierLost, match="the modem says NO CARRIER"):
            await exactly(call, 10_000)
        with pytest.raises(trio.BrokenResourceError):
            call.send_now(b"x")
        call.close_now()
        assert await made.modem.dial() is not call


async def test_a_line_that_breaks_ends_both_ends(autojump_clock: MockClock) -> None:
    async with bench() as made:
        call = await made.modem.dial()
        call.reset()
        assert await made.hosts[0].receive_some() == b""
        for use in (call.receive_some, call.wait_send_all_might_not_block):
            with pytest.raises(trio.ClosedResourceError):
                await use()
        with pytest.raises(trio.ClosedResourceError):
            call.send_now(b"x")
        call.reset()
        assert await made.modem.dial() is not call


async def test_a_reader_learns_that_his_end_was_closed(autojump_clock: MockClock) -> None:
    async with bench() as made:
        call = await made.modem.dial()

        async def read() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await call.receive_some()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.sleep(1.0)
            call.close_now()


async def test_an_exchange_that_refuses_is_a_host_that_does_not_answer(autojump_clock: MockClock) -> None:
    async with bench(tries=2) as made:
        made.refuses = True
        with pytest.raises(LinkRefused, match=r"nobody answers at the number 5551234 .*before: no answer"):
            await made.modem.dial()
        assert [fact.why for fact in made.facts if isinstance(fact, CallFailed)] == ["no_answer"] * 2
        made.refuses = False
        await made.modem.dial()


async def test_an_attempt_that_nobody_waits_for_any_more_is_ended(autojump_clock: MockClock) -> None:
    async with bench() as made:
        made.joins_after_s = 5.0
        with trio.move_on_after(11.0) as patience:
            await made.modem.dial()
        assert patience.cancelled_caught
        await trio.sleep(10.0)
        assert await made.hosts[0].receive_some() == b"", "the exchange came too late, and was told"
        made.joins_after_s = 0.0
        call = await made.modem.dial()
        call.send_now(b"x")
        assert await exactly(made.hosts[1], 1) == b"x"


async def test_a_modem_that_cannot_hang_up_is_told_of(autojump_clock: MockClock) -> None:
    async with bench() as made:
        call = await made.modem.dial()
        made.plug.order("power_off")
        call.close_now()
        await trio.sleep(30.0)
        (failed,) = made.facts
        assert isinstance(failed, CallFailed)
        assert failed.why == "no_modem"


async def test_what_cannot_be_done_at_a_modem_is_a_refused_step(autojump_clock: MockClock) -> None:
    async with bench() as made:
        because: list[str] = []
        made.plug.refused = because.append
        made.plug.order("dance")
        made.plug.step("dance", {"how": "slowly"})
        await trio.sleep(1.0)
        [only] = because
        assert only.startswith("T01/modem: a line_modem cannot do 'dance'")


async def test_settings_that_no_modem_has_are_the_venues_to_name() -> None:
    plug = Plug("T01/modem", "hayes-modem", {"line_bps": 1})
    refuse: Callable[[str], Awaitable[LinkStream]] = Bench(None, plug, []).exchange  # type: ignore[arg-type]
    async with trio.open_nursery() as nursery:
        with pytest.raises(VenueError, match="T01/modem cannot be plugged in"):
            plug_in_modem(plug, refuse, char_s=CHAR_S, timetable=Timetable(), nursery=nursery)
