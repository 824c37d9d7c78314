"""Serial lines: a trio stream over a tty, a pseudo-terminal or what pyserial reaches by a network. No threads but one.

Anything that has a descriptor is waited for by trio and read by the kernel; only `rfc2217://` has none, and one thread
carries its bytes to a socket pair. Errors of pyserial and of the operating system are translated here and go no
further. This module must never retry, and never know what the bytes mean.

A serial line cannot be half closed, and a hang-up looks the same whether it was meant or not: both ends read the end
of the stream. On a real wire of three leads not even that is seen.
"""

import errno
import os

import trio

from atmbench.errors import VenueError
from atmbench.links.serial_ports import (
    BAUD,
    FORMAT,
    READ_BYTES,
    OpenedPort,
    Port,
    PtyMaster,
    PtySlave,
    PumpedPort,
    open_port,
    open_pty,
    parse_url,
    settings_of,
)
from atmbench.links.stream import LinkStream


class SerialStream(LinkStream):
    """One end of a serial line, opened by `open_line` or `pty_pair`. `name` is what the port is called here.

    The end of the stream says that the line is lost: the other end of a pty was closed, a modem hung up, or a USB
    adapter was pulled.
    """

    def __init__(self, port: Port) -> None:
        self.name = port.name
        self.bytes_sent = 0
        self._port = port
        self._fd = port.fileno()
        self._is_closed = False
        self._is_sending = False

    @property
    def is_closed(self) -> bool:
        """Whether this end was closed."""
        return self._is_closed

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Bytes as they come; empty at the end."""
        if max_bytes is not None:
            if not isinstance(max_bytes, int):
                raise TypeError("max_bytes must be a whole number or None")
            if max_bytes < 1:
                raise ValueError("max_bytes must be at least 1")
        while True:
            self._demandopen_port()
            await trio.lowlevel.wait_readable(self._fd)
            try:
                data = os.read(self._fd, max_bytes or READ_BYTES)
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno == errno.EIO:
                    return b""
                raise trio.BrokenResourceError(f"{self.name} broke: {error.strerror}") from error
            self._port.was_read(len(data))
            return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of it. Raises trio.BrokenResourceError if nobody is at the other end."""
        self._demand_free()
        self._is_sending = True
        try:
            await trio.lowlevel.checkpoint()
            rest = bytes(data)
            while rest := rest[self._write(rest) :]:
                await trio.lowlevel.wait_writable(self._fd)
        finally:
            self._is_sending = False

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the kernel has room."""
        self._demand_free()
        self._is_sending = True
        try:
            await trio.lowlevel.wait_writable(self._fd)
        finally:
            self._is_sending = False

    def send_now(self, data: bytes) -> int:
        """As in LinkStream."""
        self._demand_free()
        return self._write(data)

    def close_now(self) -> None:
        """As in LinkStream. What a real port has not sent yet is the kernel's."""
        if not self._is_closed:
            self._is_closed = True
            trio.lowlevel.notify_closing(self._fd)
            self._port.close()

    def reset(self) -> None:
        """As in LinkStream, except that a serial line has no way to say so: the other end reads the end."""
        if not self._is_closed:
            self._port.flush()
            self.close_now()

    def _write(self, data: bytes) -> int:
        self._demandopen_port()
        if self._port.is_left():
            raise trio.BrokenResourceError(f"nobody is at the other end of {self.name}")
        try:
            taken = os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise trio.BrokenResourceError(f"{self.name} broke: {error.strerror}") from error
        self.bytes_sent += taken
        self._port.was_written(taken)
        return taken

    def _demandopen_port(self) -> None:
        if self._is_closed:
            raise trio.ClosedResourceError("this stream was closed")

    def _demand_free(self) -> None:
        if self._is_sending:
            raise trio.BusyResourceError("another task is sending on this stream")
        self._demandopen_port()


async def open_line(url: str) -> SerialStream:
    """Open a line by its URL: `serial:///dev/ttyUSB0?baud=9600&format=8N1`, `pty:`, `socket://host:port` or `rfc2217://`.

    `pty:` makes a pseudo-terminal; `name` of the stream is what the other side opens, and may close and open again.
    Raises LocalError for a URL that says nothing, LinkRefused or VenueError if the port cannot be had.
    """
    scheme, bare, settings = parse_url(url)
    if scheme == "pty":
        await trio.lowlevel.checkpoint()
        master, slave = open_pty()
        return SerialStream(PtyMaster(master, os.ttyname(slave), lambda: os.close(slave), keeps=True))
    if scheme == "serial":
        await trio.lowlevel.checkpoint()
        return SerialStream(OpenedPort(open_port(bare, settings)))
    opened = await trio.to_thread.run_sync(open_port, bare, settings)  # pyserial connects without a way to wait for it
    if scheme == "socket":
        return SerialStream(OpenedPort(opened))
    return SerialStream(PumpedPort(opened))


def pty_pair(baud: int = BAUD, line_format: str = FORMAT) -> tuple[SerialStream, SerialStream]:
    """A line that is a pseudo-terminal: the terminal's end, opened by pyserial, and the host's. Raises VenueError."""
    master, slave = open_pty()
    try:
        opened = open_port(os.ttyname(slave), settings_of(baud, line_format))
    except VenueError:
        os.close(master)
        raise
    finally:
        os.close(slave)
    terminal = PtySlave(opened)
    host = PtyMaster(master, terminal.name, lambda: None, keeps=False)
    terminal.host, host.terminal = host, terminal
    return SerialStream(terminal), SerialStream(host)
