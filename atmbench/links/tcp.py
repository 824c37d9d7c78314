"""TCP on trio sockets: dial, listen, and close in the two ways that matter, in order and by reset.

Errors of the operating system are translated here and go no further. This module must never retry.
"""

import errno
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

import trio

from atmbench.errors import VenueError
from atmbench.links.stream import LinkRefused, LinkStream, LinkTimedOut

LOCALHOST = "127.0.0.1"
LISTEN_BACKLOG = 1024
DRAIN_BYTES_MAX = 1_048_576
"""So much unread data is thrown away before an orderly close, since the kernel answers a close over unread data
with a reset."""
TOO_MANY_FILES_PAUSE_S = 0.1

_READ_BYTES = 65_536
_LINGER_ZERO = struct.pack("ii", 1, 0)
_TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
_REFUSALS = (errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.ENETUNREACH, errno.EHOSTUNREACH)


class TcpStream(LinkStream, trio.abc.HalfCloseableStream):
    """A connected TCP socket. Takes over the socket; small writes leave at once (TCP_NODELAY)."""

    __slots__ = ("_socket", "_stream", "bytes_sent")

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self._stream = trio.SocketStream(trio.socket.from_stdlib_socket(connected))
        self.bytes_sent = 0

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Bytes as they come; empty at the end. Raises trio.BrokenResourceError after a reset."""
        return bytes(await self._stream.receive_some(max_bytes))

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of it. Raises trio.BrokenResourceError if the peer is gone."""
        await self._stream.send_all(data)
        self.bytes_sent += len(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the kernel has room."""
        await self._stream.wait_send_all_might_not_block()

    def send_now(self, data: bytes) -> int:
        """As in LinkStream."""
        if self._socket.fileno() == -1:
            raise trio.ClosedResourceError("this stream was closed")
        try:
            taken = self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise trio.BrokenResourceError(f"the connection broke: {error.strerror}") from error
        self.bytes_sent += taken
        return taken

    async def send_eof(self) -> None:
        """Send no more, but go on receiving."""
        await self._stream.send_eof()

    def close_now(self) -> None:
        """As in LinkStream."""
        if self._socket.fileno() != -1:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)
                drained = 0
                while drained < DRAIN_BYTES_MAX and (data := self._socket.recv(_READ_BYTES)):
                    drained += len(data)
        self._stream.socket.close()

    def reset(self) -> None:
        """As in LinkStream: SO_LINGER of zero makes the kernel send RST."""
        if self._socket.fileno() != -1:
            with suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._stream.socket.close()


async def dial_tcp(host: str, port: int) -> TcpStream:
    """Connect. Raises LinkRefused, LinkTimedOut or VenueError."""
    connecting = trio.socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        await connecting.connect((host, port))
        return TcpStream(_taken_from(connecting))
    except OSError as error:
        connecting.close()
        raise _translated(error, f"{host}:{port}") from error
    except BaseException:
        connecting.close()
        raise


class TcpListener:
    """A port on this machine that can stop listening, refuse, and listen again under the same number."""

    def __init__(self, host: str = LOCALHOST, port: int = 0) -> None:
        self._host = host
        self._socket: trio.socket.SocketType | None = None
        self._take: Callable[[socket.socket], None] | None = None
        self.port = port
        """The number of the port; known from the start, even of port 0."""
        self._listener = self._bound()
        self.port = self._listener.getsockname()[1]

    def listen(self, handler: Callable[[LinkStream], Awaitable[None]], nursery: trio.Nursery) -> None:
        """Take connections from now on, and start the handler for each in the nursery. Raises VenueError."""
        try:
            self._listener.listen(LISTEN_BACKLOG)
        except OSError as error:
            raise VenueError(f"port {self.port} of {self._host} cannot listen: {error.strerror}") from error
        self._socket = trio.socket.from_stdlib_socket(self._listener)
        self._take = lambda accepted: nursery.start_soon(handler, TcpStream(accepted))
        nursery.start_soon(self._accept, self._socket, self._take)

    def refuse(self) -> None:
        """Refuse connections from now on; those that stand are not touched. The port stays ours."""
        if self._socket is None or self._take is None:
            return
        with suppress(OSError):
            while True:  # those that the kernel has accepted and we have not: a close would reset them
                self._take(self._listener.accept()[0])
        self._socket.close()
        self._socket = None
        self._listener = self._bound()

    async def _accept(self, listening: trio.socket.SocketType, take: Callable[[socket.socket], None]) -> None:
        while True:
            try:
                accepted, _ = await listening.accept()
            except trio.ClosedResourceError:
                return
            except OSError as error:
                if error.errno in _TOO_MANY_FILES:
                    await trio.sleep(TOO_MANY_FILES_PAUSE_S)
                elif error.errno == errno.EBADF:
                    return
                continue
            take(_taken_from(accepted))

    def close(self) -> None:
        """Give the port back."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._listener.close()

    def _bound(self) -> socket.socket:
        """A socket that holds the port without listening: the kernel refuses who dials it."""
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            bound.setblocking(False)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((self._host, self.port))
        except OSError as error:
            bound.close()
            raise VenueError(
                f"port {self.port} of {self._host} cannot be used: {error.strerror}; choose another port, or 0 for any"
            ) from error
        return bound


def _taken_from(connected: trio.socket.SocketType) -> socket.socket:
    return socket.socket(fileno=connected.detach())


def _translated(error: OSError, where: str) -> VenueError:
    if error.errno == errno.ETIMEDOUT:
        return LinkTimedOut(f"{where} did not answer")
    if error.errno in _REFUSALS:
        return LinkRefused(f"{where} refused the connection: {error.strerror}")
    return VenueError(f"{where} cannot be dialled: {error.strerror}")
