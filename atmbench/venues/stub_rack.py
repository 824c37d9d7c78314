"""Firmware stubs in a process of their own, on pseudo-terminals: how loopback plugs devices in.

One process holds the stubs of all terminals. Its control socket carries what hands do, in order, and what happens.
Nothing here may know what bytes mean.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import PIPE
from typing import Any

import msgspec
import trio

from atmbench.devices.port import Plug
from atmbench.errors import VenueError
from atmbench.venues.pty_cable import PtyCable

READY_WITHIN_S = 60
"""Of the wall's time, however fast the clock of the run is."""
SAID_BYTES_MAX = 64 * 1024
LINE_BYTES_MAX = 1024 * 1024
ORDERS_WAITING_MAX = 100_000


class StubRack:
    """The stubs of one run. `rate` is how much faster than the wall they live."""

    def __init__(self, plugs: Sequence[Plug], rate: float) -> None:
        self._plugs = {plug.name: plug for plug in plugs}
        self._rate = rate
        self._number = 0
        self._sent: dict[int, tuple[str, Mapping[str, Any]]] = {}
        """Orders that were not answered yet, and whose."""
        self._put, self._orders = trio.open_memory_channel[dict[str, Any]](ORDERS_WAITING_MAX)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Live until cancelled; started when every stub can be used. Raises VenueError if the process fails."""
        with tempfile.TemporaryDirectory(prefix="atmbench-rack-") as folder:
            place = Path(folder)
            (place / "rack.json").write_bytes(msgspec.json.encode(self._spec(place)))
            words = [sys.executable, "-m", "firmware_stubs", str(place / "rack.json")]
            process = await trio.lowlevel.open_process(words, stdin=PIPE, stdout=PIPE, stderr=PIPE)
            try:
                await self._until_ready(process)
                async with await trio.open_unix_socket(place / "control") as control, trio.open_nursery() as nursery:
                    lines = _Lines(control)
                    await self._look(control, lines)
                    self._plug_in(place, nursery)
                    nursery.start_soon(self._send_orders, control)
                    task_status.started()
                    await self._hear(lines)
                    raise VenueError(f"the process of the firmware stubs is gone: {await _said(process)}")
            finally:
                process.kill()
                with trio.CancelScope(shield=True):
                    await process.wait()
                    for pipe in (process.stdin, process.stdout, process.stderr):
                        if pipe is not None:
                            await pipe.aclose()

    def order(self, name: str, do: str, rest: Mapping[str, Any]) -> None:
        """Have somebody do something at a machine; orders are carried out one after the other."""
        self._number += 1
        self._sent[self._number] = name, {"do": do, **rest}
        self._put.send_nowait({**rest, "do": do, "to": name, "id": self._number})

    def _spec(self, place: Path) -> dict[str, Any]:
        stubs = [
            {"name": plug.name, "device": plug.device, "settings": plug.settings, "link": str(_link(place, number))}
            for number, plug in enumerate(self._plugs.values())
        ]
        return {"control": str(place / "control"), "speed": self._rate, "stubs": stubs}

    async def _until_ready(self, process: trio.Process) -> None:
        assert process.stdout is not None
        with trio.move_on_after(READY_WITHIN_S * self._rate):
            if await process.stdout.receive_some() == b"ready\n":
                return
        raise VenueError(f"the firmware stubs cannot be started: {await _said(process)}")

    async def _look(self, control: trio.SocketStream, lines: "_Lines") -> None:
        """Ask to be told of everything; the answer says what all machines look like now."""
        await control.send_all(b'{"do": "watch"}\n')
        for name, seen in (await lines.next() or {}).get("seen", {}).items():
            self._plugs[name].seen = seen

    def _plug_in(self, place: Path, nursery: trio.Nursery) -> None:
        for number, plug in enumerate(self._plugs.values()):
            cable = PtyCable(plug, _link(place, number), self.order)
            plug.put_in(cable)
            nursery.start_soon(cable.run)

    async def _send_orders(self, control: trio.SocketStream) -> None:
        async for order in self._orders:
            await control.send_all(msgspec.json.encode(order) + b"\n")

    async def _hear(self, lines: "_Lines") -> None:
        while (line := await lines.next()) is not None:
            if "event" in line:
                self._plugs[line["from"]].happened(line["event"], line["detail"], line["seen"])
            elif (ordered := self._sent.pop(line.get("id", 0), None)) is not None and "error" in line:
                name, order = ordered
                self._plugs[name].order_refused(order, line["error"])


class _Lines:
    """JSON objects, one a line, that come out of a stream."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._buffer = bytearray()

    async def next(self) -> dict[str, Any] | None:
        """The next one; None at the end."""
        while (end := self._buffer.find(b"\n")) < 0:
            try:
                chunk = await self._stream.receive_some()
            except trio.BrokenResourceError:
                chunk = b""
            if not chunk:
                return None
            self._buffer += chunk
            assert len(self._buffer) < LINE_BYTES_MAX, "a stub tells without end"
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return msgspec.json.decode(line, type=dict[str, Any])


def _link(place: Path, number: int) -> Path:
    return place / f"{number}.tty"


async def _said(process: trio.Process) -> str:
    """What a process has said on stderr before its end."""
    assert process.stderr is not None
    said = b""
    with trio.move_on_after(1):
        while len(said) < SAID_BYTES_MAX and (chunk := await process.stderr.receive_some()):
            said += chunk
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it says nothing"
