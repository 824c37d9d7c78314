"""A rack: stubs on their ports, run by one trio loop, and a control socket to do at them what hands would do.

Every turn is synchronous: bytes, an order or a deadline go into a core, and its outcomes are performed in order
before anything else is looked at. So a state file never lags behind what a wire has said.
"""

import math
import os
from collections.abc import Callable
from functools import partial

import trio

from firmware_stubs.core import Core, Order
from firmware_stubs.errors import OrderError
from firmware_stubs.kept_file import KeptFile
from firmware_stubs.outcomes import Keep, Outcome, Send, Tell
from firmware_stubs.ports import READ_BYTES_MAX, Port

OUTGOING_BYTES_MAX = 64 * 1024
"""What nobody reads at the other end is lost beyond this, as on a wire."""

Watch = Callable[[str, Tell], None]


class Mounted:
    """One stub at one port. `name` is what orders call it, `char_s` the time of a character (0 sends at once)."""

    def __init__(self, name: str, core: Core, port: Port, file: KeptFile, *, char_s: float = 0.0) -> None:
        self.name = name
        self.core = core
        self.port = port
        self._file = file
        self._char_s = char_s
        self._outgoing = bytearray()
        self._watch: Watch | None = None
        self._changed = trio.Event()
        self._pending = trio.Event()

    def begin(self, watch: Watch) -> None:
        """Tell somebody what happens at the machine, from now on."""
        self._watch = watch
        self._file.save(self.core.kept())

    def order(self, order: Order) -> None:
        """Do something at the machine. Raises OrderError if it cannot be done."""
        self._perform(self.core.on_order(order, trio.current_time()))

    def _perform(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Send):
                if len(self._outgoing) + len(outcome.data) <= OUTGOING_BYTES_MAX:
                    self._outgoing += outcome.data
                self._pending.set()
            elif isinstance(outcome, Keep):
                self._file.save(self.core.kept())
            elif self._watch is not None:
                self._watch(self.name, outcome)
        self._changed.set()

    def close(self) -> None:
        """Give the port back."""
        self.port.close()

    async def run(self) -> None:
        """Live until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._read)
            nursery.start_soon(self._write)
            nursery.start_soon(self._keep_time)

    async def _read(self) -> None:
        while True:
            await trio.lowlevel.wait_readable(self.port.fileno())
            try:
                data = os.read(self.port.fileno(), READ_BYTES_MAX)
            except BlockingIOError:
                continue
            if data and self.port.hears():
                self._perform(self.core.on_bytes(data, trio.current_time()))

    async def _write(self) -> None:
        while True:
            await self._pending.wait()
            while self._outgoing:
                await trio.lowlevel.wait_writable(self.port.fileno())
                chunk = bytes(self._outgoing[:1] if self._char_s else self._outgoing)
                try:
                    written = os.write(self.port.fileno(), chunk)
                except BlockingIOError:
                    continue
                del self._outgoing[:written]
                if self._char_s:
                    await trio.sleep(self._char_s)
            self._pending = trio.Event()

    async def _keep_time(self) -> None:
        while True:
            self._changed = trio.Event()
            deadline = self.core.deadline
            with trio.move_on_at(math.inf if deadline is None else deadline):
                await self._changed.wait()
            now = trio.current_time()
            if self.core.deadline is not None and self.core.deadline <= now:
                self._perform(self.core.on_time(now))


class Rack:
    """All stubs of one process."""

    def __init__(self, mounted: list[Mounted]) -> None:
        self.mounted = {each.name: each for each in mounted}
        self._watchers: list[Watch] = []

    def watch(self, watcher: Watch) -> Callable[[], None]:
        """Be told of what happens at all machines; call the result to be told no more."""
        self._watchers.append(watcher)
        return partial(self._watchers.remove, watcher)

    def find(self, name: str) -> Mounted:
        """The stub of that name; the only one if the name is empty. Raises OrderError if there is none."""
        if not name and len(self.mounted) == 1:
            return next(iter(self.mounted.values()))
        if name not in self.mounted:
            raise OrderError(f"there is no stub {name!r} here; to is one of {', '.join(self.mounted)}")
        return self.mounted[name]

    def _happened(self, name: str, tell: Tell) -> None:
        for watcher in list(self._watchers):
            watcher(name, tell)

    async def run(self) -> None:
        """Live until cancelled."""
        async with trio.open_nursery() as nursery:
            for each in self.mounted.values():
                each.begin(self._happened)
                nursery.start_soon(each.run)
