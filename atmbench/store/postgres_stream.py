"""The stream from a primary to its standby, as a relay on loopback that can lag, hold still, and be cut.

A promotion applies whatever a standby has received, so what a lost site takes with it must not have been received:
the lag is on the way, not at the standby. What is under way when the stream is cut is lost. Only the log is delayed,
not the handshake before it. The relay must never look into what it carries, but for where the log begins.
"""

import math
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from random import Random

import trio

from atmbench.host.replication import times_lag
from atmbench.store.postgres_server import LOOPBACK

HELD_BYTES_MAX = 64_000_000
"""What one stream may hold back; beyond that the primary waits."""
_READ_BYTES = 65_536
_LOG_BEGINS = b"START_REPLICATION"
"""From this command of the standby on (PostgreSQL: streaming replication protocol) its primary sends log."""


class Stream:
    """A relay to the server behind `target_port`. It is at `port` once `run` has begun.

    `lag_tail` is the mean of what a piece takes longer, in lags, drawn from `source`; 0: none does.
    """

    def __init__(self, target_port: int, lag_tail: float = 0.0, source: Random | None = None) -> None:
        self._lag_tail = lag_tail
        self._source = source or Random(0)
        self.port = 0
        self.lag_s = 0.0
        self.is_paused = False
        self.is_cut = False
        self._target_port = target_port
        self._open_since = -math.inf
        self._changed = trio.Event()
        self._carrying: set[trio.CancelScope] = set()

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Carry what comes, until cancelled."""
        listeners = await trio.open_tcp_listeners(0, host=LOOPBACK)
        self.port = listeners[0].socket.getsockname()[1]
        task_status.started()
        await trio.serve_listeners(self._serve, listeners)

    def set(self, *, paused: bool | None = None, lag_s: float | None = None) -> None:
        """Hold the stream or let it go on, or give it another lag in seconds of the run, also for what is under way."""
        if lag_s is not None:
            self.lag_s = lag_s
        if paused is not None:
            if self.is_paused and not paused:
                self._open_since = trio.current_time()
            self.is_paused = paused
        self._tell()

    def cut(self) -> None:
        """Lose what is under way, and take no connection until `mend`."""
        self.is_cut = True
        for scope in list(self._carrying):
            scope.cancel()

    def mend(self) -> None:
        """Take connections again."""
        self.is_cut = False

    async def _serve(self, standby: trio.SocketStream) -> None:
        if self.is_cut:
            return
        with trio.CancelScope() as scope:
            self._carrying.add(scope)
            try:
                primary = await trio.open_tcp_stream(LOOPBACK, self._target_port)
            except OSError:
                return  # it is down; the standby asks again
            else:
                async with standby, primary:
                    await self._carry(standby, primary, scope)
            finally:
                self._carrying.discard(scope)

    async def _carry(self, standby: trio.SocketStream, primary: trio.SocketStream, scope: trio.CancelScope) -> None:
        """Carry both ways until one end goes: the other learns it, and what was under way is lost."""
        way = _Way()
        tasks = (
            partial(self._ask, standby, primary, way),
            partial(self._hold, primary, way),
            partial(self._give, standby, way),
        )

        async def carry(task: Callable[[], Awaitable[None]]) -> None:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await task()
            scope.cancel()

        async with trio.open_nursery() as nursery:
            for task in tasks:
                nursery.start_soon(carry, task)

    async def _ask(self, standby: trio.SocketStream, primary: trio.SocketStream, way: "_Way") -> None:
        """What the standby says goes through at once."""
        while chunk := await standby.receive_some(_READ_BYTES):
            way.is_log = way.is_log or _LOG_BEGINS in chunk
            await primary.send_all(chunk)

    async def _hold(self, primary: trio.SocketStream, way: "_Way") -> None:
        while chunk := await primary.receive_some(_READ_BYTES):
            made_at = trio.current_time() if way.is_log else -math.inf
            way.held.append((made_at, times_lag(self._lag_tail, self._source), chunk))
            way.size += len(chunk)
            self._tell()
            while way.size > HELD_BYTES_MAX:
                await self._changed.wait()

    async def _give(self, standby: trio.SocketStream, way: "_Way") -> None:
        while True:
            due_at = self._due_at(way)
            if due_at > trio.current_time():
                with trio.move_on_at(due_at):
                    await self._changed.wait()
                continue
            chunk = way.held.popleft()[2]
            await standby.send_all(chunk)
            way.size -= len(chunk)
            self._tell()

    def _due_at(self, way: "_Way") -> float:
        """When the next chunk is to be given; never, if there is none or the stream is held."""
        if not way.held:
            return math.inf
        made_at, lags, _ = way.held[0]
        if made_at == -math.inf:
            return made_at
        return math.inf if self.is_paused else max(made_at, self._open_since) + self.lag_s * lags

    def _tell(self) -> None:
        self._changed.set()
        self._changed = trio.Event()


class _Way:
    """What is held on one connection: when it came, how many times the lag it takes, and the bytes."""

    def __init__(self) -> None:
        self.held: deque[tuple[float, float, bytes]] = deque()
        self.size = 0
        self.is_log = False
