"""A modem's core between a terminal and a site, in this process on every venue: the same core as in its own process.

The wire to the terminal is as fast as its port, the telephone line as the core has it, and behind the host's modem the
venue's serial wire begins. A telephone exchange must never refuse what the venue takes.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import trio

from atmbench.devices.port import Plug
from atmbench.errors import VenueError
from atmbench.links.stream import LinkStream
from atmbench.links.timetable import Timetable
from atmbench.venues.base import Exchange
from atmbench.venues.stub_core import StubCore
from firmware_stubs.catalog import make_core
from firmware_stubs.errors import OrderError
from firmware_stubs.line_modem.acts import Act, Connect, HangUp
from firmware_stubs.line_modem.stub import LineModem
from firmware_stubs.outcomes import Outcome


def plug_in_modem(
    plug: Plug, exchange: Exchange, *, char_s: float, timetable: Timetable, nursery: trio.Nursery
) -> None:
    """Put a modem at the other end of a plug. Raises VenueError if there is none of that kind."""
    try:
        core = make_core(plug.device, plug.settings, {})
    except OrderError as error:
        raise VenueError(f"{plug.name} cannot be plugged in: {error}") from error
    assert isinstance(core, LineModem), f"a {plug.device} has no telephone line"
    StubModem(plug, core, exchange, char_s=char_s, timetable=timetable, nursery=nursery)


class StubModem(StubCore):
    """One modem, its wire to the terminal, and the call it has."""

    def __init__(
        self,
        plug: Plug,
        core: LineModem,
        exchange: Exchange,
        *,
        char_s: float,
        timetable: Timetable,
        nursery: trio.Nursery,
    ) -> None:
        self._modem = core
        self._exchange = exchange
        self._nursery = nursery
        self._call = 0
        """The number of the call that is wanted; what another one tells is late."""
        self._far: LinkStream | None = None
        super().__init__(plug, core, char_s=char_s, timetable=timetable)

    def _perform(self, outcomes: list[Outcome]) -> None:
        super()._perform(outcomes)
        for act in self._modem.acts():
            self._act(act)

    def _act(self, act: Act) -> None:
        far = self._far
        if isinstance(act, Connect):
            self._call += 1
            self._nursery.start_soon(self._carry, act.number, self._call)
        elif isinstance(act, HangUp):
            self._call += 1
            self._far = None
            if far is not None:
                far.close_now()
        elif far is not None:
            with suppress(trio.BrokenResourceError):  # nobody is there any more; whoever reads meets the end
                far.send_now(act.data)

    async def _carry(self, number: str, call: int) -> None:
        """One call, from the moment at which the modems agree."""
        try:
            far = await self._exchange(number)
        except VenueError:
            return self._tell(call, self._modem.line_refused)
        if call != self._call:
            return far.close_now()
        self._far = far
        self._tell(call, self._modem.line_joined)
        try:
            while data := bytes(await far.receive_some()):
                self._tell(call, partial(self._modem.line_bytes, data))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        finally:
            far.close_now()
        self._tell(call, self._modem.line_hung_up)

    def _tell(self, call: int, turn: Callable[[float], list[Outcome]]) -> None:
        if call == self._call:
            self._perform(turn(trio.current_time()))
            self._set_alarm()
