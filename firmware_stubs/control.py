"""The control socket: one JSON object a line, in and out, over a Unix socket that only its owner can open.

    {"do": "seen"}                                  what the machine looks like now
    {"do": "watch"}                                 from now on a line for everything that happens at any machine
    {"do": "take_cash", "to": "dispenser", "id": 7} what a hand can do there; `to` may be left out if there is one stub

Every order is answered, in order, by {"id": ..., "seen": {...}} or {"id": ..., "error": "..."}. What happens is
{"event": ..., "from": ..., "detail": {...}, "seen": {...}}.
"""

import contextlib
import os
import socket
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import trio

from firmware_stubs.errors import OrderError, PortError
from firmware_stubs.outcomes import Tell
from firmware_stubs.rack import Rack

LINE_BYTES_MAX = 64 * 1024
LINES_WAITING_MAX = 1_000
"""A watcher that does not read loses what happens beyond this; it is told how much."""


async def serve_control(
    path: Path, rack: Rack, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """Take orders at a socket until cancelled; has started when it is there. Raises PortError if it cannot be made."""
    listener = trio.SocketListener(_listening(path))
    task_status.started()
    try:
        await trio.serve_listeners(partial(_serve, rack), [listener])
    finally:
        _remove(path)


async def _serve(rack: Rack, stream: trio.SocketStream) -> None:
    await _Visitor(stream, rack).serve()


def _listening(path: Path) -> trio.socket.SocketType:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o077)
    try:
        _remove(path)
        bound.bind(str(path))
        bound.listen()
    except OSError as error:
        bound.close()
        raise PortError(f"the control socket {path} cannot be made: {error.strerror or error}") from error
    finally:
        os.umask(before)
    return trio.socket.from_stdlib_socket(bound)


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


class _Visitor:
    """Somebody at the control socket."""

    def __init__(self, stream: trio.SocketStream, rack: Rack) -> None:
        self._stream = stream
        self._rack = rack
        self._lines, self._to_write = trio.open_memory_channel[dict[str, Any]](LINES_WAITING_MAX)
        self._lost = 0

    async def serve(self) -> None:
        """Until the visitor goes."""
        unwatch: list[Any] = []
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                await self._read(unwatch)
                self._lines.close()
        except* (trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # a visitor may go without a word
        finally:
            for stop in unwatch:
                stop()

    async def _read(self, unwatch: list[Any]) -> None:
        buffer = bytearray()
        while chunk := await self._stream.receive_some():
            buffer += chunk
            while (end := buffer.find(b"\n")) >= 0:
                line = bytes(buffer[:end])
                del buffer[: end + 1]
                self._answer(line, unwatch)
            if len(buffer) > LINE_BYTES_MAX:
                self._put({"error": f"a line is longer than {LINE_BYTES_MAX} bytes"})
                return

    def _answer(self, line: bytes, unwatch: list[Any]) -> None:
        answer: dict[str, Any] = {}
        try:
            order = msgspec.json.decode(line, type=dict[str, Any])
            answer["id"] = order.get("id")
            if order.get("do") == "watch":
                if not unwatch:
                    unwatch.append(self._rack.watch(self._happened))
                answer["seen"] = {name: each.core.seen() for name, each in self._rack.mounted.items()}
            else:
                mounted = self._rack.find(str(order.get("to", "")))
                if order.get("do") != "seen":
                    mounted.order(order)
                answer["seen"] = mounted.core.seen()
        except msgspec.DecodeError as error:
            answer["error"] = f"an order is one JSON object in a line: {error}"
        except OrderError as error:
            answer["error"] = str(error)
        self._put(answer)

    def _happened(self, name: str, tell: Tell) -> None:
        seen = self._rack.mounted[name].core.seen()
        self._put({"event": tell.event, "from": name, "detail": tell.detail, "seen": seen})

    def _put(self, line: dict[str, Any]) -> None:
        if self._lost:
            line["lost_before"] = self._lost
        try:
            self._lines.send_nowait(line)
            self._lost = 0
        except trio.WouldBlock:
            self._lost += 1

    async def _write(self) -> None:
        async for line in self._to_write:
            await self._stream.send_all(msgspec.json.encode(line) + b"\n")
