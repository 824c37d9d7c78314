"""The server: a bench and its control plane in one trio loop, from the first request to the last.

hypercorn's trio worker serves each connection; listening and the end are ours, because a follower who has stopped
reading must not keep a bench from ending, and connections have a bound. The clock may run faster than the wall's.
"""

import signal
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import msgspec
import trio
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from hypercorn.utils import wrap_app
from starlette.types import ASGIApp, Receive, Scope, Send

from atmbench.control.app import build_app
from atmbench.control.gate import check_token
from atmbench.errors import LocalError, VenueError
from atmbench.run.live import LiveBench
from atmbench.run.runner import RunResult, only_one

CONNECTIONS_MAX = 128
KEEP_ALIVE_S = 60.0
"""A connection that asks nothing for so long is closed, in seconds of the wall."""
LINGER_S = 5.0
"""When a run has ended, its bench goes on answering until nobody has asked for so long."""
HASTE_S = 1.0
"""So long followers have for the last facts if all is to end at once, and whoever has asked for his answer."""
LINGER_STEP_S = 0.05
LINGER_S_MAX = 600.0
"""Longer than this nobody keeps it, however often he asks."""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Where a bench listens, and whom it lets in."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free one."""
    token: str = ""
    cert: Path | None = None
    key: Path | None = None

    def __repr__(self) -> str:
        return f"Door({self.host}:{self.port})"

    def check(self) -> None:
        """Raises LocalError for a door that would let anybody in, or for half of TLS."""
        check_token(self.token, self.host)
        if (self.cert is None) is not (self.key is None):
            raise LocalError("TLS needs a certificate and its key: give both --tls-cert and --tls-key, or neither")
        self.tls()

    def tls(self) -> ssl.SSLContext | None:
        """How connections are sealed; None if they are not. Raises LocalError for files that are none."""
        return _tls(self.cert, self.key) if self.cert is not None and self.key is not None else None


class _Connection(TCPServer):
    """A connection that ends when its far side does; hypercorn's own would wait for its idle timeout all the same."""

    async def _read_data(self) -> None:
        await super()._read_data()
        await self.idle_task.stop()


class Server:
    """A bench behind a door. `announce` is called with its URL when it answers."""

    def __init__(self, bench: LiveBench, door: Door, announce: Callable[[str], None]) -> None:
        door.check()
        self._bench = bench
        self._door = door
        self._announce = announce
        self._tls = door.tls()
        self._streams: set[trio.abc.Stream] = set()
        self._config = Config()
        self._config.include_server_header = False
        app = build_app(bench, token=door.token, on_ask=self._asked)
        self._answering = 0
        """Requests that have no whole answer yet."""
        self._app = wrap_app(self._counting(app), 0, "asgi")  # type: ignore[arg-type]  # starlette calls the same messages mappings
        self._context = WorkerContext(None)
        self._asked_at = -LINGER_S
        self._ends_at_once = False

    async def run(self) -> None:
        """Serve until the run has ended and nobody asks any more."""
        try:
            listeners = await self._listen()
        except VenueError:
            self._bench.close()
            raise
        async with trio.open_nursery() as nursery:
            for listener in listeners:
                nursery.start_soon(partial(trio.serve_listeners, self._serve, [listener], handler_nursery=nursery))
            self._announce(self._url(listeners[0]))
            try:
                await self._bench.run()
                await self._linger()
            finally:
                self._hang_up()
                nursery.cancel_scope.cancel()

    async def run_until_signal(self) -> None:
        """The same; a signal to end ends the run first, and then all at once."""
        numbers = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        async with trio.open_nursery() as nursery:
            with trio.open_signal_receiver(*numbers) as signals:
                nursery.start_soon(self._heed, signals)
                await self.run()
                nursery.cancel_scope.cancel()

    def end(self) -> None:
        """Stop the run if it has not ended, and answer nobody after it."""
        self._ends_at_once = True
        self._bench.stop()

    async def _heed(self, signals: AsyncIterator[int]) -> None:
        async for _ in signals:
            self.end()

    # --- connections ------------------------------------------------------------------------------

    async def _listen(self) -> list[trio.SocketListener | trio.SSLListener[trio.SocketStream]]:
        door = self._door
        try:
            listeners = await trio.open_tcp_listeners(door.port, host=door.host)
        except (OSError, ValueError, OverflowError) as error:
            because = getattr(error, "strerror", None) or str(error)
            raise VenueError(
                f"nobody can listen at {door.host}:{door.port}: {because}; choose another --port, 0 for a free one"
            ) from None
        if self._tls is None:
            return [*listeners]
        return [trio.SSLListener(each, self._tls, https_compatible=True) for each in listeners]

    def _url(self, listener: trio.SocketListener | trio.SSLListener[trio.SocketStream]) -> str:
        plain = listener.transport_listener if isinstance(listener, trio.SSLListener) else listener
        assert isinstance(plain, trio.SocketListener), "we listen on sockets"
        host = f"[{self._door.host}]" if plain.socket.family == socket.AF_INET6 else self._door.host
        return f"{'https' if self._tls else 'http'}://{host}:{plain.socket.getsockname()[1]}"

    async def _serve(self, stream: trio.SocketStream | trio.SSLStream[trio.SocketStream]) -> None:
        if len(self._streams) >= CONNECTIONS_MAX:
            await trio.aclose_forcefully(stream)
            return
        self._streams.add(stream)
        try:
            # A stream of TLS and one without have what it asks of them; it finds out by itself which it has.
            await _Connection(self._app, self._config, self._context, ConnectionState({}), stream)  # type: ignore[arg-type]
        finally:
            self._streams.discard(stream)

    def _counting(self, app: ASGIApp) -> ASGIApp:
        async def counting(scope: Scope, receive: Receive, send: Send) -> None:
            self._answering += 1
            try:
                await app(scope, receive, send)
            finally:
                self._answering -= 1

        return counting

    def _hang_up(self) -> None:
        """Close all connections, also those that nobody reads: hypercorn would wait for them for ever."""
        for stream in self._streams:
            plain = stream.transport_stream if isinstance(stream, trio.SSLStream) else stream
            assert isinstance(plain, trio.SocketStream), "we serve sockets"
            plain.socket.close()

    # --- the end ----------------------------------------------------------------------------------

    def _asked(self) -> None:
        self._asked_at = trio.current_time()
        self._config.keep_alive_timeout = KEEP_ALIVE_S * self._bench.speed

    async def _linger(self) -> None:
        """From here the clock runs as the wall's does."""
        ended_at = trio.current_time()
        self._asked_at = min(self._asked_at, ended_at)  # by this clock, that was longer ago than it seems
        while True:
            if not self._is_wanted(trio.current_time(), ended_at):
                return
            await trio.sleep(LINGER_STEP_S)

    def _is_wanted(self, now: float, ended_at: float) -> bool:
        """Whether anybody wants more of a run that has ended: its last facts, or an answer."""
        if self._bench.followers and now - ended_at < (HASTE_S if self._ends_at_once else LINGER_S):
            return True
        if self._answering and now - max(self._asked_at, ended_at) < HASTE_S:
            return True  # also whoever has just sent it away
        if self._ends_at_once or self._bench.is_dismissed:
            return False
        return now - self._asked_at < LINGER_S and now - ended_at < LINGER_S_MAX


_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def serve(bench: LiveBench, door: Door, announce: Callable[[str], None]) -> RunResult:
    """Run a bench behind a door to its end. Ctrl-C stops it, and what it leaves behind is whole all the same.

    Raises LocalError or VenueError, one at a time and never in a group.
    """
    server = Server(bench, door, announce)
    try:
        trio.run(server.run_until_signal, clock=bench.clock)
    except BaseExceptionGroup as group:
        raise only_one(group) from None
    assert bench.result is not None, "a run that ended has a result"
    return bench.result


def _tls(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise LocalError(
            f"TLS cannot be set up with {cert} and {key}: {error.strerror or error}; expected a certificate "
            "and its key in PEM"
        ) from None
    context.set_alpn_protocols(["http/1.1"])
    return context
