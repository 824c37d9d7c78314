"""TCP streams keep trio's contract; both ways to close look as they should from the other side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from atmbench.errors import VenueError
from atmbench.links.stream import LinkRefused, LinkStream
from atmbench.links.tcp import LOCALHOST, TcpListener, TcpStream, dial_tcp


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[TcpListener, trio.MemoryReceiveChannel[LinkStream]]]:
    sender, accepted = trio.open_memory_channel[LinkStream](10)
    listener = TcpListener()
    async with trio.open_nursery() as nursery:
        listener.listen(sender.send, nursery)
        yield listener, accepted
        listener.close()


async def make_pair() -> tuple[LinkStream, LinkStream]:
    async with listening() as (listener, accepted):
        dialled = await dial_tcp(LOCALHOST, listener.port)
        return dialled, await accepted.receive()


async def make_clogged_pair() -> tuple[LinkStream, LinkStream]:
    left, right = await make_pair()
    for stream in (left, right):
        while stream.send_now(bytes(65_536)):
            pass
        with trio.move_on_after(0.02):
            while True:
                await stream.wait_send_all_might_not_block()
                stream.send_now(bytes(65_536))
    return left, right


async def test_tcp_stream_keeps_the_contract_of_trio() -> None:
    await trio.testing.check_half_closeable_stream(make_pair, None)  # type: ignore[arg-type]


@pytest.mark.full
async def test_clogged_tcp_stream_keeps_the_contract_of_trio() -> None:
    await trio.testing.check_half_closeable_stream(make_pair, make_clogged_pair)  # type: ignore[arg-type]


async def test_reset_is_seen_as_broken_and_close_as_the_end() -> None:
    for unread in (b"", b"unread"):
        left, right = await make_pair()
        left.reset()
        with pytest.raises(trio.BrokenResourceError):
            await right.receive_some()
        right.close_now()
        left, right = await make_pair()
        await right.send_all(unread)
        await left.send_all(b"last words")
        left.close_now()
        assert await right.receive_some() == b"last words"
        assert await right.receive_some() == b""
        right.close_now()


async def test_sending_at_once_reports_a_gone_peer_and_a_closed_stream() -> None:
    left, right = await make_pair()
    right.reset()
    await trio.sleep(0.01)
    with pytest.raises(trio.BrokenResourceError):
        left.send_now(b"x")
    left.close_now()
    with pytest.raises(trio.ClosedResourceError):
        left.send_now(b"x")


async def test_a_listener_can_refuse_and_listen_again_on_its_port() -> None:
    sender, accepted = trio.open_memory_channel[LinkStream](10)
    listener = TcpListener()
    async with trio.open_nursery() as nursery:
        with pytest.raises(LinkRefused, match="refused"):
            await dial_tcp(LOCALHOST, listener.port)
        for _ in range(3):
            listener.listen(sender.send, nursery)
            ours = await dial_tcp(LOCALHOST, listener.port)
            listener.refuse()  # perhaps before the connection was accepted: it stands all the same
            theirs = await accepted.receive()
            with pytest.raises(LinkRefused, match="refused"):
                await dial_tcp(LOCALHOST, listener.port)
            await ours.send_all(b"still standing")
            assert await theirs.receive_some() == b"still standing"
            ours.close_now()
            theirs.close_now()
        listener.close()


async def test_a_port_that_is_taken_is_named() -> None:
    async with listening() as (listener, _):
        with pytest.raises(VenueError, match=rf"port {listener.port} .* choose another port"):
            TcpListener(port=listener.port)


async def test_small_writes_leave_at_once() -> None:
    left, right = await make_pair()
    assert isinstance(left, TcpStream)
    assert left._stream.getsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY)
    left.close_now()
    right.close_now()
