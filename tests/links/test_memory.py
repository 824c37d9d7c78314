"""Memory streams keep trio's contract, are bounded, and can be reset."""

import pytest
import trio
import trio.testing

from atmbench.links.memory import BUFFER_BYTES_MAX, MemoryStream, memory_stream_pair


async def make_pair() -> tuple[MemoryStream, MemoryStream]:
    return memory_stream_pair()


async def make_clogged_pair() -> tuple[MemoryStream, MemoryStream]:
    left, right = memory_stream_pair()
    for stream in (left, right):
        await stream.send_all(bytes(BUFFER_BYTES_MAX))
    return left, right


async def test_memory_stream_keeps_the_contract_of_trio() -> None:
    await trio.testing.check_half_closeable_stream(make_pair, make_clogged_pair)


async def test_reset_is_seen_by_a_waiting_peer_and_swallows_what_was_under_way() -> None:
    left, right = memory_stream_pair()
    await left.send_all(b"half a frame")
    left.reset()
    with pytest.raises(trio.BrokenResourceError):
        await right.receive_some()
    with pytest.raises(trio.BrokenResourceError):
        await right.send_all(b"x")
    with pytest.raises(trio.ClosedResourceError):
        await left.send_all(b"x")


async def test_reset_wakes_a_reader_and_a_clogged_writer() -> None:
    left, right = memory_stream_pair()
    await right.send_all(bytes(BUFFER_BYTES_MAX))

    async def expect_broken_reading() -> None:
        with pytest.raises(trio.BrokenResourceError):
            await right.receive_some()

    async def expect_broken_writing() -> None:
        with pytest.raises(trio.BrokenResourceError):
            await right.send_all(b"x")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(expect_broken_reading)
        nursery.start_soon(expect_broken_writing)
        await trio.testing.wait_all_tasks_blocked()
        left.reset()


async def test_a_cancelled_send_has_sent_nothing() -> None:
    left, _ = memory_stream_pair()
    with trio.CancelScope() as scope:
        scope.cancel()
        await left.send_all(b"x")
    assert scope.cancelled_caught
    assert left.bytes_sent == 0


async def test_nothing_beyond_the_bound_is_held_and_the_tap_sees_what_left() -> None:
    left, right = memory_stream_pair()
    seen: list[bytes] = []
    left.tap = seen.append
    assert left.send_now(bytes(BUFFER_BYTES_MAX + 10)) == BUFFER_BYTES_MAX
    assert left.send_now(b"x") == 0
    assert len(await right.receive_some()) == BUFFER_BYTES_MAX
    assert left.send_now(b"x") == 1
    assert left.bytes_sent == sum(map(len, seen)) == BUFFER_BYTES_MAX + 1
