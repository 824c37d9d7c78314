"""The stream between two databases: what a standby asks goes at once; what its primary sends may lag, wait, be lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
import trio.lowlevel
from trio.testing import MockClock

from atmbench.store.postgres_server import LOOPBACK
from atmbench.store.postgres_stream import Stream

BEGIN = b"Q START_REPLICATION SLOT"


class Ends:
    """Both ends of a stream that runs."""

    def __init__(self, stream: Stream, standby: trio.SocketStream, accepted: list[trio.SocketStream]) -> None:
        self.stream, self.standby, self.accepted = stream, standby, accepted

    @property
    def primary(self) -> trio.SocketStream:
        return self.accepted[-1]

    async def begin(self) -> None:
        await self.standby.send_all(BEGIN)
        assert await self.primary.receive_some() == BEGIN

    async def nothing_comes(self) -> None:
        """Everybody has had a turn, and nothing has come."""
        heard: list[bytes] = []

        async def listen() -> None:
            heard.append(await self.standby.receive_some())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            for _ in range(20):
                await trio.lowlevel.checkpoint()
            assert heard == []
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def both_ends() -> AsyncIterator[Ends]:
    accepted: list[trio.SocketStream] = []
    there = trio.Event()

    async def accept(primary: trio.SocketStream) -> None:
        accepted.append(primary)
        there.set()
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host=LOOPBACK)
        nursery.start_soon(trio.serve_listeners, accept, [listener])
        stream = Stream(listener.socket.getsockname()[1])
        await nursery.start(stream.run)
        async with await trio.open_tcp_stream(LOOPBACK, stream.port) as standby:
            await there.wait()
            yield Ends(stream, standby, accepted)
        nursery.cancel_scope.cancel()


async def test_before_the_log_begins_nothing_lags() -> None:
    async with both_ends() as ends:
        ends.stream.set(lag_s=12)
        await ends.primary.send_all(b"who are you")
        assert await ends.standby.receive_some() == b"who are you"


async def test_the_log_lags(mock_clock: MockClock) -> None:
    async with both_ends() as ends:
        ends.stream.set(lag_s=12)
        await ends.begin()
        await ends.primary.send_all(b"log")
        await ends.nothing_comes()
        mock_clock.jump(12.5)
        assert await ends.standby.receive_some() == b"log"


async def test_a_stream_that_is_held_goes_on_where_it_was() -> None:
    async with both_ends() as ends:
        await ends.begin()
        ends.stream.set(paused=True)
        await ends.primary.send_all(b"log")
        await ends.nothing_comes()
        ends.stream.set(paused=False)
        assert await ends.standby.receive_some() == b"log"


async def test_a_cut_loses_what_was_under_way_and_refuses_until_it_is_mended() -> None:
    async with both_ends() as ends:
        await ends.begin()
        ends.stream.set(paused=True)
        await ends.primary.send_all(b"log")
        await ends.nothing_comes()
        ends.stream.cut()
        ends.stream.set(paused=False)
        assert await ends.standby.receive_some() == b""
        async with await trio.open_tcp_stream(LOOPBACK, ends.stream.port) as again:
            assert await again.receive_some() == b""
        ends.stream.mend()
        async with await trio.open_tcp_stream(LOOPBACK, ends.stream.port) as again:
            await again.send_all(b"from the beginning")
            while len(ends.accepted) < 2:
                await trio.lowlevel.checkpoint()
            assert await ends.primary.receive_some() == b"from the beginning"


async def test_a_standby_is_told_when_its_primary_is_down() -> None:
    async with both_ends() as ends:
        await ends.primary.aclose()
        assert await ends.standby.receive_some() == b""
