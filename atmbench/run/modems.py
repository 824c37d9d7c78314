"""The modems of all terminals: one for each line that is dialled. Builds them and has the venue put them in."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import trio

from atmbench.devices.port import Plug
from atmbench.errors import LocalError
from atmbench.facts import Fact, StepRefused
from atmbench.faults.base import Direction
from atmbench.links.medium import Medium
from atmbench.links.modem_line import ModemDialer, ModemLine
from atmbench.links.stream import Dialer, LinkStream
from atmbench.venues.base import Venue

DEVICE = "hayes-modem"


class Modems:
    """What stands between terminals and the telephone network in one run."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._plugs: dict[tuple[str, str], tuple[Plug, Medium, float]] = {}

    def dialer(
        self, terminal: str, line: str, medium: Medium, latency_s: float, record: Callable[[Fact], None]
    ) -> Dialer:
        """How a terminal dials over one of its lines: by a modem of its own."""
        dial = medium.settings.dial
        assert dial is not None, f"{line} is not dialled"
        plug = Plug(f"{terminal}/modem of {line}", DEVICE, {"line_bps": dial.line_bps})
        modem = ModemLine(
            line, medium.settings, plug, self._venue.timetable, record, partial(medium.strike, Direction.REQUEST)
        )
        plug.driver = modem
        plug.turn = _at_once
        plug.refused = lambda because: record(StepRefused(command="machine", because=because))
        self._plugs[terminal, line] = (plug, medium.behind_modem(), latency_s)
        return ModemDialer(modem, medium.settings, self._venue.timetable, adds_latency=self._venue.adds_latency)

    async def plug_in(self, nursery: trio.Nursery) -> None:
        """Put them all in. Raises VenueError if the venue has none."""
        for (_, line), (plug, medium, latency_s) in self._plugs.items():
            exchange = partial(self._connect, line, medium, latency_s)
            await self._venue.plug_in_modem(plug, exchange, medium.char_s, nursery)

    async def _connect(self, line: str, medium: Medium, latency_s: float, number: str) -> LinkStream:
        """The exchange: a modem calls only the number of its line, and the host's modem answers."""
        return await self._venue.dial_serial(line, latency_s, medium)

    def order(self, terminal: str, line: str, do: str, values: Mapping[str, Any]) -> None:
        """Do something at a modem; an empty line is the first that is dialled. Raises LocalError if there is none."""
        for (whose, name), (plug, _, _) in self._plugs.items():
            if whose == terminal and line in ("", name):
                plug.step(do, values)
                return
        raise LocalError(f"{terminal} has no modem on {line or 'any line'}; lines that are dialled have one")


def _at_once(act: Callable[[float], None]) -> None:
    act(trio.current_time())
