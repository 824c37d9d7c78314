"""A framed stream gives out bodies, whatever the reads, and tells how it ended."""

import pytest
import trio
import trio.testing

from atmbench.framing.base import FrameError
from atmbench.framing.registry import framer
from atmbench.links.line import FramedStream
from atmbench.links.memory import BUFFER_BYTES_MAX, MemoryStream, memory_stream_pair
from atmbench.links.outbox import OUTBOX_BYTES_MAX


def pair() -> tuple[FramedStream, MemoryStream]:
    ours, theirs = memory_stream_pair()
    return FramedStream(ours, framer("length2")), theirs


async def test_bodies_come_out_one_by_one_until_the_peer_closes() -> None:
    line, peer = pair()
    await peer.send_all(b"\x00\x01a\x00\x02bc")
    peer.close_now()
    assert [body async for body in line] == [b"a", b"bc"]
    assert line.pending == 0


async def test_an_end_in_the_middle_of_a_frame_is_told() -> None:
    line, peer = pair()
    await peer.send_all(b"\x00\x01a\x00\x05unfi")
    peer.close_now()
    assert await line.__anext__() == b"a"
    with pytest.raises(FrameError, match="6 bytes into a frame"):
        await line.__anext__()


async def test_a_frame_that_does_not_go_on_is_given_up(autojump_clock: trio.testing.MockClock) -> None:
    line, peer = pair()
    await peer.send_all(b"\x00\x05unfi")
    with pytest.raises(FrameError, match="did not go on for 10 s"):
        await line.__anext__()
    assert trio.current_time() == 10.0


async def test_good_frames_before_a_lie_are_given_out_and_then_the_error() -> None:
    line, peer = pair()
    await peer.send_all(b"\x00\x01a\xff\xff")
    assert await line.__anext__() == b"a"
    for _ in range(2):
        with pytest.raises(FrameError):
            await line.__anext__()


async def test_a_reset_is_broken_for_the_reader_and_the_sender() -> None:
    line, peer = pair()
    peer.reset()
    with pytest.raises(trio.BrokenResourceError):
        await line.__anext__()
    with pytest.raises(trio.BrokenResourceError):
        await line.send(b"x")


async def test_many_senders_to_a_slow_peer_keep_every_frame_whole(autojump_clock: trio.testing.MockClock) -> None:
    line, peer = pair()
    bodies = [bytes([n]) * 5000 for n in range(40)]
    async with trio.open_nursery() as nursery:
        for body in bodies:
            nursery.start_soon(line.send, body)
        await trio.sleep(1)
        far, got = FramedStream(peer, framer("length2")), []
        for _ in bodies:
            got.append(await far.__anext__())
    assert sorted(got) == sorted(bodies)


async def test_a_peer_that_never_reads_is_given_up_in_bounded_memory() -> None:
    line, _ = pair()
    most = (BUFFER_BYTES_MAX + OUTBOX_BYTES_MAX) // 8002
    for _ in range(most):
        line.send_now(bytes(8000))
    with pytest.raises(trio.BrokenResourceError, match="unread"):
        line.send_now(bytes(8000))
