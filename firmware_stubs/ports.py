"""Ports that a stub can sit on: a pseudo-terminal of its own, or a real serial port. Only importer of pyserial here.

A pseudo-terminal carries bytes and the speed that the other side has set, and nothing else: no parity, no modem
lines, no break (facts of devices, section 0). So a stub may be told a speed at which alone it hears anything.
"""

import contextlib
import os
import termios
import tty
from pathlib import Path
from typing import Protocol

import serial

from firmware_stubs.errors import PortError

READ_BYTES_MAX = 4096

PTY = "pty:"


class Port(Protocol):
    """An open port: a descriptor that is always non-blocking."""

    name: str
    """What the other side opens."""

    def fileno(self) -> int:
        """The descriptor to wait for."""
        ...

    def hears(self) -> bool:
        """Whether the other side speaks at the speed of the device."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class PtyPort:
    """A pseudo-terminal. `link` is a name that points to it and is the same at every start.

    `baud` is the speed of the device: at any other it hears only noise, and is silent. None hears at every speed.
    The other side may close and open again, because one handle of it is kept here.
    """

    def __init__(self, link: Path | None = None, baud: int | None = None) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.name = os.ttyname(self._slave)
        self._speed = getattr(termios, f"B{baud}") if baud is not None else None
        self._link = link
        if link is not None:
            try:
                self._point(link)
            except PortError:
                os.close(self._master)
                os.close(self._slave)
                raise

    def _point(self, link: Path) -> None:
        beside = link.with_name(link.name + ".new")
        try:
            if link.exists() and not link.is_symlink():
                raise PortError(f"{link} is there already and is no link; name another, or remove it")
            beside.unlink(missing_ok=True)
            beside.symlink_to(self.name)
            os.replace(beside, link)
        except OSError as error:
            raise PortError(f"{link} cannot be made to point to {self.name}: {error.strerror}") from error

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._master

    def hears(self) -> bool:
        """Whether the other side speaks at the speed of the device."""
        return self._speed is None or termios.tcgetattr(self._master)[5] == self._speed

    def close(self) -> None:
        """Give it back; the link goes if it still points here."""
        if self._link is not None:
            with contextlib.suppress(OSError):
                if os.readlink(self._link) == self.name:
                    self._link.unlink()
        os.close(self._master)
        os.close(self._slave)


class SerialPort:
    """A real serial port, opened raw at the device's own speed and format (as "8N1")."""

    def __init__(self, path: str, baud: int, line_format: str) -> None:
        self.name = path
        try:
            self._serial = serial.Serial(
                path,
                baud,
                bytesize=int(line_format[0]),
                parity=line_format[1],
                stopbits=int(line_format[2]),
                timeout=0,
                exclusive=True,
            )
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise PortError(f"{path} cannot be opened: {error}") from error

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return int(self._serial.fileno())

    def hears(self) -> bool:
        """A wrong speed shows on a real port by itself."""
        return True

    def close(self) -> None:
        """Give it back."""
        self._serial.close()


def open_port(name: str, *, link: Path | None, baud: int, line_format: str, strict_baud: bool) -> Port:
    """Open `pty:` or the path of a serial port. Raises PortError if that cannot be done."""
    if name == PTY:
        return PtyPort(link, baud if strict_baud else None)
    if link is not None:
        raise PortError(f"--link belongs to {PTY}; a real port has its name already: {name}")
    return SerialPort(name, baud, line_format)
