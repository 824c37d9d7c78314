"""The terminal's end of a pseudo-terminal, at whose other end a stub's process sits. No thread, no pyserial.

A stub that dies takes its pseudo-terminal away; the name points to a new one when it is back, so it is looked for again
and again. Bytes for a port that is not there are lost, as on a cable that is pulled.
"""

import os
import tty
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import trio

from atmbench.devices.port import Plug

READ_BYTES_MAX = 4096
REOPEN_AFTER_S = 0.5
OUTGOING_BYTES_MAX = 64 * 1024


class PtyCable:
    """A cable from a plug to the pseudo-terminal that `path` points to."""

    def __init__(self, plug: Plug, path: Path, order: Callable[[str, str, Mapping[str, Any]], None]) -> None:
        self._plug = plug
        self._path = path
        self._order = order
        self._fd = -1
        self._is_in = True
        self._outgoing = bytearray()
        self._changed = trio.Event()

    @property
    def is_open(self) -> bool:
        """Whether there is a port."""
        return self._fd >= 0

    def send(self, data: bytes) -> None:
        """As in Port."""
        if self.is_open and len(self._outgoing) + len(data) <= OUTGOING_BYTES_MAX:
            self._outgoing += data
            self._changed.set()

    def order(self, do: str, rest: Mapping[str, Any]) -> None:
        """As in Machine; `unplug` and `plug` are for the cable itself."""
        if do in ("unplug", "plug"):
            self._is_in = do == "plug"
            self._changed.set()
        else:
            self._order(self._plug.name, do, rest)

    async def run(self) -> None:
        """Live until cancelled."""
        while True:
            self._fd = self._opened() if self._is_in else -1
            if self.is_open:
                self._plug.changed()
                try:
                    await self._carry()
                finally:
                    trio.lowlevel.notify_closing(self._fd)
                    os.close(self._fd)
                    self._fd = -1
                    self._outgoing.clear()
                self._plug.changed()
            await trio.sleep(REOPEN_AFTER_S)

    def _opened(self) -> int:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            return -1
        tty.setraw(fd)
        return fd

    async def _carry(self) -> None:
        """Until the port breaks, or somebody pulls the cable."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._write, nursery.cancel_scope)
            nursery.start_soon(self._read, nursery.cancel_scope)

    async def _read(self, ended: trio.CancelScope) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._fd)
            try:
                data = os.read(self._fd, READ_BYTES_MAX)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                return ended.cancel()
            self._plug.heard(data)

    async def _write(self, ended: trio.CancelScope) -> None:
        while self._is_in:
            self._changed = trio.Event()
            while self._outgoing:
                await trio.lowlevel.wait_writable(self._fd)
                try:
                    del self._outgoing[: os.write(self._fd, self._outgoing)]
                except BlockingIOError:
                    continue
                except OSError:
                    return ended.cancel()
            if self._is_in:
                await self._changed.wait()
        ended.cancel()
