"""A serial wire is as fast as its baud rate, keeps trio's contract, and lets the last characters out before the end."""

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from atmbench.faults.active import ActiveFaults
from atmbench.faults.base import Direction
from atmbench.faults.cut import Cut
from atmbench.framing.link_styles import SerialSettings
from atmbench.links.memory import memory_stream_pair
from atmbench.links.paced import PIECE_CHARACTERS_MAX, PIECE_S_MAX, WAITING_BYTES_MAX, PacedStream
from tests.links.serial_rig import medium, running, wires


async def received(wire: PacedStream, size: int) -> tuple[bytes, list[float]]:
    """So many bytes, and when each piece of them came."""
    data, at = b"", []
    while len(data) < size:
        data += await wire.receive_some()
        at.append(trio.current_time())
    return data, at


@pytest.mark.parametrize(
    ("settings", "char_s"),
    [
        (SerialSettings(baud=2400), 10 / 2400),
        (SerialSettings(baud=9600), 10 / 9600),
        (SerialSettings(baud=1200, format="7E1"), 10 / 1200),
        (SerialSettings(baud=9600, format="8E1"), 11 / 9600),
    ],
)
async def test_a_message_takes_the_time_of_its_characters(
    settings: SerialSettings, char_s: float, autojump_clock: MockClock
) -> None:
    async with running() as (timetable, _):
        near, far = wires(timetable, settings)
        near.send_now(bytes(range(100)))
        near.send_now(b"and more")
        data, at = await received(far, 108)
    assert data == bytes(range(100)) + b"and more"
    assert at[-1] == pytest.approx(108 * char_s)
    assert at[0] == pytest.approx(char_s * min(PIECE_CHARACTERS_MAX, int(PIECE_S_MAX / char_s)))


async def test_both_ways_are_independent(autojump_clock: MockClock) -> None:
    async with running() as (timetable, _):
        near, far = wires(timetable)
        near.send_now(bytes(960))
        far.send_now(b"\x06")
        assert await near.receive_some() == b"\x06"
        assert trio.current_time() == pytest.approx(10 / 9600)


@pytest.mark.full
async def test_a_wire_keeps_the_contract_of_trio(autojump_clock: MockClock) -> None:
    async with running() as (timetable, _):

        async def make_pair() -> tuple[PacedStream, PacedStream]:
            return wires(timetable, SerialSettings(baud=921_600))

        await trio.testing.check_two_way_stream(make_pair, None)


async def test_last_characters_arrive_before_the_end(autojump_clock: MockClock) -> None:
    async with running() as (timetable, _):
        near, far = wires(timetable)
        near.send_now(bytes(50))
        near.close_now()
        _, at = await received(far, 50)
        assert at[-1] == pytest.approx(50 * 10 / 9600)
        assert await far.receive_some() == b""


async def test_a_dropped_carrier_takes_what_is_under_way(autojump_clock: MockClock) -> None:
    async with running() as (timetable, _):
        near, far = wires(timetable)
        near.send_now(bytes(50))
        near.reset()
        with pytest.raises(trio.BrokenResourceError):
            await far.receive_some()
        far.send_now(b"x")
        await trio.sleep(1)
        with pytest.raises(trio.BrokenResourceError):
            far.send_now(b"x")


async def test_a_reader_is_woken_when_its_own_end_closes(autojump_clock: MockClock) -> None:
    async with running() as (timetable, nursery):
        near, _ = wires(timetable)
        woken = trio.Event()

        async def read() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await near.receive_some()
            woken.set()

        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        near.send_now(bytes(1000))
        near.close_now()
        await woken.wait()
        assert trio.current_time() == 0  # it does not wait for the last character


async def test_what_a_port_has_no_room_for_is_held_on_to(autojump_clock: MockClock) -> None:
    async with running() as (timetable, _):
        ours, theirs = memory_stream_pair()
        wire = PacedStream(ours, medium(SerialSettings(baud=921_600)), Direction.REQUEST, timetable)
        wire.send_now(bytes(70_000) + b"end")
        await trio.sleep(5)  # nobody reads, and the memory is full
        data = b""
        while len(data) < 70_003:
            data += await theirs.receive_some()
        assert data == bytes(70_000) + b"end"


async def test_too_much_is_refused() -> None:
    async with running() as (timetable, _):
        near, _ = wires(timetable)
        with pytest.raises(trio.BrokenResourceError, match="wait for a wire"):
            near.send_now(bytes(WAITING_BYTES_MAX + 1))


async def test_a_silent_cut_swallows_characters_and_neither_end_notices(autojump_clock: MockClock) -> None:
    faults = ActiveFaults(1)
    async with running() as (timetable, _):
        near, far = wires(timetable, faults=faults)
        near.send_now(bytes(32))
        faults.add("pulled", Cut(by="silence", direction=Direction.REQUEST), 0.0)
        far.send_now(b"other way")
        assert await near.receive_some() == b"other way"
        await trio.sleep(1)
        faults.remove("pulled", 1.0)
        near.send_now(b"again")
        assert await far.receive_some() == b"again"
