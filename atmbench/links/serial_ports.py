"""What a serial line hangs on: a tty, either end of a pseudo-terminal, or a port that pyserial reaches by a network.

The only importer of pyserial in this room. Its errors and those of the operating system become ours here.
"""

import os
import re
import select
import socket
import termios
import threading
import tty
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import serial

from atmbench.errors import LocalError, VenueError
from atmbench.links.stream import LinkRefused

BAUD = 9600
FORMAT = "8N1"
"""What a line URL means that does not say."""
SCHEMES = ("serial", "pty", "socket", "rfc2217")
READ_BYTES = 65_536
PUMP_POLL_S = 0.02
"""So long the thread of an rfc2217 line may not look at what is to be sent."""
PUMP_SEND_S_MAX = 10.0
"""A bench that takes no bytes for so long has lost its rfc2217 line."""

_PTYS = "/dev/pts/"
_PTY_FORMAT: dict[str, Any] = {"bytesize": 8, "parity": "N", "stopbits": 1}
"""A pseudo-terminal carries bytes whatever their format, and some C libraries refuse to set another on it."""
_FORMAT = re.compile(r"([5-8])([NEOMS])(1|1\.5|2)")


class Port:
    """An open port with a descriptor that never blocks."""

    name = ""
    """What it is called on this machine."""

    def fileno(self) -> int:
        """The descriptor to wait for."""
        raise NotImplementedError

    def is_left(self) -> bool:
        """Whether nobody is at the other end any more, as far as this can be known before writing."""
        return False

    def was_read(self, size: int) -> None:
        """So many bytes were taken."""

    def was_written(self, size: int) -> None:
        """So many bytes were given."""

    def flush(self) -> None:
        """Throw away what is under way."""

    def close(self) -> None:
        """Give it back."""
        raise NotImplementedError


class OpenedPort(Port):
    """A port that pyserial opened and that has a descriptor."""

    def __init__(self, opened: serial.Serial) -> None:
        self.name = str(opened.name)
        self._opened = opened

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return int(self._opened.fileno())

    def flush(self) -> None:
        """Throw away what is under way."""
        _flush(self.fileno())

    def close(self) -> None:
        """Give it back."""
        self._opened.close()


class PtySlave(OpenedPort):
    """The terminal's end of a pty pair."""

    host: "PtyMaster"

    def is_left(self) -> bool:
        """As in Port."""
        return self.host.is_leaving

    def was_read(self, size: int) -> None:
        """As in Port."""
        self.host.unread -= size
        self.host.leave_if_read()

    def flush(self) -> None:
        """Throw away what is under way."""
        super().flush()
        if not self.host.is_closed:
            _flush(self.host.fileno())

    def close(self) -> None:
        """Give it back."""
        super().close()
        self.host.forget_unread()


class PtyMaster(Port):
    """The side of a pty that a machine is on. If it `keeps` the other handle, others may come and go there."""

    terminal: PtySlave | None = None

    def __init__(self, fd: int, name: str, close_other: Callable[[], None], *, keeps: bool) -> None:
        self.name = name
        self._fd = fd
        self._close_other = close_other
        self._keeps = keeps
        self._poll = select.poll()
        self._poll.register(fd, 0)
        self.is_leaving = False
        self.unread = 0
        """Bytes that the terminal of a pair has not read. The kernel cannot be asked: bytes take their time in it."""

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._fd

    def is_left(self) -> bool:
        """As in Port."""
        return not self._keeps and any(happened & select.POLLHUP for _, happened in self._poll.poll(0))

    def was_written(self, size: int) -> None:
        """As in Port."""
        if self.terminal is not None:
            self.unread += size

    def flush(self) -> None:
        """Throw away what is under way."""
        self.unread = 0
        _flush(self._fd)
        if self.terminal is not None:
            with suppress(OSError):
                _flush(self.terminal.fileno())

    def close(self) -> None:
        """The kernel throws away what the terminal has not read when a master closes, so it stays for that long.

        A terminal that waits for room to write is let go on, and finds nobody.
        """
        self.is_leaving = True
        if self.unread:
            _flush(self._fd)
        self.leave_if_read()

    def forget_unread(self) -> None:
        """The terminal is gone and reads no more."""
        self.terminal, self.unread = None, 0
        self.leave_if_read()

    @property
    def is_closed(self) -> bool:
        """Whether the descriptor is given back."""
        return self._fd == -1

    def leave_if_read(self) -> None:
        """Close now, if that was asked for and nothing is left to be read."""
        if self.is_leaving and not self.is_closed and not self.unread:
            os.close(self._fd)
            self._fd = -1
            self._close_other()


class PumpedPort(Port):
    """A port without a descriptor: one thread carries its bytes to and from our end of a socket pair."""

    def __init__(self, opened: serial.Serial) -> None:
        self.name = str(opened.name)
        self._near, far = socket.socketpair()
        self._near.setblocking(False)
        opened.timeout = PUMP_POLL_S
        threading.Thread(target=_pump, args=(opened, far), name=f"pump {self.name}", daemon=True).start()

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._near.fileno()

    def close(self) -> None:
        """Give it back."""
        self._near.close()


def _pump(opened: serial.Serial, far: socket.socket) -> None:
    """Until either side is gone; then the other learns of it."""
    with far, opened, suppress(OSError):  # SerialException is an OSError
        while True:
            data = opened.read(opened.in_waiting or 1)
            if data:
                far.settimeout(PUMP_SEND_S_MAX)
                far.sendall(data)
            far.settimeout(0)
            with suppress(BlockingIOError):
                asked = far.recv(READ_BYTES)
                if not asked:
                    return
                opened.write(asked)


# --- opening --------------------------------------------------------------------------------------


def parse_url(url: str) -> tuple[str, str, dict[str, Any]]:
    """Scheme, what pyserial is to open, and its settings. Raises LocalError."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        listed = ", ".join(f"{scheme}:" for scheme in SCHEMES)
        raise LocalError(f"the line {url!r} cannot be opened as a serial line; expected a URL with one of {listed}")
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    baud, line_format = asked.pop("baud", str(BAUD)), asked.pop("format", FORMAT)
    if not (baud.isascii() and baud.isdigit()):
        raise LocalError(f"baud of the line {url!r} is {baud!r}; expected a number such as {BAUD}")
    settings = settings_of(int(baud), line_format)
    if parts.scheme in ("socket", "rfc2217"):
        return parts.scheme, urlunsplit(parts._replace(query=urlencode(asked))), settings
    if asked:
        raise LocalError(f"the line {url!r} asks for {', '.join(asked)}; a serial port has baud and format only")
    if parts.scheme == "serial" and not parts.path:
        raise LocalError(f"the line {url!r} names no port; expected one such as serial:///dev/ttyUSB0?baud={BAUD}")
    return parts.scheme, parts.path, settings


def settings_of(baud: int, line_format: str) -> dict[str, Any]:
    """The same for pyserial. Raises LocalError for a format that is none."""
    said = _FORMAT.fullmatch(line_format)
    if said is None:
        raise LocalError(f"the format of a serial line is {line_format!r}; expected data bits, parity, stop bits: 8N1")
    return {
        "baudrate": baud,
        "bytesize": int(said[1]),
        "parity": said[2],
        "stopbits": float(said[3]) if "." in said[3] else int(said[3]),
    }


def open_port(name: str, settings: dict[str, Any]) -> serial.Serial:
    """Open a port that never blocks; a tty for us alone. Raises LinkRefused or VenueError."""
    exclusive: dict[str, Any] = {} if "://" in name else {"exclusive": True}
    if name.startswith(_PTYS):
        settings = {**settings, **_PTY_FORMAT}
    try:
        return serial.serial_for_url(name, timeout=0, **settings, **exclusive)
    except (OSError, ValueError, termios.error) as error:  # SerialException is an OSError
        refused = LinkRefused if "refused" in str(error) else VenueError
        raise refused(f"the serial line {name} cannot be opened: {error}") from error


def open_pty() -> tuple[int, int]:
    """Both handles of a new pseudo-terminal, raw: otherwise 03, 0A and 0D would mean something to the kernel."""
    try:
        master, slave = os.openpty()
    except OSError as error:
        raise VenueError(
            f"no pseudo-terminal can be made: {error.strerror}; let fewer terminals have serial lines, or raise "
            "kernel.pty.max and the limit of open files"
        ) from error
    tty.setraw(slave)
    os.set_blocking(master, False)
    return master, slave


def _flush(fd: int) -> None:
    """Throw away what could be read here."""
    with suppress(OSError, termios.error):
        termios.tcflush(fd, termios.TCIFLUSH)
