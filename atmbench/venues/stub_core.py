"""A firmware stub's own core at the end of a wire of memory, in virtual time: the same core as in its process.

Bytes take the time that the real line would take for them. Whatever somebody does at the machine is done in a turn
of its own, at the same instant: a driver must never be called back out of its own call.
"""

from collections import deque
from collections.abc import Mapping
from math import inf
from typing import Any

import trio

from atmbench.devices.port import Plug
from atmbench.errors import VenueError
from atmbench.links.timetable import Timetable
from firmware_stubs.catalog import kind_of, make_core
from firmware_stubs.core import Core
from firmware_stubs.errors import OrderError
from firmware_stubs.outcomes import Outcome, Send, Tell

BITS_OF_CHARACTER = {"8N1": 10, "8E1": 11, "8O1": 11, "7E1": 10}
ON_THE_WIRE_MAX = 10_000
"""More pieces under way at once than this are a bug of the bench."""


def plug_in_core(plug: Plug, timetable: Timetable) -> None:
    """Put a stub's core at the other end of a plug. Raises VenueError if there is none of that kind."""
    try:
        kind = kind_of(plug.device)
        core = make_core(plug.device, plug.settings, {})
    except OrderError as error:
        raise VenueError(f"{plug.name} cannot be plugged in: {error}") from error
    StubCore(plug, core, char_s=BITS_OF_CHARACTER[kind.line_format] / kind.baud, timetable=timetable)


class StubCore:
    """One stub and its wire. `char_s` is the time of a character."""

    def __init__(self, plug: Plug, core: Core, *, char_s: float, timetable: Timetable) -> None:
        self._plug = plug
        self._core = core
        self._char_s = char_s
        self._alarm = timetable.alarm(self._on_time)
        self._to_core: deque[tuple[float, bytes]] = deque()
        self._to_driver: deque[tuple[float, bytes]] = deque()
        self._orders: deque[dict[str, Any]] = deque()
        self._is_open = True
        plug.seen = core.seen()
        plug.put_in(self)

    @property
    def is_open(self) -> bool:
        """Whether the cable is in."""
        return self._is_open

    def send(self, data: bytes) -> None:
        """As in Port: on the way to the stub from now on."""
        self._put(self._to_core, data)
        self._set_alarm()

    def order(self, do: str, rest: Mapping[str, Any]) -> None:
        """As in Machine: done as soon as whoever orders has ended his turn. `unplug` and `plug` are for the cable."""
        assert len(self._orders) < ON_THE_WIRE_MAX, "orders to a machine without end"
        self._orders.append({"do": do, **rest})
        self._set_alarm()

    def _put(self, way: deque[tuple[float, bytes]], data: bytes) -> None:
        if not self._is_open:
            return
        assert len(way) < ON_THE_WIRE_MAX, "bytes to a machine without end"
        begins = max(way[-1][0], trio.current_time()) if way else trio.current_time()
        way.append((begins + len(data) * self._char_s, data))

    def _set_alarm(self) -> None:
        now = trio.current_time()
        at = now if self._orders else inf
        for way in (self._to_core, self._to_driver):
            if way:
                at = min(at, way[0][0])
        if self._core.deadline is not None:
            at = min(at, self._core.deadline)
        self._alarm.set(at)

    def _on_time(self) -> None:
        now = trio.current_time()
        if self._core.deadline is not None and self._core.deadline <= now:
            self._perform(self._core.on_time(now))
        while self._orders:
            self._obey(self._orders.popleft(), now)
        while self._to_core and self._to_core[0][0] <= now:
            self._perform(self._core.on_bytes(self._to_core.popleft()[1], now))
        while self._to_driver and self._to_driver[0][0] <= now:
            self._plug.heard(self._to_driver.popleft()[1])
        self._set_alarm()

    def _obey(self, order: dict[str, Any], now: float) -> None:
        if order["do"] in ("unplug", "plug"):
            self._is_open = order["do"] == "plug"
            self._to_core.clear()
            self._to_driver.clear()
            self._plug.changed()
            return
        try:
            self._perform(self._core.on_order(order, now))
        except OrderError as error:
            self._plug.order_refused(order, str(error))

    def _perform(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Send):
                self._put(self._to_driver, outcome.data)
            elif isinstance(outcome, Tell):
                self._plug.happened(outcome.event, outcome.detail, self._core.seen())
        self._plug.seen = self._core.seen()
