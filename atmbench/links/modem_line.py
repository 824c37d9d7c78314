"""A terminal's modem on one of its lines: calls one after another, each a stream of bytes to the host's modem.

The dialler decides; here its outcomes reach the modem's port, and a call becomes a stream. It must never retry on its
own, nor know what the bytes of a call mean.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, Protocol, TypeAlias

import trio

from atmbench.facts import CallFailed, Fact
from atmbench.faults.strikes import UnitPlan
from atmbench.framing.dial_up import Why
from atmbench.framing.dialler import (
    Connected,
    Dialler,
    Failed,
    Lost,
    Outcome,
    Received,
    SetDtr,
    TryFailed,
)
from atmbench.framing.link_ends import Transmit
from atmbench.framing.link_styles import SerialSettings
from atmbench.links.linked import terminal_end
from atmbench.links.stream import CarrierLost, LinkRefused, LinkStream
from atmbench.links.timetable import Timetable

Strike: TypeAlias = Callable[[bytes], UnitPlan | None]
"""What faults make of a unit that leaves now; None if it leaves as it is."""
READ_BYTES_MAX = 1_048_576
"""A call whose bytes nobody reads holds no more than this."""


class ModemPort(Protocol):
    """The port of a modem, and the machine itself where somebody stands at it (`devices.port`)."""

    def send(self, data: bytes) -> None:
        """Put bytes on the port; lost if there is none."""
        ...

    def order(self, do: str, **rest: Any) -> None:
        """Do something at the machine, or at a modem line that the port does not carry."""
        ...


class ModemLine:
    """The modem of one line. It has one call at a time; `record(fact)` is told of every try that fails.

    `strike(unit)` says what faults of the wire make of what the terminal sends; a modem lets no gap between two
    characters through, so gaps are not made here.

    It is a `devices.port.SerialDriver`: whoever carries the bytes of its port tells it what comes in.
    """

    def __init__(
        self,
        line: str,
        settings: SerialSettings,
        port: ModemPort,
        timetable: Timetable,
        record: Callable[[Fact], None],
        strike: Strike | None = None,
    ) -> None:
        assert settings.dial is not None, "this line is not dialled"
        self._line = line
        self._port = port
        self._record = record
        self._strike = strike
        self._dialler = Dialler(settings.dial)
        self._alarm = timetable.alarm(self._on_time)
        self._answer: ModemStream | LinkRefused | None = None
        """What has become of the last attempt."""
        self._changed = trio.Event()

    async def dial(self) -> LinkStream:
        """A call that stands and has settled. Raises LinkRefused if all tries were in vain.

        Who gives up waiting has the attempt ended; the next one waits until that is done.
        """
        while not self._dialler.is_idle:
            await self._change()
        self._answer = None
        self._perform(self._dialler.dial(trio.current_time()))
        try:
            while (answer := self._answered()) is None:
                await self._change()
        finally:
            if self._answered() is None:
                self.hang_up()
        if isinstance(answer, LinkRefused):
            raise answer
        return answer

    def _answered(self) -> "ModemStream | LinkRefused | None":
        return self._answer

    async def _change(self) -> None:
        self._changed = trio.Event()
        await self._changed.wait()

    # --- for the stream ---------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Send over the call, unless a fault makes something else of it."""
        plan = self._strike(data) if self._strike is not None else None
        left = data if plan is None else plan.data
        if left:
            self._perform(self._dialler.send(left, trio.current_time()))
        if plan is not None and plan.drops_carrier:
            self._unplug()

    def hang_up(self) -> None:
        """End the call in the way of a terminal."""
        self._perform(self._dialler.hang_up(trio.current_time()))

    def break_line(self) -> None:
        """Somebody breaks the telephone line for a moment; where nobody can, the call is hung up only."""
        self._unplug()
        self.hang_up()

    def _unplug(self) -> None:
        self._port.order("unplug_line")
        self._port.order("plug_line")

    # --- from the port ----------------------------------------------------------------------------

    def on_bytes(self, data: bytes, now: float) -> None:
        """As in SerialDriver."""
        self._perform(self._dialler.feed(data, now))

    def on_port_changed(self, now: float) -> None:
        """As in SerialDriver: a modem whose cable is out says nothing, and is found out by that."""

    def on_happened(self, event: str, detail: Mapping[str, Any], now: float) -> None:
        """As in SerialDriver: the carrier detect, where the port's cable does not carry it."""
        if event in ("carrier_on", "carrier_off"):
            self._perform(self._dialler.on_carrier(event == "carrier_on", now))

    def _on_time(self) -> None:
        self._perform(self._dialler.on_time(trio.current_time()))

    # --- outcomes ---------------------------------------------------------------------------------

    def _perform(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self._perform_one(outcome)
        self._alarm.set(inf if self._dialler.deadline is None else self._dialler.deadline)
        self._changed.set()

    def _perform_one(self, outcome: Outcome) -> None:
        if isinstance(outcome, Transmit):
            self._port.send(outcome.data)
        elif isinstance(outcome, SetDtr):
            self._port.order("raise_dtr" if outcome.is_high else "drop_dtr")
        elif isinstance(outcome, Connected):
            self._answer = ModemStream(self)
        elif isinstance(outcome, Received | Lost):
            assert isinstance(self._answer, ModemStream), "bytes of a call that never stood"
            self._answer.take(outcome)
        elif isinstance(outcome, TryFailed):
            self._record(CallFailed(line=self._line, why=outcome.why, because=outcome.because))
        elif isinstance(outcome, Failed):
            self._answer = LinkRefused(outcome.because)
        elif outcome.because:
            self._record(CallFailed(line=self._line, why=Why.NO_MODEM, because=outcome.because))


class ModemStream(LinkStream):
    """One call. CarrierLost ends the reading of one that ended by itself."""

    def __init__(self, modem: ModemLine) -> None:
        self.bytes_sent = 0
        self._modem = modem
        self._heard = bytearray()
        self._lost = ""
        self._is_closed = False
        self._changed = trio.Event()

    def take(self, outcome: Received | Lost) -> None:
        """For the modem's line only: what came of the call."""
        if isinstance(outcome, Lost):
            self._lost = outcome.because
        elif len(self._heard) + len(outcome.data) <= READ_BYTES_MAX:
            self._heard += outcome.data
        self._changed.set()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Bytes as they come."""
        await trio.lowlevel.checkpoint()
        while not self._heard:
            self._demand_open()
            if self._lost:
                raise CarrierLost(self._lost)
            self._changed = trio.Event()
            await self._changed.wait()
        self._demand_open()
        data = bytes(self._heard[:max_bytes])
        del self._heard[:max_bytes]
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """As `send_now`: the port takes the time it takes."""
        self.send_now(bytes(data))
        await trio.lowlevel.checkpoint()

    async def wait_send_all_might_not_block(self) -> None:
        """There is always room."""
        self._demand_open()
        await trio.lowlevel.checkpoint()

    def send_now(self, data: bytes) -> int:
        """As in LinkStream; all of it is taken."""
        self._demand_open()
        if self._lost:
            raise trio.BrokenResourceError(self._lost)
        self.bytes_sent += len(data)
        self._modem.send(data)
        return len(data)

    def close_now(self) -> None:
        """Hang up, behind the silence that it takes: so what was sent has time to arrive."""
        if not self._is_closed:
            self._close()
            if not self._lost:
                self._modem.hang_up()

    def reset(self) -> None:
        """The telephone line breaks."""
        if not self._is_closed:
            self._close()
            if not self._lost:
                self._modem.break_line()

    def _close(self) -> None:
        self._is_closed = True
        self._changed.set()

    def _demand_open(self) -> None:
        if self._is_closed:
            raise trio.ClosedResourceError("this end of the call was closed")


class ModemDialer:
    """A `Dialer` for a line that is dialled: the link layer over a call of its modem."""

    def __init__(self, modem: ModemLine, settings: SerialSettings, timetable: Timetable, *, adds_latency: bool) -> None:
        self._modem = modem
        self._settings = settings
        self.timetable = timetable
        self.adds_latency = adds_latency

    async def dial(self, address: str, latency_s: float) -> LinkStream:
        """A call to the number of the line, whatever the address. Raises LinkRefused."""
        return terminal_end(await self._modem.dial(), self._settings, self.timetable)
