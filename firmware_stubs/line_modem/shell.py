"""The modem between two wires: its port, and a telephone line that leads to another port or, by number, to TCP."""

import os
from collections.abc import Callable
from functools import partial

import trio

from firmware_stubs.kept_file import KeptFile
from firmware_stubs.line_modem.acts import Connect, HangUp, Pass
from firmware_stubs.line_modem.settings import LINE, port_of
from firmware_stubs.line_modem.stub import LineModem
from firmware_stubs.outcomes import Outcome
from firmware_stubs.ports import READ_BYTES_MAX, Port
from firmware_stubs.rack import OUTGOING_BYTES_MAX, Mounted

LAST_BYTES_S = 5.0
"""What a call has carried when it ends must be taken by the far end within this."""

CALLS_WAITING_MAX = 16
"""More calls than this cannot begin between two turns of the loop."""

Turn = Callable[[float], list[Outcome]]
"""Something the network does, given the time."""


class MountedModem(Mounted):
    """A modem at `port`, whose telephone line ends at the port `line`, and where the phone book says."""

    def __init__(
        self,
        name: str,
        core: LineModem,
        port: Port,
        file: KeptFile,
        *,
        line: Port,
        char_s: float = 0.0,
    ) -> None:
        super().__init__(name, core, port, file, char_s=char_s)
        self._modem = core
        self._line = line
        self._book = core.phone_book
        self._call: _Call | None = None
        self._begins, self._calls = trio.open_memory_channel[_Call](CALLS_WAITING_MAX)

    def close(self) -> None:
        """Give both ports back."""
        super().close()
        self._line.close()

    async def run(self) -> None:
        """Live until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(super().run)
            nursery.start_soon(self._read_line)
            async for call in self._calls:
                nursery.start_soon(call.run)

    def _perform(self, outcomes: list[Outcome]) -> None:
        super()._perform(outcomes)
        for act in self._modem.acts():
            if isinstance(act, Connect):
                self._connect(act.number)
            elif self._call is not None and isinstance(act, Pass):
                self._call.put(act.data)
            elif self._call is not None and isinstance(act, HangUp):
                self._call.end()
                self._call = None

    def _connect(self, number: str) -> None:
        assert self._call is None, "a modem has one call at a time"
        place = self._book.get(number, "") if self._book and number else LINE
        now = trio.current_time()
        if not place:
            return self._perform(self._modem.line_refused(now))
        self._call = (
            _LineCall(self._line) if place == LINE else _TcpCall(*port_of(number, place), self._modem, self._turn)
        )
        self._begins.send_nowait(self._call)
        if place == LINE:
            self._perform(self._modem.line_joined(now))

    def _turn(self, call: "_Call", turn: Turn) -> None:
        """What a connection tells; a call that is over has nothing to tell any more."""
        if call is self._call:
            self._perform(turn(trio.current_time()))

    async def _read_line(self) -> None:
        fd = self._line.fileno()
        while True:
            await trio.lowlevel.wait_readable(fd)
            try:
                data = os.read(fd, READ_BYTES_MAX)
            except BlockingIOError:
                continue
            if isinstance(self._call, _LineCall):  # without a call there is no wire between the two
                self._perform(self._modem.line_bytes(data, trio.current_time()))


class _Call:
    """Somebody at the far end. Subclasses say how bytes get there."""

    def __init__(self) -> None:
        self._outgoing = bytearray()
        self._pending = trio.Event()
        self._scope = trio.CancelScope()
        self._is_over = False

    def put(self, data: bytes) -> None:
        """Bytes have come over the line."""
        if len(self._outgoing) + len(data) <= OUTGOING_BYTES_MAX:
            self._outgoing += data
        self._pending.set()

    def end(self) -> None:
        """The modem hangs up: what has come over the line is handed out, and no more."""
        self._is_over = True
        self._scope.deadline = trio.current_time() + LAST_BYTES_S
        self._pending.set()

    async def run(self) -> None:
        """Until the call is over."""
        with self._scope:
            await self._carry()

    async def _carry(self) -> None:
        await self._hand_out()

    async def _hand_out(self) -> None:
        while True:
            self._pending = trio.Event()
            while self._outgoing:
                await self._write()
            if self._is_over:
                return
            await self._pending.wait()

    async def _write(self) -> None:
        """Hand out some bytes, or all."""
        raise NotImplementedError


class _LineCall(_Call):
    """Whoever sits at the port of the telephone line."""

    def __init__(self, line: Port) -> None:
        super().__init__()
        self._line = line

    async def _write(self) -> None:
        await trio.lowlevel.wait_writable(self._line.fileno())
        try:
            del self._outgoing[: os.write(self._line.fileno(), self._outgoing)]
        except BlockingIOError:
            return


class _TcpCall(_Call):
    """Whoever listens on a port of this machine: to be connected is to have a carrier."""

    def __init__(self, host: str, port: int, modem: LineModem, turn: Callable[["_Call", Turn], None]) -> None:
        super().__init__()
        self._host = host
        self._port = port
        self._modem = modem
        self._turn = turn
        self._stream: trio.SocketStream | None = None

    async def _carry(self) -> None:
        try:
            self._stream = await trio.open_tcp_stream(self._host, self._port)
        except OSError:
            return self._turn(self, self._modem.line_refused)
        async with self._stream, trio.open_nursery() as nursery:
            self._turn(self, self._modem.line_joined)
            nursery.start_soon(self._listen)
            await self._hand_out()
            nursery.cancel_scope.cancel()

    async def _listen(self) -> None:
        assert self._stream is not None
        try:
            while data := await self._stream.receive_some(READ_BYTES_MAX):
                self._turn(self, partial(self._modem.line_bytes, data))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        self._turn(self, self._modem.line_hung_up)

    async def _write(self) -> None:
        assert self._stream is not None
        chunk = bytes(self._outgoing)
        self._outgoing.clear()
        try:
            await self._stream.send_all(chunk)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._is_over = True
