"""A call over a serial wire: whole blocks above, turns and repeats beneath, and an end that both sides understand."""

import pytest
import trio
from trio.testing import MockClock

from atmbench.errors import LocalError
from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import Direction
from atmbench.faults.cut import Cut
from atmbench.framing.blocks import BlockFramer
from atmbench.framing.link_styles import STYLES, SerialSettings
from atmbench.links.line import FramedStream
from atmbench.links.linked import host_end, terminal_end
from atmbench.links.paced import PacedStream
from atmbench.links.serial import pty_pair
from atmbench.links.stream import LineGivenUp, LinkStream
from tests.links.serial_rig import SERIAL, call, medium, running, wires

BLOCK = BlockFramer(SERIAL.layout).wrap(b"0200 please")
ANSWER = BlockFramer(SERIAL.layout).wrap(b"0210 yes")


async def serve(stream: LinkStream, settings: SerialSettings = SERIAL) -> None:
    line = FramedStream(stream, BlockFramer(settings.layout))
    async for body in line:
        await line.send(b"0210 " + body[5:])


@pytest.mark.parametrize(
    "settings",
    [
        SERIAL,
        SerialSettings(style="visa-1", baud=2400),
        SerialSettings(length="binary2", tpdu="6000030000", format="8E1"),
        SerialSettings(awaits_enq=False),
    ],
    ids=["visa-2", "visa-1", "tpdu", "no-enq"],
)
async def test_requests_are_answered_one_after_the_other(settings: SerialSettings, autojump_clock: MockClock) -> None:
    framer = BlockFramer(settings.layout)
    async with running() as (timetable, nursery):
        near, far = call(timetable, settings)
        nursery.start_soon(serve, far, settings)
        for number in range(3):
            near.send_now(framer.wrap(b"0200 no. %d" % number))
        bodies: list[bytes] = []
        while len(bodies) < 3:
            bodies += framer.feed(await near.receive_some())
    assert bodies == [b"0210 no. 0", b"0210 no. 1", b"0210 no. 2"]


async def test_a_request_waits_for_the_hosts_enq(autojump_clock: MockClock) -> None:
    """The host asks once a second; what comes half a second later waits for the next time."""
    async with running() as (timetable, nursery):
        near, far = call(timetable)
        nursery.start_soon(near.receive_some)
        nursery.start_soon(send_later, near, 0.5)
        assert await far.receive_some() == BLOCK
        assert trio.current_time() == pytest.approx(1.0 + (1 + len(BLOCK)) * 10 / 9600)


async def send_later(stream: LinkStream, after_s: float) -> None:
    await trio.sleep(after_s)
    stream.send_now(BLOCK)


async def test_pieces_of_a_block_make_one_block(autojump_clock: MockClock) -> None:
    async with running() as (timetable, nursery):
        near, far = call(timetable)
        nursery.start_soon(near.receive_some)
        near.send_now(BLOCK[:5])
        await trio.sleep(2)
        near.send_now(BLOCK[5:])
        assert await far.receive_some() == BLOCK


async def test_a_block_may_be_read_in_pieces(autojump_clock: MockClock) -> None:
    async with running() as (timetable, nursery):
        near, far = call(timetable)
        nursery.start_soon(near.receive_some)
        near.send_now(BLOCK)
        assert await far.receive_some(4) + await far.receive_some() == BLOCK


async def test_a_hang_up_in_order_is_read_as_the_end_and_wakes_the_reader(autojump_clock: MockClock) -> None:
    async with running() as (timetable, nursery):
        near, far = call(timetable)
        woken: list[str] = []

        async def read() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await near.receive_some()
            woken.append("terminal")

        nursery.start_soon(read)
        await trio.sleep(0.1)
        near.close_now()
        assert await far.receive_some() == b""
        assert woken == ["terminal"]
        with pytest.raises(trio.BrokenResourceError):
            far.send_now(ANSWER)


async def test_a_dropped_carrier_breaks_the_call(autojump_clock: MockClock) -> None:
    async with running() as (timetable, _):
        near, far = call(timetable)
        near.reset()
        with pytest.raises(trio.BrokenResourceError):
            await far.receive_some()


async def test_a_terminal_that_nobody_asks_gives_up_and_says_why(autojump_clock: MockClock) -> None:
    faults = ActiveFaults(1)
    faults.add("pulled", Cut(by="silence"), 0.0)
    async with running() as (timetable, nursery):
        near, far = call(timetable, faults=faults)
        nursery.start_soon(far.receive_some)
        near.send_now(BLOCK)
        with pytest.raises(LineGivenUp, match="did not ask"):
            await near.receive_some()
        assert trio.current_time() == STYLES["visa-2"].enq_s
        with pytest.raises(trio.BrokenResourceError):
            near.send_now(BLOCK)


async def test_a_block_that_no_character_of_the_line_can_hold_says_what_to_set() -> None:
    settings = SerialSettings(format="7E1")
    async with running() as (timetable, _):
        near, _ = call(timetable, settings)
        with pytest.raises(LocalError, match="8N1, 8E1"):
            near.send_now(BlockFramer(settings.layout).wrap("é".encode()))


async def test_a_call_runs_over_a_pseudo_terminal_too() -> None:
    settings = SerialSettings(baud=115_200, format="8E1")
    async with running() as (timetable, nursery):
        terminal, host = pty_pair(settings.baud, settings.format)
        near = PacedStream(terminal, medium(settings), Direction.REQUEST, timetable)
        far = PacedStream(host, medium(settings), Direction.REPLY, timetable)
        line = terminal_end(near, settings, timetable)
        nursery.start_soon(serve, host_end(far, settings, timetable))
        with trio.fail_after(10):
            line.send_now(BLOCK)
            assert BlockFramer(SERIAL.layout).feed(await line.receive_some()) == [b"0210 please"]
        line.close_now()


async def test_noise_between_blocks_is_no_block(autojump_clock: MockClock) -> None:
    async with running() as (timetable, nursery):
        near, far = wires(timetable)
        host = host_end(far, SERIAL, timetable)
        nursery.start_soon(near.receive_some)
        near.send_now(b"\xff\x00")
        near.send_now(BLOCK)
        assert await host.receive_some() == BLOCK
